// SPDX-License-Identifier: MIT
#include "sys/process.h"

#include "core/units.h"
#include "sys/descriptors.h"
#include "sys/process_inside.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

// The text of /proc/PID/io is at most 223 bytes.
#define IO_TEXT_SIZE 256

int wio_process_open_pidfd(pid_t pid) {
  // glibc has no wrapper before 2.36; the descriptor is close-on-exec by itself.
  int fd = (int)syscall(SYS_pidfd_open, pid, 0);
  return fd < 0 ? -errno : fd;
}

static int open_io(const wio_process *process) {
  char path[32];
  snprintf(path, sizeof path, "%d/io", process->pid);
  int fd = openat(wio_procfs_directory(process->fs), path, O_RDONLY | O_CLOEXEC);
  return fd < 0 ? -errno : fd;
}

// Opens the files that can be held. Everything works without the others.
static void hold_files(wio_process *process) {
  if (!wio_procfs_is_live(process->fs) || !wio_descriptors_take(2)) return;
  int pidfd = wio_process_open_pidfd(process->pid);
  if (pidfd >= 0) process->pidfd = wio_descriptors_lift(pidfd);
  int io_fd = open_io(process);
  if (io_fd >= 0) process->io_fd = wio_descriptors_lift(io_fd);
  wio_descriptors_give((pidfd < 0) + (io_fd < 0));
}

// Checks that the pid still is the pinned process, which can be a zombie. 0 or a negative errno.
static int check_identity(wio_process *process, bool *ended) {
  wio_stat stat;
  int rc = wio_procfs_stat(process->fs, process->pid, &stat);
  if (rc < 0) return rc;
  *ended = wio_stat_ended(&stat);
  return stat.start_ticks != process->start_ticks ? -ESRCH : 0;
}

int wio_process_check_alive(wio_process *process) {
  bool ended;
  int rc = check_identity(process, &ended);
  return rc < 0 ? rc : ended ? -ESRCH : 0;
}

int wio_process_open(wio_procfs *fs, wio_sockets *sockets, pid_t pid, uint64_t start_ticks, bool born,
                     wio_process **out) {
  wio_process *process = malloc(sizeof *process);
  if (!process) return -ENOMEM;
  bool live = wio_procfs_is_live(fs);
  *process = (wio_process){.pid = pid,
                           .start_ticks = start_ticks,
                           .fs = fs,
                           .sockets = sockets,
                           .born = born,
                           .io_fd = -1,
                           .pidfd = -1,
                           .own = pid == wio_procfs_self(fs)};
  process->clock_works = live && clock_getcpuclockid(pid, &process->clock) == 0;
  hold_files(process);
  // Checked after opening: the start time shows that this process has had the pid since before.
  int rc = wio_process_check_alive(process);
  if (rc < 0) {
    wio_process_close(process);
    return rc;
  }
  *out = process;
  return 0;
}

static void drop(int fd) {
  if (fd < 0) return;
  close(fd);
  wio_descriptors_give(1);
}

void wio_process_close(wio_process *process) {
  if (!process) return;
  drop(process->io_fd);
  drop(process->pidfd);
  wio_sockets_remove(process->sockets, process->traffic);
  free(process->wants);
  free(process);
}

pid_t wio_process_pid(const wio_process *process) { return process->pid; }

uint64_t wio_process_start_ticks(const wio_process *process) { return process->start_ticks; }

int wio_process_pidfd(const wio_process *process) { return process->pidfd; }

void wio_process_drop_pidfd(wio_process *process) {
  wio_sockets_end(process->traffic);
  drop(process->pidfd);
  process->pidfd = -1;
}

static int read_clock_of(clockid_t clock, uint64_t *out_ns) {
  struct timespec time;
  if (clock_gettime(clock, &time) < 0) return -ESRCH;
  *out_ns = (uint64_t)time.tv_sec * WIO_NS_PER_SECOND + (uint64_t)time.tv_nsec;
  return 0;
}

