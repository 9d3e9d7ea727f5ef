-- SPDX-License-Identifier: MIT
-- require "watchio": the verbs of a policy for any Lua 5.4 program, on luv's loop.
local uv = require "luv"
local native = require "watchio.native"
local poll = require "watchio.jobs.poll"
local report = require "watchio.show.report"
local sessions = require "watchio.watch.session"
local writer = require "watchio.base.writer"
local verbs = require "watchio.policy.language"

local watchio = { _VERSION = "watchio " .. native.version }

local session, bound -- the session and its verbs, made at first use

local function the_session()
  if not session then
    local shows = { log = true, output = true }
    session = sessions.new { on_record = report.new { level = "quiet", shows = shows } }
    bound = verbs.bind(session)
  end
  return session
end

for _, name in ipairs(verbs.names()) do
  watchio[name] = function(...)
    the_session()
    return bound[name](...)
  end
end

--- Runs luv's loop until nothing is left to wait for, or `quit`.
---@return integer status with which `watchio run` would exit
function watchio.loop()
  uv.run()
  writer.finish()
  if not session then return 0 end
  local status = session:exit_status()
  if not session.finishing then return status end
  session:close()
  session, bound = nil, nil
  uv.run("nowait") -- lets the closed handles go
  return status
end

--- Waits until any of the targets did I/O.
function watchio.poll(targets, options)
  local poller, message, code = poll.new(the_session(), "poll", targets, options)
  if not poller then return nil, message, code end
  return poller:poll()
end

--- Makes a poller, which remembers the counters between calls.
function watchio.new(targets, options) return poll.new(the_session(), "new", targets, options) end

return watchio
