-- POLICY:2: unknown name 'target' (want function(target, event) … end)
target:kill()
-- SPDX-License-Identifier: MIT
