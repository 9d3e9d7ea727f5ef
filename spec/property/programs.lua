-- SPDX-License-Identifier: MIT
-- The C programs of spec/bench, which are built when a spec needs them. Always those of the release
-- build: they look at watchio from outside, and quiet_tick counts allocations, which a sanitizer
-- would add to.
local programs = {}

local here = debug.getinfo(1, "S").source:match("^@(.*)/[^/]*$")
local tree = here .. "/../.."
local built = false

local function build()
  local log = os.tmpname()
  local command = "exec >'%s' 2>&1; unset LD_PRELOAD; cd '%s' && "
    .. "{ test -e build/release/CMakeCache.txt || cmake --preset release; } && "
    .. "cmake --build --preset release --target bench_programs"
  if not os.execute(command:format(log, tree)) then
    error("the programs do not build: " .. log)
  end
  os.remove(log)
  built = true
end

---@param name string
---@return string path
function programs.path(name)
  if not built then build() end
  return ("%s/build/release/bench/%s"):format(tree, name)
end

local function command(name, ...)
  return table.concat({ "exec env -u LD_PRELOAD", programs.path(name), ... }, " ")
end

---Starts one; its output is to be read and closed.
---@return file*
function programs.run(name, ...) return assert(io.popen(command(name, ...))) end

---Starts one that ends with its input, which is the file to close.
---@return file*
function programs.run_with_input(name, ...)
  return assert(io.popen(command(name, ...) .. " >/dev/null", "w"))
end

return programs
