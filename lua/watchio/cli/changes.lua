-- SPDX-License-Identifier: MIT
-- Notices when one of several files has changed, whether its editor writes in place or puts another
-- file in its place.
local uv = require "luv"

local changes = {}

local SETTLED_MS = 100 -- an editor writes in several steps

local function folder_of(path) return path:match("^(.*/)[^/]*$") or "./" end

-- The stamp of a file: it differs after the file was written or replaced. It is empty while there
-- is no file.
local function state_of(path)
  local file = uv.fs_stat(path)
  if not file then return "" end
  return ("%d %d %d %d.%d"):format(
    file.dev,
    file.ino,
    file.size,
    file.mtime.sec,
    file.mtime.nsec
  )
end

---@class watchio.Changes
---@field private changed fun()
---@field private known table<string, string> path → its state
---@field private handles table<string, userdata> folder → what watches it
---@field private timer userdata
local Changes = {}
Changes.__index = Changes

--- Calls `changed` shortly after a file has changed. This does not keep the loop alive.
---@param changed fun()
---@return watchio.Changes it watches no file yet
function changes.new(changed)
  return setmetatable({
    changed = changed,
    known = {},
    handles = {},
    timer = uv.new_timer(),
  }, Changes)
end

local function look(self)
  local any = false
  for path, before in pairs(self.known) do
    local now = state_of(path)
    if now ~= before and now ~= "" then -- one that is missing may be on its way
      self.known[path], any = now, true
    end
  end
  if any then self.changed() end
end

local function settle(self)
  self.timer:start(SETTLED_MS, 0, function() look(self) end)
  self.timer:unref()
end

-- Folders are watched, since a file that is replaced takes its watch with it.
local function watch_folder(self, folder)
  if self.handles[folder] then return end
  local handle = uv.new_fs_event()
  handle:start(folder, {}, function() settle(self) end)
  handle:unref()
  self.handles[folder] = handle
end

--- Watches more files. Links are followed, and a file need not exist yet.
---@param paths string[]
function Changes:add(paths)
  for _, path in ipairs(paths) do
    self.known[path] = self.known[path] or state_of(path)
    watch_folder(self, folder_of(path))
    watch_folder(self, folder_of(uv.fs_realpath(path) or path))
  end
end

--- Stops watching; harmless twice.
function Changes:__close()
  for _, handle in pairs(self.handles) do
    handle:close()
  end
  self.known, self.handles = {}, {}
  if not self.timer:is_closing() then self.timer:close() end
end

return changes
