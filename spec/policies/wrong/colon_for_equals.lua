-- POLICY:2: <name> expected near '"1h"'
watch { "nginx", idle: "1h" }
-- SPDX-License-Identifier: MIT
