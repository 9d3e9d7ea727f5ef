-- POLICY:2: watch: idle: bad duration "1,5h" (did you mean "1.5h"?)
watch { "nginx", idle = "1,5h" }
-- SPDX-License-Identifier: MIT
