-- SPDX-License-Identifier: MIT
-- One word of a policy, given to the key that its first byte chooses: it is taken, or refused with
-- exactly one line that names its place. Called by policy_fuzz with each input.
local policy = require "watchio.policy.load"
local session = require "watchio.watch.session"
local targets = require "watchio.cli.targets"

-- A policy around the word, which is put in as a Lua literal.
local TEMPLATES = {
  "watch { %s }",
  "watch { name = %s }",
  "watch { exe = %s }",
  "watch { user = %s }",
  "watch { unit = %s }",
  "watch { cgroup = %s }",
  "watch { pidfile = %s }",
  "watch { pid = %s }",
  "watch { port = %s }",
  "watch { 'x', except = %s }",
  "watch { 'x', every = %s }",
  "watch { 'x', idle = %s }",
  "watch { 'x', per = %s }",
  "watch { 'x', counts = %s }",
  "watch { 'x', floor = { io = %s } }",
  "watch { 'x', floor = { calls = %s } }",
  "watch { 'x', floor = { cpu = %s } }",
  "watch { 'x', label = %s }",
  "watch { 'x', [%s] = 1 }",
  "watch { 'x', on_idle = kill { grace = %s } }",
  "watch { 'x', on_idle = kill { signal = %s } }",
  "after(%s, log 'x')",
  "find(%s) quit()",
  "watch { cmd = %s }",
}
local CMD <const> = #TEMPLATES

-- A /proc without processes: this folder.
local root = debug.getinfo(1, "S").source:match("^@(.*)/")

local function load_policy(text)
  local own <close> = setmetatable({}, { __close = function(self) self.session:close() end })
  own.session = session.new { root = root, virtual = true }
  return policy.load(own.session, policy.chunk(text), {}, function() end)
end

local function check_line(message)
  if not message:find("^%-e:1: ") or message:find("[\0-\31\127]") then
    error(("not one line with its place: %q"):format(message))
  end
end

-- As a number too where it is one: both forms are written in policies.
local function literals(word)
  local number = tonumber(word)
  return { ("%q"):format(word), number and ("%q"):format(number) or nil }
end

return function(input)
  local which, word = (input:byte() or 0) % CMD + 1, input:sub(2)
  -- Repetitions make libc's compiler of expressions slow, and find nothing of ours.
  if which == CMD and word:find("[{*+]") then return end
  for _, literal in ipairs(literals(word)) do
    literal = literal:gsub("\\\n", "\\n")
    local ok, message =
      load_policy((TEMPLATES[which]:gsub("%%s", function() return literal end)))
    if not ok then check_line(message) end
  end
  targets.selector(word)
end
