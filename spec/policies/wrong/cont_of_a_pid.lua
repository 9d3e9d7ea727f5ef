-- POLICY:2: cont: takes nothing (want cont() as an action, or target:cont())
watch { "nginx", on_idle = cont(812) }
-- SPDX-License-Identifier: MIT
