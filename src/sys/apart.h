// SPDX-License-Identifier: MIT
// apart: asks the kernel, on a thread of its own, what it may not answer for a long time.
//
// A process that waits for a file system in execve(2) or mmap(2) holds a lock meanwhile, and whoever reads certain
// files of it in proc(5) waits for that lock. Only SIGKILL ends such a wait. So the question is put by a thread, the
// reader. If it does not come back in time, it is left where it is with all that it uses, and another reader takes its
// place: such a process costs the caller one wait. The reader comes back when the process goes on or ends; until then
// that process is silent, and is not asked.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

typedef struct wio_apart wio_apart;

// What a reader works at: the questions and their answers. What it has read(2) while at it is noted there, so that it
// can be taken out of this process's own counters.
typedef struct {
  uint64_t calls, bytes;
  int lent; // a descriptor that the questions use, which the reader closes if it was left; -1: none
  _Alignas(64) char memory[8000];
} wio_desk;

// Puts question `i` of a desk to the kernel. It runs on another thread, and may outlive everything but the desk.
typedef void wio_apart_work(wio_desk *desk, size_t i);

// Which of its locks a process has to let go of for an answer.
typedef enum {
  WIO_APART_PROCESS, // held by execve(2): io, stat, exe, ns, the links of fd, wchan, kcmp(2)
  WIO_APART_MEMORY   // held by mmap(2) and the like as well: cmdline, maps
} wio_apart_lock;

typedef struct {
  wio_apart_work *work;
  wio_apart_lock lock;
  const pid_t *pids; // whom each question is about
  size_t count;
} wio_question;

// NULL when out of memory. No thread is started before the first question, and none at all in a tree that no kernel
// answers for, where nobody `may_be_silent`. The caller frees it; readers that were left end by themselves.
wio_apart *wio_apart_new(bool may_be_silent);
void wio_apart_free(wio_apart *apart);

// The desk for the next questions, to be filled in; what was on it stays until they are put. NULL when out of memory.
wio_desk *wio_apart_desk(wio_apart *apart);

// Puts the questions, one after the other. Returns how many were answered: if not all, the next one's process has
// become silent, and those behind it were not asked. The answers are on the desk until the next one is taken. Where no
// thread can be had, the caller's own asks.
size_t wio_apart_ask(wio_apart *apart, const wio_question *question);

// Whether a process still owes an answer that takes this lock, so that it must not be asked.
bool wio_apart_is_silent(wio_apart *apart, pid_t pid, wio_apart_lock lock);

// What the readers have read so far, as this process's own counters show it.
void wio_apart_used(const wio_apart *apart, uint64_t *calls, uint64_t *bytes);
