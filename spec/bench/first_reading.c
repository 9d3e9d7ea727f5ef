// SPDX-License-Identifier: MIT
// Preloaded into a sampler, this tells when it reads the counters of a process for the first time:
// it writes the time, ns on CLOCK_MONOTONIC, into the descriptor that the environment names in
// FIRST_READING_FD.
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

static void tell_once(const char *text, ssize_t length) {
  static const char beginning[] = "rchar:"; // of /proc/PID/io
  const char *fd = getenv("FIRST_READING_FD");
  if (!fd || length < (ssize_t)sizeof beginning || memcmp(text, beginning, sizeof beginning - 1) != 0) return;
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  int64_t ns = (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
  if (write(atoi(fd), &ns, sizeof ns) == sizeof ns) unsetenv("FIRST_READING_FD");
}

__attribute__((visibility("default"))) ssize_t pread(int fd, void *buffer, size_t size, off_t offset) {
  ssize_t length = syscall(SYS_pread64, fd, buffer, size, offset);
  tell_once(buffer, length);
  return length;
}
