-- SPDX-License-Identifier: MIT
-- One word for each measure, and all others that people use for it.
local columns = require "watchio.top.columns"
local floors = require "watchio.check.floors"
local limits = require "watchio.check.limits"
local measures = require "watchio.base.measures"
local native = require "watchio.native"
local schema = require "watchio.check.schema"
local target = require "watchio.watch.target"

describe("a measure", function()
  it("has one word for each counter, and is understood by its counter's name", function()
    assert.equal(#native.measures, #measures.words)
    for _, counter in ipairs(native.measures) do
      assert.equal(counter, measures.counter(counter))
      assert.equal(counter, measures.counter(measures.word(counter)))
    end
  end)

  it("is the same in limits, totals, columns and floors, whatever it is called", function()
    for _, name in ipairs { "disk_write", "write_bytes", "disk-w" } do
      assert.equal(
        "disk_write above 50 MB/s",
        limits.show(assert(limits.check { { name, above = "50MB/s" } })[1])
      )
      assert.equal(7, target.measures { write_bytes = 7 }[name])
      assert.same({ "disk_write" }, columns.parse(name))
    end
    assert.same(
      { "read", "write", "calls", "net", "cpu", "cmd", "pid" },
      columns.parse "rchar,write/s,syscw,net_rx,cpu%,command,pid"
    )
    assert.same(
      { nil, "unknown key 'disk_write' (it is counted in 'io')" },
      { floors.check { disk_write = "4KB/s" } }
    )
    assert.same(
      { nil, "unknown key 'rchar' (it is counted in 'io')" },
      { floors.check { rchar = "4KB/s" } }
    )
  end)

  it("is shown by one column, which may be a sum", function()
    assert.same({ "syscr", "syscw" }, measures.in_column "calls")
    assert.same({ "rchar" }, measures.in_column "read")
    assert.is_nil(measures.in_column "name")
    local shown = {}
    for _, word in ipairs(measures.words) do
      local column = measures.column(word)
      local counters = table.concat(measures.in_column(column), " ")
      assert.truthy(counters:find(measures.counter(word), 1, true), word)
      shown[column] = true
    end
    assert.is_true(shown.net and shown.disk_cancelled)
  end)

  it("has a rate, which may be gathered from several times", function()
    assert.same({ rchar = 5, cpu = 0.25 }, measures.rate({ rchar = 10, cpu = 0.5 }, 2000000000))
    local rate = measures.rate({ rchar = 10 }, 1000000000)
    assert.equal(rate, measures.rate({ net_rx = 4 }, 500000000, rate))
    assert.same({ rchar = 10, net_rx = 8 }, rate)
  end)

  local all = "; measures are " .. table.concat(measures.words, " ")
  for name, hint in pairs {
    memory = " (memory is not measured)",
    io = " (want read, write, disk_read or disk_write)",
    net = " (want net_rx or net_tx)",
    disk_wirte = " (did you mean 'disk_write'?)",
    zzzzzz = "",
  } do
    it("that is none is refused with all there are: " .. name, function()
      local message = ("unknown measure '%s'%s%s"):format(name, hint, all)
      assert.same({ nil, message }, { limits.check { { name, above = "1MB/s" } } })
      assert.has_error(function() return target.measures {}[name] end, message)
    end)
  end

  for key, meant in pairs {
    interval = "did you mean 'every'?",
    process = "did you mean 'name'?",
    memory = "memory is not watched",
    service = "did you mean 'unit'?",
  } do
    it("or a key of others gets a hint: " .. key, function()
      local ok, message = pcall(schema.watch, { "x", [key] = "1s" })
      assert.is_false(ok)
      assert.matches(("unknown key '%s' (%s)"):format(key, meant), message, 1, true)
    end)
  end
end)
