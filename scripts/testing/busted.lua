-- SPDX-License-Identifier: MIT
-- Runs busted under the Lua that runs this file; the `busted` in the PATH may be another Lua's.
-- busted unloads after each file what that has loaded. luv is loaded before: its loop would be
-- collected with it, and luv uses that loop again when it is loaded anew.
require "luv"
require "busted.runner" { standalone = false }
