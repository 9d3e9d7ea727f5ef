-- SPDX-License-Identifier: MIT
-- Candidates for a TARGET or a POLICY, for the completions.
local proc = require "watchio.base.proc"
local selector_keys = require "watchio.check.selector_keys"
local shipped = require "watchio.policy.shipped"
local users = require "watchio.base.users"
local with_session = require "watchio.cli.with_session"

local candidates = {}

---@alias watchio.Offer fun(word: string, about: string?)

-- The living processes, read once by a session that starts nothing. A narrow glob makes it quick.
local function living(glob)
  if proc.fault() then return {} end
  return with_session(
    { virtual = true },
    function(session) return session.monitor:find { names = { glob } } or {} end
  )
end

local function names_of(process, offer)
  offer(process.name, "process")
  for _, name in ipairs(process.other_names) do
    offer(name, "process")
  end
end

-- Key → offers the value that a process has for it.
local values = {
  pid = function(process, offer) offer(tostring(process.pid), process.name) end,
  name = names_of,
  exe = function(process, offer) offer(process.exe, process.name) end,
  user = function(process, offer) offer(users.name(process.uid), "user") end,
  unit = function(process, offer) offer(process.unit, "unit") end,
  cgroup = function(process, offer) offer(process.cgroup, "control group") end,
}

local function offer_values(key, begin, offer)
  local glob = key == "name" and begin:find "^[%w_.-]*$" and begin .. "*" or "*"
  for _, process in ipairs(values[key] and living(glob) or {}) do
    if not process.kernel_thread then values[key](process, offer) end
  end
end

-- Keys and values for one part of a TARGET. A bare name or pid can only come first.
local function offer_part(word, offer, is_first)
  local key, begin = word:match("^(%a+)=(.*)$")
  if key then
    return offer_values(key, begin, function(value, about)
      if value then offer(key .. "=" .. value, about) end
    end)
  end
  for _, each in ipairs(selector_keys.names) do
    offer(each .. "=", selector_keys.of(each).about)
  end
  if not is_first then return end
  local by_pid = word:find "^%d" ~= nil
  offer_values(by_pid and "pid" or "name", word, function(value, about)
    local is_pid = value:find "^%d+$" ~= nil -- as it will be read, even if it is a name
    if is_pid == by_pid then offer(value, about) end
  end)
end

--- Offers the TARGETs that a word may become: a key, a value that a living process has for a key, a
--- name, or, after digits, a pid. After a comma it offers a further key.
---@param word string
---@param offer watchio.Offer
function candidates.target(word, offer)
  local before, part = word:match("^(.*,)(%a*)$")
  if not before then
    before, part = word:match("^(.*,)(%a+=.*)$")
  end
  if not before then return offer_part(word, offer, true) end
  offer_part(part, function(value, about) offer(before .. value, about) end, false)
end

--- Offers the shipped policies.
---@param offer watchio.Offer
function candidates.policy(_, offer)
  for _, name in ipairs(shipped.names()) do
    offer(name, shipped.head(shipped.text(name)).about)
  end
end

return candidates