// Reads the CPU time of all threads. It is that of the process which has the pid now, so the identity must be checked
// afterwards.
static int read_clock(const wio_process *process, uint64_t *out_ns) {
  return process->clock_works ? read_clock_of(process->clock, out_ns) : -ESRCH;
}

bool wio_process_ran(wio_process *process, uint64_t moment) {
  uint64_t cpu_ns;
  // A pid that is gone has no clock: then the next read reports that.
  if (read_clock(process, &cpu_ns) < 0) return true;
  bool ran = cpu_ns != process->cpu_ns;
  process->cpu_ns = cpu_ns;
  // A client that waits for a stopped or hanging server makes no thread run.
  return ran || (process->traffic && wio_sockets_are_knocked_at(process->traffic, moment));
}

// ---- the counters

static int parse_io(const char *text, ssize_t length, uint64_t io[WIO_IO_COUNT]) {
  if (length < 0) return (int)length;
  return wio_io_parse(text, (size_t)length, io) ? 0 : -EBADMSG;
}

// Reads the clock first: the file's answer afterwards proves that the clock was this process's.
static void read_there(wio_desk *desk, size_t i) {
  wio_process_counters *asked = (wio_process_counters *)(void *)desk->memory + i;
  char text[IO_TEXT_SIZE];
  asked->clock_rc = asked->clocked ? read_clock_of(asked->clock, &asked->cpu_ns) : 0;
  ssize_t length = pread(asked->io_fd, text, sizeof text, 0);
  desk->calls++;
  desk->bytes += length > 0 ? (uint64_t)length : 0;
  asked->io_rc = parse_io(text, length < 0 ? -errno : length, asked->io);
}

static wio_process_counters question_of(const wio_process *process, int io_fd, bool clocked) {
  return (wio_process_counters){.process = process, .io_fd = io_fd, .clocked = clocked, .clock = process->clock};
}

static int ask_io(wio_process *process, int *fd, bool lent, wio_process_counters *asked) {
  wio_desk *desk = wio_apart_desk(wio_procfs_apart(process->fs));
  if (!desk) return -ENOMEM;
  wio_process_counters *question = (void *)desk->memory;
  *question = *asked;
  int rc = wio_procfs_ask(process->fs, process->pid, WIO_APART_PROCESS, read_there, lent ? fd : NULL);
  if (rc == 0) *asked = *question;
  else asked->io_rc = rc;
  // The clock needs no lock.
  if (rc < 0 && asked->clocked) asked->clock_rc = read_clock(process, &asked->cpu_ns);
  return rc == -ENOMEM ? rc : 0;
}

// Reads this process's own counters. They include its earlier reads, but not this one. No reader is needed: this
// process cannot hold one of its own locks in a wait while it asks.
static void read_own_io(wio_process *process, int fd, wio_process_counters *asked) {
  char text[IO_TEXT_SIZE];
  uint64_t before[WIO_IO_COUNT] = {0};
  wio_procfs_forget_own(process->fs, before);
  if (asked->clocked) asked->clock_rc = read_clock(process, &asked->cpu_ns);
  asked->io_rc = parse_io(text, wio_procfs_pread(process->fs, fd, text, sizeof text), asked->io);
  for (int i = 0; i < WIO_IO_COUNT; i++) asked->io[i] += before[i];
}

// Reads through the held file; without one it opens, reads and closes.
static int read_counters(wio_process *process, bool clocked, wio_process_counters *out) {
  bool held = process->io_fd >= 0;
  int fd = held ? process->io_fd : open_io(process), rc = 0;
  *out = question_of(process, fd, clocked);
  if (fd < 0) out->io_rc = fd;
  if (fd < 0 && clocked) out->clock_rc = read_clock(process, &out->cpu_ns);
  if (fd >= 0 && process->own) read_own_io(process, fd, out);
  else if (fd >= 0) rc = ask_io(process, &fd, !held, out);
  if (!held && fd >= 0) close(fd);
  return rc;
}

