// SPDX-License-Identifier: MIT
// selector: compiled "which processes". All given kinds of term must hold; of one kind, any.
#pragma once

#include "engine/source.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct wio_selector wio_selector;

// NULL when out of memory. A selector without terms matches nothing. The caller frees it.
wio_selector *wio_selector_new(void);
void wio_selector_free(wio_selector *selector);

// The functions that add a term return 0, -ENOMEM, or -EINVAL when the term does not compile: `message` then says why.

// A pid. It names the process that has it when it is first inspected, never a later one.
int wio_selector_add_pid(wio_selector *selector, pid_t pid);

// An effective user id.
int wio_selector_add_uid(wio_selector *selector, uid_t uid);

// A glob (fnmatch(3)) on the names of a process: the kernel's name; where that is cut, the whole name; where it is an
// interpreter's, the name of the script or module; where a title stands in place of the arguments, the executable's
// base name.
int wio_selector_add_name(wio_selector *selector, const char *glob, char *message, size_t size);

// A glob on the executable's path; a `*` matches slashes, too. An executable that was replaced has the path that it had
// before.
int wio_selector_add_exe(wio_selector *selector, const char *glob, char *message, size_t size);

// A POSIX extended regular expression on the command line.
int wio_selector_add_cmd(wio_selector *selector, const char *regex, char *message, size_t size);

// A systemd unit, a template for all its instances, or a glob; ".service" may be left out. See core/cgroup.h.
int wio_selector_add_unit(wio_selector *selector, const char *unit, char *message, size_t size);

// A cgroup's path, for it and all below it.
int wio_selector_add_cgroup(wio_selector *selector, const char *path, char *message, size_t size);

// A port that the process listens on, in its own network namespace: of TCP or, with WIO_PORT_UDP in it, of UDP.
int wio_selector_add_port(wio_selector *selector, uint32_t port);

// A file that holds the process's pid. See core/pidfile.h.
int wio_selector_add_pidfile(wio_selector *selector, const char *path);

// When a process began, in clock ticks since boot. Together with its pid, this names one process and never a later one.
int wio_selector_add_start(wio_selector *selector, uint64_t start_ticks);

// Adds an alternative: a match must also match one of the selectors added so. A pid among their terms does not bind to
// the process that has it now: a later process with that pid matches as well. Takes it over, also on failure.
int wio_selector_add_any(wio_selector *selector, wio_selector *any);

// Adds an exception: a process that matches `except`, or of which that cannot be told, does not match. Takes it over,
// also on failure.
int wio_selector_add_except(wio_selector *selector, wio_selector *except);

// A match has to be confirmed by the caller: see WIO_EVENT_CANDIDATE.
void wio_selector_ask(wio_selector *selector);
bool wio_selector_asks(const wio_selector *selector);

// Whether it has no terms; exceptions do not count.
bool wio_selector_is_empty(const wio_selector *selector);

// The pids it names, borrowed; none when any process can match.
size_t wio_selector_pids(const wio_selector *selector, const pid_t **out);

// Whether a pid is named: by a term of its own, of one of its alternatives, or in a pidfile.
bool wio_selector_names(const wio_selector *selector, pid_t pid);

// Whether it asks for ports, also in selectors within it.
bool wio_selector_wants_ports(const wio_selector *selector);

// Reads pidfiles, and takes up which sockets listen on ports, as last read (`refresh_listeners`). To be called before
// processes are matched. Returns whether any of it has changed: then a process that did not match may match now.
bool wio_selector_refresh(wio_selector *selector, wio_source *source);

// The process that a pidfile names now. 0, or a negative errno when it names none: why the file was not taken
// (sys/pidfile.h), or -ESRCH, with the pid that is in it and, unless that process has just ended, a `fault`.
int wio_selector_read_pidfile(wio_source *source, const char *path, pid_t *pid, const char **fault);

// Whether the process with that pid could match at all: asked before anything is read of it.
bool wio_selector_may_match(const wio_selector *selector, pid_t pid);

// Unknown: it would match but for what may not be read of it; `denied` of the process says why.
typedef enum { WIO_MATCH_NO, WIO_MATCH_YES, WIO_MATCH_UNKNOWN } wio_match;

// Whether a process matches. Facts that the decision needs beyond the stat are learnt from `source` and stay in
// `process`; most processes are told apart by fewer. A process that has ended meanwhile does not match.
wio_match wio_selector_test(const wio_selector *selector, wio_source *source, wio_description *process);

// Whether a process is known to match.
bool wio_selector_match(const wio_selector *selector, wio_source *source, wio_description *process);
