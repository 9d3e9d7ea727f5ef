// SPDX-License-Identifier: MIT
#include "sys/children.h"

#include "core/array.h"
#include "core/units.h"
#include "sys/procfs.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

struct wio_children {
  int fd;
  wio_procfs *fs;
  wio_pids pids;
  sigset_t mask; // the signal mask before the opening
  struct sigaction on_child;
  wio_spent before;
};

// The signals that are taken here. They are blocked, not ignored: so the command inherits the dispositions that this
// process was given, and no signal is lost before the command is there.
static void fill_taken(sigset_t *out) {
  static const int taken[] = {SIGCHLD, SIGTERM, SIGHUP,   SIGINT,  SIGQUIT, SIGUSR1,
                              SIGUSR2, SIGALRM, SIGWINCH, SIGCONT, SIGTSTP};
  sigemptyset(out);
  for (size_t i = 0; i < WIO_LENGTH(taken); i++) sigaddset(out, taken[i]);
}

// ---- its life

// Sets SIGCHLD to its default: a parent that ignores it is never told of its children's end.
static void listen_to_children(wio_children *children) {
  struct sigaction usual = {.sa_handler = SIG_DFL};
  sigset_t taken;
  fill_taken(&taken);
  sigaction(SIGCHLD, &usual, &children->on_child);
  pthread_sigmask(SIG_BLOCK, &taken, &children->mask);
  children->fd = signalfd(-1, &taken, SFD_CLOEXEC | SFD_NONBLOCK);
}

int wio_children_open(wio_children **out) {
  wio_children *children = calloc(1, sizeof *children);
  if (!children) return -ENOMEM;
  listen_to_children(children);
  int rc = children->fd < 0 ? -errno : wio_procfs_open(NULL, &children->fs);
  if (rc == 0 && prctl(PR_SET_CHILD_SUBREAPER, 1) < 0) rc = -errno;
  if (rc < 0) {
    wio_children_close(children);
    return rc;
  }
  wio_children_spent(children, &children->before);
  *out = children;
  return 0;
}

void wio_children_close(wio_children *children) {
  if (!children) return;
  prctl(PR_SET_CHILD_SUBREAPER, 0);
  for (wio_signal signal; children->fd >= 0 && wio_children_take_signal(children, &signal);) continue;
  if (children->fd >= 0) close(children->fd);
  pthread_sigmask(SIG_SETMASK, &children->mask, NULL);
  sigaction(SIGCHLD, &children->on_child, NULL);
  if (children->fs) wio_procfs_close(children->fs);
  free(children->pids.pid);
  free(children);
}

int wio_children_fd(const wio_children *children) { return children->fd; }

static int spawn(char *const argv[], pid_t *out) {
  posix_spawnattr_t attributes;
  sigset_t none;
  sigemptyset(&none);
  int rc = posix_spawnattr_init(&attributes);
  if (rc) return -rc;
  posix_spawnattr_setsigmask(&attributes, &none);
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK);
  rc = posix_spawnp(out, argv[0], NULL, &attributes, argv, environ);
  posix_spawnattr_destroy(&attributes);
  return -rc;
}

// The shell runs a script that does not name its interpreter, as with execvp(3).
static int spawn_script(char *const argv[], pid_t *out) {
  static char shell[] = "/bin/sh";
  size_t count = 0;
  while (argv[count]) count++;
  char **with_shell = malloc((count + 2) * sizeof *with_shell);
  if (!with_shell) return -ENOMEM;
  with_shell[0] = shell;
  memcpy(&with_shell[1], argv, (count + 1) * sizeof *with_shell);
  int rc = spawn(with_shell, out);
  free(with_shell);
  return rc;
}

int wio_children_start(wio_children *children, char *const argv[], pid_t *out) {
  (void)children;
  int rc = spawn(argv, out);
  return rc == -ENOEXEC && strchr(argv[0], '/') ? spawn_script(argv, out) : rc;
}

// ---- what is told

bool wio_children_take_signal(wio_children *children, wio_signal *out) {
  struct signalfd_siginfo info;
  if (read(children->fd, &info, sizeof info) != sizeof info) return false;
  bool sent = info.ssi_code <= 0; // SI_USER, SI_TKILL, SI_QUEUE, even where the sender's pid is 0 here
  *out = (wio_signal){.number = (int)info.ssi_signo, .sent = sent, .sender = sent ? (pid_t)info.ssi_pid : 0};
  return true;
}

int wio_children_take_change(wio_children *children, wio_child_change *out) {
  (void)children;
  int status;
  pid_t pid = waitpid(-1, &status, WNOHANG | WUNTRACED | WCONTINUED);
  if (pid < 0) return -errno;
  if (pid == 0) return -EAGAIN;
  *out = (wio_child_change){.pid = pid, .type = WIO_CHILD_CONTINUED};
  if (WIFEXITED(status)) out->type = WIO_CHILD_EXITED, out->value = WEXITSTATUS(status);
  if (WIFSIGNALED(status)) out->type = WIO_CHILD_KILLED, out->value = WTERMSIG(status);
  if (WIFSTOPPED(status)) out->type = WIO_CHILD_STOPPED, out->value = WSTOPSIG(status);
  return 0;
}

