-- SPDX-License-Identifier: MIT
local commands = require "watchio.cli.commands"
local exit_status = require "watchio.base.exit_status"

local function read(path)
  local file <close> = assert(io.open(path))
  return file:read("a")
end

local function sorted(numbers)
  table.sort(numbers)
  return table.concat(numbers, " ")
end

-- The numbers in what a pattern finds: "126, 127" are two.
local function numbers_in(text, pattern)
  local numbers = {}
  for found in text:gmatch(pattern) do
    for number in found:gmatch "%d+" do
      numbers[#numbers + 1] = tonumber(number)
    end
  end
  return numbers
end

describe("the table of exit statuses", function()
  local known = {}
  for _, number in pairs(exit_status) do
    known[#known + 1] = number
  end
  local all = sorted(known)

  it("is that of docs/stability.md", function()
    local section = read("docs/stability.md"):match "\n## Exit status(.*)"
    assert.equal(all, sorted(numbers_in(section, "\n| ([%d, ]+) |")))
  end)

  it("is that of watchio(1)", function()
    local section = read("docs/man/watchio.1.scd"):match "\n# EXIT STATUS(.-)\n# "
    assert.equal(all, sorted(numbers_in(section, "\n(%*%d[%d*, ]*)\n")))
  end)

  it("has each that the help of a command lists", function()
    local count = 0
    for _, name in ipairs(commands.names()) do
      local help = commands.help(name, commands.find(name))
      local list = help:match "Exit status: (.-%.)\n" or ""
      for _, number in ipairs(numbers_in(" " .. list, "%s(%d+) %l")) do
        assert.truthy((" " .. all .. " "):find(" " .. number .. " ", 1, true), name .. number)
        count = count + 1
      end
    end
    assert.is_true(count > 10)
  end)

  it("has the status of src/main.c for its own failure", function()
    local number = read("src/main.c"):match "#define EXIT_OWN_FAILURE (%d+)"
    assert.equal(exit_status.OWN_FAILURE, tonumber(number))
  end)

  it("knows no others", function()
    assert.has_error(function() return exit_status.USGAE end, "no exit status 'USGAE'")
  end)
end)
