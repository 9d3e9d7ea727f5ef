-- SPDX-License-Identifier: MIT
local lines = require "watchio.base.lines"

describe("the lines of an output", function()
  -- What comes, in pieces → the lines; the last piece is followed by the end.
  local cases = {
    ["end with a newline"] = { { "one\ntwo\n" }, { "one", "two" } },
    ["may end without one"] = { { "one\ntwo" }, { "one", "two" } },
    ["may come in pieces"] = { { "o", "n", "e\nt", "wo", "\n" }, { "one", "two" } },
    ["may be empty"] = { { "\n\n", "\nx\n" }, { "", "", "", "x" } },
    ["are none of nothing"] = { { "" }, {} },
    ["lose a carriage return at the end, and no other"] = {
      { "a\r", "\nb\rc\r\r\nd\r" },
      { "a", "b\rc\r", "d" },
    },
    ["may hold any byte"] = { { "\0\255\n" }, { "\0\255" } },
    ["of 4096 bytes are whole"] = { { ("x"):rep(4096), "\ny\n" }, { ("x"):rep(4096), "y" } },
    ["that are longer come in pieces"] = {
      { ("x"):rep(9000), "\ny\n" },
      { ("x"):rep(4096), ("x"):rep(4096), ("x"):rep(808), "y" },
    },
    ["are cut between characters"] = {
      { ("x"):rep(4095) .. "€" .. "\n" },
      { ("x"):rep(4095), "€" },
    },
    ["are cut anywhere where there are no characters"] = {
      { ("\x80"):rep(5000) .. "\n" },
      { ("\x80"):rep(4096), ("\x80"):rep(904) },
    },
  }
  for what, case in pairs(cases) do
    it(what, function()
      local pieces, expected = table.unpack(case)
      local got, all = {}, lines.new()
      local function take()
        for line in function() return all:next() end do
          got[#got + 1] = line
        end
      end
      for _, piece in ipairs(pieces) do
        all:add(piece)
        take()
      end
      all:finish()
      take()
      assert.same(expected, got)
    end)
  end
end)
