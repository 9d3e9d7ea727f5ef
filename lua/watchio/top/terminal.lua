-- SPDX-License-Identifier: MIT
-- The terminal while top uses it: raw keys, the other screen, no cursor. Afterwards it is as
-- before.
local keys = require "watchio.top.keys"
local native = require "watchio.native"
local uv = require "luv"

local terminal = {}

local STDIN, STDOUT = 0, 1
local NORMAL, RAW = 0, 1 -- modes of uv_tty_set_mode

-- Switches to the other screen, without a cursor. A line that is too long is cut, not wrapped.
local ENTER = "\27[?1049h\27[?25l\27[?7l\27[2J"
local LEAVE = "\27[0m\27[?7h\27[?25h\27[?1049l"

local INCAPABLE = { [""] = true, dumb = true, unknown = true }

local DATABASES = {
  os.getenv("TERMINFO"),
  (os.getenv("HOME") or "") .. "/.terminfo",
  "/etc/terminfo",
  "/lib/terminfo",
  "/usr/share/terminfo",
  "/usr/lib/terminfo",
  "/usr/local/share/terminfo",
}

-- If there is no database of terminals, any name is accepted.
local function is_known(name)
  local has_database = false
  for _, folder in pairs(DATABASES) do
    if uv.fs_stat(folder .. "/" .. name:sub(1, 1) .. "/" .. name) then return true end
    has_database = has_database or uv.fs_stat(folder .. "/x") ~= nil
  end
  return not has_database
end

--- Why there is no terminal to draw on; nil if there is one.
---@return string?
function terminal.missing()
  for fd, name in pairs { [STDIN] = "standard input", [STDOUT] = "standard output" } do
    if uv.guess_handle(fd) ~= "tty" then return name .. " is no terminal" end
  end
  local kind = os.getenv("TERM") or ""
  if INCAPABLE[kind] or kind:find("/", 1, true) or not is_known(kind) then
    return ("nothing can be placed on a terminal of the type '%s'"):format(kind)
  end
end

---@class watchio.Terminal
---@field input userdata
---@field output userdata
---@field is_entered boolean
---@field is_writing boolean the frame before is not written yet
---@field pending string the beginning of a key
---@field on table<string, fun(...)>
local Terminal = {}
Terminal.__index = Terminal

local function read_keys(self)
  self.input:read_start(function(problem, chunk)
    if problem or not chunk then return self.on.lost() end
    local names
    names, self.pending = keys.read(self.pending .. chunk)
    for _, name in ipairs(names) do
      self.on.key(name)
    end
  end)
end

local function say(self, text)
  if not native.write_now(STDOUT, text) then self.is_lost = true end
end

--- Takes the terminal, at first or again.
function Terminal:enter()
  if self.is_entered then return end
  self.is_entered = true
  self.input:set_mode(RAW)
  say(self, ENTER)
end

--- Leaves the terminal as it was before; harmless twice.
function Terminal:leave()
  if not self.is_entered then return end
  self.is_entered = false
  say(self, LEAVE)
  self.input:set_mode(NORMAL)
end

--- The size of the terminal. If the terminal does not know it, the usual size.
---@return integer width cells
---@return integer height lines
function Terminal:size()
  local width, height = self.output:get_winsize()
  if not width or width < 1 or height < 1 then return 80, 24 end
  return width, height
end

--- Writes a frame. If the terminal is still busy with another, the frame is left out, and `on.free`
--- is called when the terminal can take the next.
---@param text string
function Terminal:draw(text)
  if not self.is_entered then return end
  if self.is_writing then
    self.has_skipped = true
    return
  end
  self.is_writing = true
  self.output:write(text, function(problem)
    self.is_writing = false
    if problem then return self.on.lost() end
    if self.has_skipped and self.is_entered then
      self.has_skipped = false
      self.on.free()
    end
  end)
end

-- Lets the signal have its own effect, once the terminal is left. The kernel does not stop a group
-- that no shell waits for; then top simply goes on.
local function stop(self, pid)
  self:leave()
  self.stopper:stop()
  uv.kill(pid, "sigtstp")
  self:take_stops()
  self:enter()
  self.on.resize()
end

---@private
function Terminal:take_stops()
  self.stopper:start("sigtstp", function() stop(self, uv.os_getpid()) end)
end

--- Stops the job, as ^Z does. Returns when the job is continued.
function Terminal:suspend() stop(self, 0) end

local function take_signal(self, name, act)
  local handle = uv.new_signal()
  handle:start(name, act)
  self.signals[#self.signals + 1] = handle
end

--- Opens the terminal of standard input and output.
---@param on { key: fun(name: string), resize: fun(), lost: fun(), free: fun() }
---@return watchio.Terminal
function terminal.open(on)
  local self = setmetatable({
    input = assert(uv.new_tty(STDIN, true)),
    output = assert(uv.new_tty(STDOUT, false)),
    stopper = uv.new_signal(),
    signals = {},
    on = on,
    pending = "",
    is_entered = false,
    is_writing = false,
  }, Terminal)
  take_signal(self, "sigwinch", on.resize)
  take_signal(self, "sigcont", function() -- whatever the terminal was made meanwhile
    self:leave()
    self:enter()
    on.resize()
  end)
  take_signal(self, "sighup", on.lost)
  self:take_stops()
  self:enter()
  read_keys(self)
  return self
end

--- Gives the terminal back.
function Terminal:close()
  self:leave()
  for _, handle in ipairs(self.signals) do
    handle:close()
  end
  for _, handle in ipairs { self.stopper, self.input, self.output } do
    handle:close()
  end
end

return terminal
