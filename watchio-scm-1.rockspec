-- SPDX-License-Identifier: MIT
rockspec_format = "3.0"
package = "watchio"
version = "scm-1"

source = { url = "git+file://." } -- `luarocks make` builds the tree that it stands in

description = {
  summary = "Lua-scriptable watcher of process activity",
  detailed = [[
Watches what running programs do, what they read and write, what their connections carry and how
long they run, and lets a short Lua policy act on it.]],
  license = "MIT",
}

supported_platforms = { "linux" }

dependencies = { "lua >= 5.4", "luv >= 1.44", "argparse >= 0.7", "dkjson >= 2.6" }

build = {
  type = "cmake",
  variables = {
    CMAKE_BUILD_TYPE = "RelWithDebInfo",
    CMAKE_INSTALL_PREFIX = "$(PREFIX)",
    CMAKE_INSTALL_BINDIR = "$(BINDIR)",
    WATCHIO_LUA_MODULES = "$(LUADIR)",
    WATCHIO_LUA_CMODULES = "$(LIBDIR)",
    BUILD_TESTING = "OFF",
  },
}
