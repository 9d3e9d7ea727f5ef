// SPDX-License-Identifier: MIT
#include "sys/procfs.h"

#include "core/pidfile.h"
#include "core/units.h"

#include <assert.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/vfs.h>
#include <time.h>
#include <unistd.h>

struct wio_procfs {
  DIR *list; // owns `directory`
  int directory;
  int loadavg;
  bool live;
  wio_apart *apart;
  // The reads of this module, as far as they are in this process's own counters.
  uint64_t own_bytes, own_calls;
};

int wio_procfs_open(const char *root, wio_procfs **out) {
  wio_procfs *fs = malloc(sizeof *fs);
  if (!fs) return -ENOMEM;
  *fs = (wio_procfs){.directory = -1, .loadavg = -1};
  fs->list = opendir(root ? root : "/proc");
  if (!fs->list) goto fail;
  fs->directory = dirfd(fs->list);
  struct statfs kind;
  if (fstatfs(fs->directory, &kind) < 0) goto fail;
  fs->live = kind.f_type == PROC_SUPER_MAGIC;
  fs->loadavg = openat(fs->directory, "loadavg", O_RDONLY | O_CLOEXEC);
  fs->apart = wio_apart_new(fs->live);
  if (!fs->apart) goto fail;
  *out = fs;
  return 0;
fail:;
  int rc = -errno;
  wio_procfs_close(fs);
  return rc;
}

void wio_procfs_close(wio_procfs *fs) {
  if (!fs) return;
  wio_apart_free(fs->apart);
  if (fs->loadavg >= 0) close(fs->loadavg);
  if (fs->list) closedir(fs->list);
  free(fs);
}

bool wio_procfs_is_live(const wio_procfs *fs) { return fs->live; }

pid_t wio_procfs_self(const wio_procfs *fs) { return fs->live ? getpid() : 0; }

int wio_procfs_directory(const wio_procfs *fs) { return fs->directory; }

wio_apart *wio_procfs_apart(const wio_procfs *fs) { return fs->apart; }

int wio_procfs_list(wio_procfs *fs, wio_pids *out) {
  out->count = 0;
  rewinddir(fs->list);
  errno = 0;
  for (struct dirent *entry; (entry = readdir(fs->list));) {
    if (entry->d_name[0] < '1' || entry->d_name[0] > '9') continue;
    char *end;
    long pid = strtol(entry->d_name, &end, 10);
    if (*end != '\0' || pid > INT32_MAX) continue;
    int rc = wio_pids_add(out, (pid_t)pid);
    if (rc < 0) return rc;
  }
  return -errno;
}

static ssize_t count_own(wio_procfs *fs, ssize_t length) {
  fs->own_calls++;
  if (length < 0) return -errno;
  fs->own_bytes += (uint64_t)length;
  return length;
}

ssize_t wio_procfs_pread(wio_procfs *fs, int fd, char *buffer, size_t size) {
  return wio_procfs_pread_at(fs, fd, buffer, size, 0);
}

ssize_t wio_procfs_pread_at(wio_procfs *fs, int fd, char *buffer, size_t size, off_t offset) {
  return count_own(fs, pread(fd, buffer, size, offset));
}

ssize_t wio_procfs_read(wio_procfs *fs, int fd, char *buffer, size_t size) {
  return count_own(fs, read(fd, buffer, size));
}

void wio_procfs_forget_own(const wio_procfs *fs, uint64_t io[WIO_IO_COUNT]) {
  uint64_t calls, bytes;
  wio_apart_used(fs->apart, &calls, &bytes);
  io[WIO_RCHAR] -= fs->own_bytes + bytes;
  io[WIO_SYSCR] -= fs->own_calls + calls;
}

// ---- files

// A question for a file, which is read whole as far as it fits, or for a link.
typedef struct {
  int directory, fd; // an open file, which is read from `offset` on
  off_t offset;
  size_t size;
  ssize_t length; // or a negative errno
  char path[96], text[WIO_PROCFS_TEXT];
} file_question;
static_assert(sizeof(file_question) <= sizeof((wio_desk *)NULL)->memory, "fits on a desk");

