-- POLICY:2: watch: on_idle: the verb kill is not called (want kill(…))
watch { "nginx", on_idle = kill }
-- SPDX-License-Identifier: MIT
