-- SPDX-License-Identifier: MIT
local commands = require "watchio.cli.commands"
local cli_support = require "spec.support.command_line"

local watchio = cli_support.run

-- What each command shows as its examples.
local function examples_of(help)
  local list = {}
  for line in (help:match("\nExamples:\n(.*)$") or ""):gmatch("[^\n]+") do
    list[#list + 1] = line
  end
  return list
end

describe("the help", function()
  it("shows every command, in eighty columns", function()
    local status, help = watchio("--help")
    assert.equal(0, status)
    for _, name in ipairs(commands.names()) do
      assert.is_truthy(help:find("\n  " .. name .. " ", 1, true), name)
    end
    for line in help:gmatch("[^\n]+") do
      assert.is_true(utf8.len(line) < 80, line)
    end
    for _, words in ipairs { { "help" }, { "-h" }, { "help", "help" } } do
      assert.same({ 0, help, "" }, { watchio(table.unpack(words)) })
    end
  end)

  for _, name in ipairs(commands.names()) do
    it(("of %s has what it is for, its options and two examples"):format(name), function()
      local command = commands.find(name)
      local status, help, err = watchio("help", name)
      assert.same({ 0, "" }, { status, err })
      assert.equal(help, select(2, watchio(name, "--help")))
      assert.equal(help, select(2, watchio(name, "-h")))
      assert.matches("^Usage: watchio " .. name, help)
      local squeezed = help:gsub("%s+", " ")
      assert.is_truthy(squeezed:find(command.about:gsub("%s+", " "), 1, true))
      -- A word alone within a paragraph was cut off a line that is too long.
      assert.is_nil(help:match "\n%S*[^%s:]\n[^\n]+", "a line is too long")
      local examples = examples_of(help)
      assert.is_true(#examples >= 2, help)
      for _, line in ipairs(examples) do
        assert.matches("^  watchio " .. name .. " ", line .. " ")
        assert.is_true(utf8.len(line) < 80, line)
      end
    end)
  end

  it("tells the versions of watchio and of what it runs on", function()
    local status, text = watchio("--version")
    assert.equal(0, status)
    assert.matches(
      "^watchio %d+%.%d+%.%d+ %(Lua 5%.%d+%.%d+, luv %d+%.%d+%.%d+[^,]*, "
        .. "libuv %d+%.%d+%.%d+[^,]*%)\n$",
      text
    )
  end)

  local mistakes = {
    [{ "rnu" }] = "unknown command 'rnu' (did you mean 'run'?)",
    [{ "hepl" }] = "unknown command 'hepl' (did you mean 'help'?)",
    [{ "" }] = "unknown command ''",
    [{ "--versoin" }] = "unknown option '--versoin' (did you mean '--version'?)",
    [{ "--josn" }] = "unknown option '--josn'",
    [{ "help", "mach" }] = "unknown command 'mach' (did you mean 'match'?)",
    [{ "help", "complete" }] = "unknown command 'complete'",
    [{ "help", "run", "check" }] = "help: one command, not 'check' too",
    [{ "match", "--pre", "tree", "x" }] = "unknown option '--pre' (did you mean '--per'?)",
    [{ "run", "--dry-rum", "x" }] = "unknown option '--dry-rum' (did you mean '--dry-run'?)",
    [{ "run", "-o", "x", "y" }] = "unknown option '-o'",
    [{ "exec", "-idle", "2s", "true" }] = "unknown option '-i' (did you mean '--idle'?)",
    [{ "exec", "--timeout", "2s", "true" }] = "unknown option '--timeout' (did you mean '--max'?)",
    [{ "stat", "--interval", "2s", "x" }] = "unknown option '--interval' (did you mean '--every'?)",
    [{ "match", "--user", "x" }] = "unknown option '--user' (want a TARGET such as user=…)",
    [{ "version" }] = "unknown command 'version' (did you mean '--version'?)",
    [{ "site.lua" }] = "unknown command 'site.lua' (did you mean 'run site.lua'?)",
    [{ "wait", "nginx" }] = "unknown state 'nginx' (want idle, active or exit)",
    [{ "wait", "idel", "x" }] = "unknown state 'idel' (did you mean 'idle'?)",
    [{ "wait", "idle" }] = "missing argument 'TARGET'",
    [{ "doctor", "x" }] = "too many arguments",
    [{ "match", "--json=yes", "x" }] = "option '--json' does not take arguments",
  }
  for words, message in pairs(mistakes) do
    it("is offered for: watchio " .. table.concat(words, " "), function()
      local status, out, err = watchio(table.unpack(words))
      assert.same({ 2, "" }, { status, out })
      assert.equal("watchio: " .. message, err:match("^[^\n]*"))
      assert.matches("^[^\n]*\n", err)
    end)
  end

  it("stands under the complaint that there is no command", function()
    local status, out, err = watchio()
    assert.same({ 2, "" }, { status, out })
    assert.equal("watchio: no command\n" .. select(2, watchio("help")), err)
  end)
end)
