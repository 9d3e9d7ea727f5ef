// SPDX-License-Identifier: MIT
#include "sys/process.h"

#include "core/units.h"
#include "sys/descriptors.h"
#include "sys/priority.h"
#include "sys/waits.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

// The text of /proc/PID/io is at most 223 bytes.
#define IO_TEXT_SIZE 256

struct wio_process {
  // Asked at every tick of a quiet process, so first: one cache line.
  clockid_t clock;
  bool clock_works;
  bool own;  // it is this process itself
  int io_fd; // -1 when not held
  int pidfd; // -1 when not held
  pid_t pid;
  uint64_t cpu_ns; // what the clock said when it was last asked
  uint64_t start_ticks;
  wio_procfs *fs;
  wio_sockets *sockets;
  wio_traffic *traffic; // NULL until somebody asks what its connections carry
  uint64_t visited_ns;  // its time run when its open files were last visited for certain
  bool born;
  wio_wants *wants; // NULL: when it was last asked what it waits for, none of its threads wanted to run
};

static int open_pidfd(pid_t pid) {
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

// Holds what can be held. Whatever is missing then is done without.
static void hold_files(wio_process *process) {
  if (!wio_procfs_is_live(process->fs) || !wio_descriptors_take(2)) return;
  int pidfd = open_pidfd(process->pid);
  if (pidfd >= 0) process->pidfd = wio_descriptors_lift(pidfd);
  int io_fd = open_io(process);
  if (io_fd >= 0) process->io_fd = wio_descriptors_lift(io_fd);
  wio_descriptors_give((pidfd < 0) + (io_fd < 0));
}

// Whether the pid still is the pinned process, which can be a zombie.
static int check_identity(wio_process *process, bool *ended) {
  wio_stat stat;
  int rc = wio_procfs_stat(process->fs, process->pid, &stat);
  if (rc < 0) return rc;
  *ended = wio_stat_ended(&stat);
  return stat.start_ticks != process->start_ticks ? -ESRCH : 0;
}

static int check_alive(wio_process *process) {
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
  // Looked at after opening: who has the pid now has had it since before, by its start time.
  int rc = check_alive(process);
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

// The time run by all its threads. It belongs to whoever has the pid: who that is must be looked at afterwards.
static int read_clock(const wio_process *process, uint64_t *out_ns) {
  struct timespec time;
  if (!process->clock_works || clock_gettime(process->clock, &time) < 0) return -ESRCH;
  *out_ns = (uint64_t)time.tv_sec * WIO_NS_PER_SECOND + (uint64_t)time.tv_nsec;
  return 0;
}

bool wio_process_ran(wio_process *process, uint64_t moment) {
  uint64_t cpu_ns;
  // A pid that is gone has no clock: then the read tells.
  if (read_clock(process, &cpu_ns) < 0) return true;
  bool ran = cpu_ns != process->cpu_ns;
  process->cpu_ns = cpu_ns;
  // Who knocks at a server that is stopped, or hangs, makes nobody run.
  return ran || (process->traffic && wio_sockets_are_knocked_at(process->traffic, moment));
}

// Reads and parses; a refused read is an unknown, not an error.
static int read_io(wio_process *process, int fd, wio_reading *out) {
  char text[IO_TEXT_SIZE];
  // Its own counters hold what was read before this read, not this one.
  wio_procfs *fs = process->fs;
  uint64_t before[WIO_IO_COUNT] = {0};
  if (process->own) wio_procfs_forget_own(fs, before);
  ssize_t length = wio_procfs_pread(fs, fd, text, sizeof text);
  if (length == -ESRCH) return -ESRCH;
  out->error[WIO_IO] = length < 0 ? (int)-length : 0;
  if (length < 0) return 0;
  if (!wio_io_parse(text, (size_t)length, out->value)) out->error[WIO_IO] = EBADMSG;
  if (process->own)
    for (int i = 0; i < WIO_IO_COUNT; i++) out->value[i] += before[i];
  return 0;
}

// For want of a held file: open, read, close.
static int read_unheld_io(wio_process *process, wio_reading *out) {
  int fd = open_io(process);
  if (fd < 0) {
    out->error[WIO_IO] = -fd;
    return 0;
  }
  int rc = read_io(process, fd, out);
  close(fd);
  return rc;
}

// Where there is no clock, the ticks of stat are the time run.
static uint64_t ticks_to_ns(uint64_t ticks) { return ticks * (WIO_NS_PER_SECOND / (uint64_t)sysconf(_SC_CLK_TCK)); }

bool wio_process_ended(wio_process *process) {
  if (process->pidfd < 0) return check_alive(process) == -ESRCH;
  struct pollfd poller = {.fd = process->pidfd, .events = POLLIN};
  return poll(&poller, 1, 0) == 1;
}

// A held file that could be read was the process's own; whatever else was read is another's, if the pid is by now.
static int check_reading(wio_process *process, int kinds, wio_reading *out) {
  bool held = (kinds & WIO_KIND_BIT(WIO_IO)) && process->io_fd >= 0;
  bool clocked = process->clock_works || !(kinds & WIO_KIND_BIT(WIO_CPU));
  // So was what was read while its pidfd says that it lives.
  if (clocked && (held || (process->pidfd >= 0 && !wio_process_ended(process)))) return 0;
  wio_stat stat;
  int rc = wio_procfs_stat(process->fs, process->pid, &stat);
  if (rc == 0 && stat.start_ticks != process->start_ticks) rc = -ESRCH;
  if (rc < 0) return rc;
  out->ended = wio_stat_ended(&stat);
  if (!process->clock_works) out->value[WIO_CPU_NS] = ticks_to_ns(stat.cpu_ticks);
  return 0;
}

// Whether its open files have to be visited now: not when it has not run since that was done. What it carried is
// of this look all the same.
static bool is_visit_due(wio_process *process, const wio_request *request) {
  uint64_t cpu_ns;
  if (!request->exact && !request->first) return false;
  if (read_clock(process, &cpu_ns) < 0) return request->exact;
  bool ran = cpu_ns != process->visited_ns;
  process->visited_ns = cpu_ns;
  return ran && request->exact;
}

// Why it is unknown is told by the reading, except for want of memory.
static int read_net(wio_process *process, const wio_request *request, wio_reading *out) {
  int rc = 0;
  if (!process->traffic)
    rc = wio_sockets_add(process->sockets, process->pid, process->start_ticks, process->born, &process->traffic);
  wio_carriage carriage = {.hidden = true};
  // Most that are born are gone before the next look.
  bool waits = request->first && process->born;
  if (rc == 0 && !waits) {
    bool exact = is_visit_due(process, request);
    rc = wio_sockets_read(process->sockets, process->traffic, request->moment, exact, &carriage);
  }
  if (rc == -ENOMEM) return rc;
  // What else was read of one that is reaped meanwhile still holds.
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
  // Without the connections, what goes through them is hidden too; with them, they tell.
  *out = (wio_reading){.hidden = wio_procfs_is_live(process->fs)};
  // The clock first: that the held file answers afterwards shows whose it was.
  if ((kinds & WIO_KIND_BIT(WIO_CPU)) && process->clock_works) {
    rc = read_clock(process, &out->value[WIO_CPU_NS]);
    if (rc == 0) process->cpu_ns = out->value[WIO_CPU_NS];
  }
  if (rc == 0 && (kinds & WIO_KIND_BIT(WIO_IO)))
    rc = process->io_fd >= 0 ? read_io(process, process->io_fd, out) : read_unheld_io(process, out);
  if (rc == 0 && (kinds & WIO_KIND_BIT(WIO_NET))) rc = read_net(process, request, out);
  if (rc == 0) rc = check_reading(process, kinds, out);
  if (!(kinds & WIO_KIND_BIT(WIO_IO)) || out->error[WIO_IO]) out->hidden = wio_procfs_is_live(process->fs);
  return rc;
}

// Few want to run at that moment, so only theirs is kept.
static int keep_wants(wio_process *process, const wio_wants *wants) {
  if (wants->count == 0) {
    free(process->wants);
    process->wants = NULL;
    return 0;
  }
  if (!process->wants) process->wants = malloc(sizeof *process->wants);
  if (!process->wants) return -ENOMEM;
  *process->wants = *wants;
  return 0;
}

int wio_process_waits(wio_process *process, wio_waiting *out) {
  wio_waiting found = {.wait = WIO_WAIT_NONE};
  wio_wants wants = {.count = 0};
  if (process->wants) wants = *process->wants;
  int rc = process->own ? 0 : wio_waits_read(process->fs, process->pid, &wants, &found);
  if (rc == 0) rc = check_alive(process);
  if (rc == 0) rc = keep_wants(process, &wants);
  if (rc == 0) *out = found;
  return rc;
}

static int send_through(int pidfd, int signal) {
  return syscall(SYS_pidfd_send_signal, pidfd, signal, NULL, 0) < 0 ? -errno : 0;
}

int wio_process_signal(wio_process *process, int signal) {
  if (!wio_procfs_is_live(process->fs)) return -ENOTSUP;
  if (process->pidfd >= 0) return wio_process_ended(process) ? -ESRCH : send_through(process->pidfd, signal);
  int pidfd = open_pidfd(process->pid);
  if (pidfd < 0) return pidfd;
  // The pidfd may already be another's; who it is is looked at after it was opened.
  int rc = check_alive(process);
  if (rc == 0) rc = send_through(pidfd, signal);
  close(pidfd);
  return rc;
}

int wio_process_prioritise(wio_process *process, const wio_priority *priority) {
  if (!wio_procfs_is_live(process->fs)) return -ENOTSUP;
  int rc = check_alive(process);
  if (rc < 0) return rc;
  // The pidfd also tells apart who started within one tick of the clock.
  if (wio_process_ended(process)) return -ESRCH;
  int set = wio_priority_set(process->fs, process->pid, process->pidfd, priority);
  if (wio_process_ended(process)) return -ESRCH;
  rc = check_alive(process);
  return rc < 0 ? rc : set;
}
