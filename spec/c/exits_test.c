// SPDX-License-Identifier: MIT
#include "engine/source.h"

#include "check.h"
#include "sys/exits.h"

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

static pid_t start_sleeper(void) {
  pid_t pid = fork();
  if (pid == 0) {
    pause();
    _exit(0);
  }
  return pid;
}

static void end(pid_t pid) {
  kill(pid, SIGKILL);
  waitpid(pid, NULL, 0);
}

static void the_owner_of_an_ended_process_is_told(void) {
  wio_source *source;
  wio_pin *pin;
  wio_description process;
  int owner;
  void *told[4];
  CHECK_INT(wio_source_open_proc(NULL, &source), 0);
  pid_t pid = start_sleeper();
  CHECK_INT(source->ops->describe(source, pid, 0, &process), 0);
  CHECK_INT(source->ops->pin(source, pid, process.stat.start_ticks, false, &owner, &pin), 0);
  CHECK_INT(source->ops->exits(source, told, 4), 0);
  end(pid);
  CHECK_INT(source->ops->exits(source, told, 4), 1);
  CHECK(told[0] == &owner);
  source->ops->unpin(source, pin);
  source->ops->free(source);
}

// A fork without exec holds every descriptor open.
static void a_fork_does_not_bring_back_an_owner(void) {
  wio_source *source;
  wio_pin *pin;
  wio_description process;
  int owner;
  void *told[4];
  CHECK_INT(wio_source_open_proc(NULL, &source), 0);
  pid_t pid = start_sleeper();
  CHECK_INT(source->ops->describe(source, pid, 0, &process), 0);
  CHECK_INT(source->ops->pin(source, pid, process.stat.start_ticks, false, &owner, &pin), 0);
  pid_t holder = start_sleeper();
  source->ops->unpin(source, pin);
  end(pid);
  CHECK_INT(source->ops->exits(source, told, 4), 0);
  end(holder);
  source->ops->free(source);
}

// What was told before the end of listening is never read; a fork keeps it readable.
static void nor_does_the_end_of_listening_to_births(void) {
  wio_source *source;
  const pid_t *pids;
  size_t count;
  void *told[4];
  CHECK_INT(wio_source_open_proc(NULL, &source), 0);
  if (source->ops->births(source, &pids, &count) == 0) {
    pid_t holder = start_sleeper(); // which is told of as well
    source->ops->stop_births(source);
    CHECK_INT(source->ops->exits(source, told, 4), 0);
    CHECK_INT(source->ops->births(source, &pids, &count), 0);
    CHECK_INT(source->ops->exits(source, told, 4), 0); // nor through the number that it has again
    end(holder);
  }
  source->ops->free(source);
}

// ---- the descriptors themselves: pipes are readable at will, and a dup stands for the fork

static int readable(int *dup_of_it) {
  int ends[2];
  CHECK_INT(pipe(ends), 0);
  CHECK_INT(write(ends[1], "x", 1), 1);
  close(ends[1]);
  *dup_of_it = dup(ends[0]);
  return ends[0];
}

static void who_was_removed_is_not_told_while_a_dup_is_held(void) {
  wio_exits *exits;
  int owner, held;
  void *told[4];
  CHECK_INT(wio_exits_open(&exits), 0);
  for (int once = 0; once < 2; once++) {
    int fd = readable(&held);
    CHECK_INT(once ? wio_exits_add_once(exits, fd, &owner) : wio_exits_add(exits, fd, &owner), 0);
    wio_exits_remove(exits, fd);
    close(fd);
    CHECK_INT(wio_exits_take(exits, told, 4), 0);
    close(held);
  }
  wio_exits_close(exits);
}

// Closed too early, it cannot be taken out of the epoll any more; it is told as nobody's, also once its number is
// another's.
static void a_stale_descriptor_has_no_owner(void) {
  wio_exits *exits;
  int first, second, held, held_too;
  void *told[4] = {NULL};
  CHECK_INT(wio_exits_open(&exits), 0);
  int fd = readable(&held);
  CHECK_INT(wio_exits_add(exits, fd, &first), 0);
  close(fd);
  wio_exits_remove(exits, fd);
  CHECK_INT(wio_exits_take(exits, told, 4), 0);
  CHECK_INT(readable(&held_too), fd);
  CHECK_INT(wio_exits_add(exits, fd, &second), 0);
  CHECK_INT(wio_exits_take(exits, told, 4), 1);
  CHECK(told[0] == &second);
  wio_exits_remove(exits, fd);
  CHECK_INT(wio_exits_take(exits, told, 4), 0);
  close(fd);
  close(held);
  close(held_too);
  wio_exits_close(exits);
}

int main(void) {
  the_owner_of_an_ended_process_is_told();
  a_fork_does_not_bring_back_an_owner();
  nor_does_the_end_of_listening_to_births();
  who_was_removed_is_not_told_while_a_dup_is_held();
  a_stale_descriptor_has_no_owner();
  return check_result();
}
