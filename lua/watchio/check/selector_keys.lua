-- SPDX-License-Identifier: MIT
-- The one table of the keys that name processes, for policies and for the command line.
local users = require "watchio.base.users"
local values = require "watchio.check.values"

---@class watchio.SelectorKey
---@field key string as in a policy and on the command line
---@field plural string as in a native selector
---@field check fun(value: any): any, string? one value
---@field about string what the value is
---@field is_number? boolean digits on the command line are a number

---@type watchio.SelectorKey[]
local ROWS = {
  {
    key = "pid",
    plural = "pids",
    check = values.pid,
    about = "process id",
    is_number = true,
  },
  { key = "name", plural = "names", check = values.text, about = "glob of the name" },
  {
    key = "cmd",
    plural = "cmds",
    check = values.text,
    about = "regular expression of the command line",
  },
  {
    key = "exe",
    plural = "exes",
    check = values.text,
    about = "glob of the executable's path",
  },
  {
    key = "user",
    plural = "uids",
    check = users.uid,
    about = "name or uid",
    is_number = true,
  },
  { key = "unit", plural = "units", check = values.text, about = "systemd unit" },
  { key = "cgroup", plural = "cgroups", check = values.text, about = "control group" },
  {
    key = "port",
    plural = "ports",
    check = values.port,
    about = "port it listens on, of TCP; of UDP: udp:53",
    is_number = true,
  },
  {
    key = "pidfile",
    plural = "pidfiles",
    check = values.pidfile,
    about = "file with the pid",
  },
}

local selector_keys = {}

--- All rows, in the order in which they are shown.
selector_keys.rows = ROWS

--- The names of the keys, in the same order.
---@type string[]
selector_keys.names = {}

local by_name = {}
for index, row in ipairs(ROWS) do
  selector_keys.names[index] = row.key
  by_name[row.key] = row
end

--- The row of a key.
---@param name any
---@return watchio.SelectorKey? row nil when there is none of that name
function selector_keys.of(name) return by_name[name] end

return selector_keys
