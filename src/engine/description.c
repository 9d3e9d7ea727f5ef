// SPDX-License-Identifier: MIT
#include "engine/description.h"

#include "core/args.h"
#include "core/cgroup.h"

#include <errno.h>
#include <string.h>

// A long text is emptied by its first character alone.
void wio_description_clear(pid_t pid, wio_description *out) {
  out->pid = pid;
  out->known = 0;
  out->uid = 0;
  out->cmd_error = out->exe_error = out->denied = 0;
  out->cmd_is_part = out->cgroup_is_part = false;
  out->cmd[0] = out->exe[0] = out->cgroup[0] = '\0';
  out->names.program[0] = out->names.script[0] = '\0';
  out->names.title = out->names.cut = out->names.program_counts = false;
}

// Where the first thread has ended before the others, the others still have its command line and its executable.
static pid_t living_thread(wio_procfs *fs, const wio_description *process) {
  bool headless = process->stat.state == 'Z' && !wio_stat_ended(&process->stat);
  return headless ? wio_procfs_living_thread(fs, process->pid) : process->pid;
}

// Takes the names from the arguments at `args`, which are all that the kernel gives, and joins them into one line.
// Returns its length.
static size_t take_args(wio_description *process, char *args, size_t length) {
  if (wio_args_are_cut(args, length)) process->cmd_error = E2BIG;
  length = wio_args_end(args, length);
  wio_names_parse(process->stat.name, args, length, &process->names);
  wio_args_join(args, length);
  return length;
}

// Keeps the beginning of a line that does not fit, and the names in the whole line.
static void take_long_args(wio_procfs *fs, wio_whole *room, pid_t pid, wio_description *process) {
  ssize_t length = wio_whole_read(fs, pid, "cmdline", room);
  if (length < 0) {
    process->cmd_error = (int)-length;
    length = sizeof process->cmd;
    process->cmd[length - 1] = '\0';
    wio_names_parse(process->stat.name, process->cmd, (size_t)length, &process->names);
    process->names.cut = true;
    wio_args_join(process->cmd, (size_t)length);
  } else {
    length = (ssize_t)take_args(process, room->text, (size_t)length);
    memcpy(process->cmd, room->text, (size_t)length < sizeof process->cmd ? (size_t)length + 1 : sizeof process->cmd);
  }
  process->cmd_is_part = (size_t)length > sizeof process->cmd;
  process->cmd[sizeof process->cmd - 1] = '\0';
  wio_whole_release(room);
}

// A process without memory is about to end, or in the middle of an exec. In an exec, its command line is not known yet.
static void take_none(wio_procfs *fs, wio_description *process) {
  wio_stat now;
  process->cmd[0] = '\0';
  bool ends = wio_stat_ended(&process->stat) || wio_procfs_stat(fs, process->pid, &now) < 0 || wio_stat_ended(&now) ||
              (now.exiting && now.threads <= 1);
  process->cmd_error = ends ? 0 : EAGAIN;
}

static int learn_cmd(wio_procfs *fs, wio_whole *room, wio_description *process) {
  pid_t pid = living_thread(fs, process);
  ssize_t length = wio_procfs_arguments(fs, pid, process->cmd, sizeof process->cmd);
  if (length < 0) process->cmd[0] = '\0';
  if (length < 0) return (int)length;
  if (length == 0) take_none(fs, process);
  else if ((size_t)length < sizeof process->cmd) take_args(process, process->cmd, (size_t)length);
  else take_long_args(fs, room, pid, process);
  return 0;
}

// A path that may not be read is empty; a kernel thread has no executable.
static int learn_exe(wio_procfs *fs, wio_description *process) {
  int rc = wio_procfs_exe(fs, living_thread(fs, process), process->exe, sizeof process->exe);
  process->exe_error = rc == -ENOENT ? 0 : -rc;
  if (rc < 0) process->exe[0] = '\0';
  return 0;
}

// Keeps the lines that name units when a text does not fit: they decide to which target a process belongs.
static int take_long_cgroup(wio_procfs *fs, wio_whole *room, wio_description *process) {
  ssize_t length = wio_whole_read(fs, process->pid, "cgroup", room);
  if (length >= 0) wio_cgroup_keep_units(room->text, process->cgroup, sizeof process->cgroup);
  wio_whole_release(room);
  process->cgroup_is_part = length >= 0;
  return length < 0 ? (int)length : 0;
}

// A kernel without control groups has no such file; a process that has ended meanwhile is in no group either.
static int learn_cgroup(wio_procfs *fs, wio_whole *room, wio_description *process) {
  ssize_t length = wio_procfs_cgroup(fs, process->pid, process->cgroup, sizeof process->cgroup);
  int rc = length < 0 ? (int)length : 0;
  if ((size_t)length == sizeof process->cgroup - 1) rc = take_long_cgroup(fs, room, process);
  if (rc < 0) process->cgroup[0] = '\0';
  return rc == -ESRCH ? 0 : rc;
}

int wio_description_learn(wio_procfs *fs, wio_whole *room, int wanted, wio_description *process) {
  int missing = wanted & ~process->known, rc = 0;
  // A kernel thread has neither a command line nor an executable; its stat tells that it is one.
  if ((missing & WIO_WANT_CMD) && !process->stat.kernel_thread) rc = learn_cmd(fs, room, process);
  if (rc == 0 && (missing & WIO_WANT_UID)) rc = wio_procfs_euid(fs, process->pid, &process->uid);
  if (rc == 0 && (missing & WIO_WANT_EXE) && !process->stat.kernel_thread) rc = learn_exe(fs, process);
  if (rc == 0 && (missing & WIO_WANT_CGROUP)) rc = learn_cgroup(fs, room, process);
  if (rc == 0) process->known |= wanted;
  return rc;
}

int wio_description_whole(wio_procfs *fs, wio_whole *room, int wanted, const wio_description *process,
                          const char **text) {
  bool cmd = wanted == WIO_WANT_CMD;
  pid_t pid = cmd ? living_thread(fs, process) : process->pid;
  ssize_t length = wio_whole_read(fs, pid, cmd ? "cmdline" : "cgroup", room);
  if (length < 0) return (int)length;
  if (cmd && (length == 0 || wio_args_are_cut(room->text, (size_t)length))) return -E2BIG;
  if (cmd) wio_args_join(room->text, wio_args_end(room->text, (size_t)length));
  *text = room->text;
  return 0;
}
