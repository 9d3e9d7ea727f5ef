-- SPDX-License-Identifier: MIT
-- A shipped policy on the virtual clock, for its spec.
local busted = require "busted"
local uv = require "luv"
local sessions = require "spec.support.sessions"

local shipped = {}

--- The names of all of them.
---@return string[]
function shipped.names()
  local names = {}
  for file in uv.fs_scandir_next, (uv.fs_scandir("scripts/policies")) do
    names[#names + 1] = file:match("^(.*)%.lua$")
  end
  return names
end

--- What a spec of the policy uses. `session` is new in each case of the block that calls this; TERM
--- and KILL end its processes. `run` loads the policy with arguments.
---@param name string e.g. "kill-on-idle"
function shipped.new(name)
  local policy = { session = sessions.fixture() }
  local path = ("scripts/policies/%s.lua"):format(name)

  busted.before_each(function()
    policy.session.on_signal = function(pid, number)
      if number == 15 or number == 9 then policy.session.proc:finish(pid) end
      return true
    end
  end)

  function policy.run(...) policy.session:run({ path = path }, { ... }) end

  --- A process works, a request every half second.
  function policy.work_for(pid, seconds)
    for _ = 1, seconds * 2 do
      policy.session.proc:move(pid, { rchar = 200, wchar = 400, syscr = 1, syscw = 1 })
      policy.session:advance("500ms")
    end
  end

  --- The shell lines of the commands so far.
  function policy.lines()
    local lines = {}
    for index, command in ipairs(policy.session.commands) do
      lines[index] = command.options.argv[3]
    end
    return lines
  end

  --- Ends what runs.
  function policy.end_commands(status)
    for _, command in ipairs(policy.session.commands) do
      if command.members > 0 then command.finish(status or 0) end
    end
  end

  return policy
end

return shipped
