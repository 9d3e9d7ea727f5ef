// SPDX-License-Identifier: MIT
// The loadable module: `require "watchio.native"` finds its one function here and pulls in the rest.
#include "bind/bind.h"

// A static library's member is linked only when something names it.
__attribute__((used)) static int (*const keep)(lua_State *) = luaopen_watchio_native;
