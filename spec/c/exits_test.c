#include "engine/source.h"

#include "check.h"

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

int main(void) {
  the_owner_of_an_ended_process_is_told();
  a_fork_does_not_bring_back_an_owner();
  return check_result();
}