// Reads a file as far as it fits. Returns the length or a negative errno.
static ssize_t read_whole(wio_desk *desk, int directory, const char *path, char *text, size_t size) {
  int fd = openat(directory, path, O_RDONLY | O_CLOEXEC);
  if (fd < 0) return -errno;
  ssize_t length = read(fd, text, size);
  if (length < 0) length = -errno;
  close(fd);
  desk->calls++;
  desk->bytes += length > 0 ? (uint64_t)length : 0;
  return length;
}

static void read_there(wio_desk *desk, size_t i) {
  file_question *file = (void *)&desk->memory[i];
  file->length = read_whole(desk, file->directory, file->path, file->text, file->size);
}

static void read_further_there(wio_desk *desk, size_t i) {
  file_question *file = (void *)&desk->memory[i];
  file->length = pread(file->fd, file->text, file->size, file->offset);
  if (file->length < 0) file->length = -errno;
  desk->calls++;
  desk->bytes += file->length > 0 ? (uint64_t)file->length : 0;
}

static void follow_there(wio_desk *desk, size_t i) {
  file_question *file = (void *)&desk->memory[i];
  file->length = readlinkat(file->directory, file->path, file->text, file->size);
  if (file->length < 0) file->length = -errno;
}

int wio_procfs_ask(wio_procfs *fs, pid_t pid, wio_apart_lock lock, wio_apart_work *work, int *lent) {
  wio_question question = {.work = work, .lock = lock, .pids = &pid, .count = 1};
  wio_desk *desk = wio_apart_desk(fs->apart);
  if (wio_apart_is_silent(fs->apart, pid, lock)) return -ETIMEDOUT;
  if (lent) desk->lent = *lent;
  if (wio_apart_ask(fs->apart, &question) == 1) return 0;
  if (lent) *lent = -1;
  return -ETIMEDOUT;
}

// Asks for PID/`name`. Returns the length or a negative errno.
static ssize_t ask_for(wio_procfs *fs, pid_t pid, const char *name, wio_apart_lock lock, wio_apart_work *work,
                       char *buffer, size_t size) {
  wio_desk *desk = wio_apart_desk(fs->apart);
  if (!desk) return -ENOMEM;
  file_question *file = (void *)desk->memory;
  file->directory = fs->directory;
  file->size = size < WIO_PROCFS_TEXT ? size : WIO_PROCFS_TEXT;
  snprintf(file->path, sizeof file->path, "%d/%s", pid, name);
  int rc = wio_procfs_ask(fs, pid, lock, work, NULL);
  if (rc < 0) return rc;
  if (file->length > 0) memcpy(buffer, file->text, (size_t)file->length);
  return file->length;
}

ssize_t wio_procfs_link(wio_procfs *fs, pid_t pid, const char *name, char *out, size_t size) {
  ssize_t length = ask_for(fs, pid, name, WIO_APART_PROCESS, follow_there, out, size - 1);
  if (length >= 0) out[length] = '\0';
  return length;
}

ssize_t wio_procfs_read_on(wio_procfs *fs, pid_t pid, int *fd, char *buffer, size_t size, off_t offset) {
  wio_desk *desk = wio_apart_desk(fs->apart);
  if (!desk) return -ENOMEM;
  file_question *file = (void *)desk->memory;
  file->fd = *fd;
  file->offset = offset;
  file->size = size < WIO_PROCFS_TEXT ? size : WIO_PROCFS_TEXT;
  int rc = wio_procfs_ask(fs, pid, WIO_APART_MEMORY, read_further_there, fd);
  if (rc < 0) return rc;
  if (file->length > 0) memcpy(buffer, file->text, (size_t)file->length);
  return file->length;
}

static ssize_t ask_for_file(wio_procfs *fs, pid_t pid, const char *name, wio_apart_lock lock, char *buffer,
                            size_t size) {
  ssize_t length = ask_for(fs, pid, name, lock, read_there, buffer, size);
  return length == -ENOENT ? -ESRCH : length;
}

int wio_procfs_open_file(wio_procfs *fs, pid_t pid, const char *name) {
  char path[96];
  snprintf(path, sizeof path, "%d/%s", pid, name);
  int fd = openat(fs->directory, path, O_RDONLY | O_CLOEXEC);
  if (fd < 0) return errno == ENOENT ? -ESRCH : -errno;
  return fd;
}

