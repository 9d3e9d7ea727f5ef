-- SPDX-License-Identifier: MIT
-- The options that bound the CPU time and memory of a policy's code.
local durations = require "watchio.cli.durations"
local native = require "watchio.native"

local bounds = {}

local MOST_MEMORY = 1e15
local LEAST_MEMORY = 4000000 -- the library alone takes half of it

local function budget(text)
  local ns, message = native.duration(durations.value(text))
  if not ns then return nil, "--budget: " .. message end
  return ns
end

local function memory(text)
  local bytes = native.bytes(text)
  if not bytes or bytes > MOST_MEMORY then
    return nil, ('--memory: bad size "%s" (want e.g. 64MB)'):format(text)
  end
  if bytes < LEAST_MEMORY then
    return nil, ("--memory: %s is too little (want at least 4MB)"):format(text)
  end
  return math.floor(bytes)
end

--- Adds the options.
function bounds.define(parser)
  parser
    :option("--budget", "How long a handler may compute without waiting; 0 means no limit.")
    :argname("DURATION")
    :default("1s")
    :convert(budget)
  parser
    :option("--memory", "The most memory that Lua may take, e.g. 64MB.")
    :argname("SIZE")
    :convert(memory)
end

--- Whether the next word is an option's value.
---@param word? string
---@return boolean
function bounds.takes_value(word) return word == "--budget" or word == "--memory" end

return bounds
