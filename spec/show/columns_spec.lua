-- SPDX-License-Identifier: MIT
local cells = require "watchio.show.cells"
local columns = require "watchio.show.columns"
local format = require "watchio.base.format"

describe("cells", function()
  it("counts what a terminal shows", function()
    local texts = {
      [""] = 0,
      nginx = 5,
      ["日本語"] = 6,
      ["e\u{301}"] = 1,
      ["…"] = 1,
      ["한국"] = 4,
      ["👍"] = 2,
      ["\u{20000}"] = 2,
      ["é"] = 1,
    }
    for text, width in pairs(texts) do
      assert.equal(width, cells.width(text), text)
    end
  end)

  it("fill exactly the width, whatever they hold", function()
    local texts = {
      "",
      "x",
      "nginx: worker process",
      "日本語日本語",
      "a\27[2Jb\n",
      "\xff\xfe",
      "e\u{301}",
    }
    for _, text in ipairs(texts) do
      for width = 1, 24 do
        for _, to_the_right in ipairs { true, false } do
          local padded = cells.pad(text, width, to_the_right)
          assert.equal(width, cells.width(padded), padded)
          assert.is_nil(padded:find "%c")
        end
      end
    end
  end)
end)

describe("columns", function()
  local row = {
    time = 1700000000,
    pid = 812,
    name = "nginx",
    state = "active",
    idle_for = 61,
    rate = {
      rchar = 3100,
      wchar = 0,
      read_bytes = 1e6,
      write_bytes = 0.4,
      syscr = 3,
      syscw = 0.5,
      net_rx = 1,
      net_tx = 2,
      cpu = 1.2345,
    },
  }

  local function text_of(name, of) return columns[name].text(of or row) end

  it("tell amounts in a word each", function()
    local expected = {
      pid = "812",
      state = "active",
      read = "3.1kB",
      write = "0",
      disk_read = "1.0MB",
      disk_write = "0",
      calls = "3.5",
      net = "3",
      cpu = "123.4",
      idle = "1m1s",
      name = "nginx",
    }
    for name, text in pairs(expected) do
      assert.equal(text, text_of(name), name)
    end
    assert.matches("^%d%d:%d%d:%d%d$", text_of "time")
  end)

  it("fit their widths up to large amounts", function()
    local amounts = { 0, 0.4, 9.94, 9.96, 99.6, 999.6, 99999.4, 1e5, 123456789, 9.99e14 }
    for _, amount in ipairs(amounts) do
      local rate = setmetatable({}, { __index = function() return amount / 2 end })
      for _, name in ipairs { "read", "write", "disk_read", "disk_write", "calls", "net" } do
        local text = text_of(name, { rate = rate })
        assert.is_true(#text <= columns[name].width, name .. " " .. text)
      end
    end
    local spans = { 0, 0.05, 0.9999, 9.99, 59.9, 3599.9, 86399, 8640000, 86400 * 9999 }
    for _, seconds in ipairs(spans) do
      assert.is_true(#format.short_span(seconds) <= 6, format.short_span(seconds))
    end
  end)

  it("show what is not known as such", function()
    local unknown = { rate = { cpu = 0 }, state = "unknown", blind = true }
    local early = { rate = {}, state = "quiet" }
    for _, name in ipairs { "read", "write", "disk_read", "disk_write", "calls", "net", "idle" } do
      assert.equal("?", text_of(name, unknown), name) -- it may not be read
      assert.equal(cells.UNMEASURED, text_of(name, early), name)
      assert.is_nil(columns[name].value(unknown))
    end
    assert.equal("0.0", text_of("cpu", unknown))
  end)

  it("keep to the width of any terminal, and keep the pid and the name longest", function()
    local all = columns.named {
      "time",
      "pid",
      "state",
      "read",
      "write",
      "disk_read",
      "disk_write",
      "calls",
      "net",
      "cpu",
      "idle",
      "name",
    }
    for width = 1, 120 do
      local list, texts = columns.fit(all, width), {}
      for index, each in ipairs(list) do
        texts[index] = each.text(row)
      end
      local line = table.concat(columns.cells(list, texts, width), " ")
      assert.is_true(cells.width(line) <= width, line)
      assert.equal(columns.name, list[#list])
      if width >= 14 then assert.is_truthy(line:find "812 .*ngin") end
    end
    assert.equal(#all, #columns.fit(all, 120))
  end)
end)
