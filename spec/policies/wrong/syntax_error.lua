-- POLICY:2: unexpected symbol near '='
local x = = 2
