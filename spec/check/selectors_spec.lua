-- SPDX-License-Identifier: MIT
local sessions = require "spec.support.sessions"

-- The pids that a selector names, in a session on a fake /proc.
describe("a selector", function()
  local it_session = sessions.fixture()

  local function proc() return it_session.proc end
  local function find(selector) return it_session.verbs.find(selector) end

  it("knows the whole of a name that the kernel cut", function()
    proc():add(10, { name = "systemd-journal", cmd = { "/lib/systemd/systemd-journald" } })
    assert.same({ 10 }, find "systemd-journald")
    assert.same({ 10 }, find "systemd-journal")
    assert.same({}, find "systemd-journa")
  end)

  it("knows what an interpreter runs", function()
    proc():add(10, { name = "python3", cmd = { "python3", "-m", "http.server", "8000" } })
    proc():add(11, { name = "node", cmd = { "node", "/srv/my app.js" } })
    proc():add(12, { name = "java", cmd = { "java", "-Xmx1g", "-jar", "/opt/x.jar" } })
    proc():add(13, { name = "sh", cmd = { "sh", "-c", "app.js" } })
    assert.same({ 10 }, find "http.server")
    assert.same({ 11 }, find "my app.js")
    assert.same({ 12 }, find "x.jar")
    assert.same({ 10, 11, 12, 13 }, find { name = { "python*", "node", "java", "sh" } })
  end)

  it("knows the executable behind a title", function()
    local function title(text) return { text .. ("\0"):rep(20) } end
    proc():add(
      10,
      { name = "app: worker 1", cmd = title "app: worker 1 of 2", exe = "/opt/app" }
    )
    proc():add(11, { name = "service 1", cmd = title "service 1 of 2", exe = "/opt/app" })
    proc():add(12, { name = "app: worker 3", cmd = { "app:", "worker" }, exe = "/opt/app" })
    assert.same({ 10, 11 }, find "app")
    assert.same({ 11 }, find "service")
  end)

  it("knows the program of a process that has renamed itself, but not of a script", function()
    proc():add(10, { name = "MainThread", cmd = { "/usr/bin/node", "/srv/app.js" } })
    proc():add(
      11,
      { name = "A-name-that-is-", cmd = { [[C:\My Games\A-name-that-is-long.exe]] } }
    )
    proc():add(12, { name = "app.py", cmd = { "/usr/bin/python3", "/srv/app.py" } })
    assert.same({ 10 }, find "node")
    assert.same({ 10 }, find "app.js")
    assert.same({ 11 }, find "A-name-that-is-long.exe")
    assert.same({ 12 }, find "app.py")
    assert.same({}, find "python3")
  end)

  it("takes any name that a process can have", function()
    local names = { [10] = "a b", [11] = ") R 1 (", [12] = "two\nlines", [13] = "\xff\xfe" }
    for pid, name in pairs(names) do
      proc():add(pid, { name = name, cmd = { "x" } })
      assert.same({ pid }, find(name:gsub("[][*?\\]", "\\%0")))
    end
    assert.same({ 12 }, find "two?l*")
    assert.same({ 13 }, find "\xff*")
  end)
end)
