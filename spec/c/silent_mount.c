// SPDX-License-Identifier: MIT
// A file system that stops answering, and a process that has to do with it; spec/e2e/silent_mount_spec.lua speaks with
// it.
//
//   silent_mount FOLDER HOW
//
// Mounts over FOLDER, in a mount namespace of its own, a file system (FUSE) that holds dev/held, and starts a process
// that opens that. On standard output stands its pid. A line on standard input, and the file system answers nothing
// more; then the process goes on HOW it is told to. After another line, or three seconds, it answers again: whoever
// else reads /proc on this machine may be waiting too. It all ends with standard input. Status 77 where this may not be
// done.
#include "fuse.h"

#include <poll.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>

#define MOST_SILENCE_MS 3000

// Of the file, which has something to write back.
static char *page;

static void wait_only(void) {}

static void let_go_of_mount(void) {
  if (umount2("..", MNT_DETACH) < 0) fuse_fail("umount");
}

// The kernel closes the file on the way, and asks the file system about that.
static void become_another(void) { execl("/bin/sleep", "sleep", "60", NULL); }

// A child that does so: all that is ever seen of it.
static void bear_another(void) {
  if (fork() == 0) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    become_another();
  }
}

static void map_over(void) {
  if (mmap(page, FUSE_SIZE, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) == MAP_FAILED) fuse_fail("mmap");
}

static void unmap(void) {
  if (munmap(page, FUSE_SIZE) < 0) fuse_fail("munmap");
}

static const struct {
  const char *how;
  void (*go_on)(void);
} ways[] = {{"wait", wait_only},     {"detach", let_go_of_mount}, {"exec", become_another},
            {"child", bear_another}, {"map", map_over},           {"unmap", unmap}};

static _Noreturn void play(const char *folder, void (*go_on)(void), int told, int ready) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (chdir(folder) < 0 || chdir("dev") < 0) fuse_fail(folder);
  int held = open("held", O_RDWR | O_CLOEXEC);
  if (held < 0) fuse_fail("held");
  page = mmap(NULL, FUSE_SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, held, 0);
  if (page == MAP_FAILED) fuse_fail("mmap");
  if (go_on == map_over || go_on == unmap) page[0] = 1;
  char byte = 0;
  if (write(ready, &byte, 1) != 1 || read(told, &byte, 1) != 1) exit(1);
  go_on();
  for (;;) pause();
}

// Answers until there is something to read from standard input.
static void answer(int fuse, int ready, pid_t pid) {
  struct pollfd polled[] = {{fuse, POLLIN, 0}, {ready, POLLIN, 0}, {STDIN_FILENO, POLLIN, 0}};
  while (poll(polled, 3, -1) > 0 && !polled[2].revents) {
    char byte;
    if (polled[0].revents) fuse_serve(fuse, 0);
    if (polled[1].revents && read(ready, &byte, 1) == 1) printf("%d\n", pid), fflush(stdout);
  }
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
  answer(fuse, ready[0], pid);
  char line[64];
  struct pollfd input = {STDIN_FILENO, POLLIN, 0};
  if (read(STDIN_FILENO, line, sizeof line) > 0 && write(told[1], line, 1) == 1) {
    int said = poll(&input, 1, MOST_SILENCE_MS);
    if (said == 0 || (said > 0 && read(STDIN_FILENO, line, sizeof line) > 0)) {
      printf("answers\n"), fflush(stdout);
      answer(fuse, ready[0], pid);
    }
  }
  kill(pid, SIGKILL);
  return 0;
}
