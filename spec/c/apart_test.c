// SPDX-License-Identifier: MIT
#include "sys/apart.h"

#include "check.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

// A question waits for a byte from a pipe, or for nobody (-1), and says on which thread it was put.
typedef struct {
  int from;
  bool answered;
  pthread_t by;
} errand;

static errand *errand_of(wio_desk *desk, size_t i) { return (errand *)(void *)desk->memory + i; }

static void run_errand(wio_desk *desk, size_t i) {
  errand *own = errand_of(desk, i);
  char byte;
  own->answered = own->from < 0 || read(own->from, &byte, 1) == 1;
  own->by = pthread_self();
  desk->calls++;
  desk->bytes += 10;
}

#define MOST 4
static const pid_t pids[MOST] = {11, 12, 13, 14};

// Puts `count` questions, of which the one at `silent` waits for `from`.
static size_t ask(wio_apart *apart, size_t count, size_t silent, int from, wio_apart_lock lock) {
  wio_desk *desk = wio_apart_desk(apart);
  for (size_t i = 0; i < count; i++) *errand_of(desk, i) = (errand){.from = i == silent ? from : -1};
  return wio_apart_ask(apart, &(wio_question){.work = run_errand, .lock = lock, .pids = pids, .count = count});
}

static void await_return(wio_apart *apart, pid_t pid) {
  const struct timespec moment = {.tv_nsec = 1000000};
  for (int i = 0; i < 10000 && wio_apart_is_silent(apart, pid, WIO_APART_MEMORY); i++) nanosleep(&moment, NULL);
  CHECK(!wio_apart_is_silent(apart, pid, WIO_APART_MEMORY));
}

static void all_are_answered_on_another_thread(void) {
  wio_apart *apart = wio_apart_new(true);
  uint64_t calls, bytes;
  CHECK_INT(ask(apart, 3, MOST, -1, WIO_APART_PROCESS), 3);
  const wio_desk *desk = wio_apart_desk(apart);
  for (size_t i = 0; i < 3; i++) CHECK(errand_of((wio_desk *)desk, i)->answered);
  CHECK(!pthread_equal(errand_of((wio_desk *)desk, 0)->by, pthread_self()));
  CHECK_INT(ask(apart, 1, MOST, -1, WIO_APART_PROCESS), 1);
  wio_apart_used(apart, &calls, &bytes);
  CHECK_INT(calls, 4);
  CHECK_INT(bytes, 40);
  wio_apart_free(apart);
}

static void one_that_is_silent_costs_only_itself(void) {
  int ends[2];
  CHECK_INT(pipe(ends), 0);
  wio_apart *apart = wio_apart_new(true);
  CHECK_INT(ask(apart, 4, 1, ends[0], WIO_APART_PROCESS), 1);
  CHECK(wio_apart_is_silent(apart, 12, WIO_APART_PROCESS));
  CHECK(wio_apart_is_silent(apart, 12, WIO_APART_MEMORY));
  CHECK(!wio_apart_is_silent(apart, 11, WIO_APART_PROCESS));
  CHECK(!wio_apart_is_silent(apart, 13, WIO_APART_PROCESS)); // it was not asked
  CHECK_INT(ask(apart, 4, MOST, -1, WIO_APART_PROCESS), 4);
  CHECK(write(ends[1], "", 1) == 1);
  await_return(apart, 12);
  uint64_t calls, bytes;
  wio_apart_used(apart, &calls, &bytes);
  CHECK_INT(calls, 2 + 4); // those behind it were never put
  wio_apart_free(apart);
  close(ends[0]);
  close(ends[1]);
}

static void who_holds_its_memory_answers_all_else(void) {
  int ends[2];
  CHECK_INT(pipe(ends), 0);
  wio_apart *apart = wio_apart_new(true);
  CHECK_INT(ask(apart, 1, 0, ends[0], WIO_APART_MEMORY), 0);
  CHECK(wio_apart_is_silent(apart, 11, WIO_APART_MEMORY));
  CHECK(!wio_apart_is_silent(apart, 11, WIO_APART_PROCESS));
  close(ends[1]);
  await_return(apart, 11);
  wio_apart_free(apart);
  close(ends[0]);
}

