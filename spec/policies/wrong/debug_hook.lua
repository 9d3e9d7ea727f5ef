-- POLICY:2: debug.sethook would take the budget away (want none of it in a policy)
debug.sethook()
-- SPDX-License-Identifier: MIT