// Reads PID/`name` as far as it fits; for files that need no lock of the process. Returns the length or a negative
// errno.
static ssize_t read_file(wio_procfs *fs, pid_t pid, const char *name, char *buffer, size_t size) {
  int fd = wio_procfs_open_file(fs, pid, name);
  if (fd < 0) return fd;
  ssize_t length = wio_procfs_pread(fs, fd, buffer, size);
  close(fd);
  return length;
}

int wio_procfs_newest(wio_procfs *fs, pid_t *out) {
  char text[128];
  if (fs->loadavg < 0) return -ENOENT;
  ssize_t length = wio_procfs_pread(fs, fs->loadavg, text, sizeof text);
  if (length < 0) return (int)length;
  return wio_newest_pid_parse(text, (size_t)length, out) ? 0 : -EBADMSG;
}

int wio_procfs_stat(wio_procfs *fs, pid_t pid, wio_stat *out) {
  char text[1024];
  ssize_t length = ask_for_file(fs, pid, "stat", WIO_APART_PROCESS, text, sizeof text);
  if (length < 0) return (int)length;
  return wio_stat_parse(text, (size_t)length, out) ? 0 : -EBADMSG;
}

typedef struct {
  int directory;
  pid_t pid;
  wio_procfs_stat_answer answer;
} stat_question;
static_assert(WIO_MOST_STATS * sizeof(stat_question) <= sizeof((wio_desk *)NULL)->memory, "fit on a desk");

static void read_stat_there(wio_desk *desk, size_t i) {
  stat_question *question = (stat_question *)(void *)desk->memory + i;
  char path[32], text[1024];
  snprintf(path, sizeof path, "%d/stat", question->pid);
  ssize_t length = read_whole(desk, question->directory, path, text, sizeof text);
  question->answer.rc = length == -ENOENT ? -ESRCH : (int)length;
  if (length >= 0) question->answer.rc = wio_stat_parse(text, (size_t)length, &question->answer.stat) ? 0 : -EBADMSG;
}

// Asks about the first of these processes, up to the next silent one. Returns how many answers there are.
static size_t ask_for_stats(wio_procfs *fs, const pid_t *pids, size_t count, wio_procfs_stat_answer *out) {
  wio_question question = {.work = read_stat_there, .lock = WIO_APART_PROCESS, .pids = pids};
  wio_desk *desk = wio_apart_desk(fs->apart);
  stat_question *asked = desk ? (void *)desk->memory : NULL;
  while (asked && question.count < count && !wio_apart_is_silent(fs->apart, pids[question.count], WIO_APART_PROCESS)) {
    asked[question.count].directory = fs->directory;
    asked[question.count].pid = pids[question.count];
    question.count++;
  }
  size_t answered = question.count ? wio_apart_ask(fs->apart, &question) : 0;
  for (size_t i = 0; i < answered; i++) out[i] = asked[i].answer;
  return answered;
}

void wio_procfs_stats(wio_procfs *fs, const pid_t *pids, size_t count, wio_procfs_stat_answer *out) {
  for (size_t i = 0; i < count;) {
    i += ask_for_stats(fs, pids + i, count - i, out + i);
    if (i < count) out[i++].rc = -ETIMEDOUT;
  }
}

static int read_uid(wio_procfs *fs, pid_t pid, bool (*parse)(const char *, size_t, uid_t *), uid_t *out) {
  char text[4096];
  ssize_t length = read_file(fs, pid, "status", text, sizeof text);
  if (length < 0) return (int)length;
  return parse(text, (size_t)length, out) ? 0 : -EBADMSG;
}

int wio_procfs_euid(wio_procfs *fs, pid_t pid, uid_t *out) { return read_uid(fs, pid, wio_euid_parse, out); }

int wio_procfs_real_uid(wio_procfs *fs, pid_t pid, uid_t *out) { return read_uid(fs, pid, wio_real_uid_parse, out); }

int wio_procfs_parent(wio_procfs *fs, pid_t pid, pid_t *out) {
  char text[4096];
  ssize_t length = read_file(fs, pid, "status", text, sizeof text);
  if (length < 0) return (int)length;
  return wio_parent_parse(text, (size_t)length, out) ? 0 : -EBADMSG;
}

bool wio_procfs_ignores_children(wio_procfs *fs, pid_t pid) {
  char text[4096];
  uint64_t ignored;
  ssize_t length = read_file(fs, pid, "status", text, sizeof text);
  return length > 0 && wio_ignored_signals_parse(text, (size_t)length, &ignored) && ignored >> (SIGCHLD - 1) & 1;
}

