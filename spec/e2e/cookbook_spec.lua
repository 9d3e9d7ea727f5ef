-- SPDX-License-Identifier: MIT
-- The recipes of the cookbook work: mail, webhook, unit, modules, metrics.
local e2e = require "spec.e2e.support"
local json = require "dkjson"
local uv = require "luv"

local text = e2e.read(e2e.root .. "/docs/cookbook.md")

-- The first block of a recipe in this language; without one, its blocks that are indented.
local function recipe(heading, language)
  local section = text:match("\n## " .. heading .. "\n(.-)\n## ")
  if language then return section:match("\n```" .. language .. "\n(.-)```") end
  local blocks, inside = {}, false
  for line in section:gmatch("([^\n]*)\n") do
    local code = line:match("^    (.*)")
    if code and not inside then blocks[#blocks + 1] = "" end
    if code then blocks[#blocks] = blocks[#blocks] .. code .. "\n" end
    inside = code ~= nil
  end
  return blocks
end

-- The text with `from` as `to`, which must stand in it.
local function with(source, from, to)
  local first, last = source:find(from, 1, true)
  return source:sub(1, assert(first, from) - 1) .. to .. source:sub(last + 1)
end

local ANSWER = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"

-- Takes one request of HTTP, answers it, and is what was posted.
local function new_hook(port)
  local hook, server = { got = "" }, uv.new_tcp()
  assert(server:bind("127.0.0.1", port))
  assert(server:listen(8, function()
    local client = uv.new_tcp()
    server:accept(client)
    client:read_start(function(_, chunk)
      if not chunk then return client:close() end
      hook.got = hook.got .. chunk
      if hook.got:find "\r\n\r\n.+" then client:write(ANSWER) end
    end)
  end))
  function hook.close()
    server:close()
    uv.run "nowait"
  end
  return hook
end

describe("the cookbook", function()
  after_each(e2e.finish)

  -- The recipe's last watch, for this process, soon idle.
  local function on(source, process)
    return (with(with(source, '"nginx"', '"' .. process.name .. '"'), '"30m"', '"300ms"'))
  end

  it("sends a mail", function()
    local server, folder = e2e.echoer(), e2e.folder()
    local fake = e2e.write(
      folder .. "/sendmail",
      '#!/bin/sh\n[ "$1" = -t ] && cat >"$0.new" && ' .. 'mv "$0.new" "$0.got"\n'
    )
    assert(uv.fs_chmod(fake, tonumber("755", 8)))
    local source = with(recipe("Send a mail", "lua"), "/usr/sbin/sendmail", fake)
    e2e.watchio { "run", e2e.policy(on(source, server)) }
    local mail = e2e.within(10, "the mail", function() return e2e.read(fake .. ".got") end)
    assert.equal(
      ("To: root\nSubject: nginx is idle\n\nidle: %s[%d] on %s\n"):format(
        server.name,
        server.pid,
        uv.os_gethostname()
      ),
      mail
    )
  end)

  it("calls a webhook", function()
    local server, port = e2e.echoer(), e2e.free_port()
    local hook <close> =
      setmetatable(new_hook(port), { __close = function(self) self.close() end })
    local source =
      with(recipe("Call a webhook", "lua"), "https://example.org", "http://127.0.0.1:" .. port)
    e2e.watchio { "run", e2e.policy(on(source, server)) }
    e2e.within(10, "the request", function() return hook.got:find "\r\n\r\n.+\n" end)
    assert.truthy(hook.got:find("POST /hooks/idle", 1, true))
    local event = json.decode(hook.got:match "\r\n\r\n(.*)")
    assert.equal("idle", event.event)
    assert.equal(server.pid, event.target.pid)
  end)

  it("has a unit that systemd takes", function()
    if not os.execute "command -v systemd-analyze >/dev/null" then
      return pending "needs systemd-analyze"
    end
    local unit = e2e.folder() .. "/watchio@kernels.service"
    e2e.write(unit, with(recipe("At boot", "ini"), "/usr/local/bin/watchio", e2e.program))
    local verify = e2e.start { "/usr/bin/env", "systemd-analyze", "--man=no", "verify", unit }
    verify:ends_with(0)
    assert.equal("", verify.err)
  end)

  it("has several policies in one", function()
    local folder = e2e.folder()
    e2e.write(folder .. "/kernels.lua", recipe("End idle notebook kernels", "lua"))
    e2e.write(folder .. "/site.lua", 'watch { "nginx" }')
    e2e.write(folder .. "/all.lua", recipe("Several policies")[1])
    local check = e2e.watchio { "check", folder .. "/all.lua" }
    check:ends_with(0)
    assert.truthy(check.out:find("ipykernel_launcher", 1, true), check.out)
    assert.truthy(check.out:find("nginx", 1, true), check.out)
  end)

  it("has a helper module", function()
    local folder, modules = e2e.folder(), recipe "A helper module"
    e2e.write(folder .. "/hooks.lua", modules[1])
    e2e.write(folder .. "/site.lua", modules[2])
    local check = e2e.watchio { "check", folder .. "/site.lua" }
    check:ends_with(0)
    assert.truthy(check.out:find("logger -t watchio 'nginx is idle'", 1, true), check.out)
  end)

  it("makes metrics of what stat writes", function()
    if not os.execute "command -v jq >/dev/null" then return pending "needs jq" end
    local server, folder = e2e.echoer(), e2e.folder()
    local script =
      e2e.write(folder .. "/metrics", with(recipe("Metrics", "sh"), "10s", "200ms"))
    local path = e2e.build .. "/bin:" .. os.getenv "PATH"
    e2e.start({ "/bin/sh", script, folder, server.pid, env = { PATH = path } }):ends_with(0)
    local lines = e2e.read(folder .. "/watchio.prom")
    local labels = ('name="%s",pid="%d"'):format(server.name, server.pid)
    for _, wanted in ipairs {
      "\nwatchio_rate{" .. labels .. ',measure="write_bytes"} 0\n',
      "\nwatchio_idle_seconds{" .. labels .. "} 0",
    } do
      assert.truthy(("\n" .. lines):find(wanted, 1, true), lines)
    end
  end)
end)
