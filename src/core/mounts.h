// mounts: what a text as of PID/mountinfo says of a process tree; see proc(5).
#pragma once

#include <stdbool.h>
#include <stddef.h>

// Finds the option hidepid of the process tree that was mounted at `place` last: "0", "1", "2", "4", or the kernel's word for it
// ("invisible"); "0" where it is not given. False, and an empty text, when no such mount is in the text.
bool wio_hidepid_parse(const char *text, size_t length, const char *place, char *out, size_t size);
