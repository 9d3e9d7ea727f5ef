-- SPDX-License-Identifier: MIT
-- The one table of exit statuses. docs/stability.md and watchio(1) list the same ones for users.
local exit_status = {
  DONE = 0,
  FAILED = 1, -- it did not happen: a timeout, a policy that does not load
  USAGE = 2, -- the command line is wrong
  NOTHING_TO_WATCH = 3,
  NOT_PERMITTED = 4, -- nothing of it can be read
  HANDLER_FAILED = 5, -- of run --strict
  LIMIT_REACHED = 124, -- of exec: the command was ended
  OWN_FAILURE = 125, -- of watchio itself; src/main.c has it, too
  NOT_EXECUTABLE = 126, -- of exec: there is such a command
  NOT_FOUND = 127, -- of exec: there is none
  TERMINAL_LOST = 129, -- as of a program that HUP ends
  INTERRUPTED = 130, -- as of a program that INT ends
  NO_READER = 141, -- as of a program that PIPE ends
  TERMINATED = 143, -- as of a program that TERM ends
}

local function unknown(_, name) error(("no exit status '%s'"):format(tostring(name)), 2) end

return setmetatable(exit_status, { __index = unknown })
