-- POLICY:2: stop: takes nothing (want stop() as an action, or target:stop())
watch { "nginx", on_idle = stop "nginx" }
-- SPDX-License-Identifier: MIT
