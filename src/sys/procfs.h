// SPDX-License-Identifier: MIT
// procfs: a /proc under a given root: who lives, and what the files of one pid say. See proc(5).
//
// Functions return 0 or a negative errno. A pid that is not there is -ESRCH, whatever the kernel said of the file. What
// takes a lock of the process is asked for apart: -ETIMEDOUT of one that is silent, see sys/apart.h.
#pragma once

#include "core/pids.h"
#include "core/reading.h"
#include "sys/apart.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

typedef struct wio_procfs wio_procfs;

// Opens the tree at `root`; NULL is "/proc". The caller frees it with wio_procfs_close.
int wio_procfs_open(const char *root, wio_procfs **out);
void wio_procfs_close(wio_procfs *fs);

// Whether it is the running kernel's own: only its pids can be asked for a clock, a pidfd or a signal.
bool wio_procfs_is_live(const wio_procfs *fs);

// This process's own pid in that tree; 0 when it is not in it.
pid_t wio_procfs_self(const wio_procfs *fs);

// The directory, for openat(2); owned by `fs`.
int wio_procfs_directory(const wio_procfs *fs);

// Where questions are put; owned by `fs`.
wio_apart *wio_procfs_apart(const wio_procfs *fs);

// Puts one question about a process, which is on the desk: 0, and the answer is, or -ETIMEDOUT. `lent` is a descriptor
// that the question uses, or NULL: it is -1 afterwards where the reader keeps it.
int wio_procfs_ask(wio_procfs *fs, pid_t pid, wio_apart_lock lock, wio_apart_work *work, int *lent);

// The longest text that is read of a process at once.
#define WIO_PROCFS_TEXT 4096

// Reads from an open file of a process that takes a lock of its memory, at most WIO_PROCFS_TEXT. `fd` is -1 afterwards
// where the process does not answer. Returns the length or a negative errno.
ssize_t wio_procfs_read_on(wio_procfs *fs, pid_t pid, int *fd, char *buffer, size_t size, off_t offset);

// Reads a link of a process, such as "exe", cut at `size` and ended with a NUL. Returns its length or a negative errno.
ssize_t wio_procfs_link(wio_procfs *fs, pid_t pid, const char *name, char *out, size_t size);

// Lists all processes, in the directory's order. `out` is emptied first and keeps its memory from call to call.
int wio_procfs_list(wio_procfs *fs, wio_pids *out);

// The pid that was given out last (loadavg): while it stands still, nothing was born.
int wio_procfs_newest(wio_procfs *fs, pid_t *out);

int wio_procfs_stat(wio_procfs *fs, pid_t pid, wio_stat *out);

// What is asked of so many processes at once.
#define WIO_MOST_STATS 32

typedef struct {
  int rc; // as of wio_procfs_stat
  wio_stat stat;
} wio_procfs_stat_answer;

// As wio_procfs_stat, of several: one by one it would take twice as long.
void wio_procfs_stats(wio_procfs *fs, const pid_t *pids, size_t count, wio_procfs_stat_answer *out);

int wio_procfs_euid(wio_procfs *fs, pid_t pid, uid_t *out);
// Also of one that is silent.
int wio_procfs_parent(wio_procfs *fs, pid_t pid, pid_t *out);
// The real one: who has started it.
int wio_procfs_real_uid(wio_procfs *fs, pid_t pid, uid_t *out);

// Opens PID/`name` to be read. The descriptor, which the caller closes, or a negative errno.
int wio_procfs_open_file(wio_procfs *fs, pid_t pid, const char *name);

// Reads the arguments as the kernel gives them (core/args.h), as far as they fit: where `size` is filled there may be
// more (sys/whole.h). None for a kernel thread or a zombie. Returns their length or a negative errno.
ssize_t wio_procfs_arguments(wio_procfs *fs, pid_t pid, char *out, size_t size);

// Reads the path of the executable. -EACCES where that is not permitted, -ENOENT where there is none (a kernel thread).
int wio_procfs_exe(wio_procfs *fs, pid_t pid, char *out, size_t size);

// Reads the cgroup file (see core/cgroup.h), as far as it fits, and ends it with a NUL. Returns its length, or a
// negative errno; where that is `size` - 1 there may be more.
ssize_t wio_procfs_cgroup(wio_procfs *fs, pid_t pid, char *out, size_t size);

// When a process started, in nanoseconds of the epoch as the clock stands now; up to a second too early, since the
// kernel tells its boot in whole seconds.
int wio_procfs_started_ns(wio_procfs *fs, uint64_t start_ticks, uint64_t *out);

// Whether every pid was given out at most once since the boot: the kernel counts up to pid_max before it begins again.
bool wio_procfs_pids_are_fresh(wio_procfs *fs);

// Lists the children of a process, whichever of its threads forked them. `out` is emptied first. -ENOTSUP where the
// kernel does not list them (CONFIG_PROC_CHILDREN).
int wio_procfs_children(wio_procfs *fs, pid_t pid, wio_pids *out);

// Whether a process ignores SIGCHLD, so that the kernel waits for its children in its place. False where that cannot be
// read.
bool wio_procfs_ignores_children(wio_procfs *fs, pid_t pid);

// Lists the threads of a process, the first one first. `out` is emptied first.
int wio_procfs_threads(wio_procfs *fs, pid_t pid, wio_pids *out);

// A thread of a process that has not ended: the first one, unless that has and others go on. The files of a thread are
// also found under its number, and those of a first thread that has ended are empty.
pid_t wio_procfs_living_thread(wio_procfs *fs, pid_t pid);

// Reads a file of one of its threads, cut at `size`; thread 0: of the whole process. Returns the length or a negative
// errno.
ssize_t wio_procfs_thread_file(wio_procfs *fs, pid_t pid, pid_t thread, const char *name, char *out, size_t size);

// The CPU time that a process has used, in nanoseconds: its clock stands still while it does nothing. No permission or
// file is needed (clock_getcpuclockid(3)). -ESRCH when it is reaped, -ENOTSUP where the tree is not the kernel's.
int wio_procfs_cpu_ns(const wio_procfs *fs, pid_t pid, uint64_t *out);

// Reads from an open file at offset 0, or at another. Every read of this module goes through here, and those that read
// this process's own counters are right all the same: see wio_procfs_forget_own. Returns the length or a negative
// errno.
ssize_t wio_procfs_pread(wio_procfs *fs, int fd, char *buffer, size_t size);
ssize_t wio_procfs_pread_at(wio_procfs *fs, int fd, char *buffer, size_t size, off_t offset);

// The same from where the last read ended, for what is longer than any buffer. 0 at its end.
ssize_t wio_procfs_read(wio_procfs *fs, int fd, char *buffer, size_t size);

// Takes out of this process's own counters what reading /proc has put there: a watcher is not busy because it watches.
void wio_procfs_forget_own(const wio_procfs *fs, uint64_t io[WIO_IO_COUNT]);
