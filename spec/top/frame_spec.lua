-- SPDX-License-Identifier: MIT
local columns = require "watchio.top.columns"
local frame = require "watchio.top.frame"
local model = require "watchio.top.model"
local screen = require "spec.support.screen"

local NAMES =
  { "nginx", "数据库服务器", "evil\27[2J\nname", "\xff\xfe", "e\u{301}clair", "😀" }

local function row(index)
  local name = NAMES[(index - 1) % #NAMES + 1]
  return {
    target = 1000 + index,
    pid = index,
    name = name,
    user = "www-data",
    cmd = name .. " --all -v",
    state = ({ "active", "idle", "unknown" })[index % 3 + 1],
    blind = index % 3 == 2,
    idle_for = index % 3 ~= 2 and 3.2 or nil,
    rate = index % 3 == 2 and { cpu = 0.5 } or {
      rchar = 3100,
      wchar = 0,
      syscr = 5,
      syscw = 0,
      read_bytes = 0,
      write_bytes = 4096,
      net_rx = 10,
      net_tx = 20,
      cpu = 0.123,
    },
    minute = "       ▁▃█?▅",
    depth = 0,
  }
end

local function made_survey(count)
  local survey = {
    count = count,
    target = {},
    pid = {},
    ppid = {},
    name = {},
    busy = {},
    idle_for_ns = {},
    judged = {},
    value = {},
  }
  for index = 1, count do
    survey.target[index], survey.pid[index], survey.busy[index] =
      1000 + index, index, count - index
    survey.name[index], survey.idle_for_ns[index], survey.ppid[index] = "x", 0, 0
  end
  function survey.text(index) return tostring(index) end
  return survey
end

-- A drawn page: { count =, width =, height =, keys =, ascii =, colour =, depths =, unreadable = }
local function page(options)
  local width, height = options.width or 100, options.height or 10
  local state = model.new { all = columns.all, shown = options.shown or columns.default }
  local survey = made_survey(options.count or 3)
  state = model.arrange(state, survey, frame.rows(height))
  for _, key in ipairs(options.keys or {}) do
    local wish
    state, wish = model.press(state, key)
    if wish and wish.what == "ask" then
      state = model.ask(state, "end nginx[1]?", wish.target)
    end
  end
  if options.message then state = model.tell(state, options.message) end
  local rows = {}
  for place = state.offset + 1, math.min(state.offset + state.height, #state.rows) do
    rows[#rows + 1] = row(state.rows[place])
    rows[#rows].depth = options.depths and options.depths[place] or 0
  end
  local text = frame.text(state, {
    rows = rows,
    time = 1700000000,
    count = survey.count,
    active = 2,
    unreadable = options.unreadable or 0,
    noun = { "process", "es" },
    every_ns = 1000000000,
    has_looked = not options.is_first,
    ascii = options.ascii or false,
    colour = options.colour or false,
  }, width, height)
  local lines, looks = screen.draw(text, width, height)
  return lines, looks, text
end

describe("a frame of top", function()
  it("has a summary, titles, rows and a line of keys", function()
    local lines, looks = page { width = 130, height = 7 }
    assert.matches("^%d%d:%d%d:%d%d  3 processes, 2 active  every 1s  by activity$", lines[1])
    assert.matches(
      "^    pid user     state   read/s write/s disk_read disk_write calls/s",
      lines[2]
    )
    assert.matches(
      "^      1 www%-data idle     3.1kB       0         0      4.1kB     5.0",
      lines[3]
    )
    assert.matches("12.3   3.2s        ▁▃█%?▅ nginx %-%-all %-v$", lines[3])
    assert.equal("", lines[6])
    assert.matches("^h help  q quit", lines[7])
    assert.same({ "7", "7", "7", nil }, { looks[2][1], looks[2][130], looks[3][1] })
  end)

  it("shows what is not known as such, never as zero", function()
    local lines = page { width = 130, unreadable = 1 }
    local unknown = "      2 www-data unknown      ?       ?         ?          ?       ?     ?"
      .. "  50.0"
    assert.equal(unknown, lines[4]:sub(1, #unknown))
    assert.matches("^1 cannot be read in full %(see watchio doctor%)", lines[10])
  end)

  it(
    "writes the title of the column that it sorts by large",
    function() assert.matches("^    PID user", page { keys = { "s" } }[2]) end
  )

  it("shows fewer columns where there is less room, and the command to the last", function()
    local lines = page { width = 40 }
    assert.equal("    pid read/s write/s command", lines[2])
    lines = page { width = 20, height = 5 }
    assert.matches("pid command", lines[2])
    assert.matches("1 nginx", lines[3])
  end)

  local sizes = {
    { 20, 5 },
    { 1, 1 },
    { 400, 100 },
    { 80, 24 },
    { 2, 50 },
    { 300, 2 },
    { 7, 3 },
    { 1, 24 },
    { 80, 1 },
    { 79, 4 },
  }
  local situations = {
    {},
    { count = 0 },
    { count = 300, keys = { "end" } },
    { keys = { "/", "z", "ä" } },
    { keys = { "h" } },
    { keys = { "c", "down" } },
    { keys = { "d", "5" } },
    { keys = { "k" } },
    { count = 90, keys = { "page down", "k" } },
    { message = "killed\27[2J 数据库服务器\n" },
    { depths = { 0, 1, 2 } },
    { ascii = true, depths = { 0, 1, 40 } },
    { colour = true },
    { unreadable = 12 },
    { shown = { "minute" } },
    { shown = columns.all },
  }
  for _, size in ipairs(sizes) do
    it(("fills %d × %d cells, no more and no fewer"):format(size[1], size[2]), function()
      for _, situation in ipairs(situations) do
        situation.width, situation.height = size[1], size[2]
        local lines, _, text = page(situation)
        assert.equal(size[2], #lines)
        for _, line in ipairs(lines) do
          assert.is_nil(line:find("~~", 1, true))
        end
        if situation.ascii then assert.is_nil(text:find("[\x80-\xff]")) end
      end
    end)
  end

  it("keeps wide characters whole at the edge", function()
    for width = 1, 60 do
      page { width = width, count = 6, shown = { "name" } }
    end
    local lines = page { width = 8, shown = { "name" } }
    assert.equal("数据库…", lines[4])
    lines = page { width = 8, shown = { "name" }, ascii = true }
    assert.equal("??????+", lines[4])
  end)

  it("makes control characters and broken bytes visible", function()
    local lines = page { count = 6, shown = { "name" }, height = 9 }
    assert.same(
      { "nginx", NAMES[2], "evil\\x1b[2J\\nname", "\\xff\\xfe" },
      { lines[3], lines[4], lines[5], lines[6] }
    )
  end)

  it("says in words when there is nothing", function()
    assert.equal("nothing to show", page { count = 0 }[3])
    assert.equal("taking the first sample", page { count = 0, is_first = true }[3])
    assert.equal("nothing matches the filter", page { keys = { "/", "q" } }[3])
    assert.equal("/q_", page { keys = { "/", "q" } }[10])
    assert.matches("  /q  ", page { keys = { "/", "q", "enter" } }[1])
  end)

  it("asks in its last line, also where that is the only one", function()
    assert.equal("end nginx[1]? [y/N]", page { keys = { "k" } }[10])
    assert.equal("end nginx[1]? [y/N]", page { keys = { "k" }, height = 1 }[1])
    assert.equal("killed", page { message = "killed", height = 1 }[1])
    assert.matches("nginx", page { height = 1 }[1])
  end)

  it("marks the row under the cursor", function()
    local _, looks = page { keys = { "down" }, height = 9 }
    assert.same({ "0", "7", "0" }, { looks[3][1], looks[4][1], looks[5][1] })
  end)

  it("has colours only where they are wanted", function()
    local _, looks = page { colour = true, keys = { "end" } }
    assert.equal("33", looks[3][17])
    _, looks = page { keys = { "end" } }
    assert.equal("0", looks[3][17])
  end)

  it("hangs the rows of a tree below each other", function()
    local lines = page { shown = { "pid", "name" }, depths = { 0, 1, 2 } }
    assert.same(
      { "      1 nginx", "      2 └─ 数据库服务器" },
      { lines[3], lines[4] }
    )
    lines = page { shown = { "pid", "name" }, depths = { 0, 1, 2 }, ascii = true }
    assert.same(
      { "      2 `- ????????????", "      3   `- evil\\x1b[2J\\nname" },
      { lines[4], lines[5] }
    )
  end)

  it("lists the columns and its keys", function()
    local lines = page { keys = { "c", "down" }, height = 24 }
    assert.same({ "[x] pid", "[x] user", "[ ] name" }, { lines[3], lines[4], lines[15] })
    assert.matches("^%s+k%s+end the target", page({ keys = { "h" }, height = 30 })[15])
  end)
end)

describe("the columns of top", function()
  it("are taken from a list, and a wrong one gets one line", function()
    assert.same({ "pid", "cpu" }, columns.parse "pid,cpu")
    for text, message in pairs {
      ["pid,cpi"] = "unknown column 'cpi' (did you mean 'cpu'?)",
      [""] = "no column (want e.g. pid,cpu,name)",
      ["zzzzzz"] = "unknown column 'zzzzzz' (want " .. table.concat(columns.all, " ") .. ")",
    } do
      local names, reason = columns.parse(text)
      assert.same({ nil, message }, { names, reason })
    end
  end)
end)
