-- SPDX-License-Identifier: MIT
-- Trust: only root may be able to change a program that root runs. A file that others can replace
-- is their program, and so is a file below a directory that they can write.
local uv = require "luv"
local users = require "watchio.base.users"

local trust = {}

local ROOT = 0
local GROUP_WRITES <const>, ANYBODY_WRITES <const>, STICKY <const> = 16, 2, 512 -- of a file's mode
local MOST_LINKS = 40

-- Why others than root could change a file, or put another file in a directory; nil if they cannot.
-- In a sticky directory (/tmp) they can make files, but not replace root's.
local function weakness(path, file)
  if file.uid ~= ROOT then
    local owner = users.name(file.uid)
    return ("%s belongs to %s, not to root (want chown root, or --insecure)"):format(
      path,
      owner
    )
  end
  local sticky = file.type == "directory" and file.mode & STICKY ~= 0
  if file.type == "link" or sticky then return nil end
  if file.mode & ANYBODY_WRITES ~= 0 then
    return ("anybody may write %s (want chmod o-w, or --insecure)"):format(path)
  end
  if file.mode & GROUP_WRITES ~= 0 then
    return ("its group may write %s (want chmod g-w, or --insecure)"):format(path)
  end
end

-- The kernel's name for an open file without a path, e.g. of <(command). It is root's own.
local function is_open_file(goal) return goal:find("^%a+:%[%d+%]$") ~= nil end

local function absolute(path) return path:sub(1, 1) == "/" and path or uv.cwd() .. "/" .. path end

-- Follows a link: returns the path so far, and the rest of the way, which may lead elsewhere.
local function follow(at, path, rest)
  local goal = assert(uv.fs_readlink(path))
  if is_open_file(goal) then return path, "" end
  return goal:sub(1, 1) == "/" and "" or at, goal .. "/" .. rest
end

local function walk(whole)
  local at, rest, links = "", absolute(whole), 0 -- `at` is trusted, and has no links in it
  local reason = weakness("/", assert(uv.fs_lstat("/")))
  while not reason and rest:find("[^/]") do
    local name, left = rest:match("^/*([^/]+)(.*)$")
    local path = name == "." and at
      or name == ".." and at:gsub("/[^/]*$", "")
      or at .. "/" .. name
    local file, message = uv.fs_lstat(path == "" and "/" or path)
    if not file then return message end
    reason = weakness(path, file)
    at, rest = path, left
    if file.type == "link" and not reason then
      links = links + 1
      if links > MOST_LINKS then return "too many symbolic links" end
      at, rest = follow(path:match("^(.*)/"), path, left)
    end
  end
  return reason
end

--- Whether nobody but root can change a file: neither it, nor any directory or link on its way.
---@param path string of a file that is there
---@return true?
---@return string? message which of them, why, and what would mend it
function trust.check(path)
  local reason = walk(path)
  if reason then return nil, ("%s: %s"):format(path, reason) end
  return true
end

-- Where `require` would find a module.
local function files_of(name)
  local root = name:match("^[^.]*")
  return {
    package.searchpath(name, package.path) or false,
    package.searchpath(name, package.cpath) or false,
    package.searchpath(root, package.cpath) or false,
  }
end

local demanded, guarded = false, false

--- Whether a file may be loaded as Lua: always, unless trust is demanded.
---@param path string
---@return true?
---@return string? message
function trust.may_load(path)
  if not demanded or not uv.fs_stat(path) then return true end
  return trust.check(path)
end

-- A searcher of package.searchers that finds nothing, and refuses what the next ones would find.
local function guard(name)
  for _, path in ipairs(files_of(name)) do
    local ok, message = trust.may_load(path or "")
    if not ok then error(message, 0) end
  end
end

--- From now on `may_load` and `require` refuse files that `check` refuses. Embedded and loaded
--- modules are not checked.
---@return fun() release
function trust.demand()
  demanded = true
  if not guarded then table.insert(package.searchers, #package.searchers - 2, guard) end
  guarded = true
  return function() demanded = false end
end

--- Whether to check who can write a policy: a policy of root acts on everybody's processes.
---@return boolean
function trust.is_wanted() return uv.getuid() == ROOT end

return trust
