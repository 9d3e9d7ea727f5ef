-- POLICY:2: watch: spawn: an empty command
watch { spawn = {} }
-- SPDX-License-Identifier: MIT
