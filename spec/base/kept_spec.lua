-- SPDX-License-Identifier: MIT
local kept = require "watchio.base.kept"

describe("state that is kept for an owner", function()
  it("is made once for each", function()
    local made = 0
    local state_of = kept(function(owner)
      made = made + 1
      return { owner = owner }
    end)
    local one, other = {}, {}
    assert.equal(state_of(one), state_of(one))
    assert.are_not.equal(state_of(one), state_of(other))
    assert.equal(one, state_of(one).owner)
    assert.equal(2, made)
  end)

  it("goes with its owner, also where it knows that one", function()
    local gone = 0
    local state_of = kept(function(owner)
      local close = function() gone = gone + 1 end
      return setmetatable({ owner = owner }, { __gc = close })
    end)
    state_of {}
    collectgarbage()
    assert.equal(1, gone)
  end)
end)
