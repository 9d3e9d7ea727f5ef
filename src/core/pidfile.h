// SPDX-License-Identifier: MIT
// pidfile: a file in which a program has written its pid, and whom it can be believed to name: it can be empty, left
// over from another life, or written by somebody who has no say over the process.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

// What was read of one. Whom it names is the caller's to keep while it is empty, as between a truncation and a write.
typedef struct {
  pid_t pid;           // 0: nobody
  uid_t owner;         // of the file, or of a folder or link on its way
  bool trusted;        // all of these are root's, or the user's who watches
  bool disputed;       // anybody, or more than one user besides these, can put another file in its place
  uint64_t written_ns; // of the epoch, by the clock of then
  bool of_this_boot;   // it was written since the machine was booted, and not touched afterwards
} wio_pidfile;

// The pid in the text: a number at its beginning; more may follow behind a blank or on further lines. False when there
// is none, and when the text is not `whole` and the number at its end may go on.
bool wio_pidfile_parse(const char *text, size_t length, bool whole, pid_t *out);

// Why the file does not name a process that has its pid; NULL when it does. One that started after the file was written
// is another program's: the number was given out again; but not where no number of this boot was (`once`), as when the
// clock was set forward after the file was written. A file that is not trusted names processes of its owner only, and
// one that is disputed nobody.
const char *wio_pidfile_fault(const wio_pidfile *file, uint64_t started_ns, uid_t uid, bool once);

// When the machine was booted, in seconds of the epoch: "btime" in /proc/stat. False where that is not in the text.
bool wio_boot_time_parse(const char *text, size_t length, uint64_t *out);

// How many processes and threads were started since: "processes" in /proc/stat. False where that is not in the text.
bool wio_births_parse(const char *text, size_t length, uint64_t *out);
