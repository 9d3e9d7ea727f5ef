-- SPDX-License-Identifier: MIT
-- What scripts/truth puts on stage: what people leave running, each with the smallest thing that
-- they ask of it. No log is written where the program allows it: that is the hard case.
--
-- needs: programs, without which it is "not installed"; start: returns once it is ready; step: one
-- small request, or none when the workload is only ever idle.
local uv = require "luv"
local stage = require "stage"

local workloads = {}

local function add(workload) workloads[#workloads + 1] = workload end

local function get(self) self:get() end

local DNS_QUESTION = "\x12\x34\1\0\0\1\0\0\0\0\0\0\1a\4test\0\0\1\0\1"

-- ---- web servers

local NGINX = [[
daemon off; master_process on; worker_processes 1; pid FOLDER/pid; error_log /dev/null crit;
events { }
http {
  access_log off;
  client_body_temp_path FOLDER/body; proxy_temp_path FOLDER/proxy; fastcgi_temp_path FOLDER/fast;
  uwsgi_temp_path FOLDER/uwsgi; scgi_temp_path FOLDER/scgi;
  server { listen 127.0.0.1:PORT; %s }
}
]]

local function nginx(self, location, part)
  self:file("index.html", "ok\n")
  local config = self:file("nginx.conf", NGINX:format(location))
  self:judge({ "nginx", "-e", "/dev/null", "-c", config, stop = "sigint" }, part)
  self:listening()
end

add {
  name = "nginx, a static file",
  needs = { "nginx" },
  step = get,
  ci = true,
  start = function(self) nginx(self, "root FOLDER;") end,
}

add {
  name = "nginx as a proxy",
  needs = { "nginx" },
  step = get,
  ci = true,
  start = function(self)
    local path = self.folder .. "/socket"
    self:judge(
      { stage.programs .. "/server", "unix", path },
      "C server on a Unix socket behind it"
    )
    stage.await("its socket", function() return uv.fs_chmod(path, tonumber("777", 8)) end)
    nginx(self, "location / { proxy_pass http://unix:FOLDER/socket; }")
  end,
}

add {
  name = "lighttpd, a static file",
  needs = { "lighttpd" },
  step = get,
  start = function(self)
    self:file("index.html", "ok\n")
    local config = self:file(
      "conf",
      [[
      server.document-root = "FOLDER"
      server.bind = "127.0.0.1"
      server.port = PORT
      index-file.names = ( "index.html" )
    ]]
    )
    self:judge { "lighttpd", "-D", "-f", config }
    self:listening()
  end,
}

add {
  name = "Apache, a static file",
  needs = { "apache2" },
  step = get,
  start = function(self)
    self:file("index.html", "ok\n")
    local config = self:file("conf", [[
      LoadModule mpm_event_module /usr/lib/apache2/modules/mod_mpm_event.so
      LoadModule authz_core_module /usr/lib/apache2/modules/mod_authz_core.so
      LoadModule dir_module /usr/lib/apache2/modules/mod_dir.so
      ServerName localhost
      Listen 127.0.0.1:PORT
      PidFile FOLDER/pid
      DefaultRuntimeDir FOLDER
      ErrorLog /dev/null
      DocumentRoot FOLDER
    ]] .. (self.nobody and "User nobody\nGroup nogroup\n" or ""))
    self:judge { "apache2", "-d", self.folder, "-f", config, "-DFOREGROUND" }
    self:listening()
  end,
}

add {
  name = "haproxy",
  needs = { "haproxy" },
  step = get,
  start = function(self)
    self:judge {
      "haproxy",
      "-db",
      "-f",
      self:file(
        "conf",
        [[
defaults
  mode http
  timeout client 60s
  timeout connect 5s
  timeout server 60s
frontend front
  bind 127.0.0.1:PORT
  http-request return status 200
]]
      ),
    }
    self:listening()
  end,
}

add {
  name = "Node http",
  needs = { "node" },
  step = get,
  start = function(self)
    local text = "require('http').createServer((q, s) => s.end('ok')).listen(%d, '127.0.0.1')"
    self:judge { "node", "-e", text:format(self.port) }
    self:listening()
  end,
}

add {
  name = "Python http.server",
  needs = { "python3" },
  step = get,
  ci = true,
  start = function(self)
    self:judge {
      "python3",
      self:file(
        "server.py",
        [[
from http.server import BaseHTTPRequestHandler, HTTPServer
class Handler(BaseHTTPRequestHandler):
  def do_GET(self):
    self.send_response(200)
    self.end_headers()
    self.wfile.write(b"ok")
  def log_message(self, *_):
    pass
HTTPServer(("127.0.0.1", PORT), Handler).serve_forever()
]]
      ),
    }
    self:listening()
  end,
}

add {
  name = "Python asyncio",
  needs = { "python3" },
  step = get,
  ci = true,
  start = function(self)
    self:judge {
      "python3",
      self:file(
        "server.py",
        [[
import asyncio
async def answer(reader, writer):
  await reader.readline()
  writer.write(b"HTTP/1.0 200 OK\r\n\r\nok")
  await writer.drain()
  writer.close()
async def main():
  async with await asyncio.start_server(answer, "127.0.0.1", PORT) as server:
    await server.serve_forever()
asyncio.run(main())
]]
      ),
    }
    self:listening()
  end,
}

add {
  name = "gunicorn, one worker",
  needs = { "gunicorn" },
  step = get,
  start = function(self)
    self:file(
      "app.py",
      [[
def app(environ, start_response):
  start_response("200 OK", [("Content-Length", "2")])
  return [b"ok"]
]]
    )
    self:judge { "gunicorn", "-b", "127.0.0.1:" .. self.port, "--chdir", self.folder, "app:app" }
    self:listening()
  end,
}

add {
  name = "PHP's own server",
  needs = { "php" },
  step = get,
  start = function(self)
    self:file("index.php", "<?php echo 'ok';")
    self:judge { "php", "-q", "-S", "127.0.0.1:" .. self.port, "-t", self.folder }
    self:listening()
  end,
}

add {
  name = "Ruby WEBrick",
  needs = { "ruby" },
  step = get,
  start = function(self)
    self:judge {
      "ruby",
      self:file(
        "server.rb",
        [[
require "webrick"
server = WEBrick::HTTPServer.new(Port: PORT, BindAddress: "127.0.0.1", AccessLog: [],
  Logger: WEBrick::Log.new(File::NULL))
server.mount_proc("/") { |_, response| response.body = "ok" }
trap("TERM") { server.shutdown }
server.start
]]
      ),
    }
    self:listening()
  end,
}

add {
  name = "Ruby TCPServer",
  needs = { "ruby" },
  step = get,
  start = function(self)
    self:judge {
      "ruby",
      self:file(
        "server.rb",
        [[
require "socket"
server = TCPServer.new("127.0.0.1", PORT)
loop do
  client = server.accept
  client.gets
  client.write("HTTP/1.0 200 OK\r\n\r\nok")
  client.close
rescue SystemCallError
end
]]
      ),
    }
    self:listening()
  end,
}

add {
  name = "Java HttpServer",
  needs = { "java", "javac" },
  step = get,
  start = function(self)
    self:exec {
      "javac",
      "-d",
      self.folder,
      self:file(
        "Server.java",
        [[
import com.sun.net.httpserver.HttpServer;
import java.net.InetSocketAddress;
public class Server {
  public static void main(String[] args) throws Exception {
    HttpServer server = HttpServer.create(new InetSocketAddress("127.0.0.1", PORT), 0);
    server.createContext("/", exchange -> {
      exchange.sendResponseHeaders(200, 2);
      exchange.getResponseBody().write("ok".getBytes());
      exchange.close();
    });
    server.start();
  }
}
]]
      ),
    }
    self:judge { "java", "-cp", self.folder, "Server" }
    self:listening()
  end,
}

add {
  name = "busybox httpd, a process a request",
  needs = { "busybox" },
  step = get,
  start = function(self)
    self:file("index.html", "ok\n")
    self:judge { "busybox", "httpd", "-f", "-p", "127.0.0.1:" .. self.port, "-h", self.folder }
    self:listening()
  end,
}

-- ---- servers on recv and send

add {
  name = "C server, a connection a request",
  needs = {},
  step = get,
  ci = true,
  start = function(self)
    self:judge { stage.programs .. "/server", "tcp", self.port }
    self:listening()
  end,
}

add {
  name = "C server, one connection",
  needs = {},
  ci = true,
  start = function(self)
    self:judge { stage.programs .. "/server", "tcp", self.port }
    self:listening()
    self.client = self:connect()
  end,
  step = function(self) self.client:ask("x", "ok") end,
}

add {
  name = "C server on UDP",
  needs = {},
  ci = true,
  start = function(self)
    self:judge { stage.programs .. "/server", "udp", self.port }
    self:tell("x")
  end,
  step = function(self) self:tell("x") end,
}

-- ---- databases, caches, queues, names

local function redis(self)
  self:judge {
    "redis-server",
    "--port",
    self.port,
    "--bind",
    "127.0.0.1",
    "--save",
    "",
    "--dir",
    self.folder,
  }
  self:listening()
end

add {
  name = "Redis, a connection a request",
  needs = { "redis-server" },
  start = redis,
  step = function(self) self:ask("GET x\r\n", "%$%-1") end,
}

add {
  name = "Redis, one connection",
  needs = { "redis-server" },
  start = function(self)
    redis(self)
    self.client = self:connect()
  end,
  step = function(self) self.client:ask("GET x\r\n", "%$%-1") end,
}

local function memcached(self)
  self:judge { "memcached", "-l", "127.0.0.1", "-p", self.port, "-U", "0", nobody = true }
  self:listening()
end

add {
  name = "memcached, a connection a request",
  needs = { "memcached" },
  start = memcached,
  step = function(self) self:ask("get x\r\n", "END") end,
}

add {
  name = "memcached, one connection",
  needs = { "memcached" },
  start = function(self)
    memcached(self)
    self.client = self:connect()
  end,
  step = function(self) self.client:ask("get x\r\n", "END") end,
}

local function postgres(self)
  local data = self:directory("data")
  self:exec { "initdb", "-D", data, "-A", "trust", "-U", "postgres", "--no-sync", nobody = true }
  self:judge {
    "postgres",
    "-D",
    data,
    "-h",
    "127.0.0.1",
    "-p",
    self.port,
    "-k",
    data,
    nobody = true,
    stop = "sigint",
  }
  self:listening()
  self.psql = { "psql", "-X", "-h", "127.0.0.1", "-p", self.port, "-U", "postgres", "-At" }
  stage.await(
    "its answer",
    function() return pcall(self.exec, self, { table.unpack(self.psql) }) end
  )
end

add {
  name = "PostgreSQL, a connection a SELECT",
  needs = { "postgres", "initdb", "psql" },
  start = postgres,
  step = function(self)
    local argv = { table.unpack(self.psql) }
    table.move({ "-c", "select 1" }, 1, 2, #argv + 1, argv)
    self:exec(argv)
  end,
}

add {
  name = "PostgreSQL, one connection",
  needs = { "postgres", "initdb", "psql" },
  start = function(self)
    postgres(self)
    self.client = self:run { talks = true, table.unpack(self.psql) }
    self:step()
  end,
  step = function(self)
    self.client.out = ""
    self.client.stdin:write("select 1;\n")
    stage.await("a row", function() return self.client.out:find("1") end)
  end,
}

add {
  name = "MariaDB, a connection a SELECT",
  needs = { "mariadbd", "mariadb-install-db" },
  start = function(self)
    local data = self:directory("data")
    self:exec {
      "mariadb-install-db",
      "--no-defaults",
      "--datadir=" .. data,
      "--skip-test-db",
      "--auth-root-authentication-method=normal",
      nobody = true,
    }
    self:judge {
      "mariadbd",
      "--no-defaults",
      "--datadir=" .. data,
      "--port=" .. self.port,
      "--bind-address=127.0.0.1",
      "--socket=" .. data .. "/socket",
      "--pid-file=" .. data .. "/pid",
      nobody = true,
    }
    self:listening()
  end,
  step = function(self)
    self:exec {
      "mariadb",
      "--no-defaults",
      "-h",
      "127.0.0.1",
      "-P",
      self.port,
      "-u",
      "root",
      "-e",
      "select 1",
    }
  end,
}

add {
  name = "beanstalkd",
  needs = { "beanstalkd" },
  start = function(self)
    self:judge { "beanstalkd", "-l", "127.0.0.1", "-p", self.port }
    self:listening()
  end,
  step = function(self) self:ask("list-tubes\r\n", "OK") end,
}

add {
  name = "mosquitto, one connection",
  needs = { "mosquitto" },
  start = function(self)
    self:judge {
      "mosquitto",
      "-c",
      self:file(
        "conf",
        [[
listener PORT 127.0.0.1
allow_anonymous true
log_dest none
persistence false
]]
      ),
      nobody = true,
    }
    self:listening()
    self.client = self:connect()
    self.client:ask("\x10\x0e\0\4MQTT\4\2\0\0\0\2me", "^\x20") -- CONNECT
  end,
  step = function(self) self.client:ask("\xc0\0", "^\xd0") end,
} -- PINGREQ, PINGRESP

add {
  name = "dnsmasq",
  needs = { "dnsmasq" },
  start = function(self)
    self:judge {
      "dnsmasq",
      "-k",
      "-C",
      "/dev/null",
      "--port=" .. self.port,
      "--no-resolv",
      "--listen-address=127.0.0.1",
      "--bind-interfaces",
      "--no-hosts",
      "--pid-file=",
      "--address=/a.test/127.0.0.1",
      "--user=" .. (self.nobody or ""),
    }
    self:tell(DNS_QUESTION)
  end,
  step = function(self) self:tell(DNS_QUESTION) end,
}

add {
  name = "unbound",
  needs = { "unbound" },
  start = function(self)
    self:judge {
      "unbound",
      "-d",
      "-c",
      self:file(
        "conf",
        [[
server:
  interface: 127.0.0.1
  port: PORT
  username: ""
  chroot: ""
  pidfile: ""
  use-syslog: no
  do-daemonize: no
  num-threads: 1
  local-zone: "test." static
  local-data: "a.test. A 127.0.0.1"
remote-control:
  control-enable: no
]]
      ),
    }
    self:tell(DNS_QUESTION)
  end,
  step = function(self) self:tell(DNS_QUESTION) end,
}

-- ---- sessions

add {
  name = "sshd with an open session",
  needs = { "sshd", "ssh", "ssh-keygen" },
  start = function(self)
    if stage.is_root and uv.fs_mkdir("/run/sshd", tonumber("755", 8)) then
      self.finish = function() uv.fs_rmdir("/run/sshd") end
    end
    self:exec { "ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", "key" }
    local config = self:file(
      "conf",
      [[
Port PORT
ListenAddress 127.0.0.1
HostKey FOLDER/key
AuthorizedKeysFile FOLDER/key.pub
StrictModes no
UsePAM no
PidFile none
PermitRootLogin yes
LogLevel QUIET
]]
    )
    self:judge { stage.find("sshd"), "-D", "-f", config }
    self:listening()
    self.client = self:run {
      "ssh",
      "-tt",
      "-F",
      "none",
      "-i",
      "key",
      "-p",
      self.port,
      "-o",
      "StrictHostKeyChecking=no",
      "-o",
      "UserKnownHostsFile=/dev/null",
      "-o",
      "LogLevel=QUIET",
      "127.0.0.1",
      "exec bash --norc",
      talks = true,
    }
    stage.await("a prompt", function() return self.client.out:find("[$#] ") end)
  end,
  step = function(self)
    self.client.out = ""
    self.client.stdin:write("x")
    stage.await("its echo", function() return self.client.out:find("x") end)
  end,
}

-- A program in a terminal of tmux; one key is one step.
local function in_tmux(name, program, arguments, key)
  add {
    name = name,
    needs = { "tmux", program },
    start = function(self)
      self:file("text", ("a line of text\n"):rep(1000))
      self.tmux = { "tmux", "-f", "/dev/null", "-S", self.folder .. "/tmux" }
      local function tmux(...)
        return self:exec {
          table.unpack(
            table.move(
              { ... },
              1,
              select("#", ...),
              #self.tmux + 1,
              { table.unpack(self.tmux) }
            )
          ),
        }
      end
      self.server = self:run { "tmux", "-f", "/dev/null", "-S", self.folder .. "/tmux", "-D" }
      stage.await("tmux", function() return uv.fs_stat(self.folder .. "/tmux") end)
      tmux("new-session", "-d", "-x", "80", "-y", "24", "exec " .. program .. " " .. arguments)
      self:judge_pid(tonumber(tmux("list-panes", "-F", "#{pane_pid}")))
      if program == "bash" then self:judge_pid(self.server.pid, "tmux around it") end
      self.press = function() tmux("send-keys", key) end
    end,
    step = function(self) self.press() end,
  }
end

in_tmux("bash at its prompt", "bash", "--norc", "x")
in_tmux("less", "less", "text", "j")
in_tmux("vim", "vim", "-u NONE -n text", "j")

-- ---- jobs

-- A job that does one step at a signal.
local function job(name, kind, argument)
  add {
    name = name,
    needs = {},
    ci = true,
    start = function(self)
      self.process = self:judge { stage.programs .. "/job", kind, argument }
      if argument == "file" then self:file("file", ("x"):rep(kind == "read" and 300 or 0)) end
      stage.sleep(100)
    end,
    step = function(self)
      if self.process.status then error("it ended with " .. self.process.status, 0) end
      self.process.handle:kill("sigusr1")
    end,
  }
end

job("log appender, 100 bytes", "append", "file")
job("reader of small files", "read", "file")
job("writer into a mapping, 4 KiB", "map", "file")
job("io_uring copier, 4 KiB", "copy", "copied")
job("compute loop, 20 ms", "compute", "20")
job("compute loop, 5 % for good", "share", "5")

add {
  name = "client, a connection a step",
  needs = {},
  ci = true,
  start = function(self)
    self:run { stage.programs .. "/server", "tcp", self.port }
    self:listening()
    self.process = self:judge { stage.programs .. "/job", "call", self.port }
    stage.sleep(100)
  end,
  step = function(self)
    if self.process.status then error("it ended with " .. self.process.status, 0) end
    self.process.handle:kill("sigusr1")
  end,
}

add {
  name = "shell that runs a job",
  needs = {},
  ci = true,
  start = function(self)
    local script = "trap : USR1; while :; do sleep 1000 & wait $!; kill $!; /bin/true; done"
    self.process = self:judge { "sh", "-c", script }
    stage.sleep(100)
  end,
  step = function(self) self.process.handle:kill("sigusr1") end,
}

add {
  name = "make -j, one small file",
  needs = { "make", "cc" },
  start = function(self)
    local fifo = self.folder .. "/fifo"
    self:exec { "mkfifo", fifo }
    self.fifo = assert(uv.fs_open(fifo, "r+", 0))
    self:file("small.c", "int small(int x) { return x + 1; }\n")
    self:judge {
      "make",
      "-j2",
      "-f",
      self:file(
        "Makefile",
        "all: compile rest\n"
          .. "compile:\n\t@while read -r step; do cc -c small.c -o small.o; done <fifo\n"
          .. "rest:\n\t@sleep 1000\n"
      ),
    }
    stage.sleep(100)
  end,
  step = function(self) uv.fs_write(self.fifo, "step\n") end,
}

add {
  name = "tail -f",
  needs = { "tail" },
  ci = true,
  start = function(self)
    self:judge { "tail", "-f", self:file("followed", "first line\n") }
    stage.sleep(100)
  end,
  step = function(self)
    local file <close> = assert(io.open(self.folder .. "/followed", "a"))
    file:write("one more line\n")
  end,
}

-- ---- what only waits

-- Debian's own, with nothing of the machine's in its tables.
add {
  name = "cron",
  needs = { "cron", "unshare" },
  root = true,
  start = function(self)
    self:judge {
      "unshare",
      "-m",
      "sh",
      "-c",
      [[
      mount -t tmpfs none /run && mount -t tmpfs none /var/spool/cron &&
      mount -t tmpfs none /etc/cron.d &&
      mkdir /var/spool/cron/crontabs && mount --bind /dev/null /etc/crontab && exec cron -f]],
    }
  end,
}

add {
  name = "sleep",
  needs = { "sleep" },
  ci = true,
  start = function(self) self:judge { "sleep", "100000" } end,
}

return workloads
