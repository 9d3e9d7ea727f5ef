-- SPDX-License-Identifier: MIT
local events = require "watchio.base.events"
local outline = require "watchio.policy.outline"
local sessions = require "spec.support.sessions"

describe("the outline of a watch", function()
  it("says of each handler when it comes, in the order of the events", function()
    local it_session = sessions.new()
    local options = { "nothing-of-that-name" }
    for _, on in ipairs(events.handlers) do
      options[on] = it_session.verbs.log "said"
    end
    local data = outline.of(it_session.session, it_session.verbs.watch(options))
    it_session:close()
    local told = {}
    for index, each in ipairs(data.actions) do
      told[index] = each.on
      assert.is_string(each.when, each.on)
    end
    assert.same(events.handlers, told)
  end)
end)
