-- SPDX-License-Identifier: MIT
-- watchio top on a real terminal: tmux is one, and tells what is on it.
local support = require "spec.e2e.support"
local uv = require "luv"

local function has(program)
  return os.execute("command -v " .. program .. " >/dev/null 2>&1") == true
end

local function quoted(word) return "'" .. tostring(word):gsub("'", "'\\''") .. "'" end

-- A terminal with a shell in it.
local Terminal = {}
Terminal.__index = Terminal

function Terminal:tmux(...)
  local words = { "tmux", "-f", "/dev/null", "-S", self.socket, ... }
  for index, word in ipairs(words) do
    words[index] = quoted(word)
  end
  local pipe <close> = assert(io.popen(table.concat(words, " ") .. " 2>&1"))
  return (pipe:read("a"):gsub("\n$", ""))
end

local function new_terminal(columns, lines, locale)
  local self = setmetatable({ folder = support.folder() }, Terminal)
  self.socket = self.folder .. "/tmux"
  local shell = ("env -u TMUX 'PS1=ready: ' LC_ALL=%s sh -i"):format(locale or "C.UTF-8")
  self:tmux("new-session", "-d", "-x", columns, "-y", lines, shell)
  return self
end

function Terminal:keys(...) self:tmux("send-keys", ...) end

function Terminal:types(line)
  self:tmux("send-keys", "-l", line)
  self:tmux("send-keys", "Enter")
end

function Terminal:screen() return self:tmux("capture-pane", "-p") end

-- Waits until the screen matches, and returns it.
function Terminal:shows(pattern, seconds)
  local seen
  local ok = pcall(support.within, seconds or 15, pattern, function()
    seen = self:screen()
    return seen:find(pattern)
  end)
  if not ok then error(("no %q on the screen:\n%s"):format(pattern, seen), 2) end
  return seen
end

function Terminal:shows_no(text)
  support.within(
    15,
    "the end of " .. text,
    function() return not self:screen():find(text, 1, true) end
  )
end

-- What a program can have left behind: the other screen, a hidden cursor, raw keys.
function Terminal:state()
  local path = self.folder .. "/modes"
  os.remove(path)
  self:types("stty -g >" .. path .. ".new; mv " .. path .. ".new " .. path)
  support.within(15, "the shell", function() return support.read(path) end)
  local flags =
    self:tmux("display-message", "-p", "#{alternate_on} #{cursor_flag} #{wrap_flag}")
  return flags .. " " .. support.read(path)
end

function Terminal:is_drawn() return self:tmux("display-message", "-p", "#{alternate_on}") == "1" end

function Terminal:status_is(expected)
  support.within(15, "the end of top", function() return not self:is_drawn() end)
  self:shows "ready:\n*$" -- what is typed before is read by top
  self:types "echo status $?"
  self:shows("status " .. expected .. "\n")
end

function Terminal:close() self:tmux "kill-server" end

local function top(...)
  local words = table.concat({ ... }, " ")
  if not words:find("--columns", 1, true) then
    words = words .. " --columns pid,state,cpu,name"
  end
  return support.program .. " top " .. words
end

