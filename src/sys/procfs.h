// SPDX-License-Identifier: MIT
// procfs: a /proc under a given root: the list of processes, and the files of one process. See proc(5).
//
// Functions return 0 or a negative errno. For a pid that is not there this is -ESRCH, whatever the kernel said about
// the file. A file that needs a lock of the process is read apart: -ETIMEDOUT for a silent process, see sys/apart.h.
#pragma once

#include "core/pids.h"
#include "core/reading.h"
#include "sys/apart.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

typedef struct wio_procfs wio_procfs;

// Opens the tree at `root`; NULL is "/proc". The caller frees `*out` with wio_procfs_close.
int wio_procfs_open(const char *root, wio_procfs **out);
void wio_procfs_close(wio_procfs *fs);

// Whether the tree is the running kernel's own: only then do its pids have a clock and a pidfd, and take signals.
bool wio_procfs_is_live(const wio_procfs *fs);

// This process's own pid in the tree; 0 when the tree does not hold it.
pid_t wio_procfs_self(const wio_procfs *fs);

// The tree's directory, for openat(2); owned by `fs`.
int wio_procfs_directory(const wio_procfs *fs);

// The readers that put questions apart; owned by `fs`.
wio_apart *wio_procfs_apart(const wio_procfs *fs);

// Puts the one question on the desk, which is about the process `pid`. 0: the answer is on the desk; or -ETIMEDOUT.
// `lent` points to a descriptor that the question uses, or is NULL; `*lent` is -1 afterwards if the reader keeps it.
int wio_procfs_ask(wio_procfs *fs, pid_t pid, wio_apart_lock lock, wio_apart_work *work, int *lent);

// The most bytes that are read from a process's file at once.
#define WIO_PROCFS_TEXT 4096

// Reads at most WIO_PROCFS_TEXT bytes from an open file that needs the lock of the process's memory. `*fd` is -1
// afterwards if the process does not answer. Returns the length or a negative errno.
ssize_t wio_procfs_read_on(wio_procfs *fs, pid_t pid, int *fd, char *buffer, size_t size, off_t offset);

// Reads a link of a process, such as "exe". The text is cut at `size` and ends with a NUL. Returns its length or a
// negative errno.
ssize_t wio_procfs_link(wio_procfs *fs, pid_t pid, const char *name, char *out, size_t size);

// Lists all processes, in the directory's order. `out` is emptied first and keeps its memory from call to call.
int wio_procfs_list(wio_procfs *fs, wio_pids *out);

// Reads the pid that was given out last (loadavg). While it stays the same, no process was born.
int wio_procfs_newest(wio_procfs *fs, pid_t *out);

// Reads PID/stat. -EBADMSG when it cannot be parsed.
int wio_procfs_stat(wio_procfs *fs, pid_t pid, wio_stat *out);

// How many processes wio_procfs_stats asks about at once.
#define WIO_MOST_STATS 32

typedef struct {
  int rc; // the result of wio_procfs_stat
  wio_stat stat;
} wio_procfs_stat_answer;

// Like wio_procfs_stat for several processes. One by one it would take twice as long.
void wio_procfs_stats(wio_procfs *fs, const pid_t *pids, size_t count, wio_procfs_stat_answer *out);

// Reads the effective user id.
int wio_procfs_euid(wio_procfs *fs, pid_t pid, uid_t *out);
// Reads the parent's pid. Works for a silent process too.
int wio_procfs_parent(wio_procfs *fs, pid_t pid, pid_t *out);
// Reads the real user id: that of the user who started the process.
int wio_procfs_real_uid(wio_procfs *fs, pid_t pid, uid_t *out);

// Opens PID/`name` for reading. Returns the descriptor, which the caller closes, or a negative errno.
int wio_procfs_open_file(wio_procfs *fs, pid_t pid, const char *name);

// Reads the arguments as the kernel gives them (core/args.h), as far as they fit. When they fill `size` there may be
// more (sys/whole.h). A kernel thread or a zombie has none. Returns their length or a negative errno.
ssize_t wio_procfs_arguments(wio_procfs *fs, pid_t pid, char *out, size_t size);

// Reads the path of the executable. -EACCES where that is not permitted, -ENOENT where there is none (a kernel thread).
int wio_procfs_exe(wio_procfs *fs, pid_t pid, char *out, size_t size);

// Reads the cgroup file (see core/cgroup.h), as far as it fits, and ends it with a NUL. Returns its length or a
// negative errno. When the length is `size` - 1 there may be more.
ssize_t wio_procfs_cgroup(wio_procfs *fs, pid_t pid, char *out, size_t size);

// Tells when a process started, in nanoseconds since the epoch by the clock's present setting. The time can be up to a
// second too early, since the kernel tells its boot in whole seconds.
int wio_procfs_started_ns(wio_procfs *fs, uint64_t start_ticks, uint64_t *out);

// Whether every pid was given out at most once since the boot: the kernel counts up to pid_max before it begins again.
bool wio_procfs_pids_are_fresh(wio_procfs *fs);

// Lists the children of a process, of all its threads. `out` is emptied first. -ENOTSUP where the kernel does not list
// them (CONFIG_PROC_CHILDREN).
int wio_procfs_children(wio_procfs *fs, pid_t pid, wio_pids *out);

// Whether a process ignores SIGCHLD, so that the kernel waits for its children in its place. False where that cannot be
// read.
bool wio_procfs_ignores_children(wio_procfs *fs, pid_t pid);

// Lists the threads of a process, the first one first. `out` is emptied first.
int wio_procfs_threads(wio_procfs *fs, pid_t pid, wio_pids *out);

// Returns a thread of the process that has not ended: the first one, unless that has ended and others go on. The files
// of a thread are also found at /proc/THREAD; those of a first thread that has ended are empty.
pid_t wio_procfs_living_thread(wio_procfs *fs, pid_t pid);

// Reads a file of one thread, cut at `size`; with `thread` 0 it is the file of the whole process. Returns the length or
// a negative errno.
ssize_t wio_procfs_thread_file(wio_procfs *fs, pid_t pid, pid_t thread, const char *name, char *out, size_t size);

// Tells the CPU time that a process has used, in nanoseconds. This clock stands still while the process does nothing.
// It needs no permission and no file (clock_getcpuclockid(3)). -ESRCH when the process is reaped, -ENOTSUP where the
// tree is not the kernel's.
int wio_procfs_cpu_ns(const wio_procfs *fs, pid_t pid, uint64_t *out);

// Reads from an open file, at offset 0 or at `offset`. The call is counted, so that wio_procfs_forget_own can take it
// out of this process's own counters. Returns the length or a negative errno.
ssize_t wio_procfs_pread(wio_procfs *fs, int fd, char *buffer, size_t size);
ssize_t wio_procfs_pread_at(wio_procfs *fs, int fd, char *buffer, size_t size, off_t offset);

// The same from where the last read ended, for files longer than any buffer. Returns 0 at the end of the file.
ssize_t wio_procfs_read(wio_procfs *fs, int fd, char *buffer, size_t size);

// Takes the reads of /proc out of this process's own counters `io`: a watcher is not busy because it watches.
void wio_procfs_forget_own(const wio_procfs *fs, uint64_t io[WIO_IO_COUNT]);
