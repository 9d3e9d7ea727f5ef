-- watchio check: shows the watches of a policy and what they match now.
local uv = require "luv"
local format = require "watchio.format"
local native = require "watchio.native"
local output = require "watchio.cli.output"
local policy = require "watchio.policy"
local run = require "watchio.cli.run"
local session = require "watchio.session"
local users = require "watchio.users"

local check = {}

check.about = "Load a policy, show its watches and what each matches now. Nothing is started."

check.names_its_place = true

local DOES_NOT_LOAD = 1

function check.define(parser)
  parser:usage("Usage: watchio check (POLICY | -e CHUNK | -) [ARG…]")
  parser:option("-e", "The policy itself, in place of a file."):argname("CHUNK"):target("chunk")
  parser:argument("policy", "A Lua script, or - for standard input."):args("?")
end

check.split = run.split

local function which(rule)
  if rule.spawn then return "spawn " .. format.command(rule.spawn) end
  local alternatives = {}
  for index, selector in ipairs(rule.selectors) do
    local parts = {}
    local function add(key, values)
      if values then parts[#parts + 1] = key .. " " .. table.concat(values, "|") end
    end
    local names = {}
    for position, uid in ipairs(selector.uids or {}) do names[position] = users.name(uid) end
    add("pid", selector.pids)
    add("name", selector.names)
    add("cmd", selector.cmds)
    add("user", selector.uids and names)
    alternatives[index] = table.concat(parts, ", ")
  end
  return table.concat(alternatives, " or ")
end

local function handlers(rule)
  local names = {}
  for name in pairs(rule.handlers) do names[#names + 1] = name end
  table.sort(names)
  local rounds = rule.while_active
  if rounds then
    names[#names + 1] = ("while_active every %s"):format(native.format_duration(rounds.every_ns))
  end
  return #names > 0 and table.concat(names, ", ") or "none"
end

local function matches(monitor, rule)
  local words, seen = {}, {}
  for _, selector in ipairs(rule.selectors) do
    for _, process in ipairs(monitor:find(selector) or {}) do
      if not seen[process.pid] then
        words[#words + 1] = ("%d %s"):format(process.pid, process.name)
      end
      seen[process.pid] = true
    end
  end
  if rule.spawn then return "starts with the policy" end
  return #words > 0 and table.concat(words, ", ") or "nothing"
end

local function rows_of(loaded)
  local rows = { { "watch", "which", "every", "idle", "handlers", "matches now" } }
  for _, watch in ipairs(loaded.rules:list()) do
    local rule = watch.rule
    rows[#rows + 1] = {
      watch.label,
      which(rule),
      native.format_duration(rule.every_ns),
      native.format_duration(rule.idle_ns),
      handlers(rule),
      matches(loaded.monitor, rule),
    }
  end
  for _, timer in ipairs(loaded.timers:list()) do
    local when = ("%s %s"):format(timer.verb, native.format_duration(timer.every_ns))
    rows[#rows + 1] = { when, "", "", "", "", "" }
  end
  return rows
end

--- A table as text: columns as wide as their widest cell.
---@param rows string[][]
---@return string
local function layout(rows)
  local widths = {}
  for _, row in ipairs(rows) do
    for column, cell in ipairs(row) do
      row[column] = format.escape(cell)
      widths[column] = math.max(widths[column] or 0, utf8.len(row[column]) or #row[column])
    end
  end
  local lines = {}
  for index, row in ipairs(rows) do
    local cells = {}
    for column, cell in ipairs(row) do
      cells[column] = cell .. (" "):rep(widths[column] - (utf8.len(cell) or #cell))
    end
    lines[index] = table.concat(cells, "  "):gsub(" +$", "")
  end
  return table.concat(lines, "\n") .. "\n"
end

---@param options table
---@param args string[]
---@return integer status
---@return string? message
function check.main(options, args)
  if not options.policy and not options.chunk then return 2, "watchio: no policy" end
  local source, message = run.source(options)
  if not source then return DOES_NOT_LOAD, message end
  local module = package.loaded.watchio
  local loaded = session.new()
  args[0] = source.name
  local ok
  ok, message = policy.load(loaded, source, args, output.write)
  if ok then output.write(layout(rows_of(loaded))) end
  loaded:close()
  uv.run("nowait") -- lets the closed handles go
  package.loaded.watchio = module
  return ok and 0 or DOES_NOT_LOAD, message
end

return check