describe("watchio top", function()
  if not has "tmux" then
    pending("needs tmux")
    return
  end

  local it_has
  after_each(function()
    if it_has then it_has:close() end
    it_has = nil
    support.finish()
  end)

  local function terminal(...)
    it_has = new_terminal(...)
    it_has:shows "ready:"
    return it_has
  end

  -- A process that sleeps and one that works, under names of their own.
  local function pair()
    local sleeper, sleeper_name = support.named("/bin/sleep")
    local worker, worker_name = support.named("/bin/sh")
    support.start { sleeper, 600 }
    local working = support.start { worker, "-c", "while read line; do :; done </dev/zero" }
    return sleeper_name, worker_name, working
  end

  it(
    "shows the busy one first, filters, survives 20 columns, and leaves all as it was",
    function()
      local sleeper, worker, working = pair()
      local on = terminal(100, 20)
      on:types "echo before"
      local before = on:state()
      on:types(top(sleeper, worker, "--every 200ms"))
      on:shows "2 targets, 1 active"
      on:shows("%d+ active +%d+%.%d " .. worker .. ".* %d+ quiet +0%.0 " .. sleeper)
      on:keys("/", worker)
      on:shows_no(sleeper)
      on:shows("/" .. worker .. "_")
      on:keys "Escape"
      on:shows(sleeper)
      on:tmux("resize-window", "-x", "20", "-y", "6")
      support.within(15, "a small frame", function()
        local lines = select(2, on:screen():gsub("[^\n]+", ""))
        return on:screen():find("pid name", 1, true) and lines <= 6
      end)
      on:tmux("resize-window", "-x", "100", "-y", "20")
      on:shows "h help"
      on:keys "h"
      on:shows "Keys of watchio top"
      on:keys "q"
      on:shows "h help"
      on:keys "q"
      on:shows "before"
      on:status_is(0)
      assert.equal(before, on:state())
      assert.is_true(support.alive(working.pid))
    end
  )

  it("ends a target only after yes, and says what came of it", function()
    local _, worker, working = pair()
    local on = terminal(100, 12)
    on:types(top(worker, "--every 200ms"))
    on:shows("active .* " .. worker)
    on:keys "k"
    on:shows("end " .. worker .. "%[" .. working.pid .. "%]%? %[y/N%]")
    on:keys "n"
    on:shows "nothing was done"
    assert.is_true(support.alive(working.pid))
    on:keys("k", "y")
    on:shows(worker .. "%[" .. working.pid .. "%] killed +TERM")
    working:ends_with "signal 15"
    on:shows "nothing to show"
    on:keys "q"
    on:status_is(0)
  end)

  it("ends nobody that is never to be ended, nor is protected", function()
    local protected = support.folder() .. "/agetty"
    assert(uv.fs_copyfile("/bin/sleep", protected))
    local process = support.start { protected, 600 }
    for _, pid in ipairs { 1, process.pid } do
      local on = terminal(100, 12)
      on:types(top(pid, "--every 200ms"))
      on:shows "1 target"
      on:keys("k", "y")
      on:shows("%[" .. pid .. "%] refused")
      on:keys "q"
      on:status_is(0)
      on:close()
    end
    assert.is_true(support.alive(process.pid))
  end)

  it("waits at its end for a kill that is under way", function()
    local path, name = support.named("/bin/sh")
    local script = "trap '' TERM; echo ready; while :; do sleep 0.2; done"
    local stubborn = support.start { path, "-c", script }
    stubborn:says "ready"
    local on = terminal(100, 12)
    on:types(top(name, "--every 200ms"))
    on:shows "1 target"
    on:keys "k"
    on:shows("end " .. name)
    on:keys "y"
    on:shows(name .. "%[" .. stubborn.pid .. "%] kill +TERM")
    on:keys "q"
    on:shows "waits for kills"
    on:keys "C-c" -- now, without grace
    on:shows(name .. "%[" .. stubborn.pid .. "%] killed +KILL")
    stubborn:ends_with "signal 9"
    on:status_is(0)
  end)

  it("shows a target's processes as a tree, each a row", function()
    local path, name = support.named("/bin/sh")
    support.start { path, "-c", "sleep 601 & wait" }
    local on = terminal(110, 12)
    on:types(top(name, "--every 200ms --columns pid,state,cmd"))
    on:shows "1 target"
    on:keys "k"
    on:shows("end " .. name .. "%[%d+%] and 1 child%? %[y/N%]")
    on:keys("n", "t")
    on:shows("%-c sleep 601 & wait.*└─ sleep 601")
    on:shows "2 processes"
    on:keys "t"
    on:shows "1 target"
    on:keys("d", "5", "0", "m", "s", "Enter")
    on:shows "every 50ms"
    on:keys "q"
    on:status_is(0)
  end)

  it("shows all processes where no TARGET is given, and no kernel threads", function()
    local sleeper = pair()
    local on = terminal(120, 30, "C")
    on:types(top())
    on:shows "processes, %d+ active"
    on:keys("/", "kthreadd", "Enter")
    on:shows "nothing matches the filter"
    on:keys("Escape", "/", sleeper, "Enter")
    local seen = on:shows("quiet.*" .. sleeper)
    assert.is_nil(seen:find("[\x80-\xff]"))
    on:keys "C-c"
    on:status_is(130)
  end)

  it("is stopped and continued as any job", function()
    local sleeper = pair()
    local on = terminal(100, 12)
    local before = on:state()
    on:types(top(sleeper, "--every 200ms"))
    on:shows "1 target"
    on:keys "C-z"
    on:shows "ready:\n*$"
    assert.is_false(on:is_drawn())
    assert.equal(before, on:state())
    on:types "fg"
    on:shows "1 target"
    assert.is_true(on:is_drawn())
    on:keys "q"
    on:status_is(0)
    assert.equal(before, on:state())
  end)

  for _, signal in ipairs { "TSTP", "STOP" } do
    it("is continued after " .. signal .. " from elsewhere", function()
      local sleeper = pair()
      local on = terminal(100, 12)
      local before = on:state()
      on:types("sh -c 'echo $$ >" .. on.folder .. "/pid; exec " .. top(sleeper) .. "'")
      on:shows "1 target"
      uv.kill(tonumber(support.read(on.folder .. "/pid")), "sig" .. signal:lower())
      on:shows "Stopped"
      on:keys("fg", "C-j") -- after STOP, which nobody sees coming, the keys are still raw
      on:shows "1 target"
      on:keys "/"
      on:shows "/_"
      on:keys("Escape", "q")
      on:status_is(0)
      assert.equal(before, on:state())
    end)
  end

  for signal, status in pairs { TERM = 143, INT = 130, HUP = 129 } do
    it(("leaves the terminal as it was after %s"):format(signal), function()
      local sleeper = pair()
      local on = terminal(100, 12)
      local before = on:state()
      on:types("sh -c 'echo $$ >" .. on.folder .. "/pid; exec " .. top(sleeper) .. "'")
      on:shows "1 target"
      uv.kill(tonumber(support.read(on.folder .. "/pid")), "sig" .. signal:lower())
      on:status_is(status)
      assert.equal(before, on:state())
    end)
  end

  it("leaves the terminal as it was after an error of its own, and tells of it", function()
    local on = terminal(100, 60)
    local before = on:state()
    support.write(
      on.folder .. "/broken.lua",
      [[
      local frame, count = require "watchio.top.frame", 0
      local text = frame.text
      function frame.text(...)
        count = count + 1
        if count == 3 then error "a broken frame" end
        return text(...)
      end
      os.exit(require "watchio.cli".main { "top", "--every", "50ms" })]]
    )
    on:types(support.lua .. " " .. on.folder .. "/broken.lua")
    on:shows "a broken frame"
    on:shows "stack traceback"
    assert.equal(before, on:state())
  end)

  it("ends when its terminal is gone", function()
    local sleeper = pair()
    local on = terminal(100, 12)
    on:types("sh -c 'echo $$ >" .. on.folder .. "/pid; exec " .. top(sleeper) .. "'")
    on:shows "1 target"
    local pid = tonumber(support.read(on.folder .. "/pid"))
    on:close()
    support.within(15, "the end of top", function() return not support.alive(pid) end)
  end)

  for _, kind in ipairs { "dumb", "unknown", "no-such-terminal", "../../x" } do
    it("draws nothing on a terminal of the type " .. kind, function()
      local on = terminal(100, 12)
      on:types("TERM=" .. kind .. " " .. top())
      on:shows "nothing can be placed on a terminal of the type"
      assert.is_false(on:is_drawn())
      on:status_is(2)
    end)
  end
end)

describe("watchio top without a terminal", function()
  after_each(support.finish)

  local cases = {
    { {}, 2, "no terminal %(watchio stat writes lines for pipes and files%)\n$" },
    { { "--columns", "pid,cpi" }, 2, "unknown column 'cpi' %(did you mean 'cpu'%?%)\n$" },
    { { "--sort", "ativity" }, 2, "'ativity' %(did you mean 'activity'%?%)\n$" },
    {
      { "--every", "1us" },
      2,
      '%-%-every: bad duration "1us" %(want e.g. "30s", "1h30m"%)\n$',
    },
    { { "--every", "9ms" }, 2, '%-%-every: bad duration "9ms" %(want at least 10ms%)\n$' },
    { { "--every", "0" }, 2, "%-%-every: bad duration 0 %(want at least 10ms%)\n$" },
    { { "--per", "thread" }, 2, "must be one of" },
  }
  for _, case in ipairs(cases) do
    it("says in one line what is wrong: " .. table.concat(case[1], " "), function()
      local process = support.watchio { "top", table.unpack(case[1]) }
      process:ends_with(case[2])
      assert.equal("", process.out)
      assert.matches(case[3], process.err)
    end)
  end
end)
