-- SPDX-License-Identifier: MIT
local model = require "watchio.top.model"
local order = require "watchio.top.order"

-- A survey of rows { pid, name, busy, idle seconds, ppid }; the target is the pid + 1000.
local function survey(rows, values)
  local made = {
    count = #rows,
    target = {},
    pid = {},
    ppid = {},
    name = {},
    judged = {},
    idle_for_ns = {},
    busy = {},
    value = values or {},
  }
  for index, row in ipairs(rows) do
    made.target[index], made.pid[index], made.name[index] = row[1] + 1000, row[1], row[2]
    made.busy[index], made.idle_for_ns[index] = row[3], math.floor((row[4] or 0) * 1e9)
    made.ppid[index], made.judged[index] = row[5] or 1, "active"
  end
  function made.text(index) return made.pid[index] .. " " .. made.name[index] end
  return made
end

local function pids(seen, indexes)
  local list = {}
  for place, index in ipairs(indexes) do
    list[place] = seen.pid[index]
  end
  return table.concat(list, " ")
end

local function ordered(seen, options)
  options.filter = options.filter or ""
  options.is_reversed = options.is_reversed or false
  local rows, depth = order.of(seen, options)
  return pids(seen, rows), depth
end

describe("the order of the rows", function()
  local five = survey {
    { 10, "quiet", 0, 90 },
    { 11, "busy", 5, 0 },
    { 12, "hidden", false, 300 },
    { 13, "just", 0, 2 },
    { 14, "most", 900.5, 0 },
    { 15, "least", 0.001, 0 },
  }

  it("is by activity, then who is not known, then by the time of quiet", function()
    assert.equal("14 11 15 12 13 10", (ordered(five, { sort = "activity" })))
    assert.equal(
      "10 13 12 15 11 14",
      (ordered(five, { sort = "activity", is_reversed = true }))
    )
  end)

  it("puts what is not known last, whatever the direction", function()
    local seen = survey(
      { { 1, "a" }, { 2, "b" }, { 3, "c" }, { 4, "d" } },
      { 5.5, false, 7, 1e15 }
    )
    assert.equal("4 3 1 2", (ordered(seen, { sort = "read" })))
    assert.equal("1 3 4 2", (ordered(seen, { sort = "read", is_reversed = true })))
    seen.value = { "z", false, "a", "a" }
    assert.equal("3 4 1 2", (ordered(seen, { sort = "user" })))
    assert.equal("1 3 4 2", (ordered(seen, { sort = "user", is_reversed = true })))
  end)

  it("keeps equals in the order in which they were seen", function()
    local rows, values = {}, {}
    for pid = 1, 300 do
      rows[pid], values[pid] = { pid, "x", 0, 5 }, 7
    end
    local seen, expected = survey(rows, values), {}
    for pid = 1, 300 do
      expected[pid] = pid
    end
    expected = table.concat(expected, " ")
    assert.equal(expected, (ordered(seen, { sort = "activity" })))
    assert.equal(expected, (ordered(seen, { sort = "net" })))
  end)

  it("counts pids and quiet upwards", function()
    local seen = survey({ { 3, "a" }, { 1, "b" }, { 2, "c" } }, { 3, 1, 2 })
    assert.equal("1 2 3", (ordered(seen, { sort = "pid" })))
    assert.equal("1 2 3", (ordered(seen, { sort = "idle" })))
    assert.equal("3 2 1", (ordered(seen, { sort = "pid", is_reversed = true })))
  end)

  it("leaves out what the filter does not find, whatever the case", function()
    assert.equal("14", (ordered(five, { sort = "activity", filter = "MOST" })))
    assert.equal("", (ordered(five, { sort = "activity", filter = "%a" })))
  end)

  it("hangs each process below its parent, a branch where its busiest stands", function()
    local seen = survey {
      { 1, "init", 0, 99, 0 },
      { 20, "shell", 0, 50, 1 },
      { 21, "make", 0, 9, 20 },
      { 22, "cc", 80, 0, 21 },
      { 30, "cron", 3, 0, 1 },
      { 40, "orphan", 1, 0, 777 },
    }
    local got, depth = ordered(seen, { sort = "activity", is_tree = true })
    assert.equal("1 20 21 22 30 40", got)
    assert.same({ 0, 1, 2, 3, 1, 0 }, depth)
    local only = ordered(seen, { sort = "activity", is_tree = true, filter = "cc" })
    assert.equal("1 20 21 22", only)
  end)

  it("comes to an end when parents stand in a ring", function()
    local seen = survey { { 5, "a", 1, 0, 6 }, { 6, "b", 1, 0, 5 }, { 7, "c", 1, 0, 7 } }
    assert.equal("7", (ordered(seen, { sort = "activity", is_tree = true })))
  end)

  it("is that of nobody where there is nobody", function()
    local nobody = survey {}
    for _, sort in ipairs { "activity", "name", "read" } do
      assert.equal("", (ordered(nobody, { sort = sort })))
      assert.equal("", (ordered(nobody, { sort = sort, is_tree = true })))
    end
  end)
end)