// Raises the signal first and unblocks it then, so that a SIGTSTP which the terminal sent at the same time makes no
// second stop.
void wio_children_stop_with_them(void) {
  sigset_t stop;
  sigemptyset(&stop);
  sigaddset(&stop, SIGTSTP);
  raise(SIGTSTP);
  pthread_sigmask(SIG_UNBLOCK, &stop, NULL);
  pthread_sigmask(SIG_BLOCK, &stop, NULL);
}

int wio_children_signal_all(wio_children *children, int number, const pid_t **pids, size_t *count) {
  int rc = wio_procfs_children(children->fs, getpid(), &children->pids);
  if (rc < 0) return rc;
  for (size_t i = 0; i < children->pids.count; i++) kill(children->pids.pid[i], number);
  *pids = children->pids.pid;
  *count = children->pids.count;
  return 0;
}

static bool is_among(pid_t pid, const pid_t *pids, size_t count) {
  for (size_t i = 0; i < count; i++)
    if (pids[i] == pid) return true;
  return false;
}

bool wio_children_reap_others(const pid_t *own, size_t count) {
  siginfo_t ended = {0};
  while (waitid(P_ALL, 0, &ended, WEXITED | WNOHANG | WNOWAIT) == 0 && ended.si_pid) {
    if (is_among(ended.si_pid, own, count)) return true;
    waitpid(ended.si_pid, NULL, WNOHANG);
    ended.si_pid = 0;
  }
  return false;
}

// ---- what was used

// Reads counters with one call to read(2), which adds `length` bytes to the caller's own counters.
static int read_io(int directory, const char *path, uint64_t io[WIO_IO_COUNT], size_t *length) {
  char text[512];
  int fd = openat(directory, path, O_RDONLY | O_CLOEXEC);
  if (fd < 0) return -errno;
  ssize_t got = read(fd, text, sizeof text);
  int rc = got < 0 ? -errno : wio_io_parse(text, (size_t)got, io) ? 0 : -EINVAL;
  close(fd);
  *length = got > 0 ? (size_t)got : 0;
  return rc;
}

static int take_thread(int tasks, const char *name, uint64_t io[WIO_IO_COUNT], size_t *length) {
  char path[300];
  uint64_t own[WIO_IO_COUNT];
  snprintf(path, sizeof path, "%s/io", name);
  int rc = read_io(tasks, path, own, length);
  for (int i = 0; rc == 0 && i < WIO_IO_COUNT; i++) io[i] += own[i];
  return rc;
}

// Sums the io of this process's own threads. Reads the calling thread last, so that its counters include the other
// reads. `*length` is what that last read added to them afterwards.
static int sum_threads(const wio_children *children, uint64_t io[WIO_IO_COUNT], size_t *length) {
  char own[16];
  snprintf(own, sizeof own, "%d", getpid()); // the main thread's name
  int tasks = openat(wio_procfs_directory(children->fs), "self/task", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  DIR *threads = tasks < 0 ? NULL : fdopendir(tasks);
  if (!threads) return -errno;
  int rc = 0;
  for (const struct dirent *entry; rc == 0 && (entry = readdir(threads));)
    if (entry->d_name[0] != '.' && strcmp(entry->d_name, own) != 0) rc = take_thread(tasks, entry->d_name, io, length);
  if (rc == 0) rc = take_thread(tasks, own, io, length);
  closedir(threads);
  return rc;
}

static int io_of_children(const wio_children *children, uint64_t out[WIO_IO_COUNT]) {
  uint64_t threads[WIO_IO_COUNT] = {0};
  size_t last = 0, ignored;
  int rc = sum_threads(children, threads, &last);
  if (rc == 0) rc = read_io(wio_procfs_directory(children->fs), "self/io", out, &ignored);
  if (rc < 0) return rc;
  threads[WIO_RCHAR] += last;
  threads[WIO_SYSCR]++;
  for (int i = 0; i < WIO_IO_COUNT; i++) out[i] -= threads[i];
  return 0;
}

static uint64_t nanoseconds(struct timeval time) {
  return (uint64_t)time.tv_sec * WIO_NS_PER_SECOND + (uint64_t)time.tv_usec * WIO_NS_PER_US;
}

void wio_children_spent(const wio_children *children, wio_spent *out) {
  struct rusage usage;
  *out = (wio_spent){0};
  out->io_error = -io_of_children(children, out->io);
  getrusage(RUSAGE_CHILDREN, &usage);
  out->cpu_ns = nanoseconds(usage.ru_utime) + nanoseconds(usage.ru_stime) - children->before.cpu_ns;
  for (int i = 0; i < WIO_IO_COUNT; i++) out->io[i] -= children->before.io[i];
}