// The descriptor that a question uses is closed by the reader that was left, and by nobody else.
static void what_was_lent_to_one_that_was_left_is_closed(void) {
  int ends[2];
  CHECK_INT(pipe(ends), 0);
  wio_apart *apart = wio_apart_new(true);
  int lent = open("/dev/null", O_RDONLY | O_CLOEXEC), kept = open("/dev/null", O_RDONLY | O_CLOEXEC);
  wio_apart_desk(apart)->lent = kept;
  *errand_of(wio_apart_desk(apart), 0) = (errand){.from = -1};
  wio_question question = {.work = run_errand, .pids = pids, .count = 1};
  wio_apart_desk(apart)->lent = kept;
  CHECK_INT(wio_apart_ask(apart, &question), 1);
  CHECK(fcntl(kept, F_GETFD) >= 0);
  *errand_of(wio_apart_desk(apart), 0) = (errand){.from = ends[0]};
  wio_apart_desk(apart)->lent = lent;
  CHECK_INT(wio_apart_ask(apart, &question), 0);
  CHECK(fcntl(lent, F_GETFD) >= 0);
  close(ends[1]);
  await_return(apart, 11);
  CHECK(fcntl(lent, F_GETFD) < 0 && errno == EBADF);
  wio_apart_free(apart);
  close(kept);
  close(ends[0]);
}

// Its reader ends by itself, and nothing is used that is freed by then (AddressSanitizer).
static void what_is_freed_outlives_nobody(void) {
  int ends[2];
  CHECK_INT(pipe(ends), 0);
  wio_apart *apart = wio_apart_new(true);
  CHECK_INT(ask(apart, 2, 0, ends[0], WIO_APART_PROCESS), 0);
  CHECK_INT(ask(apart, 2, MOST, -1, WIO_APART_PROCESS), 2);
  wio_apart_free(apart);
  close(ends[1]);
  close(ends[0]);
}

static void ignore(int signal) { (void)signal; }

// Signals that keep coming do not make the wait begin anew each time, and are not lost.
static void signals_do_not_lengthen_the_wait(void) {
  int ends[2];
  struct itimerval often = {.it_interval = {.tv_usec = 20000}, .it_value = {.tv_usec = 20000}}, never = {0};
  struct timespec begin, end;
  CHECK_INT(pipe(ends), 0);
  signal(SIGALRM, ignore);
  wio_apart *apart = wio_apart_new(true);
  setitimer(ITIMER_REAL, &often, NULL);
  clock_gettime(CLOCK_MONOTONIC, &begin);
  CHECK_INT(ask(apart, 1, 0, ends[0], WIO_APART_PROCESS), 0);
  clock_gettime(CLOCK_MONOTONIC, &end);
  setitimer(ITIMER_REAL, &never, NULL);
  CHECK(end.tv_sec - begin.tv_sec < 5);
  close(ends[1]);
  await_return(apart, 11);
  wio_apart_free(apart);
  close(ends[0]);
}

static void a_tree_of_no_kernel_is_asked_here(void) {
  wio_apart *apart = wio_apart_new(false);
  CHECK_INT(ask(apart, 2, MOST, -1, WIO_APART_PROCESS), 2);
  CHECK(pthread_equal(errand_of(wio_apart_desk(apart), 1)->by, pthread_self()));
  wio_apart_free(apart);
}

int main(void) {
  all_are_answered_on_another_thread();
  one_that_is_silent_costs_only_itself();
  who_holds_its_memory_answers_all_else();
  what_was_lent_to_one_that_was_left_is_closed();
  what_is_freed_outlives_nobody();
  signals_do_not_lengthen_the_wait();
  a_tree_of_no_kernel_is_asked_here();
  return check_result();
}
