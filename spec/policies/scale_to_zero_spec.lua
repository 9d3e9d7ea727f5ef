-- SPDX-License-Identifier: MIT
-- scripts/policies/scale-to-zero.lua: the server on the virtual clock, its visitors on a real port.
local uv = require "luv"
local policy = require("spec.support.shipped").new "scale-to-zero"

describe("the policy scale-to-zero", function()
  local port, visitors

  -- To listen makes the loop keep a descriptor in reserve, for good.
  local function free_port()
    local tcp = uv.new_tcp()
    assert(tcp:bind("127.0.0.1", 0))
    assert(tcp:listen(1, function() end))
    local number = tcp:getsockname().port
    tcp:close()
    return number
  end

  before_each(function()
    port, visitors = free_port(), {}
    uv.run("nowait")
    policy.session.proc:add(5001, { name = "server" }) -- the pids of the commands to come
  end)
  after_each(function()
    for _, visitor in ipairs(visitors) do
      visitor:close()
    end
    uv.run("nowait")
  end)

  local function within(holds)
    local deadline = uv.now() + 5000
    repeat
      uv.run("nowait")
      uv.update_time()
    until holds() or uv.now() > deadline
    assert.truthy(holds())
  end

  -- Asks for a page; returns what comes of it.
  local function visit()
    local visitor, got = uv.new_tcp(), { text = "" }
    visitors[#visitors + 1] = visitor
    visitor:connect("127.0.0.1", port, function(refused)
      got.refused = refused
      if refused then return end
      visitor:write("GET / HTTP/1.1\r\n\r\n")
      visitor:read_start(function(_, text) got.text = got.text .. (text or "") end)
    end)
    return got
  end

  local function end_server()
    policy.session:advance("16m")
    assert.equal(1, #policy.session.signals)
    policy.session.commands[1].finish(0, 15)
    policy.session:advance("5s")
  end

  for what, args in pairs {
    ['bad PORT ":80"'] = { ":80", "serve" },
    ['idle: bad duration "%-m"'] = { "8080", "python3", "-m" },
  } do
    it("loads with no wrong argument: " .. what, function()
      local ok, message = pcall(policy.run, table.unpack(args))
      assert.is_false(ok)
      assert.matches(what, message)
    end)
  end

  it("starts the server, and leaves it alone while somebody comes", function()
    policy.run(tostring(port), "serve", "15m")
    policy.session:advance("1s")
    assert.same({ "serve" }, policy.lines())
    for _ = 1, 10 do
      policy.work_for(5001, 1)
      policy.session:advance("14m")
    end
    assert.equal(0, #policy.session.signals)
  end)

  it(
    "tries again later each time when the server ends by itself, and answers meanwhile",
    function()
      policy.run(tostring(port), "no-such-command", "15m")
      policy.session:advance("1s")
      policy.session.proc:finish(5001)
      policy.session.commands[1].finish(127)
      policy.session:advance("1s")
      assert.equal(
        "the server has ended by itself: the next try is in 1 s",
        policy.session:record("log").message
      )
      local early = visit()
      within(function() return early.text:find("It starts soon", 1, true) end)
      assert.equal(1, #policy.lines())
      policy.session:advance("1s")
      visit()
      within(function() return #policy.lines() == 2 end)
      policy.session.commands[2].finish(127) -- before it was ever seen
      policy.session:advance("1s")
      local messages = {}
      for _, record in ipairs(policy.session.records) do
        messages[#messages + 1] = record.message
      end
      assert.same({
        "the server has ended by itself: the next try is in 1 s",
        "the server has ended by itself: the next try is in 2 s",
      }, messages)
    end
  )

  it("says so when another program has the port, and tries again later", function()
    local other = uv.new_tcp()
    assert(other:bind("127.0.0.1", port) and other:listen(1, function() end))
    policy.run(tostring(port), "serve", "15m")
    policy.session:advance("1s")
    policy.session.proc:finish(5001)
    policy.session.commands[1].finish(1)
    policy.session:advance("3s")
    other:close()
    uv.run("nowait")
    local messages = {}
    for _, record in ipairs(policy.session.records) do
      messages[#messages + 1] = record.message
    end
    assert.matches(
      ("^cannot listen on port %d %%(.*%%): the next try is in 2 s$"):format(port),
      messages[2]
    )
    policy.session:advance("10s")
    local got = visit()
    within(function() return got.text:find("503 Starting", 1, true) end)
    assert.equal("", policy.session:told { "error" })
  end)

  it(
    "ends it when nobody comes, and starts it again for a visitor, who is told to wait",
    function()
      policy.run(tostring(port), "serve", "15m")
      end_server()
      assert.equal(1, #policy.lines())
      local got = visit()
      policy.session.proc:add(5002, { name = "server" })
      within(
        function() return got.text:find("503 Starting", 1, true) and #policy.lines() == 2 end
      )
      assert.truthy(got.text:find("\r\nRetry-After: 1\r\n", 1, true))
      local later = visit()
      within(function() return later.refused end) -- the port is the server's again
    end
  )
end)
