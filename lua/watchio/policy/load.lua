-- SPDX-License-Identifier: MIT
-- Loads a policy, a Lua script with the verbs in scope. Loading collects watches and timers; it
-- starts nothing.
local uv = require "luv"
local action = require "watchio.tasks.action"
local format = require "watchio.base.format"
local handles = require "watchio.watch.handles"
local budget = require "watchio.tasks.budget"
local mistake = require "watchio.base.mistake"
local modules = require "watchio.policy.modules"
local native = require "watchio.native"
local strings = require "watchio.policy.strings"
local suggest = require "watchio.base.suggest"
local tables = require "watchio.base.tables"
local trust = require "watchio.policy.trust"
local verbs = require "watchio.policy.language"

local policy = {}

local STANDARD = {
  "_VERSION",
  "assert",
  "collectgarbage",
  "coroutine",
  "debug",
  "error",
  "getmetatable",
  "io",
  "ipairs",
  "math",
  "next",
  "os",
  "package",
  "pairs",
  "pcall",
  "print",
  "rawequal",
  "rawget",
  "rawlen",
  "rawset",
  "require",
  "select",
  "setmetatable",
  "string",
  "table",
  "tonumber",
  "tostring",
  "type",
  "utf8",
  "warn",
  "xpcall",
}

local function refuse(message)
  return function() mistake.raise(message) end
end

-- The verb `io` reads counters. Lua's library of the same name is within reach through it.
local function io_library(io_verb)
  local own = tables.merged(io)
  own.popen = refuse 'io.popen blocks every rule (want run "…")'
  return setmetatable(own, { __call = function(_, ...) return io_verb(...) end })
end

local function os_library()
  local own = tables.merged(os)
  own.execute = refuse 'os.execute blocks every rule (want run "…")'
  own.exit = refuse "os.exit leaves commands behind (want quit(status))"
  return own
end

-- Another hook in place of watchio's would let a handler run for ever.
local function debug_library()
  local own = tables.merged(debug)
  own.sethook = refuse "debug.sethook would take the budget away (want none of it in a policy)"
  return own
end

-- Loads a file if it may be trusted. No path means standard input.
local function load_file(path, mode, env)
  local ok, message = trust.may_load(path or "")
  if not ok then return nil, message end
  return loadfile(path, mode, env)
end

