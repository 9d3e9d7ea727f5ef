-- SPDX-License-Identifier: MIT
-- A policy on a real nginx: requests through its sockets, commands through watchio.
local uv = require "luv"
local e2e = require "spec.e2e.support"

local config = [[
daemon off;
worker_processes 1;
pid FOLDER/nginx.pid;
error_log FOLDER/error.log;
events { }
http {
  access_log off;
  client_body_temp_path FOLDER/body;
  proxy_temp_path FOLDER/proxy;
  fastcgi_temp_path FOLDER/fastcgi;
  uwsgi_temp_path FOLDER/uwsgi;
  scgi_temp_path FOLDER/scgi;
  server { listen 127.0.0.1:PORT; root FOLDER; }
}
]]

local function request(port)
  local curl = e2e.start { "curl", "-sS", ("http://127.0.0.1:%d/"):format(port) }
  curl:ends_with(0)
  return curl.out
end

---Waits until the worker has done what it does at its start, which is activity: it has served a
---page and not run for a while since.
local function settle(master, worker, port)
  request(port)
  local ran, since
  master:until_it("its rest", function()
    local now = e2e.read(("/proc/%d/schedstat"):format(worker))
    if now ~= ran then
      ran, since = now, uv.hrtime()
    end
    return uv.hrtime() - since > 200e6
  end)
end

---Starts nginx with one worker; returns its folder, its port, and the master.
local function start_nginx()
  local folder, port = e2e.folder(), e2e.free_port()
  e2e.write(folder .. "/index.html", "page 0\n")
  local text = config:gsub("FOLDER", folder):gsub("PORT", port)
  local master = e2e.start {
    "nginx",
    "-e",
    folder .. "/error.log",
    "-c",
    e2e.write(folder .. "/nginx.conf", text),
  }
  local children = ("/proc/%d/task/%d/children"):format(master.pid, master.pid)
  local worker = master:until_it("its worker", function()
    local pid = tonumber(e2e.read(children))
    local cmd = pid and e2e.read(("/proc/%d/cmdline"):format(pid)) or ""
    return cmd:find("nginx: worker", 1, true) and pid
  end)
  settle(master, worker, port)
  return folder, port, master
end

describe("a policy on nginx", function()
  after_each(e2e.finish)

  -- The name finds nginx as people would, the pid keeps out any other nginx of the machine; the
  -- worker belongs to its master's tree.
  local policy = [[
    local folder, master = table.unpack(args)
    watch {
      "nginx", pid = tonumber(master), every = "20ms", idle = "200ms",
      on_start = function() after("500ms", function() print "nobody came" end) end,
      on_active = run { "sh", "-c", "echo page 1 >$0/new && mv $0/new $0/index.html", folder },
      on_idle = function(target) print("idle " .. target.pid) end,
    }
  ]]

  local function start()
    local folder, port, master = start_nginx()
    local watchio = e2e.watchio { "run", e2e.policy(policy), folder, master.pid }
    watchio:says("nobody came")
    return folder, port, watchio, master
  end

  it("runs nothing while nobody asks for a page", function()
    local folder, _, watchio = start()
    assert.equal("page 0\n", e2e.read(folder .. "/index.html"))
    assert.is_nil(watchio.err:find(" active ", 1, true))
  end)

  it("runs its command once a page is asked for", function()
    local _, port, watchio, master = start()
    assert.equal("page 0\n", request(port))
    watchio:until_it("the new page", function() return request(port) == "page 1\n" end)
    watchio:says("nginx%[" .. master.pid .. "%] active")
    watchio:says("idle " .. master.pid .. ".*idle " .. master.pid)
  end)
end)
