// SPDX-License-Identifier: MIT
// guard: what a policy's code may take before it is stopped: time that it computes without waiting, and memory.
//
// A slice is the time in which a policy's function runs without yielding. A count hook looks at the CPU time and at
// Lua's heap now and then; once a slice is over its bounds the hook raises at every further instruction of the
// policy's, so that no pcall in a loop swallows it. It never raises in the library's own functions, whose state must
// stay whole.
#pragma once

#include <lua.h>
#include <stdbool.h>

// Registers the metatable, and pushes the function that makes a guard: see watchio.native.Guard.
void wio_guard_register(lua_State *L);

// Whether the slice that runs now has had its time: for loops in C, where no hook runs.
bool wio_guard_is_over(void);

// Raises what the slice is over; only when wio_guard_is_over was true.
int wio_guard_raise(lua_State *L);