ssize_t wio_procfs_arguments(wio_procfs *fs, pid_t pid, char *out, size_t size) {
  return ask_for_file(fs, pid, "cmdline", WIO_APART_MEMORY, out, size);
}

int wio_procfs_exe(wio_procfs *fs, pid_t pid, char *out, size_t size) {
  static const char deleted[] = " (deleted)"; // the kernel appends this when the file was replaced
  ssize_t length = wio_procfs_link(fs, pid, "exe", out, size);
  if (length < 0) return (int)length;
  size_t tail = sizeof deleted - 1;
  if ((size_t)length > tail && strcmp(out + length - tail, deleted) == 0) out[(size_t)length - tail] = '\0';
  return 0;
}

ssize_t wio_procfs_cgroup(wio_procfs *fs, pid_t pid, char *out, size_t size) {
  ssize_t length = read_file(fs, pid, "cgroup", out, size - 1);
  out[length > 0 ? length : 0] = '\0';
  return length;
}

// Finds a line of /proc/stat. It comes after the lines of all processors and interrupts, so the text can be long.
static int find_in_stat(wio_procfs *fs, bool (*parse)(const char *, size_t, uint64_t *), uint64_t *out) {
  enum { KEPT = 64 }; // bytes of the part before, since the line may lie across two parts
  char text[8192];
  size_t kept = 0;
  int fd = openat(fs->directory, "stat", O_RDONLY | O_CLOEXEC), rc = -EAGAIN;
  if (fd < 0) return -errno;
  for (off_t offset = 0; rc == -EAGAIN;) {
    ssize_t length = wio_procfs_pread_at(fs, fd, text + kept, sizeof text - kept, offset);
    size_t filled = kept + (size_t)(length > 0 ? length : 0);
    if (length <= 0) rc = length < 0 ? (int)length : -EBADMSG;
    else if (parse(text, filled, out)) rc = 0;
    offset += length;
    kept = filled < KEPT ? filled : KEPT;
    memmove(text, text + filled - kept, kept);
  }
  close(fd);
  return rc;
}

int wio_procfs_started_ns(wio_procfs *fs, uint64_t start_ticks, uint64_t *out) {
  enum { TICKS = 100 }; // ticks a second; the unit of start times is fixed for programs (USER_HZ)
  uint64_t booted_s = 0;
  int rc = find_in_stat(fs, wio_boot_time_parse, &booted_s);
  if (rc == 0) *out = booted_s * WIO_NS_PER_SECOND + start_ticks * (WIO_NS_PER_SECOND / TICKS);
  return rc;
}

bool wio_procfs_pids_are_fresh(wio_procfs *fs) {
  char text[32];
  uint64_t births;
  int fd = openat(fs->directory, "sys/kernel/pid_max", O_RDONLY | O_CLOEXEC);
  if (fd < 0) return false;
  ssize_t length = wio_procfs_pread(fs, fd, text, sizeof text - 1);
  close(fd);
  if (length <= 0 || find_in_stat(fs, wio_births_parse, &births) < 0) return false;
  text[length] = '\0';
  // A fork that fails late has also used a number but is not counted, hence the half.
  return births < strtoull(text, NULL, 10) / 2;
}

ssize_t wio_procfs_thread_file(wio_procfs *fs, pid_t pid, pid_t thread, const char *name, char *out, size_t size) {
  char path[64];
  if (thread) snprintf(path, sizeof path, "task/%d/%s", thread, name);
  return ask_for_file(fs, pid, thread ? path : name, WIO_APART_PROCESS, out, size);
}

// ---- the CPU clock

// The same number as from clock_getcpuclockid(3), but without another call to the kernel (linux/posix-timers.h,
// MAKE_PROCESS_CPUCLOCK).
static clockid_t clock_of(pid_t pid) { return (clockid_t)(~(unsigned)pid << 3 | 2); }

int wio_procfs_cpu_ns(const wio_procfs *fs, pid_t pid, uint64_t *out) {
  struct timespec time;
  if (!fs->live) return -ENOTSUP;
  if (clock_gettime(clock_of(pid), &time) < 0) return errno == EINVAL ? -ESRCH : -errno;
  *out = (uint64_t)time.tv_sec * WIO_NS_PER_SECOND + (uint64_t)time.tv_nsec;
  return 0;
}
