-- POLICY:3: stop: called without its object (want watch:stop(), with a colon)
local nginx = watch { "nginx" }
nginx.stop()
-- SPDX-License-Identifier: MIT
