-- SPDX-License-Identifier: MIT
std = "lua54"
max_line_length = 100
exclude_files = { "build", "spec/policies/wrong" } -- the latter are mistakes on purpose
files["lua/watchio/meta"] = { ignore = { "111", "21.", "241", "631" } }
files["spec"] = {
  read_globals = {
    "describe", "it", "pending", "setup", "teardown", "lazy_setup", "lazy_teardown",
    "before_each", "after_each", "finally", "insulate", "spy", "stub", "mock",
    assert = { other_fields = true },
  },
}
-- A policy sees the verbs, and may keep globals of its own.
local policy = {
  read_globals = {
    "watch", "defaults", "run", "kill", "signal", "stop", "cont", "nice", "ionice", "throttle", "log", "notify",
    "protect", "after", "every", "sleep", "wait_exit", "wait_idle", "find", "quit", "args",
    io = { other_fields = true },
  },
}
files["scripts/policies"] = policy
files["spec/policies"] = policy
