// SPDX-License-Identifier: MIT
// pidfile: a file in which a program has written its pid, and which process the file can be trusted to name. The file
// can be empty, left over from an earlier run, or written by a user who has no say over the process.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

// The contents and standing of a pid file. A file is empty between a truncation and a write: the caller keeps the pid
// that it had named before.
typedef struct {
  pid_t pid;     // 0: the file names none
  uid_t owner;   // the owner of the file, or of a folder or link on its path
  bool trusted;  // the file and the folders and links on its path all belong to root or to the watching user
  bool disputed; // anybody, or more than one user besides root and the watching one, can put another file in its place
  uint64_t written_ns; // since the epoch, by the clock at that time
  bool of_this_boot;   // it was written since the machine was booted, and its time was not set afterwards
} wio_pidfile;

// Parses the pid: the number at the beginning of the text. More may follow behind a blank or on further lines. False
// when there is none; and when the text is not `whole` and ends with the number, which may then go on.
bool wio_pidfile_parse(const char *text, size_t length, bool whole, pid_t *out);

// Says why the file does not name the process with its pid, which started at `started_ns` of the epoch and belongs to
// `uid`; NULL when it does. A process that started after the file was written is another program's: its pid was given
// out again. This does not hold where `once` says that no pid of this boot was given out twice: then the clock was set
// forward after the file was written. A file that is not trusted names only processes of its owner, and a disputed file
// names none.
const char *wio_pidfile_fault(const wio_pidfile *file, uint64_t started_ns, uid_t uid, bool once);

// Parses the time of the machine's boot, in seconds since the epoch: "btime" in /proc/stat. False where the text lacks
// it.
bool wio_boot_time_parse(const char *text, size_t length, uint64_t *out);

// Parses the number of processes and threads started since the boot: "processes" in /proc/stat. False where the text
// lacks it.
bool wio_births_parse(const char *text, size_t length, uint64_t *out);
