-- SPDX-License-Identifier: MIT
-- Opens the session of a command, and closes it in any case.
local uv = require "luv"
local sessions = require "watchio.watch.session"
local writer = require "watchio.base.writer"

local function closing(session)
  return setmetatable({}, {
    __close = function()
      session:close()
      writer.finish()
      uv.run("nowait") -- lets the closed handles go
    end,
  })
end

--- Calls `use` with a new session and returns its results. Afterwards, even after an error, the
--- session is closed, all reports are written, and no handle of luv is left.
---@param options watchio.SessionOptions
---@param use fun(session: watchio.Session, ...: any): ...: any
---@param ... any
---@return any ...
local function with_session(options, use, ...)
  local session = sessions.new(options)
  local _ <close> = closing(session)
  return use(session, ...)
end

return with_session
