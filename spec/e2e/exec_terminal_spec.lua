-- SPDX-License-Identifier: MIT
-- `watchio exec` under a shell with job control, in a terminal: tmux.
local e2e = require "spec.e2e.support"
local uv = require "luv"

local has_tmux = os.execute("command -v tmux >/dev/null") == true
local has_bash = os.execute("command -v bash >/dev/null") == true

describe("watchio exec in a terminal", function()
  local socket

  local function tmux(...)
    local process = e2e.start { "tmux", "-S", socket, "-f", "/dev/null", ... }
    process:ends_with(0)
    return process.out
  end

  local function keys(...) tmux("send-keys", "-t", "it", ...) end

  -- Waits until the screen matches.
  local function shows(pattern)
    local screen
    local ok = pcall(e2e.within, 10, pattern, function()
      screen = tmux("capture-pane", "-p", "-J", "-t", "it")
      return screen:find(pattern)
    end)
    if not ok then error(("the screen does not show %s:\n%s"):format(pattern, screen), 2) end
  end

  -- A shell; each of its prompts tells the status of the command before.
  local function begin(...)
    if not has_tmux or not has_bash then pending("needs tmux and bash") end
    socket = e2e.folder() .. "/tmux"
    tmux(
      "new-session",
      "-d",
      "-s",
      "it",
      "-x",
      "120",
      "-y",
      "40",
      "env PS1='status=$? ' bash --noprofile --norc"
    )
    shows("status=0")
    keys("PATH=$PATH:" .. e2e.build .. "/bin", "Enter")
    keys("clear", "Enter")
    keys("watchio exec " .. table.concat({ ... }, " "), "Enter")
  end

  after_each(function()
    if socket and uv.fs_stat(socket) then tmux("kill-server") end
    socket = nil
    e2e.finish()
  end)

  it("gives ^C to the command, and its status to the shell", function()
    begin("sh -c 'echo ready; exec sleep 1000'")
    shows("\nready")
    keys("C-c")
    shows("%^C\n?status=130")
  end)

  it("gives ^C to the command once", function()
    begin("sh -c 'trap \"echo got\" INT; echo ready; read -r _; read -r _; exit 3'")
    shows("\nready")
    keys("C-c")
    shows("got\n")
    keys("", "Enter", "Enter", "Enter")
    shows("\nstatus=3")
    assert.equal(1, select(2, tmux("capture-pane", "-p", "-t", "it"):gsub("got\n", "")))
  end)

  it("stops with the command at ^Z, and goes on with it in front", function()
    begin("--idle 3s --every 0.05 cat")
    keys("one", "Enter")
    shows("one\none\n")
    keys("C-z")
    shows("Stopped.*\nstatus=148")
    keys("fg", "Enter")
    shows("fg\nwatchio exec.*\n")
    keys("two", "Enter")
    shows("two\ntwo\n")
    keys("C-d")
    shows("\nstatus=0")
  end)

  it("does not count the time of the stop", function()
    begin("--idle 3s --every 0.05 cat")
    keys("one", "Enter")
    shows("one\none\n")
    keys("C-z")
    shows("\nstatus=148")
    local deadline = uv.hrtime() + 4e9
    e2e.within(6, "time to pass", function() return uv.hrtime() > deadline end)
    keys("fg", "Enter")
    shows("fg\nwatchio exec.*\n")
    keys("two", "Enter")
    shows("two\ntwo\n")
    shows("so it is ended.*\nstatus=124")
  end)

  it("gives the terminal back when the command stops itself", function()
    begin("sh -c 'kill -STOP $$; echo over; exit 3'")
    shows("Stopped.*\nstatus=148")
    keys("fg", "Enter")
    shows("\nover\n")
    shows("\nstatus=3")
  end)

  it("writes from the background also where others are stopped for that", function()
    begin("--max 0.2 --grace 5 sleep 1000 & stty tostop")
    shows("status=0")
    keys("wait $!", "Enter")
    shows("watchio: sleep 1000: it ran for .*\nstatus=124")
  end)

  it("goes on in the background", function()
    begin("sh -c 'sleep 1000 <&- & echo ready; wait; echo over'")
    shows("\nready")
    keys("C-z")
    shows("\nstatus=148")
    keys("bg", "Enter")
    shows("status=0")
    keys("kill %1; wait %1", "Enter")
    shows("\nstatus=143")
  end)

  it("is stopped in the background when the command reads the terminal", function()
    begin("cat &")
    shows("status=0")
    keys("until jobs | grep -q Stopped; do sleep 0.05; done; jobs", "Enter")
    shows("Stopped  .*\nstatus=0")
    keys("fg", "Enter")
    shows("fg\nwatchio exec cat\n")
    keys("one", "Enter")
    shows("one\none\n")
    keys("C-d")
    shows("\nstatus=0")
  end)
end)
