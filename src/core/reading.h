// SPDX-License-Identifier: MIT
// reading: the counters of one process at one moment, and which of them are known; parsers of the /proc texts.
//
// Every parser takes a text and its length and touches nothing else. Where the kernel writes the text: fs/proc/base.c
// (io), fs/proc/array.c (stat, status), fs/proc/loadavg.c.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

// The kinds of activity. A set of them is or'ed of WIO_KIND_BIT.
typedef enum {
  WIO_IO,  // /proc/PID/io
  WIO_NET, // what TCP connections carried
  WIO_CPU, // time run, of all threads
  WIO_KIND_COUNT
} wio_kind;

#define WIO_KIND_BIT(kind) (1 << (kind))
#define WIO_ALL_KINDS (WIO_KIND_BIT(WIO_KIND_COUNT) - 1)

// "io", "net", "cpu".
const char *wio_kind_name(wio_kind kind);

// What is measured: first the seven counters of /proc/PID/io, in the kernel's order. All are cumulative.
typedef enum {
  WIO_RCHAR,                 // bytes that read calls returned
  WIO_WCHAR,                 // bytes that write calls took
  WIO_SYSCR,                 // read calls
  WIO_SYSCW,                 // write calls
  WIO_READ_BYTES,            // bytes fetched from a device
  WIO_WRITE_BYTES,           // bytes made dirty for a device
  WIO_CANCELLED_WRITE_BYTES, // dirty bytes that were dropped again
  WIO_IO_COUNT,
  WIO_NET_RX = WIO_IO_COUNT, // bytes received
  WIO_NET_TX,                // bytes sent
  WIO_CPU_NS,                // nanoseconds run
  WIO_MEASURE_COUNT
} wio_measure;

// Its name: those of /proc/PID/io, e.g. "rchar", then "net_rx", "net_tx", "cpu".
const char *wio_measure_name(wio_measure measure);

// The measures of a kind: from `first` up to, not including, `end`.
typedef struct {
  wio_measure first, end;
} wio_measures;
wio_measures wio_kind_measures(wio_kind kind);

// The kind of a measure.
wio_kind wio_measure_kind(wio_measure measure);

// What one process has counted. The values of a kind hold only while its `error` is 0; else that says why they are
// unknown (an errno such as EACCES). Unknown is never zero.
typedef struct {
  uint64_t value[WIO_MEASURE_COUNT];
  int error[WIO_KIND_COUNT];
  bool ended;   // it was found to be a zombie; a reading through a held file does not tell
  bool hidden;  // it may do what neither io nor net shows: by datagrams, Unix sockets, io_uring, devices, shared memory
  bool knocked; // somebody waits to be accepted by it
  bool revealed; // that was found now, and was not so before: what it has done since it opened them was taken for less
} wio_reading;

// What is to be read of a process.
typedef struct {
  int kinds;
  uint64_t
      moment; // the number of the pass: what is asked of the kernel for all processes at once is asked once a moment
  bool exact; // nothing may be older than this very request
  bool first; // of this process: the connections of one that was just born can wait for the next
} wio_request;

// Which of these kinds are known.
int wio_reading_known(const wio_reading *reading, int kinds);

// Takes over the known kinds of a later reading; of the others what was known last stays, beside the reason why nothing
// is known now. Says whether anything differs.
bool wio_reading_update(wio_reading *reading, const wio_reading *later, int kinds);

// Parses the text of /proc/PID/io. False when a counter is missing or no number; `io` is then undefined.
bool wio_io_parse(const char *text, size_t length, uint64_t io[WIO_IO_COUNT]);

// A command's name: 15 characters for a program, up to 63 for a kernel thread, and the NUL.
#define WIO_NAME_SIZE 64

// What is used of /proc/PID/stat.
typedef struct {
  char name[WIO_NAME_SIZE]; // comm; may hold blanks, parentheses, newlines and invalid UTF-8
  char state;               // R S D T t Z X I, as in ps
  pid_t ppid;
  pid_t group;
  pid_t session;
  unsigned threads;
  bool kernel_thread;
  bool exiting;         // its first thread is about to end
  uint64_t start_ticks; // start time in clock ticks since boot
  uint64_t cpu_ticks;   // time run in clock ticks, of all threads
} wio_stat;

// Parses the text of /proc/PID/stat. The name ends at the last ')', since it may hold any other. False when malformed.
bool wio_stat_parse(const char *text, size_t length, wio_stat *out);

// Whether that process has ended: a zombie whose other threads are gone too.
bool wio_stat_ended(const wio_stat *stat);

// The newest pid of the machine: the last field of /proc/loadavg. False when malformed.
bool wio_newest_pid_parse(const char *text, size_t length, pid_t *out);

// The effective user id: the second number of "Uid:" in /proc/PID/status. False when malformed.
bool wio_euid_parse(const char *text, size_t length, uid_t *out);
// The real one.
bool wio_real_uid_parse(const char *text, size_t length, uid_t *out);

// The parent: "PPid:" in the same text. False when malformed.
bool wio_parent_parse(const char *text, size_t length, pid_t *out);

// The signals that are ignored, a bit each, SIGHUP the lowest: "SigIgn:" in the same text. False when malformed.
bool wio_ignored_signals_parse(const char *text, size_t length, uint64_t *out);
