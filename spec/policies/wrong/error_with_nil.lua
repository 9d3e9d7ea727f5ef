-- POLICY:2: error object (nil)
error()
