-- SPDX-License-Identifier: MIT
-- What is done to a tree of many that forks fast holds nothing else up.
local e2e = require "spec.e2e.support"

-- Some processes that fork others all the time, which stay, until there are very many.
local storm = [[
  #include <signal.h>
  #include <stdio.h>
  #include <unistd.h>
  static void stay(void) { alarm(120); for (;;) pause(); }
  static void fork_others(void) {
    alarm(120);
    for (int i = 0; i < 80; i++) {
      if (fork() == 0) stay();
      usleep(i < 60 ? 1000 : 100000);
    }
    stay();
  }
  int main(void) {
    signal(SIGCHLD, SIG_IGN);
    signal(SIGUSR1, SIG_IGN);
    for (int i = 0; i < 20; i++) if (fork() == 0) fork_others();
    stay();
  }
]]

-- Does it once there are 1200 of them. Tells by how much of its own processor time two rounds of an
-- alarm were apart at most, what the whole took, and how often the alarm rang meanwhile.
local policy = [[
  local most, last, rounds, begun = 0, os.clock(), 0, nil
  every("20ms", function()
    local now = os.clock()
    if begun then
      most, rounds = math.max(most, now - last), rounds + 1
    end
    last = now
  end)
  watch { tonumber(args[1]), every = "20ms", idle = "1h", on_start = function(target)
    while #target.pids < 1200 do sleep "50ms" end
    begun = os.clock()
    %s
    local whole = os.clock() - begun
    sleep "50ms"
    print(("rounds %%d, most %%.3f of %%.3f s"):format(rounds, most, whole))
    quit()
  end }
]]

describe("a tree that forks fast", function()
  after_each(e2e.finish)

  for verb, act in pairs {
    kill = "target:kill()",
    stop = "target:stop() target:cont()",
    signal = [[target:signal "USR1"]],
    nice = "target:nice(5)",
  } do
    it("holds nothing else up: " .. verb, function()
      local path = e2e.compiled(storm)
      if not path then return pending("no C compiler") end
      local root = e2e.start { path }
      local watchio = e2e.watchio { "run", "-e", policy:format(act), root.pid }
      local told = watchio:says("rounds [^\n]* s\n", 120)
      local rounds, most, whole = told:match "(%d+), most (%S+) of (%S+) s"
      assert.is_true(
        tonumber(most) < math.max(0.5, tonumber(whole) / 2),
        ("%s s of its time without a round, of %s s (%s rounds)"):format(most, whole, rounds)
      )
      assert.is_true(tonumber(rounds) > 1)
    end)
  end
end)
