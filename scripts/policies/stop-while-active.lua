-- Stops a hungry background job while another program is active, and then lets it go on.
--
--   watchio run stop-while-active JOB OTHER [QUIET]
--
-- JOB and OTHER are name globs or pids. JOB goes on once OTHER was quiet for QUIET or has ended,
-- and at the latest when watchio ends.

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
