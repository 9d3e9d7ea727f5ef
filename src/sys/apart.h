// SPDX-License-Identifier: MIT
// apart: asks the kernel, on a thread of its own, the questions that it may leave unanswered for a long time.
//
// A process that waits for a file system in execve(2) or mmap(2) holds a lock meanwhile. A program that reads certain
// files of that process in proc(5) waits for the lock, and only SIGKILL ends such a wait. So a thread, the reader, puts
// the question. A reader that does not come back in time is left where it is, with all that it uses, and another reader
// takes its place: such a process costs the caller one wait. The reader comes back when the process goes on or ends.
// Until then that process is silent, and is not asked.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

typedef struct wio_apart wio_apart;

// The memory that a reader works on: the questions and their answers. It also counts the reader's read(2) calls and
// their bytes, so that these can be taken out of this process's own counters.
typedef struct {
  uint64_t calls, bytes;
  int lent; // a descriptor that the questions use; the reader closes it if the reader was left; -1: none
  _Alignas(64) char memory[8000];
} wio_desk;

// A function that puts question `i` of a desk to the kernel. It runs on another thread, and may outlive everything but
// the desk.
typedef void wio_apart_work(wio_desk *desk, size_t i);

// The lock that a process has to release before the kernel can answer.
typedef enum {
  WIO_APART_PROCESS, // held by execve(2): io, stat, exe, ns, the links of fd, wchan, kcmp(2)
  WIO_APART_MEMORY   // held by mmap(2) and the like as well: cmdline, maps
} wio_apart_lock;

typedef struct {
  wio_apart_work *work;
  wio_apart_lock lock;
  const pid_t *pids; // the process that each question is about
  size_t count;
} wio_question;

// NULL when out of memory. No thread is started before the first question. Without `may_be_silent` none is started at
// all: that is for a tree that no kernel answers for. The caller frees the result; readers that were left end by
// themselves.
wio_apart *wio_apart_new(bool may_be_silent);
void wio_apart_free(wio_apart *apart);

// Returns the desk, for the caller to fill in the next questions. Its contents stay until these are put. NULL when out
// of memory.
wio_desk *wio_apart_desk(wio_apart *apart);

// Puts the questions, one after the other. Returns how many were answered: if not all, the process of the next question
// has become silent, and the questions behind it were not put. The answers are on the desk until wio_apart_desk is
// called again. Where no thread can be started, the caller's own thread asks.
size_t wio_apart_ask(wio_apart *apart, const wio_question *question);

// Whether a process still owes an answer that needs this lock; then it must not be asked.
bool wio_apart_is_silent(wio_apart *apart, pid_t pid, wio_apart_lock lock);

// Tells the read(2) calls and bytes of the readers so far, as this process's own counters include them.
void wio_apart_used(const wio_apart *apart, uint64_t *calls, uint64_t *bytes);
