// SPDX-License-Identifier: MIT
// A job that rests until SIGUSR1 tells it to do one step. A signal is no I/O, so all that shows is the step itself.
//
//   job append FILE     appends 100 bytes
//   job read FILE       opens, reads and closes a small file
//   job map NAME        writes 4 KiB into a shared mapping
//   job copy FILE       copies 4 KiB within the file, through io_uring
//   job call PORT       asks a server of 127.0.0.1 something, over a connection of its own
//   job compute MS      computes that long
//   job share PERCENT   from the first step on computes that share of a core, for good
#include <fcntl.h>
#include <linux/io_uring.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

enum { PAGE = 4096 };

static const char *argument;
static char *page;
static int file = -1;

static uint64_t cpu_ns(void) {
  struct timespec now;
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

static void compute_ms(int ms) {
  uint64_t end = cpu_ns() + (uint64_t)ms * 1000000u;
  while (cpu_ns() < end) {}
}

static void open_file(void) {
  file = open(argument, O_RDWR | O_CREAT | O_CLOEXEC, 0644);
  if (file < 0) exit(1);
}

static void append_open(void) {
  open_file();
  lseek(file, 0, SEEK_END);
}

static void append(void) {
  char line[100];
  memset(line, 'x', sizeof line);
  line[sizeof line - 1] = '\n';
  if (write(file, line, sizeof line) < 0) exit(1);
}

static void read_small(void) {
  char text[PAGE];
  open_file();
  if (read(file, text, sizeof text) < 0) exit(1);
  close(file);
}

static void map_open(void) {
  // A file of memory: a disk's file system that cannot take the page just then answers the write with SIGBUS.
  file = memfd_create("mapped", MFD_CLOEXEC);
  if (file < 0 || ftruncate(file, PAGE) < 0) exit(1);
  page = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
  if (page == MAP_FAILED) exit(1);
}

static void map_write(void) {
  static int times;
  memset(page, ++times, PAGE);
}

// ---- io_uring without a library: one request at a time

static struct ring {
  int fd;
  unsigned *sq_tail, *sq_mask, *sq_array, *cq_head, *cq_tail, *cq_mask;
  struct io_uring_sqe *sqes;
  struct io_uring_cqe *cqes;
} ring;

static void copy_open(void) {
  struct io_uring_params with = {0};
  open_file();
  page = aligned_alloc(PAGE, PAGE);
  if (!page || write(file, memset(page, 'x', PAGE), PAGE) != PAGE) exit(1);
  ring.fd = (int)syscall(SYS_io_uring_setup, 2, &with);
  if (ring.fd < 0) exit(77);
  size_t size = with.cq_off.cqes + with.cq_entries * sizeof(struct io_uring_cqe);
  char *rings = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE, ring.fd, IORING_OFF_SQ_RING);
  ring.sqes = mmap(NULL, with.sq_entries * sizeof *ring.sqes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE,
                   ring.fd, IORING_OFF_SQES);
  if (rings == MAP_FAILED || ring.sqes == MAP_FAILED) exit(77);
  ring.sq_tail = (unsigned *)(rings + with.sq_off.tail);
  ring.sq_mask = (unsigned *)(rings + with.sq_off.ring_mask);
  ring.sq_array = (unsigned *)(rings + with.sq_off.array);
  ring.cq_head = (unsigned *)(rings + with.cq_off.head);
  ring.cq_tail = (unsigned *)(rings + with.cq_off.tail);
  ring.cq_mask = (unsigned *)(rings + with.cq_off.ring_mask);
  ring.cqes = (struct io_uring_cqe *)(rings + with.cq_off.cqes);
}

static void submit(uint8_t operation, uint64_t offset) {
  unsigned slot = *ring.sq_tail & *ring.sq_mask;
  ring.sqes[slot] = (struct io_uring_sqe){
      .opcode = operation, .fd = file, .addr = (uint64_t)(uintptr_t)page, .len = PAGE, .off = offset};
  ring.sq_array[slot] = slot;
  __atomic_store_n(ring.sq_tail, *ring.sq_tail + 1, __ATOMIC_RELEASE);
  syscall(SYS_io_uring_enter, ring.fd, 1, 1, IORING_ENTER_GETEVENTS, NULL, 0);
  while (*ring.cq_head == __atomic_load_n(ring.cq_tail, __ATOMIC_ACQUIRE)) {}
  if (ring.cqes[*ring.cq_head & *ring.cq_mask].res != PAGE) exit(1);
  __atomic_store_n(ring.cq_head, *ring.cq_head + 1, __ATOMIC_RELEASE);
}

static void copy(void) {
  submit(IORING_OP_READ, 0);
  submit(IORING_OP_WRITE, PAGE);
}

static void call(void) {
  struct sockaddr_in server = {
      .sin_family = AF_INET, .sin_port = htons((uint16_t)atoi(argument)), .sin_addr = {htonl(INADDR_LOOPBACK)}};
  char answer[PAGE];
  int fd = socket(AF_INET, SOCK_STREAM, 0);
  if (connect(fd, (struct sockaddr *)&server, sizeof server) < 0 || send(fd, "x", 1, 0) != 1) exit(1);
  if (recv(fd, answer, sizeof answer, 0) <= 0) exit(1);
  close(fd);
}

static void compute(void) { compute_ms(atoi(argument)); }

static void share(void) {
  int percent = atoi(argument);
  for (;;) {
    compute_ms(percent);
    usleep((useconds_t)(100 - percent) * 1000);
  }
}

static const struct {
  const char *name;
  void (*prepare)(void);
  void (*step)(void);
} jobs[] = {
    {"append", append_open, append}, {"read", NULL, read_small}, {"map", map_open, map_write},
    {"copy", copy_open, copy},       {"call", NULL, call},       {"compute", NULL, compute},
    {"share", NULL, share},
};

int main(int argc, char **argv) {
  sigset_t step;
  sigemptyset(&step);
  sigaddset(&step, SIGUSR1);
  sigprocmask(SIG_BLOCK, &step, NULL);
  for (size_t i = 0; argc == 3 && i < sizeof jobs / sizeof *jobs; i++) {
    if (strcmp(argv[1], jobs[i].name) != 0) continue;
    argument = argv[2];
    if (jobs[i].prepare) jobs[i].prepare();
    for (int signal; sigwait(&step, &signal) == 0;) jobs[i].step();
  }
  return 2;
}
