-- POLICY:2: watch: user: bad user -1 (want a name or a uid)
watch { user = -1 }
-- SPDX-License-Identifier: MIT
