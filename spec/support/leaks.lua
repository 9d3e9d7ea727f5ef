-- SPDX-License-Identifier: MIT
-- What a spec must leave behind: no handle on the loop, no descriptor, no child.
local assert = require "luassert"
local uv = require "luv"

local leaks = {}

-- From its first stream on libuv keeps a descriptor in reserve.
uv.new_tcp():close()
uv.run("nowait")

local function descriptors()
  local count = 0
  local entries = uv.fs_scandir("/proc/self/fd")
  while uv.fs_scandir_next(entries) do
    count = count + 1
  end
  return count
end

local function handles()
  collectgarbage()
  collectgarbage()
  uv.run("nowait")
  local count = 0
  uv.walk(function(handle)
    if not uv.is_closing(handle) then count = count + 1 end
  end)
  return count
end

local function children()
  local file = io.open(("/proc/self/task/%d/children"):format(uv.os_getpid()))
  if not file then return "" end
  local text = file:read("a")
  file:close()
  return text
end

--- Notes what there is before a spec.
---@return table before
function leaks.before()
  return { handles = handles(), descriptors = descriptors(), children = children() }
end

-- A reader that waits for a process which does not answer (src/sys/apart.h) keeps its descriptors
-- until that process answers, also after its session; such a process may be another spec's.
local function wait_for_descriptors(count)
  local deadline = uv.hrtime() + 10 * 1000000000
  while descriptors() > count and uv.hrtime() < deadline do
    uv.sleep(20)
  end
end

--- Asserts that a spec has left nothing behind.
---@param before table
function leaks.check(before)
  assert.equal(before.handles, handles(), "handles on the loop")
  wait_for_descriptors(before.descriptors)
  assert.is_true(descriptors() <= before.descriptors, "open descriptors: " .. descriptors())
  assert.equal(before.children, children(), "child processes")
end

return leaks
