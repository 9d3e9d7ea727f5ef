-- SPDX-License-Identifier: MIT
local events = require "watchio.base.events"

-- Events of the engine that change or ask something, and are told as they are to nobody.
local UNTOLD = { candidate = true, finished = true, alarm = true, unjudged = true }

local function read(path)
  local file <close> = assert(io.open(path))
  return file:read("a")
end

local function lua_text()
  local texts = {}
  local pipe <close> = assert(io.popen "find lua/watchio -name '*.lua'")
  for path in pipe:lines() do
    local is_source = not path:find "/meta/" and not path:find "/base/events%.lua$"
    texts[#texts + 1] = is_source and read(path) or nil
  end
  return table.concat(texts, "\n")
end

describe("the table of events", function()
  local engine, text = {}, lua_text()
  for name in read("src/core/event.c"):gmatch '%[WIO_EVENT_[%u_]+%] = "(%l+)"' do
    engine[name] = true
  end

  it("has each that the engine tells", function()
    assert.is_true(engine.start and engine.unjudged)
    for name in pairs(engine) do
      assert.equal(not UNTOLD[name], events.of(name).name == name, name)
    end
  end)

  it("has each that Lua records", function()
    local count = 0
    for name in text:gmatch 'record%(%s*"(%l+)"' do
      count = count + 1
      assert.equal(name, events.of(name).name)
    end
    assert.is_true(count > 20, "few records were found")
  end)

  it("has none that nobody tells", function()
    for _, name in ipairs(events.names()) do
      assert.truthy(engine[name] or text:find('"' .. name .. '"', 1, true), name)
    end
  end)

  it(
    "has the handlers of a watch in the order of a life",
    function()
      assert.equal(
        "on_start on_active on_idle on_exit on_leave on_unreadable on_sample on_error",
        table.concat(events.handlers, " ")
      )
    end
  )

  it("says after which events a target is over", function()
    for _, name in ipairs(events.names()) do
      local last = ({ exit = "exited", leave = "left" })[name]
      assert.equal(last, events.of(name).last, name)
    end
  end)
end)
