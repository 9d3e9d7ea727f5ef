-- SPDX-License-Identifier: MIT
-- `watchio run` takes a new version of its policy: on SIGHUP, or with --watch when it changes.
local e2e = require "spec.e2e.support"
local uv = require "luv"

local function policy(word, pid)
  return ([[
    watch { %d, every = "20ms", idle = "1h", on_start = log "start %s", on_active = log "%s" }
    after("50ms", log "%s is at work")]]):format(pid, word, word, word)
end

local function count(text, pattern) return select(2, text:gsub(pattern, "")) end

describe("a reload of watchio run", function()
  after_each(e2e.finish)

  it("comes with SIGHUP; a policy that does not load changes nothing", function()
    local target = e2e.echoer()
    local path = e2e.policy(policy("one", target.pid))
    local watchio = e2e.watchio { "run", path }
    watchio:says "one is at work"
    e2e.write(path, "watch { 1, on_idel = 1 }")
    watchio:signals "sighup"
    watchio:says(path:gsub("%p", "%%%0") .. ":1: watch: unknown key 'on_idel'")
    e2e.write(path, policy("two", target.pid))
    watchio:signals "sighup"
    watchio:says "two is at work"
    target:writes "hello\n"
    watchio:says "log  two\n"
    assert.equal(1, count(watchio.err, " start\n"))
    assert.equal(0, count(watchio.err, "log  one\n"))
    watchio:signals "sigterm"
    watchio:ends_with(0)
  end)

  it("comes with --watch, however the file is written", function()
    local target = e2e.echoer()
    local path = e2e.policy(policy("one", target.pid))
    local watchio = e2e.watchio { "run", "--watch", path }
    watchio:says "one is at work"
    e2e.write(path, policy("two", target.pid))
    watchio:says "two is at work"
    e2e.write(path .. "~", policy("three", target.pid))
    assert(uv.fs_rename(path .. "~", path))
    watchio:says "three is at work"
    assert.equal(2, count(watchio.err, "1 watch goes on, 0 begin, 0 end"))
    watchio:signals "sigterm"
    watchio:ends_with(0)
  end)

  it("comes with --watch when a module of the policy changes, or at last appears", function()
    local path = e2e.policy [[
      local ok, words = pcall(require, "words")
      if not ok and not words:find "not found" then error(words, 0) end
      every("20ms", log(ok and words or "none"))]]
    local module = path:gsub("policy.lua$", "words.lua")
    local watchio = e2e.watchio { "run", "--watch", path }
    watchio:says "log  none"
    e2e.write(module, "return 'one'")
    watchio:says "log  one"
    e2e.write(module .. "~", "return 'two'")
    assert(uv.fs_rename(module .. "~", module))
    watchio:says "log  two"
    e2e.write(module, "return (")
    watchio:says "the policy before goes on"
    e2e.write(module, "return 'three'")
    watchio:says "log  three"
    watchio:signals "sigterm"
    watchio:ends_with(0)
  end)

  it("closes what the version before has opened by luv, however often it comes", function()
    local port = e2e.free_port()
    local path = e2e.policy(([[
      local uv = require "luv"
      after(0, function()
        local door = uv.new_tcp()
        assert(door:bind("127.0.0.1", %d))
        assert(door:listen(1, function() end))
        uv.new_timer():start(0, 1000000, function() end)
        print "bound"
      end)]]):format(port))
    local watchio = e2e.watchio { "run", path }
    for round = 1, 3 do
      watchio:until_it(
        "bound " .. round,
        function() return count(watchio.out, "bound\n") == round end
      )
      watchio:signals "sighup"
    end
    watchio:says "bound\nbound\nbound\nbound"
    e2e.write(path, "error 'wrong'")
    watchio:signals "sighup"
    watchio:says "the policy before goes on"
    local visitor, connected = uv.new_tcp(), nil
    visitor:connect("127.0.0.1", port, function(wrong) connected = not wrong end)
    e2e.within(5, "a connection", function() return connected end)
    visitor:close()
    assert.is_nil(watchio.err:find("EADDRINUSE", 1, true))
    watchio:signals "sigterm"
    watchio:ends_with(0)
  end)

  it("requires anew what the policy requires", function()
    local path = e2e.policy [[every("20ms", log(require "words"))]]
    local module = path:gsub("policy.lua$", "words.lua")
    e2e.write(module, "return 'one'")
    local watchio = e2e.watchio { "run", path }
    watchio:says "log  one"
    e2e.write(module, "return 'two'")
    watchio:signals "sighup"
    watchio:says "log  two"
    watchio:signals "sigterm"
    watchio:ends_with(0)
  end)

  it("is refused where the policy is no file", function()
    local watchio = e2e.watchio { "run", "-e", "every('20ms', log 'tick')" }
    watchio:says "tick"
    watchio:signals "sighup"
    watchio:says "reload  only a policy that is a file"
    watchio:signals "sigterm"
    watchio:ends_with(0)
  end)

  it("loses and doubles no event, a hundred times under load", function()
    local target = e2e.echoer()
    local busy = e2e.shell "while :; do :; done"
    local text = ([[
      watch { %d, every = "10ms", idle = "50ms", on_idle = log "rest", on_active = log "work" }
      watch { %d, every = "10ms" }]]):format(target.pid, busy.pid)
    local path = e2e.policy(text)
    local watchio = e2e.watchio { "run", path }
    watchio:says "log  rest"
    for round = 1, 100 do
      watchio:signals "sighup"
      if round % 5 == 0 then
        target:writes "x\n"
        watchio:until_it(
          "the work " .. round // 5,
          function() return count(watchio.err, "log  rest\n") == 1 + round // 5 end
        )
      end
      watchio:until_it(
        "reload " .. round,
        function() return count(watchio.err, "2 watches go on, 0 begin, 0 end") >= round end
      )
    end
    watchio:signals "sigterm"
    watchio:ends_with(0)
    assert.equal(2, count(watchio.err, " start\n"))
    assert.equal(20, count(watchio.err, "log  work\n"))
    assert.equal(21, count(watchio.err, "log  rest\n"))
  end)
end)
