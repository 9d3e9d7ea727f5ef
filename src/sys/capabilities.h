// SPDX-License-Identifier: MIT
// capabilities: which capabilities(7) of this process are in effect, and while it does what. A program that was given
// some (not root, which keeps its own) holds them in its permitted set only: each is in effect while the kernel is
// asked for what needs it, and at no other time, so that neither Lua nor a command ever has it.
#pragma once

#include <stdbool.h>
#include <stdint.h>

// What capabilities are raised for.
typedef enum {
  WIO_TO_NOTHING,
  WIO_TO_WATCH,  // to read of other users' processes, and to be told of them
  WIO_TO_ACT,    // to signal them, and to set their priorities
  WIO_TO_LAUNCH, // to start a command as another user
  WIO_PURPOSE_COUNT
} wio_purpose;

// What was in effect before.
typedef struct {
  uint64_t in_effect;
} wio_raised;

// For a variable that lowers at the end of its scope: wio_raised before WIO_LOWERED =
// wio_capabilities_raise(WIO_TO_WATCH);
#define WIO_LOWERED __attribute__((cleanup(wio_capabilities_lower), unused))

// The ambient and the inheritable set are emptied: what this thread starts gets no capability from it. What it may do
// itself stays. Harmless twice.
void wio_capabilities_keep_to_itself(void);

// Whether this process holds capabilities that a file has lent it (setcap(8)); those of a service (ambient ones) are
// not lent, and neither are root's.
bool wio_capabilities_are_lent(void);

// The capabilities, as bits, that a file may lend to good purpose: those that reading counters takes.
uint64_t wio_capabilities_lendable(void);

// From here on none is in effect but between raise and lower. With `lent` only the lendable
// stay; the others are gone for good. To be called before there is a second thread. 0 or a negative errno, after which
// nothing is certain.
int wio_capabilities_hold(bool lent);

// All are gone for good, from every set of this thread. 0 or a negative errno.
int wio_capabilities_give_up(void);

// Puts into effect what is held for a purpose, and what was in effect stays so. Without wio_capabilities_hold nothing
// changes.
wio_raised wio_capabilities_raise(wio_purpose purpose);
// As it was before that call.
void wio_capabilities_lower(const wio_raised *before);

// Whether this capability (CAP_…) is in effect, or would be where it is raised for.
bool wio_capabilities_have(int capability);
