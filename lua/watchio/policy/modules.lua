-- SPDX-License-Identifier: MIT
-- The `require` of a policy. Its own modules lie beside it and see its verbs. Its luv remembers the
-- handles it opens. All other modules are the installed ones.
local kept = require "watchio.base.kept"
local handles = require "watchio.watch.handles"
local mistake = require "watchio.base.mistake"

local modules = {}

-- The path of a module beside the policy; nil and the paths that were tried if there is none.
local function find(folder, name)
  if not folder or folder:find("[;?]") then return nil end -- no search path can hold such a folder
  local own = ("%s/?.lua;%s/?/init.lua"):format(folder, folder)
  local path = package.searchpath(name, own)
  return path, ("%s/%s.lua"):format(folder, (name:gsub("%.", "/")))
end

-- Loads a module as Lua does, but with the policy's globals.
local function load_own(options, name, path)
  local chunk, message = options.load_file(path)
  if not chunk then error(message, 0) end
  local value = chunk(name, path)
  if value ~= nil then package.loaded[name] = value end
  if package.loaded[name] == nil then package.loaded[name] = true end
  options.own[name] = true
  return package.loaded[name], path
end

-- Requires an installed module. If there is none, the error points at the policy's line, not at
-- this one.
local function find_installed(name)
  local ok, value, path = pcall(require, name)
  if ok then return value, path end
  local what = type(value) == "string" and value:match("^[^\n]-modules%.lua:%d+: (.*)$")
  if what then mistake.raise(what) end
  error(value, 0)
end

local loaded_by = kept(function() return {} end) -- edition → name → module

--- Remembers the modules of a version of a policy. The next version loads them anew, since they may
--- have changed, too.
---@param edition watchio.Edition
---@param before table<string, any> what was loaded before
function modules.keep(edition, before)
  local loaded = loaded_by(edition)
  for name, module in pairs(package.loaded) do
    if before[name] == nil then loaded[name] = module end
  end
end

--- Forgets the modules of a version of a policy: the next `require` loads them anew.
---@param edition watchio.Edition
function modules.unload(edition)
  for name in pairs(loaded_by(edition)) do
    package.loaded[name] = nil
  end
end

--- Restores the modules that `unload` took away.
---@param edition watchio.Edition
function modules.put_back(edition)
  for name, module in pairs(loaded_by(edition)) do
    package.loaded[name] = module
  end
end

---@class watchio.ModuleOptions
---@field folder? string in which the policy lies
---@field load_file fun(path: string): function?, string? with the policy's globals
---@field own table<string, boolean> takes the names of its own modules
---@field missed fun(path: string) told where a module of the policy was looked for

--- Makes the `require` of a policy.
---@param opened table<userdata, boolean> takes the handles that its luv opens
---@param options watchio.ModuleOptions
---@return fun(name: string): any, any
function modules.requirer(opened, options)
  local luv
  return function(name)
    if name == "luv" then
      luv = luv or handles.library(opened)
      return luv
    end
    local known = type(name) == "string" and package.loaded[name]
    if known then return known end
    local path, missed = nil, nil
    if type(name) == "string" then
      path, missed = find(options.folder, name)
    end
    if path then return load_own(options, name, path) end
    if missed then options.missed(missed) end
    return find_installed(name)
  end
end

return modules
