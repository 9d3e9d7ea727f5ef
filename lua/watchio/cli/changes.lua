-- Tells when a file has changed, however its editor writes it: in place, or by putting another file
-- in its place.
local uv = require "luv"

local changes = {}

local SETTLED_MS = 100 -- an editor writes in several steps

local function folder_of(path)
  return path:match("^(.*/)[^/]*$") or "./"
end

-- What differs when the file was written or replaced.
local function state_of(path)
  local file = uv.fs_stat(path)
  if not file then return "" end
  return ("%d %d %d %d.%d"):format(file.dev, file.ino, file.size, file.mtime.sec, file.mtime.nsec)
end

--- Calls `changed` some moments after a file has changed. The loop is not kept alive for it.
---@param path string of a file; a link is followed
---@param changed fun()
---@return fun() stop
function changes.watch(path, changed)
  local known, handles, timer = state_of(path), {}, uv.new_timer()
  local function look()
    local now = state_of(path)
    if now == known or now == "" then return end -- a file that is missing may be on its way
    known = now
    changed()
  end
  local function settle()
    timer:start(SETTLED_MS, 0, look)
    timer:unref()
  end
  -- Folders, since a file that is replaced takes its watch with it.
  local folders = { [folder_of(path)] = true, [folder_of(uv.fs_realpath(path) or path)] = true }
  for folder in pairs(folders) do
    local handle = uv.new_fs_event()
    handle:start(folder, {}, settle)
    handle:unref()
    handles[#handles + 1] = handle
  end
  return function()
    timer:close()
    for _, handle in ipairs(handles) do handle:close() end
  end
end

return changes
