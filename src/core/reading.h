// reading: the counters of one process at one moment, and which of them are known; parsers of the /proc texts.
//
// Every parser takes a text and its length and touches nothing else. Where the kernel writes the text: fs/proc/base.c
// (io), fs/proc/array.c (stat, status), fs/proc/loadavg.c.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

// The seven counters of /proc/PID/io, in the kernel's order.
typedef enum {
  WIO_RCHAR,                 // bytes that read calls returned
  WIO_WCHAR,                 // bytes that write calls took
  WIO_SYSCR,                 // read calls
  WIO_SYSCW,                 // write calls
  WIO_READ_BYTES,            // bytes fetched from a device
  WIO_WRITE_BYTES,           // bytes made dirty for a device
  WIO_CANCELLED_WRITE_BYTES, // dirty bytes that were dropped again
  WIO_IO_COUNT
} wio_io_field;

// The field's name as in /proc/PID/io, e.g. "rchar".
const char *wio_io_name(wio_io_field field);

// The counters of one process. `io` holds only while `io_error` is 0; else it says why they are unknown (an errno such as
// EACCES). Unknown is never zero.
typedef struct {
  uint64_t io[WIO_IO_COUNT];
  int io_error;
  bool ended; // it was found to be a zombie; a reading through a held file does not tell
} wio_reading;

// Whether two known readings differ in any counter.
bool wio_reading_moved(const wio_reading *before, const wio_reading *after);

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
  uint64_t start_ticks; // start time in clock ticks since boot
} wio_stat;

// Parses the text of /proc/PID/stat. The name ends at the last ')', since it may hold any other. False when malformed.
bool wio_stat_parse(const char *text, size_t length, wio_stat *out);

// Whether that process has ended: a zombie whose other threads are gone too.
bool wio_stat_ended(const wio_stat *stat);

// The newest pid of the machine: the last field of /proc/loadavg. False when malformed.
bool wio_newest_pid_parse(const char *text, size_t length, pid_t *out);

// The effective user id: the second number of "Uid:" in /proc/PID/status. False when malformed.
bool wio_euid_parse(const char *text, size_t length, uid_t *out);
