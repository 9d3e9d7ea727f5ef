// SPDX-License-Identifier: MIT
#include "steps.h"

#include <fcntl.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

static int restless_one;

void rest_ms(int ms) {
  struct timespec time = {ms / 1000, ms % 1000 * 1000000L};
  while (nanosleep(&time, &time) < 0) {}
}

void sleep_on(void) {
  for (;;) rest_ms(60000);
}

int chance(int limit) { return (int)(random() % limit); }

void be_restless(int restless) { restless_one = restless; }

void rest_a_while(void) {
  if (!restless_one && chance(8) == 0) rest_ms(1200 + chance(1500));
  else rest_ms(50 + chance(450));
}

static int64_t run_ns(void) {
  struct timespec time;
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return (int64_t)time.tv_sec * 1000000000 + time.tv_nsec;
}

void spin_us(int run_us) {
  int64_t end = run_ns() + (int64_t)run_us * 1000;
  while (run_ns() < end) {}
}

void compute(diary *own) {
  int number = diary_begin(own);
  spin_us(12000);
  diary_end(own, number);
}

void write_file(diary *own) {
  static char bytes[8192];
  int number = diary_begin(own), fd = open("/tmp", O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
  if (fd >= 0 && write(fd, bytes, sizeof bytes) == (ssize_t)sizeof bytes) diary_end(own, number);
  close(fd);
}
