-- POLICY:2: os.execute blocks every rule (want run "…")
os.execute "make"
-- SPDX-License-Identifier: MIT
