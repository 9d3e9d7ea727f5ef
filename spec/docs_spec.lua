-- SPDX-License-Identifier: MIT
-- What the manual shows is true: every example loads and runs an eventful day without an error, and
-- prints what the comments behind it say.
local policy = require "watchio.policy.load"
local protect = require "watchio.verbs.protect"
local sessions = require "spec.support.sessions"

local function read(path)
  local file <close> = assert(io.open(path))
  return file:read("a")
end

-- The Lua examples of a file, each with the line on which it begins.
local function examples(path)
  local found, line = {}, 0
  local current
  for text in (read(path) .. "\n"):gmatch("([^\n]*)\n") do
    line = line + 1
    text = text:gsub("^%-%-%-", "")
    if current and text:find("^```") then
      found[#found + 1], current = current, nil
    elseif current then
      current.lines[#current.lines + 1] = text
    elseif text:find("^```lua") then
      current = { line = line, lines = {} }
    end
  end
  return found
end

-- What an example says that it prints, in order.
local function promised(text)
  local lines = {}
  for line in text:gmatch("%-%-> prints ([^\n]*)") do
    lines[#lines + 1] = line
  end
  return lines
end

-- What runs: nginx works a little and rests, then ends; commands end at once.
local function live(it)
  local function go_on(duration)
    it:advance(duration)
    for _, command in ipairs(it.commands) do
      if command.members > 0 then command.finish(0) end
    end
  end
  go_on "2s"
  it.proc:move(812, { rchar = 1000, wchar = 400, syscr = 1, syscw = 1 })
  for _ = 1, 10 do
    go_on "1s"
  end
  for _ = 1, 30 do
    go_on "10m"
  end
  if it.proc.processes[812] then it.proc:finish(812) end
  for _ = 1, 5 do
    go_on "1s"
  end
end

local function people(proc)
  proc:add(812, { name = "nginx" })
  proc:add(5001, { name = "import.sh" }) -- what spawn starts
end

describe("the manual", function()
  local it_session = sessions.fixture()
  local printed
  before_each(function()
    printed = {}
    people(it_session.proc)
    it_session.on_signal = function(pid)
      if it_session.proc.processes[pid] then it_session.proc:finish(pid) end
      return true
    end
  end)

  local function run(text)
    local source, module = policy.chunk(text), package.loaded.watchio
    local ok, message = policy.load(
      it_session.session,
      source,
      {},
      function(line) printed[#printed + 1] = line:gsub("\t", " "):gsub("\n$", "") end
    )
    package.loaded.watchio = module
    assert(ok, message)
    it_session.session:begin()
    live(it_session)
  end

  local function assert_printed(lines)
    local at = 1
    for _, line in ipairs(printed) do
      if line == lines[at] then at = at + 1 end
    end
    assert(
      at > #lines,
      ("does not print '%s', but:\n%s"):format(lines[at], table.concat(printed, "\n"))
    )
  end

  for path, least in pairs {
    ["docs/policy.md"] = 20,
    ["README.md"] = 4,
    ["docs/activity.md"] = 1,
    ["docs/cookbook.md"] = 8,
    ["lua/watchio/meta/watchio.lua"] = 1,
  } do
    local all = examples(path)
    it(("has examples in %s"):format(path), function() assert.is_true(#all >= least) end)
    for _, example in ipairs(all) do
      it(("shows what works at %s:%d"):format(path, example.line), function()
        local text = table.concat(example.lines, "\n"):gsub('"alice"', '"root"')
        run(text)
        local wrong = it_session:record("error")
        assert.is_nil(wrong and wrong.reason)
        assert_printed(promised(text))
      end)
    end
  end

  it("names all that is protected always", function()
    local text = read("docs/policy.md"):match("\n## kill.-\n## ")
    for _, name in ipairs(protect.always) do
      assert.truthy(text:find(("`%s`"):format(name), 1, true), name)
    end
  end)

  it(
    "shows one way to have a service with capabilities: doctor advises what the unit has",
    function()
      local advice =
        read("lua/watchio/cli/doctor.lua"):match "its unit needs the lines (%S+) and"
      for _, page in ipairs { "docs/cookbook.md", "docs/security.md" } do
        assert.matches("\n *" .. advice .. "\n *AmbientCapabilities=CAP_SYS_PTRACE", read(page))
      end
    end
  )

  it("names every shipped policy", function()
    local text = read("docs/policy.md"):match("\n## Shipped policies\n.*")
    for _, name in ipairs(require("spec.support.shipped").names()) do
      assert.truthy(text:find(("\n| `%s "):format(name), 1, true), name)
    end
  end)
end)
