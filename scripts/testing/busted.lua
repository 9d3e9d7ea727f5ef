-- SPDX-License-Identifier: MIT
-- Runs busted under the Lua that runs this file; the `busted` in the PATH may be another Lua's.
require "busted.runner" { standalone = false }
