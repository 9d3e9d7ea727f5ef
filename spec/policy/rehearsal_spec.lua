-- SPDX-License-Identifier: MIT
-- What `watchio check` shows of after(0, …): run dry, and never with an effect.
local uv = require "luv"
local leaks = require "spec.support.leaks"
local watchio = require("spec.support.command_line").run

describe("watchio check, of what is done at once,", function()
  local before, folder
  before_each(function()
    before = leaks.before()
    folder = assert(uv.fs_mkdtemp "/tmp/watchio-spec-XXXXXX")
  end)
  after_each(function()
    os.execute("rm -rf '" .. folder .. "'")
    leaks.check(before)
  end)

  local function check(text)
    local status, out, err = watchio("check", "-e", text)
    assert.same({ 0, "" }, { status, err })
    return out
  end

  -- Whether each of the lines stands in the answer, with any number of blanks between its words.
  local function shows(out, ...)
    local squeezed = out:gsub(" +", " ")
    for _, line in ipairs { ... } do
      assert.truthy(squeezed:find("\n" .. line .. "\n", 1, true), line .. " in:\n" .. out)
    end
  end

  it(
    "shows the watches that a function starts, and what it would do",
    function()
      shows(
        check [[
      after(0, function()
        watch { spawn = { "server" }, label = "mine", idle = "1h" }
        run("make all")()
        log "begun"
        after(0, function() quit(7) end)
      end)]],
        " does function at -e:1",
        " dry mine run server",
        " dry run make all",
        " dry log begun",
        " starts mine",
        " which spawn server",
        " dry quit status 7"
      )
    end
  )

  it("starts nothing, and does nothing", function()
    local path = folder .. "/trace"
    shows(
      check(
        ([[after(0, "touch %s")
      after(0, { run { "touch", %q }, function() run { "touch", %q } () end })]]):format(
          path,
          path,
          path
        )
      ),
      " dry run touch " .. path
    )
    assert.is_nil(uv.fs_stat(path))
  end)

  local effects = {
    ["luv's new_tcp"] = "uv.new_tcp()",
    ["luv's spawn"] = "uv.spawn('touch', { args = { PATH } })",
    ["luv's fs_stat"] = "uv.fs_stat('/', function() end)",
    ["luv's fs_open"] = "uv.fs_open(PATH, 'w', 420)",
    ["io.open"] = "io.open(PATH, 'w')",
    ["io.read"] = "io.read()",
    ["os.remove"] = "os.remove(PATH)",
    ["os.rename"] = "os.rename(PATH, PATH .. 2)",
    ["require 'socket'"] = "require 'socket'",
  }
  for what, call in pairs(effects) do
    it(("goes as far as %s, and says so"):format(what), function()
      local path = folder .. "/kept"
      assert(io.open(path, "w")):close()
      local out = check(
        ([[local uv, PATH = require "luv", %q
        after(0, function() watch { "first" } %s watch { "second" } end)]]):format(
          path,
          call
        )
      )
      shows(out, " starts first", " but dry as far as " .. what .. ", which has an effect")
      assert.is_nil(out:find("second", 1, true))
      assert.equal(0, uv.fs_stat(path).size)
    end)
  end

  local at_hand = {
    ["holds an open handle of luv"] = "local timer = uv.new_timer()",
    ["holds a file that is open for writing"] = "local file = io.open('/dev/null', 'w')",
    ["requires 'io'"] = "require 'io'",
  }
  for why, text in pairs(at_hand) do
    it(("runs no function where the policy %s, but actions"):format(why), function()
      local out = check(
        (
          'local uv = require "luv" %s after(0, function() watch { "never" } end) '
          .. 'after(0, "make")'
        ):format(text)
      )
      shows(out, " but not run dry: the policy " .. why, " dry run make")
      assert.is_nil(out:find("never", 1, true))
    end)
  end

  it(
    "asks what only asks",
    function()
      shows(
        check [[local uv = require "luv"
      after(0, function()
        if uv.fs_stat "/etc" and io.open "/etc/passwd" then watch { "asked" } end
      end)]],
        " starts asked"
      )
    end
  )

  it("shows a mistake in it, and keeps to the budget", function()
    shows(check "after(0, function() error 'oops' end)", " dry error -e:1: oops")
    local out = check "after(0, function() while true do end end)"
    assert.truthy(out:find("computed for more than 1s", 1, true), out)
  end)

  it("tells it to programs as well", function()
    local status, out = watchio(
      "check",
      "--json",
      "-e",
      "after(0, function() watch { 'nginx', label = 'web' } end)"
    )
    assert.equal(0, status)
    local first = require("dkjson").decode(out:match("^[^\n]*"))
    assert.same({ "web" }, first.starts)
  end)
end)
