-- SPDX-License-Identifier: MIT
local keys = require "watchio.top.keys"
local sparkline = require "watchio.top.sparkline"

local function read(text)
  local names, rest = keys.read(text)
  return table.concat(names, " "), rest
end

describe("the keys of a terminal", function()
  local cases = {
    { "q", "q" },
    { "Aä中😀", "A ä 中 😀" },
    { "\27[A\27OB\27[C\27[D", "up down right left" },
    { "\27[H\27[F\27[1~\27[4~", "home end home end" },
    { "\27[5~\27[6~", "page up page down" },
    { "\27[1;5A", "up" }, -- with Ctrl held
    { "\r", "enter" },
    { "\127", "backspace" },
    { "\3", "interrupt" },
    { "\26", "suspend" },
    { "\27", "escape" },
    { "\27\27[A", "escape up" },
    { "a\27[9;9;9Rb", "a b" }, -- an answer that nobody asked for
    { "\27[200~x", "x" },
    { "\1\0\255q", "q" },
  }
  for _, case in ipairs(cases) do
    it(("are %s"):format(case[2]), function() assert.equal(case[2], (read(case[1]))) end)
  end

  it("wait for the rest of what came in parts", function()
    local names, rest = read("x\27[1;")
    assert.same({ "x", "\27[1;" }, { names, rest })
    assert.equal("down", (read(rest .. "5B")))
    names, rest = read("\xe4\xb8")
    assert.same({ "", "\xe4\xb8" }, { names, rest })
    assert.equal("中", (read(rest .. "\xad")))
  end)

  it("come to an end whatever is read", function()
    math.randomseed(5)
    for _ = 1, 500 do
      local bytes = {}
      for index = 1, 40 do
        bytes[index] = string.char(math.random(0, 255))
      end
      local _, rest = keys.read(table.concat(bytes))
      assert.is_true(#rest <= 40)
    end
  end)
end)

describe("a sparkline", function()
  local function line(activities, first, ascii)
    local history
    for index, activity in ipairs(activities) do
      history = sparkline.add(history, first + index - 1, activity)
    end
    return sparkline.text(history, first + #activities - 1, ascii or false)
  end

  it("is empty while nothing happens", function()
    assert.equal((" "):rep(12), line({ 0, 0, 0 }, 100))
    assert.is_nil(sparkline.add(nil, 7, 0))
    assert.is_nil(sparkline.add(nil, 7, false))
  end)

  it("rises with what happens, the latest at its right end", function()
    assert.equal("    ▁▃▅▇█ ▇█", line({ 0.01, 0.1, 1, 10, 100, 0, 10, 1e9 }, 100))
    assert.equal("         .+@", line({ 0.001, 1, 1000 }, 100, true))
  end)

  it("keeps the most active moment of a stretch", function()
    local history = sparkline.add(nil, 5, 10)
    history = sparkline.add(history, 5, 0.01)
    history = sparkline.add(history, 5, false)
    assert.equal("▇", sparkline.text(history, 5, false):match("%S+$"))
  end)

  it(
    "shows what is not known as such, not as quiet",
    function() assert.equal("▅?▅", line({ 1, false, 1 }, 3):match("%S+$")) end
  )

  it("forgets what is more than a minute ago, also when nobody looked", function()
    local history = sparkline.add(nil, 10, 1)
    assert.equal("▅" .. (" "):rep(11), sparkline.text(history, 21, false))
    assert.equal((" "):rep(12), sparkline.text(history, 22, false))
    assert.is_nil(sparkline.add(history, 22, 0))
    assert.equal(
      (" "):rep(11) .. "▅",
      sparkline.text(sparkline.add(history, 40, 1), 40, false)
    )
  end)
end)
