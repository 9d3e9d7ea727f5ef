-- Suspends the machine when nothing on a list has been active for long.
--
--   watchio run suspend-when-idle NAMES [QUIET [COMMAND]]
--
-- NAMES is a list of name globs, e.g. "rsync,mpv,sshd*". A program that does not run is not active.
-- QUIET is how long none of them may have been active or unreadable (default 30m).
-- COMMAND is a shell line that is run then (default "systemctl suspend").

-- SPDX-License-Identifier: MIT
local list, quiet, command = args[1], args[2] or "30m", args[3] or "systemctl suspend"
local names, timer = {}, nil
for name in (list or ""):gmatch "[^,]+" do names[#names + 1] = name end
if not names[1] then error('want NAMES after the policy, e.g. "rsync,mpv"', 0) end

local function disarm() if timer then timer:stop() end timer = nil end
local function arm()
  disarm()
  timer = after(quiet, { log("nothing was active for %s", quiet), arm, run(command) })
end

arm()
watch {
  names, per = "all", every = "5s", idle = "10s",
  on_start = disarm, on_active = disarm, on_unreadable = disarm,
  on_idle = arm, on_exit = arm, on_leave = arm,
}
