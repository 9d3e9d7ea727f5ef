// SPDX-License-Identifier: MIT
// reading: the counters of one process at one moment, and which of them are known; with the parsers of the /proc texts.
//
// Every parser takes a text and its length and touches nothing else. The kernel writes these texts in fs/proc/base.c
// (io), fs/proc/array.c (stat, status) and fs/proc/loadavg.c.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

// The kinds of activity. A set of kinds is a bit mask of WIO_KIND_BIT.
typedef enum {
  WIO_IO,  // /proc/PID/io
  WIO_NET, // the bytes that TCP connections carried
  WIO_CPU, // CPU time of all threads
  WIO_KIND_COUNT
} wio_kind;

#define WIO_KIND_BIT(kind) (1 << (kind))
#define WIO_ALL_KINDS (WIO_KIND_BIT(WIO_KIND_COUNT) - 1)

// The name of a kind: "io", "net", "cpu".
const char *wio_kind_name(wio_kind kind);

// The measures: first the seven counters of /proc/PID/io, in the kernel's order. All are cumulative.
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

// The name of a measure: for io as in /proc/PID/io, e.g. "rchar"; then "net_rx", "net_tx", "cpu".
const char *wio_measure_name(wio_measure measure);

// The measures of a kind, from `first` up to but not including `end`.
typedef struct {
  wio_measure first, end;
} wio_measures;
wio_measures wio_kind_measures(wio_kind kind);

// The kind of a measure.
wio_kind wio_measure_kind(wio_measure measure);

// The counters of one process. The values of a kind hold only while its `error` is 0. Otherwise `error` says why they
// are unknown (an errno such as EACCES). Unknown is never zero.
typedef struct {
  uint64_t value[WIO_MEASURE_COUNT];
  int error[WIO_KIND_COUNT];
  bool ended;    // the process was found to be a zombie; a reading through a file that is held open cannot tell
  bool hidden;   // it may do work that neither io nor net shows: by datagrams, Unix sockets, io_uring, devices, shared
                 // memory
  bool knocked;  // a client waits to be accepted by it
  bool revealed; // `hidden` was found now and not before: what it did meanwhile was judged as if all of it showed
} wio_reading;

// A request for a reading of a process.
typedef struct {
  int kinds;
  uint64_t moment; // the number of the pass: questions about all processes at once go to the kernel once a moment
  bool exact;      // no value may be older than this very request
  bool first;      // the first request for this process: the connections of a new process can wait for the next one
} wio_request;

// Returns those of `kinds` that are known.
int wio_reading_known(const wio_reading *reading, int kinds);

// Takes over the known kinds of a later reading, among `kinds`. An unknown kind keeps its last known values, beside the
// reason why it is unknown now. Returns whether anything differs.
bool wio_reading_update(wio_reading *reading, const wio_reading *later, int kinds);

// Parses the text of /proc/PID/io. False when a counter is missing or is no number; `io` is then undefined.
bool wio_io_parse(const char *text, size_t length, uint64_t io[WIO_IO_COUNT]);

// A command's name: 15 characters for a program, up to 63 for a kernel thread, and the NUL.
#define WIO_NAME_SIZE 64

// The fields of /proc/PID/stat that are used.
typedef struct {
  char name[WIO_NAME_SIZE]; // comm; may hold blanks, parentheses, newlines and invalid UTF-8
  char state;               // R S D T t Z X I, as in ps
  pid_t ppid;
  pid_t group;
  pid_t session;
  unsigned threads;
  bool kernel_thread;
  bool exiting;         // the first thread is about to end
  uint64_t start_ticks; // start time in clock ticks since boot
  uint64_t cpu_ticks;   // CPU time of all threads in clock ticks
} wio_stat;

// Parses the text of /proc/PID/stat. The name ends at the last ')', since the name may hold others. False when
// malformed.
bool wio_stat_parse(const char *text, size_t length, wio_stat *out);

// Whether the process has ended: it is a zombie whose other threads are gone too.
bool wio_stat_ended(const wio_stat *stat);

// Parses the newest pid of the machine: the last field of /proc/loadavg. False when malformed.
bool wio_newest_pid_parse(const char *text, size_t length, pid_t *out);

// Parses the effective user id: the second number of "Uid:" in /proc/PID/status. False when malformed.
bool wio_euid_parse(const char *text, size_t length, uid_t *out);
// Parses the real user id: the first number of "Uid:". False when malformed.
bool wio_real_uid_parse(const char *text, size_t length, uid_t *out);

// Parses the parent's pid: "PPid:" in /proc/PID/status. False when malformed.
bool wio_parent_parse(const char *text, size_t length, pid_t *out);

// Parses the set of ignored signals, a bit for each, with SIGHUP the lowest: "SigIgn:" in /proc/PID/status. False when
// malformed.
bool wio_ignored_signals_parse(const char *text, size_t length, uint64_t *out);
