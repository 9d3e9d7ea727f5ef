-- SPDX-License-Identifier: MIT
-- The manual pages tell of everything that is there, and of nothing else.
local commands = require "watchio.cli.commands"
local grammar = require "watchio.cli.grammar"
local selector_keys = require "watchio.check.selector_keys"

local function read(path)
  local file <close> = assert(io.open(path))
  return file:read("a")
end

-- Option → whether it has a value, of the options that the lines of a page begin with.
local function options_told(text)
  local told = {}
  for line in text:gmatch("\n(%*%-[^\n]*)") do
    for name in line:gmatch("%*(%-[%w-]+)%*") do
      told[name] = line:find("_%u+_") ~= nil
    end
  end
  return told
end

local function options_taken(name)
  local taken = {}
  for _, option in ipairs(grammar.of(commands.parser(name, commands.find(name))).options) do
    for _, alias in ipairs(option.names) do
      taken[alias] = option.value ~= nil
    end
  end
  taken["-h"], taken["--help"] = nil, nil -- told once for all
  return taken
end

describe("watchio(1)", function()
  local page = read "docs/man/watchio.1.scd"
  local sections, order = {}, {}
  for name, text in
    page:match("\n# COMMANDS(.-\n)# "):gsub("\n## ", "\0"):gmatch("%z(%l+)(%Z*)")
  do
    sections[name], order[#order + 1] = text, name
  end

  it(
    "tells of the commands, in the order of the help",
    function() assert.same(commands.names(), order) end
  )

  for _, name in ipairs(commands.names()) do
    it(("tells of every option of %s, and of no other"):format(name), function()
      assert.is_truthy(sections[name]:find("*watchio " .. name .. "*", 1, true))
      assert.same(options_taken(name), options_told(sections[name]))
    end)
  end

  it("tells of every key of a TARGET", function()
    local told = {}
    for key in page:match("\n# TARGETS(.-)\n# "):gmatch("%*(%l+)=%*") do
      told[#told + 1] = key
    end
    local keys = { table.unpack(selector_keys.names) }
    table.sort(told)
    table.sort(keys)
    assert.same(keys, told)
  end)
end)

describe("watchio-policy(5)", function()
  local page = read "docs/man/watchio-policy.5.scd"
  local types = read "lua/watchio/meta/watchio.lua"

  local fields, class_of = {}, nil -- class → its fields
  for line in types:gmatch("([^\n]*)\n") do
    if not line:find("^%-%-%-") then class_of = nil end
    class_of = line:match("^%-%-%-@class watchio%.(%w+)") or class_of
    local field = class_of and line:match("^%-%-%-@field ([%l_]+)")
    if field then
      fields[class_of] = fields[class_of] or {}
      table.insert(fields[class_of], field)
    end
  end

  local function tells(word) assert.is_truthy(page:find("%*%p*" .. word .. "%f[^%w_]"), word) end

  for _, class in ipairs {
    "Names",
    "Selector",
    "WatchOptions",
    "Rounds",
    "Limit",
    "CommandOptions",
    "RunOptions",
    "Retry",
    "KillOptions",
    "Target",
    "Process",
    "Event",
  } do
    it("tells of every field of a " .. class, function()
      assert.is_truthy(fields[class])
      for _, field in ipairs(fields[class]) do
        tells(field)
      end
    end)
  end

  it("tells of every verb and every method of a target", function()
    for verb in types:gmatch("\nfunction watchio%.([%l_]+)") do
      tells(verb)
    end
    for method in types:gmatch("\nfunction Target:([%l_]+)") do
      tells(method)
    end
  end)
end)

describe("a manual page", function()
  for _, name in ipairs { "watchio.1", "watchio-policy.5" } do
    it(name .. " is made without a complaint", function()
      if not os.execute("command -v scdoc man >/dev/null 2>&1") then
        return pending("needs scdoc and man")
      end
      local made <close> = assert(
        io.popen(
          ("{ scdoc <docs/man/%s.scd | man --warnings -l - " .. ">/dev/null; } 2>&1"):format(
            name
          )
        )
      )
      assert.equal("", made:read("a"))
    end)
  end
end)
