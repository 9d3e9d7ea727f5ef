// SPDX-License-Identifier: MIT
// selector_terms: the parts of a selector, for the two files that use them: selector.c compiles them, selector_match.c
// tests processes against them.
#pragma once

#include "engine/selector.h"

// A growing list of values of one type.
typedef struct {
  void *items;
  size_t count;
} wio_terms;

// A port, and a figure of who listened on it when that was last asked.
typedef struct {
  uint32_t port;
  uint64_t mark;
} wio_port_term;

// A pidfile as it was last read.
typedef struct {
  char *path;
  wio_pidfile file;
} wio_pidfile_term;

struct wio_selector {
  wio_terms pids;     // pid_t
  wio_terms uids;     // uid_t
  wio_terms names;    // char *, globs
  wio_terms exes;     // char *, globs
  wio_terms units;    // char *, globs
  wio_terms cgroups;  // char *, paths
  wio_terms cmds;     // regex_t
  wio_terms ports;    // wio_port_term
  wio_terms pidfiles; // wio_pidfile_term
  wio_terms starts;   // uint64_t, clock ticks since boot
  wio_terms anys;     // wio_selector *
  wio_terms excepts;  // wio_selector *
  bool asks;
};
