-- SPDX-License-Identifier: MIT
-- A small web server on luv: GET of the files of one directory, one request a connection.
--
--   lua5.4 scripts/webserver.lua DIRECTORY [PORT]
--
-- Prints `listening on 127.0.0.1:PORT`; without PORT the kernel picks a free one. Between requests
-- it touches nothing.

local uv = require "luv"

local directory, port = arg[1], tonumber(arg[2] or 0)
if not directory or not port then
  io.stderr:write("usage: webserver.lua DIRECTORY [PORT]\n")
  os.exit(2)
end

local function response(status, body)
  local lines = {
    "HTTP/1.1 " .. status,
    "Content-Type: text/html; charset=utf-8",
    "Content-Length: " .. #body,
    "Connection: close",
    "",
    body,
  }
  return table.concat(lines, "\r\n")
end

local function answer(request)
  local path = request:match("^GET (/[^ ?]*)")
  local inside = path and not path:find("..", 1, true)
  if not inside then return response("400 Bad Request", "bad request\n") end
  if path:sub(-1) == "/" then path = path .. "index.html" end
  local file <close> = io.open(directory .. path, "rb")
  local body = file and file:read("a")
  if not body then return response("404 Not Found", "not found\n") end
  return response("200 OK", body)
end

local function close(client)
  if not client:is_closing() then client:close() end
end

local function serve(client)
  local request = ""
  client:read_start(function(err, chunk)
    if err or not chunk then return close(client) end
    request = request .. chunk
    if not request:find("\r\n\r\n", 1, true) then return end
    client:read_stop()
    client:write(answer(request), function() close(client) end)
  end)
end

local server = uv.new_tcp()
assert(server:bind("127.0.0.1", port))
assert(server:listen(128, function(err)
  if err then return end
  local client = uv.new_tcp()
  if server:accept(client) then
    serve(client)
  else
    close(client)
  end
end))
print("listening on 127.0.0.1:" .. server:getsockname().port)
io.stdout:flush()
uv.run()
