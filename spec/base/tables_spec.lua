-- SPDX-License-Identifier: MIT
local tables = require "watchio.base.tables"

describe("tables", function()
  it("have their keys in order", function()
    assert.same({ "a", "b", "c" }, tables.keys { c = 1, a = false, b = 3 })
    assert.same({ -1, 2, 10 }, tables.keys { [10] = true, [2] = true, [-1] = true })
    assert.same({}, tables.keys {})
  end)

  it("are merged into one of its own, in which the later count more", function()
    local first, second = { a = 1, b = 2 }, { b = 3 }
    local all = tables.merged(first, second, {})
    assert.same({ a = 1, b = 3 }, all)
    all.a = 7
    assert.same({ a = 1, b = 2 }, first)
    assert.same({ b = 3 }, second)
  end)

  it("have what is in them", function()
    assert.is_true(tables.has({ "a", false }, false))
    assert.is_false(tables.has({ "a" }, "b"))
    assert.is_false(tables.has({}, nil))
  end)
end)
