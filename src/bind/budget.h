// SPDX-License-Identifier: MIT
// budget: how much CPU time and memory a policy's code may take before it is stopped.
//
// A slice is one run of a policy's function, from a call or a resume to the next wait. A count hook checks the CPU time
// and the size of Lua's heap now and then. Once a slice is over its bounds, the hook raises at each further instruction
// of the policy, so that no pcall in a loop can swallow the error. It never raises in functions of the library: their
// state must stay whole.
#pragma once

#include <lua.h>
#include <stdbool.h>

// Registers the metatable, and pushes the function that makes a budget: see watchio.native.Budget.
void wio_budget_register(lua_State *L);

// Whether the slice that runs now has used up its time. For loops in C, where no hook runs.
bool wio_budget_is_over(void);

// Raises the error of the slice that runs now; only when wio_budget_is_over was true.
int wio_budget_raise(lua_State *L);
