-- SPDX-License-Identifier: MIT
local columns = require "watchio.top.columns"
local commands = require "watchio.cli.commands"
local complete = require "watchio.cli.complete"
local grammar = require "watchio.cli.grammar"
local leaks = require "spec.support.leaks"
local uv = require "luv"
local selector_keys = require "watchio.check.selector_keys"

-- word → what it is, or true; and what is told to the shell.
local function offered(...)
  local words, directive = {}, nil
  for line in complete({ ... }):gmatch("[^\n]+") do
    local word, about = line:match("^([^\t]*)\t?(.*)$")
    if word:find "^:" then
      directive = word
    else
      words[word] = about
    end
  end
  return words, directive
end

local function keys(words)
  local list = {}
  for word in pairs(words) do
    list[#list + 1] = word
  end
  table.sort(list)
  return list
end

describe("watchio complete", function()
  local before
  before_each(function() before = leaks.before() end)
  after_each(function() leaks.check(before) end)

  it("offers the commands, and tells what each does", function()
    local words = offered("")
    for _, row in ipairs(commands.list) do
      assert.equal(row[3], words[row[1]])
    end
    assert.is_truthy(words.help)
    assert.is_nil(words.complete)
    assert.same({ "match" }, keys(offered("ma")))
    assert.same({ "--help", "--version" }, keys(offered("-")))
    assert.same({ "match" }, keys(offered("help", "ma")))
    assert.same({}, keys(offered("help", "match", "")))
    assert.same({}, keys(offered("no-such", "")))
    assert.same(keys(offered("")), keys(offered()))
  end)

  it("offers what top sorts by, and nothing that it refuses", function()
    local words = keys(offered("top", "--sort", ""))
    assert.is_true(#words > 10)
    for _, word in ipairs(words) do
      assert.is_true(columns.can_sort(word), word)
    end
    assert.is_false((columns.can_sort "minute"))
  end)

  for _, name in ipairs(commands.names()) do
    it("offers every option of " .. name, function()
      local words = offered(name, "-")
      for _, option in ipairs(grammar.of(commands.parser(name, commands.find(name))).options) do
        for _, alias in ipairs(option.names) do
          assert.equal(option.about:gsub("%c", " "), words[alias])
          words[alias] = nil
        end
      end
      assert.same({}, words)
    end)
  end

  it("offers the choices of an option", function()
    local all = { "all", "name", "process", "tree", "unit", "user" }
    assert.same(all, keys(offered("match", "--per", "")))
    assert.same({ "unit", "user" }, keys(offered("match", "--per", "u")))
    assert.same({ "--per=unit", "--per=user" }, keys(offered("match", "--per=u")))
    assert.same({}, keys(offered("poll", "--timeout", "")))
    assert.same({}, keys(offered("match", "--json=", "")["--json="] or {}))
  end)

  it("offers the states to wait for, and behind one the TARGETs", function()
    assert.same({ "active", "exit", "idle" }, keys(offered("wait", "")))
    assert.is_truthy(offered("wait", "--for", "3s", "idle", "")["name="])
  end)

  it("offers the keys of a TARGET", function()
    local words = offered("match", "--per", "tree", "")
    for _, key in ipairs(selector_keys.names) do
      assert.is_truthy(#words[key .. "="] > 3, key)
    end
    assert.same({ "pidfile=" }, keys(offered("poll", "1", "pidf")))
    assert.is_truthy(offered("poll", "--timeout", "3", "--", "na")["name="])
  end)

  it("offers further keys of a TARGET behind a comma, and their values", function()
    assert.is_truthy(offered("match", "nginx,")["nginx,user="])
    assert.is_nil(offered("match", "nginx,")["nginx,init"])
    assert.same({ "nginx,user=" }, keys(offered("match", "nginx,us")))
    local child = assert(io.popen("exec cat", "w")) -- what runs watchio is no candidate
    finally(function() child:close() end)
    local user = uv.os_get_passwd().username
    local function is_offered(words, word)
      local deadline = uv.hrtime() + 10e9
      while not offered("match", words)[word] and uv.hrtime() < deadline do
        uv.sleep(5)
      end
      return offered("match", words)[word]
    end
    assert.is_truthy(is_offered("port=80,user=", "port=80,user=" .. user))
    assert.is_truthy(is_offered("a,unit=b,user=" .. user:sub(1, 2), "a,unit=b,user=" .. user))
  end)

  it("offers living processes: their names, and of digits or behind pid= their pids", function()
    local child = assert(io.popen("exec cat", "w")) -- watchio itself matches nothing
    finally(function() child:close() end)
    local deadline = uv.hrtime() + 10e9
    while not offered("match", "ca").cat and uv.hrtime() < deadline do
      uv.sleep(5)
    end
    assert.is_truthy(offered("match", "ca").cat)
    assert.is_truthy(offered("match", "name=ca")["name=cat"])
    local own = uv.os_getpid()
    local file <close> = assert(io.open(("/proc/self/task/%d/children"):format(own)))
    local pid = file:read("a"):match "%d+"
    assert.is_truthy(offered("match", pid:sub(1, 1))[pid])
    assert.is_truthy(offered("match", "pid=" .. pid:sub(1, 1))["pid=" .. pid])
    for word in pairs(offered("match", "")) do
      assert.not_matches("^%d+$", word)
    end
    for word in pairs(offered("match", "user=")) do
      assert.matches("^user=[%w_-]+$", word)
    end
  end)

  it("leaves a command line to the shell, and tells where it begins", function()
    assert.same({ {}, ":command 2" }, { offered("exec", "ma") })
    assert.same({ {}, ":command 5" }, { offered("exec", "--idle", "5m", "--", "make", "-") })
    assert.same({ {}, ":command 3" }, { offered("exec", "--idle=5m", "make", "") })
  end)

  it("takes a -- that stands last for the beginning of an option", function()
    for _, words in ipairs { { "--" }, { "--idle", "5m", "--" }, { "--json", "--" } } do
      local found = offered("exec", table.unpack(words))
      assert.is_truthy(found["--summary"], table.concat(words, " "))
      assert.is_nil(found["-h"])
    end
    assert.same({ {}, ":command 3" }, { offered("exec", "--", "") })
  end)

  it("answers whatever stands there, for every command", function()
    local some = { "", "-", "--", "--i", "--every", "--every=", "=", "x", ",", "a,", "1", "'" }
    for _, name in ipairs { "help", "no-such", table.unpack(commands.names()) } do
      for _, first in ipairs(some) do
        assert.is_string(complete { name, first })
        for _, second in ipairs(some) do
          assert.is_string(complete { name, first, second })
        end
      end
    end
  end)

  it("offers policies, and files beside them", function()
    package.preload["watchio.shipped_texts"] = function()
      return { ["quiet-night"] = "-- Ends what is idle.\nwatch {}" }
    end
    finally(function()
      package.preload["watchio.shipped_texts"] = nil
      package.loaded["watchio.shipped_texts"] = nil
    end)
    for _, name in ipairs { "run", "check" } do
      assert.same(
        { { ["quiet-night"] = "Ends what is idle." }, ":files" },
        { offered(name, "q") }
      )
    end
    assert.same({ {}, ":files" }, { offered("run", "no-such") })
    assert.same({ {}, ":files" }, { offered("run", "--json", "p.lua", "") })
    assert.same({ {}, nil }, { offered("run", "-e", "") })
  end)
end)
