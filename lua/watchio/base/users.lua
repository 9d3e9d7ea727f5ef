-- SPDX-License-Identifier: MIT
-- Names and numbers of users, from the system's list.
local suggest = require "watchio.base.suggest"

local users = {}

local LIST = "/etc/passwd"
local uids, names, known -- read at first use

local function read_list()
  uids, names, known = {}, {}, {}
  local file = io.open(LIST, "r")
  if not file then return end
  for line in file:lines() do
    local name, uid = line:match("^([^:]+):[^:]*:(%d+):")
    uid = tonumber(uid)
    if name then
      known[#known + 1] = name
      uids[name] = uids[name] or uid
      names[uid] = names[uid] or name
    end
  end
  file:close()
end

--- The user id of a name or of a number.
---@param user any
---@return integer? uid
---@return string? message
function users.uid(user)
  local number = math.type(user) and math.tointeger(user)
  if number and number >= 0 and number < 2 ^ 32 then return number end
  if type(user) ~= "string" or user == "" then
    return nil, ("bad user %s (want a name or a uid)"):format(tostring(user))
  end
  if not uids then read_list() end
  if uids[user] then return uids[user] end
  return nil, ('unknown user "%s"%s'):format(user, suggest(user, known))
end

--- The name of a user id, or its digits if it has no name.
---@param uid integer
---@return string
function users.name(uid)
  if not names then read_list() end
  return names[uid] or tostring(uid)
end

return users
