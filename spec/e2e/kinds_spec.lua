-- SPDX-License-Identifier: MIT
-- Kinds of activity of real processes.
local uv = require "luv"
local e2e = require "spec.e2e.support"

describe("a real process", function()
  after_each(e2e.finish)

  local function watching(pid, options)
    local policy = ("watch { %d, every = '50ms', %s }"):format(pid, options)
    local watchio = e2e.start { e2e.program, "run", "--json", "-e", policy }
    watchio:tells("start", pid)
    return watchio
  end

  it("that only computes is active, and says so", function()
    local computing = e2e.start { "sh", "-c", "echo ready; while :; do :; done" }
    computing:says("ready") -- to begin, it has read what it needs
    local watchio = watching(computing.pid, "idle = '200ms'")
    local active = watchio:tells("active", computing.pid)
    assert.is_true(active.why.cpu.cpu > 0)
    assert.is_nil(active.why.io)
  end)

  it("that only waits is idle by all kinds", function()
    local waiting = e2e.start { "sleep", "60" }
    watching(waiting.pid, "idle = '200ms'"):tells("idle", waiting.pid)
  end)

  -- cat moves bytes between connections only: a pair of them, from the spec and back.
  it("that only talks over a connection is active by what it carries, to the byte", function()
    local server = uv.new_tcp()
    server:bind("127.0.0.1", 0)
    local port = server:getsockname().port
    local client
    server:listen(8, function()
      client = uv.new_tcp()
      server:accept(client)
      client:read_start(function() end)
    end)
    local talker = e2e.start {
      "bash",
      "-c",
      ("exec 3<>/dev/tcp/127.0.0.1/%d; read -r line <&3; exec sleep 60"):format(port),
    }
    e2e.within(5, "the connection", function() return client end)
    local watchio = watching(talker.pid, "counts = { 'net' }, idle = '1h'")
    client:write("hello\n")
    local active = watchio:tells("active", talker.pid)
    assert.same({ net = { net_rx = 6 } }, active.why)
    client:close()
    server:close()
  end)

  -- It answers one request a connection, and looks up twenty times a second. Input and output of
  -- the connection go by recv and send, which io does not count.
  local server = [[
    use Socket;
    socket(my $listener, AF_INET, SOCK_STREAM, 0);
    bind($listener, pack_sockaddr_in(0, INADDR_LOOPBACK));
    listen($listener, 8);
    socket(my $other, AF_INET, SOCK_DGRAM, 0) if $ARGV[0] eq "datagrams";
    syswrite(STDOUT, (unpack_sockaddr_in(getsockname($listener)))[0] . "\n");
    for (;;) {
      vec(my $set = "", fileno($listener), 1) = 1;
      next unless select($set, undef, undef, 0.05);
      accept(my $connection, $listener);
      recv($connection, my $request, 100, 0);
      send($connection, "x" x 1000, 0);
      close($connection);
    }
  ]]

  local function serving(how)
    if os.execute("perl -MSocket -e 1 2>/dev/null") ~= true then pending("no perl") end
    local process = e2e.start { "perl", "-e", server, how }
    return process, tonumber(process:says("(%d+)\n"))
  end

  local function request(port)
    local client, answer, ended = uv.new_tcp(), "", false
    client:connect("127.0.0.1", port, function()
      client:write("hello")
      client:read_start(function(_, chunk)
        answer = answer .. (chunk or "")
        if not chunk then client:close(function() ended = true end) end
      end)
    end)
    e2e.within(5, "the answer", function() return ended end)
    assert.equal(1000, #answer)
  end

  it("is active by a connection that nobody saw, and idle although it looks up", function()
    local process, port = serving("connections")
    local watchio = watching(process.pid, "idle = '300ms'")
    watchio:tells("idle", process.pid)
    request(port)
    watchio:until_it("active by the connection", function()
      for _, active in ipairs(watchio:events("active")) do
        if active.why.net then return true end
      end
    end)
    -- Question and answer may be seen one after the other.
    local total = watchio:until_it("idle after the answer", function()
      local idles = watchio:events("idle")
      local now = idles[#idles].total
      return now.net_tx > 0 and now
    end)
    assert.equal(1000, total.net_tx)
    assert.is_true(total.net_rx >= 4) -- of such a connection one byte may be missing
  end)

  it("that may do what is not shown is active by the little that it runs", function()
    local process = serving("datagrams")
    local active = watching(process.pid, "idle = '1h'"):tells("active", process.pid)
    assert.is_true(active.why.cpu.cpu < 0.005)
    assert.is_nil(active.why.net)
  end)
end)