struct wio_ahead {
  wio_process_counters of[WIO_MOST_AHEAD];
};
static_assert(sizeof(wio_ahead) <= sizeof((wio_desk *)NULL)->memory, "fits on a desk");

wio_ahead *wio_ahead_new(void) { return calloc(1, sizeof(wio_ahead)); }

void wio_ahead_free(wio_ahead *ahead) { free(ahead); }

static bool may_be_asked_ahead(const wio_process *process) {
  return !process->own && process->io_fd >= 0 && process->clock_works &&
         !wio_apart_is_silent(wio_procfs_apart(process->fs), process->pid, WIO_APART_PROCESS);
}

void wio_process_ask_ahead(wio_ahead *ahead, wio_process *const *processes, size_t count, uint64_t moment) {
  wio_apart *apart = count ? wio_procfs_apart(processes[0]->fs) : NULL;
  pid_t pids[WIO_MOST_AHEAD];
  wio_question question = {.work = read_there, .lock = WIO_APART_PROCESS, .pids = pids};
  wio_desk *desk = apart ? wio_apart_desk(apart) : NULL;
  wio_process *asked[WIO_MOST_AHEAD];
  if (!desk) return;
  for (size_t i = 0; i < count; i++) {
    if (!may_be_asked_ahead(processes[i])) continue;
    asked[question.count] = processes[i];
    pids[question.count] = processes[i]->pid;
    ((wio_process_counters *)(void *)desk->memory)[question.count++] = question_of(processes[i], processes[i]->io_fd,
                                                                                   true);
  }
  // The processes behind one that does not answer are read one by one later.
  size_t answered = question.count ? wio_apart_ask(apart, &question) : 0;
  memcpy(ahead->of, desk->memory, answered * sizeof ahead->of[0]);
  for (size_t i = 0; i < answered; i++) {
    ahead->of[i].moment = moment;
    asked[i]->ahead = &ahead->of[i];
  }
}

// Takes the answer that was asked ahead; each serves only once.
static bool take_ahead(wio_process *process, const wio_request *request, wio_process_counters *out) {
  const wio_process_counters *ahead = process->ahead;
  process->ahead = NULL;
  if (!ahead || ahead->process != process || ahead->moment != request->moment || request->exact) return false;
  *out = *ahead;
  return true;
}

// A refused read is an unknown, not an error.
static int read_io(wio_process *process, const wio_request *request, wio_reading *out) {
  wio_process_counters answer;
  bool clocked = (request->kinds & WIO_KIND_BIT(WIO_CPU)) && process->clock_works;
  int rc = take_ahead(process, request, &answer) ? 0 : read_counters(process, clocked, &answer);
  if (rc < 0) return rc;
  if (clocked && answer.clock_rc < 0) return answer.clock_rc;
  if (answer.io_rc == -ESRCH) return -ESRCH;
  if (clocked) out->value[WIO_CPU_NS] = process->cpu_ns = answer.cpu_ns;
  out->error[WIO_IO] = -answer.io_rc;
  if (answer.io_rc == 0) memcpy(out->value, answer.io, sizeof answer.io);
  return 0;
}

// Where there is no clock, the ticks of stat are the CPU time.
static uint64_t ticks_to_ns(uint64_t ticks) { return ticks * (WIO_NS_PER_SECOND / (uint64_t)sysconf(_SC_CLK_TCK)); }

bool wio_process_ended(wio_process *process) {
  if (process->pidfd < 0) return wio_process_check_alive(process) == -ESRCH;
  struct pollfd poller = {.fd = process->pidfd, .events = POLLIN};
  return poll(&poller, 1, 0) == 1;
}

