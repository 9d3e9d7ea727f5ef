// A file system that stops answering, and a process that has to do with it; spec/e2e/silent_mount_spec.lua speaks with it.
//
//   silent_mount FOLDER HOW
//
// Mounts over FOLDER, in a mount namespace of its own, a file system (FUSE) that holds dev/held, and starts a process that opens
// that. On standard output stands its pid. A line on standard input, and the file system answers nothing more; then the process goes
// on HOW it is told to. It all ends with standard input. Status 77 where this may not be done.
#include <errno.h>
#include <fcntl.h>
#include <linux/fuse.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

enum { ROOT = FUSE_ROOT_ID, DEV, HELD, NOT_PERMITTED = 77, SIZE = 4096 };

static _Noreturn void fail(const char *what) {
  perror(what);
  exit(errno == EPERM || errno == EACCES || errno == ENOENT || errno == ENODEV ? NOT_PERMITTED : 1);
}

// ---- the file system

static struct fuse_attr attributes(uint64_t node) {
  return (struct fuse_attr){.ino = node, .mode = node == HELD ? S_IFREG | 0666 : S_IFDIR | 0777, .nlink = 1,
                            .size = node == HELD ? SIZE : 0, .blksize = SIZE};
}

static void answer(int fuse, uint64_t unique, int error, const void *body, size_t size) {
  char text[SIZE + 256];
  struct fuse_out_header head = {.len = (uint32_t)(sizeof head + size), .error = error, .unique = unique};
  memcpy(text, &head, sizeof head);
  memcpy(text + sizeof head, body, size);
  if (write(fuse, text, head.len) < 0 && errno != ENOENT) fail("write");
}

static void answer_init(int fuse, uint64_t unique, const struct fuse_init_in *in) {
  struct fuse_init_out out = {.major = FUSE_KERNEL_VERSION, .minor = FUSE_KERNEL_MINOR_VERSION, .max_readahead = in->max_readahead,
                              .max_write = SIZE, .max_background = 8};
  answer(fuse, unique, 0, &out, sizeof out);
}

static void answer_lookup(int fuse, uint64_t unique, const char *name) {
  uint64_t node = strcmp(name, "dev") == 0 ? DEV : strcmp(name, "held") == 0 ? HELD : 0;
  struct fuse_entry_out out = {.nodeid = node, .attr = attributes(node)};
  answer(fuse, unique, node ? 0 : -ENOENT, &out, node ? sizeof out : 0);
}

static void answer_read(int fuse, uint64_t unique) {
  static const char zeros[SIZE];
  answer(fuse, unique, 0, zeros, sizeof zeros);
}

static void answer_write(int fuse, uint64_t unique, const struct fuse_write_in *in) {
  struct fuse_write_out out = {.size = in->size};
  answer(fuse, unique, 0, &out, sizeof out);
}

static void serve(int fuse) {
  static _Alignas(uint64_t) char request[FUSE_MIN_READ_BUFFER + SIZE];
  ssize_t length = read(fuse, request, sizeof request);
  if (length < 0 && (errno == EINTR || errno == ENOENT || errno == EAGAIN)) return;
  if (length < 0) fail("read");
  const struct fuse_in_header *head = (const void *)request;
  const void *body = request + sizeof *head;
  struct fuse_attr_out attr = {.attr = attributes(head->nodeid)};
  struct fuse_open_out opened = {.fh = 1};
  switch (head->opcode) {
    case FUSE_INIT: return answer_init(fuse, head->unique, body);
    case FUSE_LOOKUP: return answer_lookup(fuse, head->unique, body);
    case FUSE_GETATTR:
    case FUSE_SETATTR: return answer(fuse, head->unique, 0, &attr, sizeof attr);
    case FUSE_OPEN: return answer(fuse, head->unique, 0, &opened, sizeof opened);
    case FUSE_READ: return answer_read(fuse, head->unique);
    case FUSE_WRITE: return answer_write(fuse, head->unique, body);
    case FUSE_FLUSH: return answer(fuse, head->unique, 0, NULL, 0);
    case FUSE_FORGET:
    case FUSE_BATCH_FORGET:
    case FUSE_INTERRUPT: return;
    default: return answer(fuse, head->unique, -ENOSYS, NULL, 0);
  }
}

static int mount_over(const char *folder) {
  char options[96];
  int fuse = open("/dev/fuse", O_RDWR | O_CLOEXEC | O_NONBLOCK);
  if (fuse < 0) fail("/dev/fuse");
  snprintf(options, sizeof options, "fd=%d,rootmode=40000,user_id=0,group_id=0,allow_other", fuse);
  if (unshare(CLONE_NEWNS) < 0) fail("unshare");
  if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0) fail("private");
  if (mount("silent", folder, "fuse", MS_NOSUID, options) < 0) fail("mount");
  return fuse;
}

// ---- the process

static int held;
static void *mapped;

static void wait_only(void) {}

static void let_go_of_mount(void) {
  if (umount2("..", MNT_DETACH) < 0) fail("umount");
}

// The file is closed on the way, which is told to the file system while the kernel lets nobody look at this process.
static void execute(void) { execlp("sleep", "sleep", "60", (char *)NULL); }

// What was written is brought to the file system while the kernel lets nobody look at this process's memory.
static void map_over(void) { mmap(mapped, SIZE, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0); }

static const struct {
  const char *how;
  void (*go_on)(void);
} ways[] = {{"wait", wait_only}, {"detach", let_go_of_mount}, {"exec", execute}, {"unmap", map_over}};

static _Noreturn void play(const char *folder, void (*go_on)(void), int told, int ready) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (chdir(folder) < 0 || chdir("dev") < 0) fail(folder);
  held = open("held", O_RDWR | O_CLOEXEC);
  if (held < 0) fail("held");
  mapped = mmap(NULL, SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, held, 0);
  if (mapped == MAP_FAILED) fail("mmap");
  *(char *)mapped = 1;
  char byte = 0;
  if (go_on == execute && munmap(mapped, SIZE) < 0) fail("munmap");
  if (write(ready, &byte, 1) != 1 || read(told, &byte, 1) != 1) exit(1);
  go_on();
  for (;;) pause();
}

int main(int argc, char **argv) {
  size_t way = 0, count = sizeof ways / sizeof ways[0];
  while (way < count && (argc != 3 || strcmp(argv[2], ways[way].how) != 0)) way++;
  if (way == count) return 2;
  int told[2], ready[2];
  if (pipe(told) < 0 || pipe(ready) < 0) fail("pipe");
  int fuse = mount_over(argv[1]);
  pid_t pid = fork();
  if (pid < 0) fail("fork");
  if (pid == 0) {
    close(fuse);
    play(argv[1], ways[way].go_on, told[0], ready[1]);
  }
  struct pollfd polled[] = {{fuse, POLLIN, 0}, {ready[0], POLLIN, 0}, {STDIN_FILENO, POLLIN, 0}};
  while (poll(polled, 3, -1) > 0 && !polled[2].revents) {
    char byte;
    if (polled[0].revents) serve(fuse);
    if (polled[1].revents && read(ready[0], &byte, 1) == 1) printf("%d\n", pid), fflush(stdout);
  }
  char line[64];
  if (read(STDIN_FILENO, line, sizeof line) > 0 && write(told[1], line, 1) == 1)
    while (read(STDIN_FILENO, line, sizeof line) > 0) {}
  kill(pid, SIGKILL);
  return 0;
}
