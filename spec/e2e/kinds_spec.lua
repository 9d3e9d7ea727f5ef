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
    local computing = e2e.start { "sh", "-c", "while :; do :; done" }
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
    local talker = e2e.start { "bash", "-c",
      ("exec 3<>/dev/tcp/127.0.0.1/%d; read -r line <&3; exec sleep 60"):format(port) }
    e2e.within(5, "the connection", function() return client end)
    local watchio = watching(talker.pid, "counts = { 'net' }, idle = '1h'")
    client:write("hello\n")
    local active = watchio:tells("active", talker.pid)
    assert.same({ net = { net_rx = 6 } }, active.why)
    client:close()
    server:close()
  end)
end)
