// SPDX-License-Identifier: MIT
// A file system that stops answering, and a process that has to do with it; spec/e2e/silent_mount_spec.lua speaks with
// it.
//
//   silent_mount FOLDER HOW
//
// Mounts over FOLDER, in a mount namespace of its own, a file system (FUSE) that holds dev/held, and starts a process
// that opens that. On standard output stands its pid. A line on standard input, and the file system answers nothing
// more; then the process goes on HOW it is told to. It all ends with standard input. Status 77 where this may not be
// done.
#include "fuse.h"

#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>

static void wait_only(void) {}

static void let_go_of_mount(void) {
  if (umount2("..", MNT_DETACH) < 0) fuse_fail("umount");
}

static const struct {
  const char *how;
  void (*go_on)(void);
} ways[] = {{"wait", wait_only}, {"detach", let_go_of_mount}};

static _Noreturn void play(const char *folder, void (*go_on)(void), int told, int ready) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (chdir(folder) < 0 || chdir("dev") < 0) fuse_fail(folder);
  if (open("held", O_RDWR | O_CLOEXEC) < 0) fuse_fail("held");
  char byte = 0;
  if (write(ready, &byte, 1) != 1 || read(told, &byte, 1) != 1) exit(1);
  go_on();
  for (;;) pause();
}

int main(int argc, char **argv) {
  size_t way = 0, count = sizeof ways / sizeof ways[0];
  while (way < count && (argc != 3 || strcmp(argv[2], ways[way].how) != 0)) way++;
  if (way == count) return 2;
  int told[2], ready[2];
  if (pipe(told) < 0 || pipe(ready) < 0) fuse_fail("pipe");
  int fuse = fuse_mount(argv[1]);
  pid_t pid = fork();
  if (pid < 0) fuse_fail("fork");
  if (pid == 0) {
    close(fuse);
    play(argv[1], ways[way].go_on, told[0], ready[1]);
  }
  struct pollfd polled[] = {{fuse, POLLIN, 0}, {ready[0], POLLIN, 0}, {STDIN_FILENO, POLLIN, 0}};
  while (poll(polled, 3, -1) > 0 && !polled[2].revents) {
    char byte;
    if (polled[0].revents) fuse_serve(fuse, 0);
    if (polled[1].revents && read(ready[0], &byte, 1) == 1) printf("%d\n", pid), fflush(stdout);
  }
  char line[64];
  if (read(STDIN_FILENO, line, sizeof line) > 0 && write(told[1], line, 1) == 1)
    while (read(STDIN_FILENO, line, sizeof line) > 0) {}
  kill(pid, SIGKILL);
  return 0;
}
