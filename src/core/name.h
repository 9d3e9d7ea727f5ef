// SPDX-License-Identifier: MIT
// name: what a process goes by besides the kernel's name of it, which is short, and can be an interpreter's or a title.
#pragma once

#include <stdbool.h>
#include <stddef.h>

// The longest name that is told; the rest is cut off, which is said. No file has a longer name.
#define WIO_LONG_NAME_SIZE 256

// What a command line says of names. All texts may be empty.
typedef struct {
  char program[WIO_LONG_NAME_SIZE]; // the base name of the first argument, or the first word of a title
  char script[WIO_LONG_NAME_SIZE];  // what an interpreter runs: a script's base name, a module, a class
  bool program_counts;              // the kernel's name is cut from the program's, or is another that it took
  bool title;                       // a title stands in place of the arguments: setproctitle(3)
  bool cut;                         // one of the names is longer, or not to be found in what there is of the line
} wio_names;

// Takes the names from a command line: arguments that end with a NUL each, the last one too; `name` is the kernel's.
// A script that names its interpreter (#!) goes by its own name, not by that of the interpreter, although that is the
// first argument.
void wio_names_parse(const char *name, const char *args, size_t length, wio_names *out);

// The names that count besides the kernel's, borrowed from `names`; returns how many.
#define WIO_MOST_NAMES 2
size_t wio_names_list(const wio_names *names, const char *name, const char *out[WIO_MOST_NAMES]);
