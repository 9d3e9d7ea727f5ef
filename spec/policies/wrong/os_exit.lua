-- POLICY:2: os.exit leaves commands behind (want quit(status))
os.exit(1)
-- SPDX-License-Identifier: MIT
