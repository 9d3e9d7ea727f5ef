// SPDX-License-Identifier: MIT
// gateway: the one way from C into Lua: protected, with a traceback, the stack balanced on both outcomes, and counted.
#pragma once

#include <lua.h>
#include <stdint.h>

// Calls `function`, a C function that is given `data` as a light userdata and may raise, on `L`. Results are dropped.
// On an error the traceback is pushed and the status returned; else LUA_OK and nothing is pushed. `calls` is counted
// up.
int wio_gateway_call(lua_State *L, lua_CFunction function, void *data, uint64_t *calls);
