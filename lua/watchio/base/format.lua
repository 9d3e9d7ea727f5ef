-- SPDX-License-Identifier: MIT
-- Text for people: amounts, times, and names that may hold any bytes.
local native = require "watchio.native"
local units = require "watchio.base.units"

local format = {}

local SECOND = units.SECOND

local short = { ["\n"] = "\\n", ["\r"] = "\\r", ["\t"] = "\\t" }

local function hex(bytes)
  return (bytes:gsub(".", function(byte) return ("\\x%02x"):format(byte:byte()) end))
end

--- The text with control characters and broken UTF-8 made visible: a name cannot move the cursor.
---@param text string
---@return string
function format.escape(text)
  text = text:gsub("%c", function(control) return short[control] or hex(control) end)
  if not utf8.len(text) then return (text:gsub("[\x80-\xff]", hex)) end
  return (text:gsub("\xc2[\x80-\x9f]", hex)) -- the second range of control characters
end

--- Several lines, each escaped; all but the first are indented. So a line break in a name cannot
--- look like a new line of the output.
---@param text string
---@return string
function format.lines(text)
  local lines = {}
  for line in (text .. "\n"):gmatch("(.-)\n") do
    lines[#lines + 1] = format.escape((line:gsub("\t", "  ")))
  end
  return table.concat(lines, "\n    ")
end

--- The text that a policy prints, for a terminal: line ends and tabs stay, other control characters
--- are made visible.
---@param text string
---@return string
function format.printed(text) return (text:gsub("[^\n\t]+", format.escape)) end

-- Bytes through calls, or else bytes of the device, or else the number of calls.
local function moved_io(io)
  local function sum(a, b) return (io[a] or 0) + (io[b] or 0) end
  local through = sum("rchar", "wchar")
  if through > 0 then return "io +" .. native.format_bytes(through) end
  local device = sum("read_bytes", "write_bytes")
  if device > 0 then return "io +" .. native.format_bytes(device) end
  local calls = sum("syscr", "syscw")
  if calls > 0 then return ("io +%d %s"):format(calls, calls == 1 and "call" or "calls") end
  return "io"
end

format.bytes = native.format_bytes

--- The text, or its beginning and its end if it is too long: numbered names differ at the end.
---@param text string UTF-8
---@param most integer characters
---@return string e.g. "python3 /srv/n…k-alice-2"
function format.shorten(text, most)
  local length = utf8.len(text)
  if not length or length <= most then return text end
  local head = (most - 1) // 2
  local first = text:sub(1, utf8.offset(text, head + 1) - 1)
  return first .. "…" .. text:sub(utf8.offset(text, head + 1 - most))
end

--- A CPU time.
---@param seconds number
---@return string e.g. "340us", "1.2ms", "2.5s"
function format.run_time(seconds)
  if seconds < 0.001 then return ("%.0fus"):format(seconds * 1e6) end
  if seconds < 1 then return ("%.1fms"):format(seconds * 1000) end
  return ("%.1fs"):format(seconds)
end

--- An amount of one measure, or a rate of it a second.
---@param measure string
---@param amount number bytes, calls, or of cpu seconds
---@param is_rate boolean
---@return string e.g. "10 GB", "61 MB/s", "20/s", "1500 calls", "80%", "10m"
function format.amount(measure, amount, is_rate)
  if measure == "cpu" then
    return is_rate and ("%.4g%%"):format(amount * 100) or format.span(amount)
  end
  if measure == "syscr" or measure == "syscw" then
    return (is_rate and "%.4g/s" or "%.0f calls"):format(amount)
  end
  return native.format_bytes(math.floor(amount)) .. (is_rate and "/s" or "")
end

--- The activity, each kind as one amount.
---@param why table<string, table<string, number>>
---@return string e.g. "net +3.1 kB, io +12 B"; "cpu +1.2ms" where it is all that moved
function format.moved(why)
  local parts = {}
  local net = why.net and (why.net.net_rx or 0) + (why.net.net_tx or 0)
  if net then parts[#parts + 1] = "net +" .. native.format_bytes(net) end
  if why.io then parts[#parts + 1] = moved_io(why.io) end
  if #parts == 0 and why.cpu then parts[1] = "cpu +" .. format.run_time(why.cpu.cpu) end
  return table.concat(parts, ", ")
end

--- All counters that moved, io first, in the kernel's order: "rchar +512 syscr +1 cpu +340us".
---@param why table<string, table<string, number>>
---@return string
function format.measures(why)
  local all, parts = {}, {}
  for _, moved in pairs(why) do
    for name, amount in pairs(moved) do
      all[name] = amount
    end
  end
  for _, name in ipairs(native.measures) do
    local moved = all[name]
    local text = moved and name ~= "cpu" and ("%+d"):format(moved)
    if moved and name == "cpu" then text = "+" .. format.run_time(moved) end
    if text then parts[#parts + 1] = name .. " " .. text end
  end
  return table.concat(parts, " ")
end

-- Bytes and the calls that moved them; either may be missing.
local function io_gain(gain)
  local bytes = gain.io and format.bytes(math.floor(gain.io)) .. " of I/O"
  local calls = gain.calls and format.count(math.floor(gain.calls), "call")
  return bytes and calls and ("%s in %s"):format(bytes, calls) or bytes or calls
end

--- The gain, in the units of the floors.
---@param gain table<string, number>
---@return string e.g. "4.1 kB of I/O in 3 calls, 3.1 kB of TCP, 1.2ms of CPU"
function format.gain(gain)
  local parts = { io_gain(gain) }
  if gain.net then parts[#parts + 1] = format.bytes(math.floor(gain.net)) .. " of TCP" end
  if gain.cpu then parts[#parts + 1] = format.run_time(gain.cpu) .. " of CPU" end
  return table.concat(parts, ", ")
end

--- A time span as people say it: in milliseconds below a second, whole seconds from ten on.
---@param seconds number
---@return string e.g. "1.2s", "1h30m"
function format.span(seconds)
  if seconds < 1 then return ("%.0fms"):format(seconds * 1000) end
  if seconds < 10 then return (("%.1fs"):format(seconds):gsub("%.0s$", "s")) end
  return native.format_duration(math.floor(seconds + 0.5) * SECOND)
end

--- A time span in at most six characters: its largest two units.
---@param seconds number
---@return string e.g. "0s", "1.2s", "59m1s", "23h59m", "12d3h", "120d"
function format.short_span(seconds)
  if seconds == 0 then return "0s" end
  if seconds < 60 then return format.span(seconds) end
  seconds = math.floor(seconds)
  local minutes, hours = seconds // 60, seconds // 3600
  if hours < 1 then return ("%dm%ds"):format(minutes, seconds % 60) end
  if hours < 24 then return ("%dh%dm"):format(hours, minutes % 60) end
  if hours < 2400 then return ("%dd%dh"):format(hours // 24, hours % 24) end
  return ("%dd"):format(hours // 24)
end

--- A number with its noun.
---@param number integer
---@param noun string
---@param ending? string of the plural; default "s"
---@return string e.g. "1 target", "2 processes"
function format.count(number, noun, ending)
  return ("%d %s%s"):format(number, noun, number == 1 and "" or ending or "s")
end

--- A command as a line that a shell would understand.
---@param argv string[]
---@return string
function format.command(argv)
  local words = {}
  for index, word in ipairs(argv) do
    local plain = word:find("^[%w%-%+%./:=@%%_,]+$")
    words[index] = plain and word or "'" .. word:gsub("'", "'\\''") .. "'"
  end
  return table.concat(words, " ")
end

return format
