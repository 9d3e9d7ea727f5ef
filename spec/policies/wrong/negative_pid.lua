-- POLICY:2: watch: bad pid -1 (want a positive whole number)
watch { -1 }
-- SPDX-License-Identifier: MIT
