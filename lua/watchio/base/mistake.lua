-- SPDX-License-Identifier: MIT
-- Errors for wrong use. They point at the line of the policy, never at a line of the library.

local mistake = {}

-- Every file of the library lies under this prefix, whether on disk or embedded in the program.
local library = debug.getinfo(1, "S").source:match("^(.*)base/mistake%.lua$")

--- The beginning of the chunk names of the library's files.
mistake.library = library

local function is_ours(frame)
  return frame.what == "C" or frame.source:sub(1, #library) == library
end

-- The level, as seen by the caller of the caller, of the code that called into watchio.
local function users_level()
  local level = 3
  local frame = debug.getinfo(level, "S")
  while frame and is_ours(frame) do
    level = level + 1
    frame = debug.getinfo(level, "S")
  end
  return frame and level - 1
end

--- Raises `message`, preceded by the position of the code that called into watchio.
---@param message string
function mistake.raise(message) error(message, users_level() or 0) end

--- Raises if a method was called without its object, as with a dot in place of the colon.
---@param holds boolean
---@param name string e.g. "watch:stop"
function mistake.check_self(holds, name)
  if not holds then
    mistake.raise(
      ("%s: called without its object (want %s(), with a colon)"):format(
        name:match("%w+$"),
        name
      )
    )
  end
end

local function show_place(frame)
  return frame and ("%s:%d: "):format(frame.short_src, frame.currentline) or ""
end

--- The position of the code that called into watchio.
---@return string e.g. "policy.lua:7: "; empty where there is none
function mistake.place()
  local level = users_level()
  return show_place(level and debug.getinfo(level, "Sl"))
end

--- The position of the policy's code in a coroutine that has stopped.
---@param thread thread
---@return string as of `place`
function mistake.place_in(thread)
  local level = 0
  local frame = debug.getinfo(thread, level, "Sl")
  while frame and is_ours(frame) do
    level = level + 1
    frame = debug.getinfo(thread, level, "Sl")
  end
  return show_place(frame)
end

--- Returns its arguments; raises the second, after `subject`, when the first is nil.
---@param subject string e.g. "watch"
---@return any ...
function mistake.check(subject, value, message, ...)
  if value == nil then mistake.raise(subject .. ": " .. tostring(message)) end
  return value, message, ...
end

return mistake
