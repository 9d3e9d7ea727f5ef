-- Stops a hungry background job while another program is active, and then lets it go on.
--
--   watchio run stop-while-active JOB OTHER [QUIET]
--
-- JOB is a name glob or a pid: it is stopped. It goes on at the latest when watchio ends.
-- OTHER is a name glob or a pid: while it is active, JOB is stopped.
-- QUIET is how long OTHER must be quiet until JOB goes on (default 30s).

-- SPDX-License-Identifier: MIT
local job, other, quiet = args[1], args[2], args[3] or "30s"
if not other then error("want JOB and OTHER after the policy, e.g. backup nginx", 0) end

local busy = false
local jobs = watch { job, on_start = function(target) if busy then target:stop() end end }

local function set_busy(is_busy)
  busy = is_busy
  for _, target in ipairs(jobs:targets()) do
    if busy then target:stop() else target:cont() end
  end
end
local function begin() set_busy(true) end
local function over() set_busy(false) end
watch { other, per = "all", idle = quiet, on_active = begin, on_idle = over, on_exit = over }
