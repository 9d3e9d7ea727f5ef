// SPDX-License-Identifier: MIT
// name: what a process goes by besides the kernel's name of it, which is short, and can be an interpreter's or a title.
#pragma once

#include <stdbool.h>
#include <stddef.h>

// The longest name that is told; the rest is cut off, which is said. No file has a longer name.
#define WIO_LONG_NAME_SIZE 256

// What a command line says of names. All texts may be empty.
typedef struct {
  char program[WIO_LONG_NAME_SIZE]; // the base name of the first argument
  char script[WIO_LONG_NAME_SIZE];  // what an interpreter runs: a script's base name, a module, a class
  bool title;                       // a title stands in place of the arguments: setproctitle(3)
  bool cut;                         // one of the two is longer
} wio_names;

// Whether the kernel's name may be less than the truth: it can be cut, is an interpreter's, or looks like a title. Only
// then is the command line worth a look.
bool wio_name_is_doubtful(const char *name);

// Takes the names from a command line: arguments that end with a NUL each, the last one too.
void wio_names_parse(const char *args, size_t length, wio_names *out);

// Whether `name`, the kernel's, is what 15 characters hold of the program's.
bool wio_name_is_cut_from(const char *name, const char *program);
