-- SPDX-License-Identifier: MIT
-- Names that ps(1) shows, of real processes that the kernel calls something else.
local e2e = require "spec.e2e.support"

describe("a process that renamed itself", function()
  after_each(e2e.finish)

  it("goes by its program's name as well, which match lists", function()
    local path, name = e2e.named "/bin/sh"
    local process = e2e.start {
      path,
      "-c",
      "printf MainThread >/proc/$$/comm; echo ready; read -r _",
      input = true,
    }
    process:says "ready"
    local match = e2e.watchio { "match", name }
    match:ends_with(0)
    assert.truthy(match.out:find("MainThread%s+" .. name .. "%s+match"), match.out)
  end)

  it("may be a script, which does not go by its interpreter's name", function()
    local path, name = e2e.named "/bin/sh"
    local script =
      e2e.write(e2e.folder() .. "/job", ("#!%s\necho ready; read -r _\n"):format(path))
    assert(require("luv").fs_chmod(script, 493))
    local process = e2e.start { script, input = true }
    process:says "ready"
    e2e.watchio({ "match", name }):ends_with(3)
    e2e.watchio({ "match", "job,exe=" .. path }):ends_with(0)
  end)
end)
