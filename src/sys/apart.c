// SPDX-License-Identifier: MIT
#include "sys/apart.h"

#include "sys/capabilities.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/futex.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

// How long an answer is waited for while no process is silent. With more silent processes the wait is shorter, so that
// many of them cannot stop everything.
#define PATIENCE_NS 200000000L
#define LEAST_PATIENCE_NS 5000000L

// With this many readers left, a process that waits in the kernel is not asked at all.
#define MANY_LEFT 256

// The stack of a reader: enough for one question. Unused pages of a stack take no memory.
#define STACK_SIZE (256 * 1024)

// The states of a reader. In IDLE and ANSWERED the caller has the desk, otherwise the reader. LEFT becomes RETURNED
// when the reader is done at last. FORSAKEN: no caller will look at the answer any more.
enum { IDLE, ASKED, ANSWERED, LEFT, RETURNED, FORSAKEN, ENDING };

typedef struct reader {
  _Atomic uint32_t state; // a futex
  _Atomic size_t at;      // the question that it is putting
  size_t count;
  wio_apart_work *work;
  bool has_thread;
  pthread_t thread;
  _Atomic pid_t number; // the thread's number
  pid_t pid;            // of a reader that was left: the silent process and the lock
  wio_apart_lock lock;
  struct reader *next;
  wio_desk desk;
} reader;

struct wio_apart {
  bool has_threads;
  reader *current; // the reader for the next question; NULL before the first one
  reader *spare;   // the readers without work
  reader *left;    // the readers whose process is silent
  size_t left_count;
  uint64_t calls, bytes; // of the readers that have come back
};

// ---- the reader

static void wait_while(_Atomic uint32_t *state, uint32_t value) {
  syscall(SYS_futex, state, FUTEX_WAIT_PRIVATE, value, NULL, NULL, 0);
}

static void wake(_Atomic uint32_t *state) { syscall(SYS_futex, state, FUTEX_WAKE_PRIVATE, 1, NULL, NULL, 0); }

// Stores the question's number first, and then looks whether to go on. So a caller that leaves the reader and then
// looks at the number knows the last question that the reader puts.
static void put_questions(reader *own) {
  for (size_t i = 0; i < own->count; i++) {
    atomic_store(&own->at, i);
    uint32_t state = atomic_load(&own->state);
    if (state != ASKED && state != IDLE) return;
    own->work(&own->desk, i);
  }
}

// Returns false when no caller waits for the reader any more, nor ever will.
static bool hand_over(reader *own) {
  uint32_t asked = ASKED, left = LEFT;
  if (atomic_compare_exchange_strong(&own->state, &asked, ANSWERED)) {
    wake(&own->state);
    return true;
  }
  if (own->desk.lent >= 0) close(own->desk.lent);
  return atomic_compare_exchange_strong(&own->state, &left, RETURNED);
}

static void *serve(void *data) {
  reader *own = data;
  // Each thread has its own capabilities, and this one only watches.
  wio_capabilities_raise(WIO_TO_WATCH);
  atomic_store(&own->number, (pid_t)syscall(SYS_gettid));
  for (uint32_t state;;) {
    while ((state = atomic_load(&own->state)) != ASKED && state != ENDING) wait_while(&own->state, state);
    if (state == ENDING) return NULL;
    put_questions(own);
    if (hand_over(own)) continue;
    free(own);
    return NULL;
  }
}

// Starts the thread with all signals blocked, so that none is ever delivered to it.
static int start_thread(reader *own) {
  pthread_attr_t attributes;
  sigset_t all, before;
  sigfillset(&all);
  if (pthread_attr_init(&attributes) != 0) return -ENOMEM;
  pthread_attr_setstacksize(&attributes, STACK_SIZE);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  int rc = pthread_create(&own->thread, &attributes, serve, own);
  pthread_sigmask(SIG_SETMASK, &before, NULL);
  pthread_attr_destroy(&attributes);
  return -rc;
}

// Where no thread can be started, the caller's thread puts the questions.
static reader *new_reader(bool has_thread) {
  reader *made = aligned_alloc(_Alignof(reader), sizeof *made);
  if (!made) return NULL;
  memset(made, 0, sizeof *made);
  made->desk.lent = -1;
  made->has_thread = has_thread && start_thread(made) == 0;
  return made;
}

static void end_reader(reader *ended) {
  if (!ended) return;
  if (ended->has_thread) {
    atomic_store(&ended->state, ENDING);
    wake(&ended->state);
    pthread_join(ended->thread, NULL);
  }
  free(ended);
}

// Ends a reader that was left. It may have come back just now.
static void forsake(reader *left) {
  uint32_t state = LEFT;
  pthread_t thread = left->thread;
  if (!atomic_compare_exchange_strong(&left->state, &state, FORSAKEN)) return end_reader(left);
  pthread_detach(thread);
}

// ---- all readers

wio_apart *wio_apart_new(bool may_be_silent) {
  wio_apart *apart = calloc(1, sizeof *apart);
  if (apart) apart->has_threads = may_be_silent;
  return apart;
}

static void end_readers(reader *first, void (*end)(reader *)) {
  for (reader *next; first; first = next) {
    next = first->next;
    end(first);
  }
}

