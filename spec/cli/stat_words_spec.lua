-- SPDX-License-Identifier: MIT
-- INTERVAL and COUNT behind the TARGETs of `watchio stat`.
local stat_words = require "watchio.cli.stat_words"

local ALIVE = { [1] = {}, [2] = { kernel_thread = true }, [5] = { ended = true }, [812] = {} }

local function split(line)
  local words = {}
  for word in line:gmatch "%S+" do
    words[#words + 1] = word
  end
  local found = stat_words.split(words, function(pid) return ALIVE[pid] end)
  return table.concat(found.targets, " "), found.interval, found.count, found.note
end

describe("the words of stat", function()
  for line, expected in pairs {
    ["nginx"] = { "nginx" },
    ["nginx 1"] = { "nginx", "1" },
    ["nginx 1 2"] = { "nginx", "1", "2" },
    ["nginx user=root 0.5 10"] = { "nginx user=root", "0.5", "10" },
    ["nginx 5s"] = { "nginx", "5s" },
    ["pid=4711 5"] = { "pid=4711", "5" },
    ["4711 812"] = { "4711 812" },
    ["4711 0.5"] = { "4711", "0.5" },
    ["4711 812 2s 3"] = { "4711 812", "2s", "3" },
    ["nginx 10 11 12"] = { "nginx 10 11 12" },
    ["4711 nginx"] = { "4711 nginx" },
    ["1.5"] = { "1.5" },
    ["4711"] = { "4711" },
  } do
    it("are told apart: " .. line, function()
      local targets, interval, count, note = split(line)
      assert.same({ expected[1], expected[2], expected[3] }, { targets, interval, count })
      assert.is_nil(note)
    end)
  end

  it("say so where a number could be meant otherwise", function()
    local _, interval, _, note = split "nginx 812"
    assert.equal("812", interval)
    assert.equal("812 is an interval or a count here (want pid=812 for the process)", note)
    for _, last in ipairs { "1", "2", "9" } do
      local targets, none, _, said = split("812 " .. last)
      assert.same({ "812 " .. last, nil }, { targets, none })
      assert.equal(("%s is a pid here (want -i %s for the interval)"):format(last, last), said)
    end
  end)
end)