// Makes all kinds unknown: it cannot be told whose the counters were.
static int forget_reading(wio_reading *out) {
  for (wio_kind kind = 0; kind < WIO_KIND_COUNT; kind++) out->error[kind] = ETIMEDOUT;
  return 0;
}

// Checks that a reading is the pinned process's. A held file that could be read was the process's own. Anything else
// may be another process's, if that has the pid by now.
static int check_reading(wio_process *process, int kinds, wio_reading *out) {
  bool held = (kinds & WIO_KIND_BIT(WIO_IO)) && process->io_fd >= 0 && out->error[WIO_IO] != ETIMEDOUT;
  bool clocked = process->clock_works || !(kinds & WIO_KIND_BIT(WIO_CPU));
  // The reading is also its own if its pidfd says afterwards that it still lives.
  if (clocked && (held || (process->pidfd >= 0 && !wio_process_ended(process)))) return 0;
  wio_stat stat;
  int rc = wio_procfs_stat(process->fs, process->pid, &stat);
  if (rc == 0 && stat.start_ticks != process->start_ticks) rc = -ESRCH;
  if (rc == -ETIMEDOUT) return forget_reading(out);
  if (rc < 0) return rc;
  out->ended = wio_stat_ended(&stat);
  if (!process->clock_works) out->value[WIO_CPU_NS] = ticks_to_ns(stat.cpu_ticks);
  return 0;
}

// Whether its open files must be visited now: not if it has not run since the last visit. The bytes of its connections
// are read in any case.
static bool is_visit_due(wio_process *process, const wio_request *request) {
  uint64_t cpu_ns;
  if (!request->exact && !request->first) return false;
  if (read_clock(process, &cpu_ns) < 0) return request->exact;
  bool ran = cpu_ns != process->visited_ns;
  process->visited_ns = cpu_ns;
  return ran && request->exact;
}

// Reads the bytes of the connections. 0 or -ENOMEM; any other error makes the kind unknown in `out`.
static int read_net(wio_process *process, const wio_request *request, wio_reading *out) {
  int rc = 0;
  if (!process->traffic)
    rc = wio_sockets_add(process->sockets, process->pid, process->start_ticks, process->born, &process->traffic);
  wio_carriage carriage = {.hidden = true};
  // Most new processes are gone before the next look.
  bool waits = request->first && process->born;
  if (rc == 0 && !waits) {
    bool exact = is_visit_due(process, request);
    rc = wio_sockets_read(process->sockets, process->traffic, request->moment, exact, &carriage);
  }
  if (rc == -ENOMEM) return rc;
  // If it is reaped meanwhile, the other kinds that were read still hold.
  out->error[WIO_NET] = rc == -ESRCH ? 0 : -rc;
  out->value[WIO_NET_RX] = carriage.received;
  out->value[WIO_NET_TX] = carriage.sent;
  out->hidden = carriage.hidden;
  out->revealed = carriage.revealed;
  out->knocked = carriage.knocked;
  return 0;
}

int wio_process_read(wio_process *process, const wio_request *request, wio_reading *out) {
  int kinds = request->kinds, rc = 0;
  // Hidden until the connections are read: only they can show what goes through them.
  *out = (wio_reading){.hidden = wio_procfs_is_live(process->fs)};
  if (kinds & WIO_KIND_BIT(WIO_IO)) {
    rc = read_io(process, request, out);
  } else if ((kinds & WIO_KIND_BIT(WIO_CPU)) && process->clock_works) {
    rc = read_clock(process, &out->value[WIO_CPU_NS]);
    if (rc == 0) process->cpu_ns = out->value[WIO_CPU_NS];
  }
  if (rc == 0 && (kinds & WIO_KIND_BIT(WIO_NET))) rc = read_net(process, request, out);
  if (rc == 0) rc = check_reading(process, kinds, out);
  if (!(kinds & WIO_KIND_BIT(WIO_IO)) || out->error[WIO_IO]) out->hidden = wio_procfs_is_live(process->fs);
  return rc;
}
