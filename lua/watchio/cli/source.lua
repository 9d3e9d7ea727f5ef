-- SPDX-License-Identifier: MIT
-- The policy of `run` and `check`: a file, a shipped policy, standard input or a chunk.
local uv = require "luv"
local exit_status = require "watchio.base.exit_status"
local format = require "watchio.base.format"
local output = require "watchio.cli.output"
local policy = require "watchio.policy.load"
local shipped = require "watchio.policy.shipped"
local trust = require "watchio.policy.trust"

local source = {}

local function read_file(path)
  local ok, message = trust.may_load(path)
  if not ok then return nil, message end
  return policy.read(path)
end

-- A word is the name of a shipped policy if it has no slash and does not end in ".lua". Files in
-- the folder where watchio was started do not change that.
local function is_name(path)
  return path ~= "-" and not path:find("/", 1, true) and not path:find("%.lua$")
end

local function nothing_of(name)
  if is_name(name) and uv.fs_stat(name) then
    return ("%s: no shipped policy of that name (want ./%s for the file here)"):format(
      name,
      name
    )
  end
  local hint = shipped.suggest(name)
  return ("%s: no such file, and no shipped policy of that name%s"):format(name, hint)
end

local function read_shipped(name, args)
  local text = shipped.text(name)
  if not text then return nil, nothing_of(name) end
  local fault = shipped.fault(name, args)
  if fault then return nil, format.escape(fault) end
  return policy.named(name, text)
end

-- The name of the shipped policy, or nil.
local function shipped_name(options)
  if options.chunk or not options.policy or not is_name(options.policy) then return nil end
  return shipped.text(options.policy) and options.policy
end

--- The answer without loading a policy: the help of a shipped policy, if its arguments ask for it,
--- or that no policy is given.
---@param options table
---@param args string[]
---@return integer? status nil: there is a policy to load
---@return string? message
function source.answer(options, args)
  if not options.policy and not options.chunk then
    return exit_status.USAGE,
      "watchio: no policy (want a file, -e CHUNK, or - for standard input)"
  end
  local name = shipped_name(options)
  local asked = args[1] == "-h" or args[1] == "--help"
  local page = name and asked and shipped.help(name)
  if not page then return nil end
  output.write(page)
  return exit_status.DONE
end

--- The message that a policy does not load; of a shipped policy with its usage below.
---@param options table
---@param message string
---@return string
function source.explain(options, message)
  local name = shipped_name(options)
  local usage = name and shipped.usage(name)
  if not usage then return message end
  local quoted = usage:find "COMMAND"
    and "\nCOMMAND is one argument: quote it, e.g. 'make all'."
  return ("%s\n%s%s"):format(message, usage, quoted or "")
end

--- Adds the options that name the policy.
function source.define(parser)
  parser:flag("--insecure", "As root: run the policy even if other users can modify it.")
  parser:option("-e", "The policy itself, in place of a file."):argname("CHUNK"):target("chunk")
  parser
    :argument(
      "POLICY",
      "A Lua script (./NAME or NAME.lua), the name of a shipped policy (see "
        .. "run --list), or - for standard input."
    )
    :args("?")
    :target("policy")
end

--- Reads the policy that the options name. As root, a file that others can change is refused, and
--- so are such files that it loads.
---@param options table
---@param args string[] what follows the policy
---@return watchio.PolicySource?
---@return string? message
function source.read(options, args)
  local is_wanted = trust.is_wanted() and not options.insecure
  if is_wanted and not source.trust then source.trust = trust.demand() end
  if options.chunk then return policy.chunk(options.chunk) end
  if is_name(options.policy) then return read_shipped(options.policy, args) end
  if options.policy == "-" then return policy.read "-" end
  local is_missing = not options.policy:find("/", 1, true) and not uv.fs_stat(options.policy)
  if is_missing then return nil, nothing_of(options.policy) end
  return read_file(options.policy)
end

--- Whether the policy is no file: a chunk, standard input or a shipped one.
---@param options table
---@return boolean
function source.never_changes(options)
  return options.chunk ~= nil or options.policy == "-" or is_name(options.policy)
end

--- Whether the policy is a file, and so can change.
---@param options table
---@return boolean
function source.is_file(options)
  return not source.never_changes(options) and uv.fs_stat(options.policy) ~= nil
end

--- A value to close when the policy has ended. Then `require "watchio"` gives what it gave before,
--- and the checks of trust that `read` began end.
---@return table lease for a variable with <close>
function source.lease()
  local module = package.loaded.watchio
  return setmetatable({}, {
    __close = function()
      package.loaded.watchio = module
      if source.trust then source.trust() end
      source.trust = nil
    end,
  })
end

return source
