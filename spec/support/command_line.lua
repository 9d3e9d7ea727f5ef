-- SPDX-License-Identifier: MIT
-- Command lines in this process.
local cli = require "watchio.cli"

local command_line = {}

-- luacheck: ignore 122 (io.stdout and io.stderr are put back)

--- Runs one.
---@param ... string
---@return integer status
---@return string out
---@return string err
function command_line.run(...)
  local out <close> = io.tmpfile()
  local err <close> = io.tmpfile()
  local real_out, real_err = io.stdout, io.stderr
  io.stdout, io.stderr = out, err
  local ok, status = pcall(cli.main, { ... })
  io.stdout, io.stderr = real_out, real_err
  assert(ok, status)
  out:seek("set")
  err:seek("set")
  return status, out:read("a"), err:read("a")
end

return command_line