-- load, loadfile, dofile and require give their chunks the policy's verbs, too.
local function add_loaders(env, session, source, rehearsal)
  local files = source.files
  local function load_noted(path, mode, own)
    files[#files + 1] = path
    return load_file(path, mode or "t", own or env)
  end
  function env.load(chunk, name, mode, own) return load(chunk, name, mode or "t", own or env) end
  env.loadfile = load_noted
  function env.dofile(path)
    local chunk, message = load_noted(path)
    if not chunk then mistake.raise(message) end
    return chunk()
  end
  local own = {}
  env.require = modules.requirer(handles.of(session.edition), {
    own = own,
    folder = source.folder,
    load_file = load_noted,
    missed = function(path) files[#files + 1] = path end,
  })
  if rehearsal then rehearsal:guard(env, own) end
end

-- Names of other languages and programs → the right names.
local MEANT = {
  null = "nil",
  None = "nil",
  target = "function(target, event) … end",
  event = "function(target, event) … end",
  watchio = 'local watchio = require "watchio"',
  poll = "watch; poll is for programs",
  new = "watch; new is for programs",
  spawn = 'watch { spawn = { "command" } }',
  arg = "args",
  sys = "os",
  exec = "run { … }",
  mail = 'run { "mail", … }',
}

-- The local variables in sight of the code that asked for an unknown name.
local function add_locals(names, level)
  local index = 1
  local name = debug.getlocal(level + 1, index)
  while name do
    names[#names + 1] = name:match("^[%a_][%w_]*$")
    index = index + 1
    name = debug.getlocal(level + 1, index)
  end
end

-- Globals of a policy may have keys of any type.
local function globals_of(env)
  local names = {}
  for key in pairs(env) do
    names[#names + 1] = type(key) == "string" and key or nil
  end
  return names
end

local function unknown_name(env, module)
  return function(_, name)
    local others = globals_of(env)
    add_locals(others, 2)
    table.sort(others)
    local meant = MEANT[name] and (" (want %s)"):format(MEANT[name])
    local near = meant and "" or suggest(name, tables.keys(module))
    local what = near ~= "" and "verb" or "name"
    local hint = meant or near ~= "" and near or suggest(name, others)
    mistake.raise(("unknown %s '%s'%s"):format(what, tostring(name), hint))
  end
end

-- Makes the globals of a policy, and its `require "watchio"`.
local function environment(session, source, args, print_line, rehearsal)
  local env, module = {}, verbs.bind(session)
  for _, name in ipairs(STANDARD) do
    env[name] = _G[name]
  end
  for name, verb in pairs(module) do
    env[name] = verb
  end
  env._G, env.args = env, args
  env.io, env.os, env.debug = io_library(module.io), os_library(), debug_library()
  env.string = strings.library()
  env.xpcall = function(...) return session.budget:xpcall(...) end
  env.print = function(...)
    local words = table.pack(...)
    for index = 1, words.n do
      words[index] = tostring(words[index])
    end
    print_line(table.concat(words, "\t") .. "\n")
  end
  add_loaders(env, session, source, rehearsal)
  module._VERSION = "watchio " .. native.version
  module.loop = function() return 0 end -- the program runs the loop; plain scripts work
  return setmetatable(env, { __index = unknown_name(env, module) }), module
end

-- The line of the policy that is running, for a message without one.
local function line_of(chunk_name)
  local level = 3
  local frame = debug.getinfo(level, "Sl")
  while frame do
    if frame.source == chunk_name and frame.currentline > 0 then return frame.currentline end
    level = level + 1
    frame = debug.getinfo(level, "Sl")
  end
end

local function short_name(chunk_name) return debug.getinfo(load("", chunk_name), "S").short_src end

local LONGEST = 600

-- Shortens a message of Lua.
local function shorten(message)
  local missing = message:match("^(.*module '.-' not found):\n")
  if missing then return missing .. " (neither beside the policy nor installed)" end
  if #message <= LONGEST then return message end
  return ("%s … (%d bytes)"):format(message:sub(1, LONGEST // 2), #message)
end

-- The message in one line, after the policy's full name and its line.
local function placed(message, source, line)
  if type(message) ~= "string" then
    message = ("error object (%s)"):format(tostring(message))
  end
  message = shorten(message)
  local short = short_name(source.chunk_name)
  if message:sub(1, #short + 1) == short .. ":" then
    message = source.name .. message:sub(#short + 1)
  else
    local place = line and ("%s:%d"):format(source.name, line) or source.name
    message = place .. ": " .. message
  end
  return format.escape(message)
end

---@class watchio.PolicySource
---@field name string as shown in messages
---@field chunk_name string as Lua wants it
---@field text string
---@field folder? string where it lies, for its own modules
---@field files string[] other files that it has loaded, or tried to, since it was read

local function read_file(path)
  local file, message = io.open(path, "rb")
  local text
  if file then
    text, message = file:read("a")
    file:close()
  end
  if text then return text end
  message = message:gsub("^.*: ", "")
  return nil, format.escape(("%s: %s"):format(path, message:lower()))
end

--- Reads a policy from a file, or from standard input when the path is "-".
---@param path string
---@return watchio.PolicySource?
---@return string? message
function policy.read(path)
  if path == "-" then
    local text, message = io.stdin:read("a")
    if not text then return nil, "standard input: " .. tostring(message) end
    return { name = "stdin", chunk_name = "=stdin", text = text, files = {} }
  end
  local text, message = read_file(path)
  if not text then return nil, message end
  local real = uv.fs_realpath(path)
  local folder = real and real:match("^(.*)/")
  return { name = path, chunk_name = "@" .. path, text = text, folder = folder, files = {} }
end

--- Makes the source of a policy that comes with the program.
---@param name string
---@param text string
---@return watchio.PolicySource
function policy.named(name, text)
  return { name = name, chunk_name = "@" .. name, text = text, files = {} }
end

--- Makes the source of a policy that is given on the command line.
---@param text string
---@return watchio.PolicySource
function policy.chunk(text) return { name = "-e", chunk_name = "=-e", text = text, files = {} } end

-- A hint for a duration or a size without quotes: Lua only quotes its beginning as a malformed
-- number.
local function hint_at_quotes(message, text)
  local number, start = message:match "(%d+): malformed number near '(%d[%w.]*)'"
  if not start then return message end
  local line = (text .. "\n"):match(("[^\n]*\n"):rep(number - 1) .. "([^\n]*)\n")
  local word = line:match("%f[%w]" .. start:gsub("%.", "%%.") .. "[%w/]*") or start
  local what = native.duration(word) and "durations are strings" or "amounts are strings"
  return ('%s (%s: want "%s")'):format(message, what, word)
end

local function compile(source, env)
  local text = source.text
  if text:find("\0", 1, true) or text:byte(1) == 27 then
    return nil, ("%s:1: is binary (want a Lua script)"):format(format.escape(source.name))
  end
  text = text:gsub("^\u{feff}", ""):gsub("^#[^\n]*", "") -- a byte order mark, a #! line
  -- Without pcall, an overflow of the parser would reach the error handlers of the callers.
  local _, chunk, message = pcall(load, text, source.chunk_name, "t", env)
  if not chunk then return nil, placed(hint_at_quotes(message, text), source, 1) end
  return chunk
end

local function watches_nothing(session)
  local at_work = session.edition
  return #at_work.watches == 0 and #at_work.timers == 0 and not session.status
end

-- Whether a text could read the arguments: by their name, or as the chunk's own.
local function mentions_args(text)
  return text:find("%f[%w_]args%f[^%w_]") ~= nil or text:find("...", 1, true) ~= nil
end

-- A hint for an argument that the policy does not read.
local function meant_by(word)
  if word == "-e" then return "want both chunks in one -e" end
  if word:find("^%-") then return "an option of watchio stands before the policy" end
  if word:find("%.lua$") then return "run several policies as several processes" end
  return "a policy reads them from args"
end

-- Refuses arguments that a policy never reads, since they would be ignored in silence.
local function check_args(source, args)
  if not args[1] or mentions_args(source.text) then return true end
  for _, path in ipairs(source.files) do
    if mentions_args(read_file(path) or "") then return true end
  end
  return nil,
    format.escape(
      ("%s: takes no arguments, but was given '%s' (%s)"):format(
        source.name,
        args[1],
        meant_by(args[1])
      )
    )
end

--- Loads a policy into a session. Any mistake gives a message of one line.
---@param session watchio.Session
---@param source watchio.PolicySource
---@param args string[]
---@param print_line fun(text: string)
---@param rehearsal? watchio.Rehearsal rehearses what the policy does at once
---@return true?
---@return string? message
function policy.load(session, source, args, print_line, rehearsal)
  local env, module = environment(session, source, args, print_line, rehearsal)
  local chunk, message = compile(source, env)
  if not chunk then return nil, message end
  package.loaded.watchio = module
  session:start_loading()
  local before = tables.merged(package.loaded)
  action.forget_all()
  local ok, raised = session.budget:slice(
    "policy",
    function() return source.name end,
    xpcall,
    chunk,
    function(wrong) return placed(wrong, source, line_of(source.chunk_name)) end,
    table.unpack(args)
  )
  modules.keep(session.edition, before)
  if not ok then
    raised = session.budget:explain(raised, format.escape(source.name) .. ": ")
    budget.give_back(raised)
    return nil, raised
  end
  action.catch_up(session)
  local forgotten = action.forgotten()[1]
  action.forget_all()
  if forgotten then
    local wanted = "never runs (want it as the value of a handler, e.g. on_idle)"
    return nil, placed(("%s %s"):format(forgotten, wanted), source)
  end
  if watches_nothing(session) then
    local wanted = "(want at least one watch { … }, after or every)"
    return nil, ("%s:1: watches nothing %s"):format(format.escape(source.name), wanted)
  end
  return check_args(source, args)
end

return policy
