-- POLICY:2: spec/policies/wrong/unknown_key.lua:2: watch: unknown key 'on_idel' (did you mean 'on_idle'?)
dofile "spec/policies/wrong/unknown_key.lua"
-- SPDX-License-Identifier: MIT
