-- SPDX-License-Identifier: MIT
local sessions = require "spec.support.sessions"
local learn = require "watchio.jobs.learn"
local targets = require "watchio.cli.targets"

describe("learn", function()
  local it_session = sessions.fixture()

  -- Learns for a time in which `each_second` happens once a second.
  local function learnt(selectors, seconds, each_second)
    local noises
    local native = targets.native(it_session.session, selectors)
    learn.start(
      it_session.session,
      native,
      { per = "tree", for_ns = seconds * 1000000000 },
      function(found) noises = found end
    )
    for second = 1, seconds + 2 do
      each_second(second)
      it_session:advance("1s")
    end
    return noises
  end

  it("finds the busiest second of each target, and floors twice as high", function()
    it_session.proc:add(10, { name = "db" })
    it_session.proc:add(11, { name = "db" })
    local noises = learnt({ { name = "db" } }, 10, function(second)
      it_session.proc:move(10, { rchar = second == 5 and 3120 or 100, syscr = 10 })
      it_session.proc:run(10, second % 2)
    end)
    assert.equal(2, #noises)
    table.sort(noises, function(a, b) return a.target.pid < b.target.pid end)
    assert.equal(10, noises[1].seconds)
    assert.equal(3120, noises[1].most.io)
    assert.equal(
      'floor = { io = "6.3KB/s", calls = "20/s", net = 0, cpu = "2%" }',
      learn.floor(noises[1])
    )
    assert.equal("floor = { io = 0, calls = 0, net = 0, cpu = 0 }", learn.floor(noises[2]))
  end)

  it("prints floors that a watch takes, and under which the same noise is idle", function()
    it_session.proc:add(10)
    local function noise()
      it_session.proc:move(10, { rchar = 731, syscr = 3 })
      it_session.proc:run(10, 1)
    end
    local noises = learnt({ { pid = 10 } }, 10, noise)
    local options = assert(load("return {" .. learn.floor(noises[1]) .. "}"))()
    options[1], options.idle = 10, "5s"
    it_session.verbs.watch(options)
    for _ = 1, 20 do
      noise()
      it_session:advance("1s")
    end
    assert.is_table(it_session:record("idle"))
  end)

  it(
    "prints no floor of cpu for what may work unseen, unless the noise is below the default",
    function()
      local noise =
        { most = { io = 100, cpu = 0.0021 }, hides = { pid = 7, name = "postgres" } }
      assert.equal('floor = { io = "200B/s", calls = 0, net = 0 }', learn.floor(noise))
      local share, text = learn.unsafe(noise)
      assert.near(0.0042, share, 1e-9)
      assert.equal("0.42%", text)
      noise.most.cpu = 0.000004
      assert.is_nil(learn.unsafe(noise))
      assert.matches('cpu = "0.0008%%"', learn.floor(noise))
      noise.most.cpu, noise.hides = 0.0021, nil
      assert.matches('cpu = "0.42%%"', learn.floor(noise))
    end
  )

  it("says of what cannot be read that its floors are not known", function()
    it_session.proc:add(10)
    it_session.proc:deny(10)
    local noises = learnt({ { pid = 10 } }, 3, function() end)
    assert.matches("its counters", noises[1].unreadable)
  end)
end)
