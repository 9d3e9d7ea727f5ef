// SPDX-License-Identifier: MIT
// name: the names of a process besides the kernel's. The kernel's name is short, and can be an interpreter's or a
// title.
#pragma once

#include <stdbool.h>
#include <stddef.h>

// The room for a name, with its NUL. No file has a longer name; a longer one is cut off, and `cut` says so.
#define WIO_LONG_NAME_SIZE 256

// The names that a command line gives. All texts may be empty.
typedef struct {
  char program[WIO_LONG_NAME_SIZE]; // the base name of the first argument, or the first word of a title
  char script[WIO_LONG_NAME_SIZE];  // the thing that an interpreter runs: a script's base name, a module, a class
  bool program_counts; // the kernel's name is a cut form of the program's, or another name that the process took
  bool title;          // a title stands in the place of the arguments: setproctitle(3)
  bool cut;            // one of the names is longer, or lies beyond the part of the command line that is there
} wio_names;

// Takes the names from a command line: `args` are `length` bytes of arguments, each of which ends with a NUL, the last
// one too. `name` is the kernel's name. A script that names its interpreter (#!) goes by its own name, not by the
// interpreter's, although the interpreter is the first argument.
void wio_names_parse(const char *name, const char *args, size_t length, wio_names *out);

// Writes the names that count besides the kernel's; they are borrowed from `names`. Returns how many there are.
#define WIO_MOST_NAMES 2
size_t wio_names_list(const wio_names *names, const char *name, const char *out[WIO_MOST_NAMES]);
