// SPDX-License-Identifier: MIT
// program: a Lua state as the watchio program has it: luv, the C module and the embedded Lua library, ready to require.
#pragma once

#include <lua.h>
#include <stdbool.h>
#include <stddef.h>

// One Lua source of the embedded library; `name` is the module's, `chunk` what tracebacks show. A foreign source is by
// other authors, and can require only the standard libraries.
typedef struct {
  const char *name, *chunk;
  const unsigned char *text;
  size_t length;
  bool foreign;
} wio_embedded_source;

// Ended by a row without a name.
extern const wio_embedded_source wio_embedded[];

// Opens the standard libraries and makes `luv`, `watchio.native` and `watchio…` loadable without any file. May raise.
int wio_open_libraries(lua_State *L);
