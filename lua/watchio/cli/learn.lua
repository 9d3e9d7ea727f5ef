-- SPDX-License-Identifier: MIT
-- watchio learn: measures the noise that targets make while they are idle, and prints floors above
-- it, to paste into a watch.
local durations = require "watchio.cli.durations"
local exit_status = require "watchio.base.exit_status"
local floors = require "watchio.check.floors"
local format = require "watchio.base.format"
local interrupts = require "watchio.cli.interrupts"
local values = require "watchio.check.values"
local layout = require "watchio.show.layout"
local learn = require "watchio.jobs.learn"
local output = require "watchio.cli.output"
local targets = require "watchio.cli.targets"
local units = require "watchio.base.units"
local with_session = require "watchio.cli.with_session"

local cli_learn = {}

cli_learn.about = "Measure how much the TARGETs do while they are idle, and print floors above "
  .. "that. Keep them idle meanwhile: whatever they do is counted as noise."

cli_learn.only_reads = true

cli_learn.examples = {
  "watchio learn redis-server            # for a minute, while nobody uses it",
  "watchio learn --for 10m unit=cron.service",
}

function cli_learn.define(parser)
  targets.define(parser)
  parser
    :option("--for", "How long to measure; ^C ends it early.")
    :default("60s")
    :argname("DURATION")
    :target("duration")
  targets.define_per(parser)
  parser:flag("--json", "One JSON object a line on standard output: one for each target.")
end

local function bytes(value) return format.bytes(math.ceil(value)) end

local texts = {
  io = bytes,
  net = bytes,
  calls = function(value) return ("%.4g"):format(value) end,
  cpu = format.run_time,
}

local function means(noise)
  local mean = {}
  for _, kind in ipairs(floors.names) do
    mean[kind] = (noise.sum[kind] or 0) / math.max(noise.seconds, 1)
  end
  return mean
end

local function table_of(noise)
  local mean, rows = means(noise), { { "", "", "busiest second", "on average" } }
  for _, kind in ipairs(floors.names) do
    local text = texts[kind]
    rows[#rows + 1] = { "", kind, text(noise.most[kind] or 0), text(mean[kind]) }
  end
  return layout.table(rows)
end

local UNSAFE = "%s[%d] may work through what io and net do not show: a Unix or UDP socket, shared "
  .. "memory, a device.\nA floor of cpu above this noise, %s, is not safe: %s of work a second "
  .. "would go unseen.\n"

local function write_unsafe(noise)
  local share, text = learn.unsafe(noise)
  if not share then return end
  local hides = noise.hides
  output.write(
    UNSAFE:format(format.escape(hides.name), hides.pid, text, format.run_time(share)) .. "\n"
  )
end

local function write_noise(noise)
  local who = format.escape(("%s[%d]"):format(noise.target.name, noise.target.pid))
  if noise.unreadable then return output.write(("%s: %s\n\n"):format(who, noise.unreadable)) end
  output.write(
    ("%s in %d s:\n%s%s\n\n"):format(who, noise.seconds, table_of(noise), learn.floor(noise))
  )
  write_unsafe(noise)
end

local function write_json(noise)
  local unsafe = learn.unsafe(noise)
  output.record {
    event = "learn",
    target = { pid = noise.target.pid, name = noise.target.name, pids = noise.target.pids },
    seconds = noise.seconds,
    most = noise.most,
    mean = means(noise),
    floor = not noise.unreadable and learn.floor(noise) or nil,
    unsafe = unsafe and { cpu = unsafe } or nil,
    reason = noise.unreadable,
  }
end

-- The targets that were measured for long enough.
local function heard(noises)
  local list, readable = {}, 0
  for _, noise in ipairs(noises) do
    if noise.seconds > 0 or noise.unreadable then list[#list + 1] = noise end
    if noise.seconds > 0 and not noise.unreadable then readable = readable + 1 end
  end
  return list, readable
end

local function too_short(options)
  local words = format.escape(table.concat(options.targets, " "))
  return exit_status.NOTHING_TO_WATCH,
    (
      "%s: nothing was measured (want at least two seconds before the target "
      .. "or this command ends)"
    ):format(words)
end

local function tell(noises, options)
  local list, readable = heard(noises)
  if #list == 0 then return too_short(options) end
  for _, noise in ipairs(list) do
    (options.json and write_json or write_noise)(noise)
  end
  if readable == 0 then return exit_status.NOT_PERMITTED, "none of it can be read" end
  if not options.json then
    output.write(
      (
        "Each floor is %d times the busiest second, since an event of each second can "
        .. "happen twice between two samples.\n"
      ):format(learn.margin)
    )
  end
  return exit_status.DONE
end

local function run(session, options)
  local times, wrong =
    durations.read(options, { { "for", values.duration(units.SECOND), "duration" } })
  if not times then return exit_status.USAGE, wrong end
  local found, status, message = targets.find(session, options.targets, options.per)
  if not found then return status, message end
  targets.tell(found.notes)
  local noises
  local finish = learn.start(
    session,
    found.native,
    { per = options.per, for_ns = times["for"] },
    function(list) noises = list end
  )
  local release = interrupts.take { sigint = finish, sigterm = finish }
  session:run_until(function() return noises ~= nil end)
  release()
  return tell(noises, options)
end

---@param options table
---@return integer status
---@return string? message
function cli_learn.main(options) return with_session({}, run, options) end

return cli_learn
