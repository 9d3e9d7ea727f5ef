// selector: compiled "which processes". All given kinds of term must hold; of one kind, any.
#pragma once

#include "engine/source.h"

#include <stdbool.h>
#include <stddef.h>

typedef struct wio_selector wio_selector;

// NULL when out of memory. A selector without terms matches nothing. The caller frees it.
wio_selector *wio_selector_new(void);
void wio_selector_free(wio_selector *selector);

// A pid. It names the process that has it when it is first looked for, never a later one. 0 or -ENOMEM.
int wio_selector_add_pid(wio_selector *selector, pid_t pid);

// An effective user id.
int wio_selector_add_uid(wio_selector *selector, uid_t uid);

// A glob (fnmatch(3)) on the command's name: the kernel's; where that was cut, the whole; where it is an interpreter's, what
// that runs; where a title stands in place of the arguments, the executable's base name. -EINVAL when it does not compile: `message` then says why.
int wio_selector_add_name(wio_selector *selector, const char *glob, char *message, size_t size);

// A POSIX extended regular expression on the command line. -EINVAL when it does not compile: `message` then says why.
int wio_selector_add_cmd(wio_selector *selector, const char *regex, char *message, size_t size);

bool wio_selector_is_empty(const wio_selector *selector);

// The pids it names, borrowed; none when any process can match.
size_t wio_selector_pids(const wio_selector *selector, const pid_t **out);

// Whether a process matches. What the decision takes beyond the stat is learnt from `source` and stays in `process`: most are
// told apart by less. One that ended meanwhile does not match.
bool wio_selector_match(const wio_selector *selector, wio_source *source, wio_description *process);
