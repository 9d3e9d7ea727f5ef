-- POLICY:2: assertion failed!
assert(false)
