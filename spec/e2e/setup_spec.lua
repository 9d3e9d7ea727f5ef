-- SPDX-License-Identifier: MIT
-- What scripts/setup says when it may not install.
local e2e = require "spec.e2e.support"
local uv = require "luv"

describe("scripts/setup", function()
  after_each(e2e.finish)

  -- Runs it as an ordinary user where cmake is too old and apt-get is there, with further commands.
  local function set_up(commands)
    local folder = e2e.folder()
    assert(uv.fs_chmod(folder, 493)) -- 0755
    for _, name in ipairs { "setup", "common.sh" } do
      e2e.write(folder .. "/" .. name, e2e.read(e2e.root .. "/scripts/" .. name))
    end
    commands.cmake, commands["apt-get"] = "echo cmake version 3.1", "exit 1"
    for name, text in pairs(commands) do
      local path = e2e.write(folder .. "/" .. name, "#!/bin/sh\n" .. text .. "\n")
      assert(uv.fs_chmod(path, 493))
    end
    local setup = e2e.start {
      "/bin/sh",
      folder .. "/setup",
      "build",
      env = { PATH = folder .. ":" .. os.getenv "PATH" },
      uid = e2e.is_root and 65534 or nil,
      gid = e2e.is_root and 65534 or nil,
    }
    setup:ends_with(1)
    return setup.err
  end

  it(
    "prints what to type where sudo wants a password",
    function()
      assert.matches(
        "^setup: sudo wants a password; run this first: "
          .. "sudo apt%-get install %-%-no%-install%-recommends cmake[%l%d. -]*\n$",
        set_up { sudo = "exit 1" }
      )
    end
  )

  it("prints it without sudo where there is none", function()
    if os.execute "command -v sudo >/dev/null" then return pending("there is a sudo here") end
    assert.matches(
      "^setup: not root, and no sudo here; run this first, as root: "
        .. "apt%-get install %-%-no%-install%-recommends cmake",
      set_up {}
    )
  end)
end)
