-- SPDX-License-Identifier: MIT
-- The shells really complete.
local e2e = require "spec.e2e.support"
local uv = require "luv"

local FOLDER = e2e.root .. "/scripts/completions"

local function has(program)
  return os.execute(("command -v %s >/dev/null 2>&1"):format(program)) == true
end

-- Runs a script of one shell; its lines, sorted.
local function lines_of(...)
  local shell = e2e.start { ... }
  shell:ends_with(0)
  assert.equal("", shell.err)
  local list = {}
  for line in shell.out:gmatch("[^\n]+") do
    list[#list + 1] = line
  end
  table.sort(list)
  return list
end

describe("the completion for bash", function()
  after_each(e2e.finish)

  -- As readline calls it: the line up to the cursor, and its last word split at "=".
  local script = [[
source "$1/watchio.bash"
COMP_LINE=$3 COMP_POINT=${#3}
_watchio "$2"
printf '%s\n' "${COMPREPLY[@]}"]]

  local function completed(line)
    return lines_of("/bin/bash", "-c", script, "bash", FOLDER, e2e.program, line)
  end

  for line, expected in pairs {
    ["watchio mat"] = { "match" },
    ["watchio match --pe"] = { "--per" },
    ["watchio match --per u"] = { "unit", "user" },
    ["watchio match --per=u"] = { "unit", "user" },
    ["watchio match pidf"] = { "pidfile=" },
    ["watchio run rebuild-wh"] = { "rebuild-while-read" },
    ["watchio run scripts/common"] = { "scripts/common.sh" },
    ["watchio run policy.lua scripts/complet"] = { "scripts/completions" },
    ["watchio help doc"] = { "doctor" },
    ["watchio poll --timeout "] = {},
    ["watchio exec --su"] = { "--summary" },
    ["watchio exec --"] = {
      "--every",
      "--grace",
      "--help",
      "--idle",
      "--json",
      "--max",
      "--summary",
    },
  } do
    it("completes: " .. line, function()
      if not has "bash" then return pending("needs bash") end
      assert.same(expected, completed(line))
    end)
  end

  it("completes the name of a living process, also behind its key", function()
    if not has "bash" then return pending("needs bash") end
    local process = e2e.echoer()
    local part = process.name:sub(1, -2)
    assert.same({ process.name }, completed("watchio match " .. part))
    assert.same({ process.name }, completed("watchio match root name=" .. part))
  end)
end)

describe("the completion for fish", function()
  after_each(e2e.finish)

  local function completed(line)
    local words = {}
    local folder = e2e.folder()
    local shell = e2e.start {
      "/usr/bin/env",
      "HOME=" .. folder,
      "PATH=" .. e2e.build .. "/bin:" .. os.getenv("PATH"),
      "fish",
      "--no-config",
      "-c",
      ("source %s/watchio.fish; complete -C $argv[1]"):format(FOLDER),
      line,
    }
    shell:ends_with(0)
    assert.equal("", shell.err)
    for word in shell.out:gmatch("([^\n\t]+)[^\n]*\n") do
      words[#words + 1] = word
    end
    table.sort(words)
    return words
  end

  for line, expected in pairs {
    ["watchio mat"] = { "match" },
    ["watchio match --pe"] = { "--per" },
    ["watchio match --per=u"] = { "--per=unit", "--per=user" },
    ["watchio match pidf"] = { "pidfile=" },
    ["watchio match nginx,pidf"] = { "nginx,pidfile=" },
    ["watchio exec --su"] = { "--summary" },
    ["watchio run rebuild-wh"] = { "rebuild-while-read" },
    ["watchio run scripts/complet"] = { "scripts/completions/" },
  } do
    it("completes: " .. line, function()
      if not has "fish" then return pending("needs fish") end
      assert.same(expected, completed(line))
    end)
  end
end)

describe("the completion for zsh", function()
  local socket

  local function tmux(...)
    return e2e.start { "/usr/bin/env", "tmux", "-S", socket, "-f", "/dev/null", ... }
  end

  after_each(function()
    if socket then tmux("kill-server"):ends() end
    socket = nil
    e2e.finish()
  end)

  local function screen_shows(text)
    e2e.within(20, "the screen to show " .. text, function()
      local shell = tmux("capture-pane", "-p")
      shell:ends_with(0)
      return shell.out:find(text, 1, true)
    end)
  end

  local function types(...) tmux("send-keys", ...):ends_with(0) end

  it("completes at a prompt", function()
    if not (has "zsh" and has "tmux") then return pending("needs zsh and tmux") end
    socket = e2e.folder() .. "/tmux"
    tmux(
      "new-session",
      "-d",
      "-x",
      "100",
      "-y",
      "30",
      "env",
      "PATH=" .. e2e.build .. "/bin:" .. os.getenv("PATH"),
      "zsh",
      "-f"
    ):ends_with(0)
    types(
      "fpath=(" .. FOLDER .. " $fpath); autoload -U compinit; compinit -u -D; PS1='re''ady> '",
      "Enter"
    )
    screen_shows("\nready>")
    for typed, shown in pairs {
      ["watchio mat"] = "ready> watchio match",
      ["watchio match pidf"] = "ready> watchio match pidfile=",
      ["watchio match --per=us"] = "ready> watchio match --per=user",
      ["watchio match nginx,pidf"] = "ready> watchio match nginx,pidfile=",
      ["watchio exec --su"] = "ready> watchio exec --summary",
      ["watchio run rebuild-wh"] = "ready> watchio run rebuild-while-read",
      ["watchio run scripts/complet"] = "ready> watchio run scripts/completions/",
    } do
      types(typed, "Tab")
      screen_shows(shown)
      types("C-u")
    end
    types("watchio exec --", "Tab")
    screen_shows("--summary")
    types("C-u")
    types("watchio ", "Tab")
    screen_shows("doctor  -- report what can be read here")
  end)

  it("is a script without mistakes", function()
    if not has "zsh" then return pending("needs zsh") end
    assert.truthy(uv.fs_stat(FOLDER .. "/_watchio"))
    assert.same({}, lines_of("/usr/bin/env", "zsh", "-n", FOLDER .. "/_watchio"))
  end)
end)