local function list(count)
  local rows = {}
  for pid = 1, count do
    rows[pid] = { pid, "job" .. pid, count + 1 - pid, 0 }
  end
  return survey(rows)
end

local ALL = { "pid", "name", "read", "cpu", "minute", "cmd" }

local function new(count, height)
  local state = model.new { all = ALL, shown = { "pid", "read", "cpu", "cmd" } }
  return model.arrange(state, list(count), height or 5)
end

local function press(state, ...)
  local wish
  for _, key in ipairs { ... } do
    state, wish = model.press(state, key)
  end
  return state, wish
end

describe("the state of top", function()
  it("moves its cursor, and the window with it", function()
    local state = press(new(20), "down", "down")
    assert.same({ 3, 0 }, { state.cursor, state.offset })
    state = press(state, "page down")
    assert.same({ 8, 3 }, { state.cursor, state.offset })
    state = press(state, "end")
    assert.same({ 20, 15 }, { state.cursor, state.offset })
    state = press(state, "down", "up", "page up")
    assert.same({ 14, 13 }, { state.cursor, state.offset })
    state = press(state, "home", "up")
    assert.same({ 1, 0 }, { state.cursor, state.offset })
  end)

  it("keeps the cursor on its target in any order, and on its place when that ends", function()
    local state = press(new(4), "down")
    assert.equal(1002, model.current(state))
    local turned = survey { { 4, "d", 9 }, { 3, "c", 8 }, { 2, "b", 7 }, { 1, "a", 6 } }
    state = model.arrange(state, turned, 5)
    assert.same({ 3, 1002 }, { state.cursor, model.current(state) })
    state = model.arrange(state, survey { { 4, "d", 9 }, { 3, "c", 8 }, { 1, "a", 6 } }, 5)
    assert.same({ 3, 1001 }, { state.cursor, model.current(state) })
    state = model.arrange(state, survey {}, 5)
    assert.is_false(model.current(state))
    state = model.arrange(state, list(3), 5)
    assert.same({ 1, 1001 }, { state.cursor, model.current(state) })
  end)

  it("stays at the top, whoever is there, until the cursor is moved", function()
    local state = model.arrange(new(4), survey { { 9, "new", 99 }, { 1, "a", 1 } }, 5)
    assert.equal(1009, model.current(state))
  end)

  it("filters as one types", function()
    local state = press(new(20), "/", "j", "O", "b", "2")
    assert.same({ "filter", "jOb2", 2 }, { state.mode, state.filter, #state.rows })
    state = press(state, "backspace", "enter")
    assert.same({ "list", "jOb", 20 }, { state.mode, state.filter, #state.rows })
    state = press(state, "/", "erase", "q", "ä")
    assert.same({ "qä", 0 }, { state.filter, #state.rows })
    state = press(state, "backspace")
    assert.equal("q", state.filter)
    state = press(state, "escape")
    assert.same({ "list", "", 20 }, { state.mode, state.filter, #state.rows })
  end)

  it("sorts by the next column or the one before, and reverses", function()
    local state, wish = press(new(3), "s")
    assert.same({ "pid", "refresh" }, { state.sort, wish.what })
    state = press(state, ">", ">")
    assert.equal("cpu", state.sort)
    assert.equal("activity", press(state, ">").sort)
    assert.equal("cpu", press(new(3), "<").sort)
    assert.equal("3 2 1", pids(list(3), press(new(3), "r").rows))
  end)

  it("shows and hides columns, but never the last", function()
    local state = press(new(3), "c", "down", " ", "up", "up", " ")
    assert.same({ "name", "read", "cpu", "cmd" }, model.columns(state))
    state = press(state, "down", " ", "down", " ", "down", " ", "down", "down", " ", " ")
    assert.same({ "cmd" }, model.columns(state))
    assert.equal("list", press(state, "enter").mode)
  end)

  it("asks before it ends anybody", function()
    local state, wish = press(new(3), "down", "k")
    assert.same({ what = "ask", target = 1002 }, wish)
    state = model.ask(state, "end job2[2]?", 1002)
    for _, key in ipairs { "n", "enter", "escape", "k", " " } do
      local after, nothing = press(state, key)
      assert.same({ "list", "nothing was done" }, { after.mode, after.message })
      assert.is_nil(nothing)
    end
    state, wish = press(state, "y")
    assert.same({ "list", "kill", 1002 }, { state.mode, wish.what, wish.target })
  end)

  it("asks for nobody where there is nobody", function()
    local state, wish = press(new(0), "k")
    assert.same({ "there is nothing to end", nil }, { state.message, wish })
  end)

  it("asks about whom the cursor was on, not about who stands there by now", function()
    local state = model.ask(press(new(3), "down"), "end job2[2]?", 1002)
    state = model.arrange(state, survey { { 7, "x", 9 }, { 8, "y", 8 } }, 5)
    local _, wish = press(state, "y")
    assert.equal(1002, wish.target)
  end)

  it("takes an interval", function()
    local _, wish = press(new(3), "d", "5", "0", "x", "backspace", "0", "m", "s", "enter")
    assert.same({ what = "every", text = "500ms" }, wish)
    local state, nothing = press(new(3), "d", "enter")
    assert.same({ "list", nil }, { state.mode, nothing })
    assert.equal("list", press(new(3), "d", "5", "escape").mode)
  end)

  it("says something until the next key", function()
    local state = model.tell(new(3), "killed")
    assert.equal("killed", state.message)
    assert.is_nil(press(state, "down").message)
  end)

  it("knows what it cannot do itself", function()
    local wanted = {
      q = "quit",
      interrupt = "interrupt",
      suspend = "suspend",
      [" "] = "refresh",
      redraw = "redraw",
    }
    for key, what in pairs(wanted) do
      local _, wish = press(new(3), key)
      assert.equal(what, wish.what)
    end
    local _, wish = press(new(3), "/", "interrupt")
    assert.equal("interrupt", wish.what)
  end)

  it("is not changed by a key: another one is made", function()
    local state = new(3)
    press(state, "down", "t", "r", "p", "c", " ")
    assert.same(
      { 1, false, false, false },
      { state.cursor, state.is_tree, state.is_reversed, state.is_paused }
    )
    assert.same({ "pid", "read", "cpu", "cmd" }, model.columns(state))
  end)

  it("survives any keys in any order", function()
    math.randomseed(11)
    local keys = {
      "up",
      "down",
      "page up",
      "page down",
      "home",
      "end",
      "s",
      "<",
      "r",
      "/",
      "t",
      "c",
      "d",
      "k",
      "p",
      "h",
      "escape",
      "enter",
      "backspace",
      " ",
      "x",
      "1",
      "delete",
      "left",
    }
    local state = new(9, 3)
    for round = 1, 5000 do
      local wish
      state, wish = model.press(state, keys[math.random(#keys)])
      if wish and wish.what == "ask" then state = model.ask(state, "end?", wish.target) end
      local seen = list(math.random(0, 12))
      for index = 1, seen.count do
        seen.value[index] = index
      end
      if round % 3 == 0 then state = model.arrange(state, seen, math.random(0, 6)) end
      assert.is_true(state.cursor >= 1 and state.cursor <= math.max(#state.rows, 1))
      assert.is_true(state.offset >= 0 and state.offset <= math.max(#state.rows - 1, 0))
    end
  end)
end)
