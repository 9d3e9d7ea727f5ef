// SPDX-License-Identifier: MIT
// capabilities: which capabilities(7) of this process are in effect, and for which calls. Root keeps its own in effect.
// Any other program that was given some holds them in its permitted set only. Each is in effect only during the calls
// that need it, so that neither Lua nor a command ever has it.
#pragma once

#include <stdbool.h>
#include <stdint.h>

// The purposes for which capabilities are raised.
typedef enum {
  WIO_TO_NOTHING,
  WIO_TO_WATCH,  // to read other users' processes, and to be told of them
  WIO_TO_ACT,    // to signal other users' processes, and to set their priorities
  WIO_TO_LAUNCH, // to start a command as another user
  WIO_PURPOSE_COUNT
} wio_purpose;

// The capabilities that were in effect before a raise.
typedef struct {
  uint64_t in_effect;
} wio_raised;

// An attribute for a variable that lowers at the end of its scope: wio_raised before WIO_LOWERED =
// wio_capabilities_raise(WIO_TO_WATCH);
#define WIO_LOWERED __attribute__((cleanup(wio_capabilities_lower), unused))

// Empties the ambient and the inheritable set, so that a command started by this thread gets no capability from it.
// This thread's own capabilities stay. Harmless twice.
void wio_capabilities_keep_to_itself(void);

// Whether this process holds capabilities that a file has lent it (setcap(8)). The ambient ones of a service are not
// lent, and neither are root's.
bool wio_capabilities_are_lent(void);

// The capabilities, as bits, that a file may usefully lend: those that reading counters needs.
uint64_t wio_capabilities_lendable(void);

// From this call on, capabilities are in effect only between raise and lower. With `lent` only the lendable ones stay;
// the others are gone for good. Must be called before there is a second thread. 0 or a negative errno; after an error
// the state is undefined.
int wio_capabilities_hold(bool lent);

// Gives up all capabilities for good, in every set of this thread. 0 or a negative errno.
int wio_capabilities_give_up(void);

// Puts the held capabilities for a purpose into effect, in addition to those that are. Changes nothing unless
// wio_capabilities_hold was called.
wio_raised wio_capabilities_raise(wio_purpose purpose);
// Restores the capabilities that were in effect before that raise.
void wio_capabilities_lower(const wio_raised *before);

// Whether this capability (CAP_…) is in effect, or would be when it is raised.
bool wio_capabilities_have(int capability);
