-- SPDX-License-Identifier: MIT
-- A visitor at a server that does not run: the connection is not accepted, and yet somebody is
-- there.
local e2e = require "spec.e2e.support"
local uv = require "luv"

local SERVER = [[
  local uv = require "luv"
  local server = uv.new_tcp()
  server:bind("127.0.0.1", tonumber(arg[1]))
  server:listen(8, function()
    local client = uv.new_tcp()
    server:accept(client)
    client:write("hello", function() client:close() end)
  end)
  io.write("ready\n")
  io.stdout:flush()
  uv.run()
]]

local function state_of(pid)
  local stat = e2e.read(("/proc/%d/stat"):format(pid))
  return stat and stat:match "%) (%u)"
end

describe("a server that is stopped while it is idle", function()
  local visitor

  after_each(function()
    if visitor and not visitor:is_closing() then visitor:close() end
    visitor = nil
    e2e.finish()
  end)

  local function server()
    local port = e2e.free_port()
    local process =
      e2e.start { e2e.lua, e2e.write(e2e.folder() .. "/server.lua", SERVER), tostring(port) }
    process:says "ready"
    return process, port
  end

  local function visit(port)
    local heard = {}
    visitor = uv.new_tcp()
    visitor:connect("127.0.0.1", port, function(fault)
      assert(not fault, fault)
      visitor:read_start(function(_, text) heard[#heard + 1] = text end)
    end)
    return heard
  end

  it("is continued by a visitor, who has sent nothing yet", function()
    local process, port = server()
    local policy = ([[
      watch { %d, every = "20ms", idle = "100ms", counts = { "net" },
        on_idle = stop(), on_active = cont() }
    ]]):format(process.pid)
    local watchio = e2e.watchio { "run", "--json", "-e", policy }
    watchio:until_it("the stop", function() return state_of(process.pid) == "T" end)
    local heard = visit(port)
    watchio:until_it("the answer", function() return table.concat(heard) == "hello" end)
    watchio:tells("active", process.pid)
  end)

  it("that somebody else stopped is not idle while a visitor waits", function()
    local process, port = server()
    process:signals "sigstop"
    process:until_it("the stop", function() return state_of(process.pid) == "T" end)
    visit(port)
    local waiting = e2e.watchio {
      "wait",
      "idle",
      process.pid,
      "--for",
      "200ms",
      "--every",
      "20ms",
      "--timeout",
      "1s",
    }
    waiting:ends_with(1)
    process:signals "sigcont"
  end)
end)
