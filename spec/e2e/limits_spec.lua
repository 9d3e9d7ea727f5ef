-- SPDX-License-Identifier: MIT
-- Limits on real processes.
local e2e = require "spec.e2e.support"

-- Writes so many bytes a second, however late it is scheduled; from SIGUSR1 on a tenth of it.
local WRITER <const> = [[
  local uv = require "luv"
  local rate, from, written, sink = tonumber(arg[1]), uv.hrtime(), 0, io.open("/dev/null", "w")
  sink:setvbuf "no"
  uv.new_timer():start(0, 5, function()
    local due = math.floor((uv.hrtime() - from) / 1e9 * rate)
    sink:write(("x"):rep(due - written))
    written = due
  end)
  uv.new_signal():start("sigusr1", function()
    rate, from, written = rate / 10, uv.hrtime(), 0
  end)
  print "ready"
  io.stdout:flush()
  uv.run()
]]

describe("a real writer", function()
  after_each(e2e.finish)

  local function writing(rate)
    local file = e2e.folder() .. "/writer.lua"
    e2e.write(file, WRITER)
    local writer = e2e.start { e2e.lua, file, tostring(rate) }
    writer:says "ready"
    return writer
  end

  it("is over its limit at the rate it writes, and under once it is throttled", function()
    local writer = writing(2000000)
    local watchio = e2e.start {
      e2e.program,
      "run",
      "--json",
      "-e",
      ([[
      watch { %d, every = "100ms", limits = { {
        "wchar", above = "1MB/s", hold = "500ms",
        on_over = function(t) t:signal "USR1" end,
        on_under = function(t) print(t.rate.wchar < 900000) end } } } ]]):format(
        writer.pid
      ),
    }
    local over = watchio:tells("over", writer.pid)
    assert.equal("wchar", over.measure)
    assert.equal(1000000, over.limit)
    assert.near(2000000, over.rate.wchar, 300000)
    assert.near(0.5, over.seconds, 0.3)
    local under = watchio:tells("under", writer.pid)
    assert.is_true(under.rate.wchar <= 900000)
    watchio:says "true"
    assert.equal(1, #watchio:events "over")
  end)

  it("is over a total once it has written so much", function()
    local writer = writing(1000000)
    local watchio = e2e.start {
      e2e.program,
      "run",
      "--json",
      "-e",
      ([[
      watch { %d, every = "50ms", limits = {
        { "wchar", above = "300KB", on_over = kill() } } } ]]):format(writer.pid),
    }
    local over = watchio:tells("over", writer.pid)
    assert.is_nil(over.rate)
    assert.is_true(over.total.wchar > 300000)
    writer:ends()
    watchio:tells("exit", writer.pid)
    assert.equal(1, #watchio:events "over")
  end)

  it("tells its rate at each sample", function()
    local writer = writing(1000000)
    local watchio = e2e.start {
      e2e.program,
      "run",
      "-e",
      ([[
      local last, count = nil, 0
      watch { %d, every = "100ms", on_sample = function(t, event)
        count = count + 1
        if count == 8 then print(event.rate.wchar, t.rate.wchar == event.rate.wchar) quit() end
      end } ]]):format(writer.pid),
    }
    assert.near(1000000, tonumber(watchio:says "([%d.]+)\ttrue"), 400000)
    watchio:ends_with(0)
  end)
end)