void wio_apart_free(wio_apart *apart) {
  if (!apart) return;
  end_reader(apart->current);
  end_readers(apart->spare, end_reader);
  end_readers(apart->left, forsake);
  free(apart);
}

// Frees the readers that have come back.
static void take_back(wio_apart *apart) {
  for (reader **link = &apart->left, *left; (left = *link);) {
    if (atomic_load(&left->state) != RETURNED) {
      link = &left->next;
      continue;
    }
    *link = left->next;
    apart->calls += left->desk.calls;
    apart->bytes += left->desk.bytes;
    left->desk.calls = left->desk.bytes = 0;
    left->next = apart->spare;
    apart->spare = left;
    apart->left_count--;
  }
}

void wio_apart_used(const wio_apart *apart, uint64_t *calls, uint64_t *bytes) {
  *calls = apart->calls + (apart->current ? apart->current->desk.calls : 0);
  *bytes = apart->bytes + (apart->current ? apart->current->desk.bytes : 0);
}

// ---- who is silent

// Reads a state letter from a text of proc(5) that needs no lock of the process; '\0' where it cannot be read.
static char state_in(const char *path, const char *key) {
  char text[512];
  int fd = open(path, O_RDONLY | O_CLOEXEC);
  ssize_t length = fd < 0 ? -1 : read(fd, text, sizeof text - 1);
  if (fd >= 0) close(fd);
  text[length > 0 ? length : 0] = '\0';
  const char *at = strstr(text, key);
  return at ? at[strlen(key)] : '\0';
}

static bool waits_in_kernel(pid_t pid) {
  char path[32];
  snprintf(path, sizeof path, "/proc/%d/status", pid);
  return state_in(path, "\nState:\t") == 'D';
}

bool wio_apart_is_silent(wio_apart *apart, pid_t pid, wio_apart_lock lock) {
  if (!apart->left) return false;
  take_back(apart);
  for (const reader *left = apart->left; left; left = left->next)
    if (left->pid == pid && left->lock <= lock) return true;
  return apart->left_count >= MANY_LEFT && waits_in_kernel(pid);
}

// ---- to ask

static reader *take_reader(wio_apart *apart) {
  reader *spare = apart->spare;
  if (!spare) return new_reader(apart->has_threads);
  apart->spare = spare->next;
  spare->next = NULL;
  return spare;
}

wio_desk *wio_apart_desk(wio_apart *apart) {
  if (!apart->current) apart->current = take_reader(apart);
  if (!apart->current) return NULL;
  apart->current->desk.lent = -1;
  return &apart->current->desk;
}

static long patience_ns(const wio_apart *apart) {
  long patience = PATIENCE_NS / (long)(1 + apart->left_count);
  return patience > LEAST_PATIENCE_NS ? patience : LEAST_PATIENCE_NS;
}

// Waits for the state to change. Returns 0, or the errno that ended the wait.
static int wait_for_change(reader *asked, long for_ns) {
  struct timespec timeout = {.tv_sec = 0, .tv_nsec = for_ns};
  if (atomic_load(&asked->state) != ASKED) return 0;
  return syscall(SYS_futex, &asked->state, FUTEX_WAIT_PRIVATE, ASKED, &timeout, NULL, 0) < 0 ? errno : 0;
}

// The same, but a signal cannot begin the wait anew more than once: the second wait blocks signals until it is over.
static int wait_undisturbed(reader *asked, long for_ns) {
  sigset_t all, before;
  int rc = wait_for_change(asked, for_ns);
  if (rc != EINTR) return rc;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  rc = wait_for_change(asked, for_ns);
  pthread_sigmask(SIG_SETMASK, &before, NULL);
  return rc;
}

// Whether the reader waits in the kernel rather than for a processor: a busy machine makes no process silent.
static bool is_held_up(const reader *asked) {
  char path[48];
  pid_t number = atomic_load(&asked->number);
  snprintf(path, sizeof path, "/proc/self/task/%d/status", number);
  char state = number ? state_in(path, "\nState:\t") : 'R';
  return state == 'D' || state == 'S' || state == '\0';
}

// Returns false when the reader was left.
static bool wait_for_answer(reader *asked, long patience) {
  for (uint32_t state; (state = atomic_load(&asked->state)) == ASKED;) {
    size_t at = atomic_load(&asked->at);
    if (wait_undisturbed(asked, patience) != ETIMEDOUT) continue;
    if (at != atomic_load(&asked->at) || !is_held_up(asked)) continue;
    if (atomic_compare_exchange_strong(&asked->state, &state, LEFT)) return false;
  }
  return true;
}

static void leave(wio_apart *apart, const wio_question *question, size_t at) {
  reader *left = apart->current;
  left->pid = question->pids[at];
  left->lock = question->lock;
  left->next = apart->left;
  apart->left = left;
  apart->left_count++;
  apart->current = NULL;
}

size_t wio_apart_ask(wio_apart *apart, const wio_question *question) {
  reader *asked = apart->current;
  asked->work = question->work;
  asked->count = question->count;
  if (!asked->has_thread) {
    put_questions(asked);
    return question->count;
  }
  atomic_store(&asked->state, ASKED);
  wake(&asked->state);
  if (wait_for_answer(asked, patience_ns(apart))) return question->count;
  size_t at = atomic_load(&asked->at);
  leave(apart, question, at);
  return at;
}
