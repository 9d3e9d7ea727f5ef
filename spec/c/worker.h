// SPDX-License-Identifier: MIT
// worker: connections on the loopback, processes that hold some and do what they are told, and readings of what they
// carry.
#pragma once

#include "check.h"
#include "sys/net/closings.h"
#include "sys/net/sockets.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define PATIENCE_S 5.0

static inline void skip(const char *what, const char *why) { printf("skipped: %s: %s\n", what, why); }

static inline double seconds(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

// ---- connections

static int listener = -1;
static uint16_t port;

static inline void start_listening(void) {
  struct sockaddr_in6 any = {.sin6_family = AF_INET6, .sin6_addr = in6addr_any};
  socklen_t length = sizeof any;
  listener = socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0);
  CHECK(bind(listener, (struct sockaddr *)&any, length) == 0 && listen(listener, 4096) == 0);
  getsockname(listener, (struct sockaddr *)&any, &length);
  port = any.sin6_port;
}

static inline int connect_to(const char *address) {
  struct sockaddr_in v4 = {.sin_family = AF_INET, .sin_port = port};
  struct sockaddr_in6 v6 = {.sin6_family = AF_INET6, .sin6_port = port};
  bool is_v4 = inet_pton(AF_INET, address, &v4.sin_addr) == 1;
  int fd = socket(is_v4 ? AF_INET : AF_INET6, SOCK_STREAM, 0);
  if (!is_v4) inet_pton(AF_INET6, address, &v6.sin6_addr);
  int rc = is_v4 ? connect(fd, (struct sockaddr *)&v4, sizeof v4) : connect(fd, (struct sockaddr *)&v6, sizeof v6);
  CHECK_INT(rc, 0);
  return fd;
}

static inline int accept_one(void) { return accept4(listener, NULL, NULL, SOCK_CLOEXEC); }

static inline void put(int fd, int count) {
  static char bytes[65536];
  for (int sent; count > 0; count -= sent)
    if ((sent = (int)send(fd, bytes, (size_t)count < sizeof bytes ? (size_t)count : sizeof bytes, 0)) <= 0) break;
}

static inline void get(int fd, int count) {
  static char bytes[65536];
  for (int got; count > 0; count -= got)
    if ((got = (int)recv(fd, bytes, (size_t)count < sizeof bytes ? (size_t)count : sizeof bytes, 0)) <= 0) break;
}

// Closes it by a reset.
static inline void abort_connection(int fd) {
  struct linger at_once = {.l_onoff = 1};
  setsockopt(fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
  close(fd);
}

// ---- ends that are under way

// The kernel reports the end of a connection from a queue of work, one a processor. On a busy machine that is late:
// then the ends of one case are taken for those of the next.
static inline int is_reported(void *awaited, const wio_connection *ended) {
  const uint32_t *cookie = ended->id.idiag_cookie;
  if ((cookie[0] | (uint64_t)cookie[1] << 32) == *(uint64_t *)awaited) *(uint64_t *)awaited = 0;
  return 0;
}

static inline void await_report(wio_closings *closings, int processor) {
  cpu_set_t only;
  CPU_ZERO(&only);
  CPU_SET(processor, &only);
  sched_setaffinity(0, sizeof only, &only);
  uint64_t awaited = 0;
  socklen_t length = sizeof awaited;
  int last = socket(AF_INET, SOCK_STREAM, 0);
  CHECK_INT(getsockopt(last, SOL_SOCKET, SO_COOKIE, &awaited, &length), 0);
  close(last);
  for (double until = seconds() + PATIENCE_S; awaited && seconds() < until;) {
    wio_closings_take(closings, is_reported, &awaited);
    sched_yield();
  }
  CHECK(awaited == 0);
}

// Waits until the kernel has reported all ends up to now: a socket that ends last on each processor is reported last.
static inline void await_ends(void) {
  wio_closings *closings;
  cpu_set_t all;
  if (wio_closings_open(-1, &closings) < 0) return; // a kernel that reports none
  CHECK_INT(sched_getaffinity(0, sizeof all, &all), 0);
  for (int processor = 0; processor < CPU_SETSIZE; processor++)
    if (CPU_ISSET(processor, &all)) await_report(closings, processor);
  sched_setaffinity(0, sizeof all, &all);
  wio_closings_close(closings);
}

// ---- processes that do what they are told, one command after the other

typedef enum {
  CONNECT,
  ACCEPT,
  PUT,
  GET,
  SHUT,
  CLOSE,
  ABORT,
  FORK,
  HAND_OVER,
  TAKE_OVER,
  UNSHARE,
  LISTEN,
  PORT,
  DATAGRAMS,
  END
} order_verb;

typedef struct {
  order_verb verb;
  int value;
} command;

typedef struct {
  pid_t pid;
  int control;
  int answers; // 0: they come by its control too
} worker;

static inline void pass_fd(int control, int fd) {
  char byte = 0, room[CMSG_SPACE(sizeof fd)] = {0};
  struct iovec data = {&byte, 1};
  struct msghdr message = {.msg_iov = &data, .msg_iovlen = 1, .msg_control = room, .msg_controllen = sizeof room};
  struct cmsghdr *head = CMSG_FIRSTHDR(&message);
  head->cmsg_level = SOL_SOCKET;
  head->cmsg_type = SCM_RIGHTS;
  head->cmsg_len = CMSG_LEN(sizeof fd);
  memcpy(CMSG_DATA(head), &fd, sizeof fd);
  CHECK(sendmsg(control, &message, 0) == 1);
}

static inline int take_fd(int control) {
  int fd = -1;
  char byte, room[CMSG_SPACE(sizeof fd)];
  struct iovec data = {&byte, 1};
  struct msghdr message = {.msg_iov = &data, .msg_iovlen = 1, .msg_control = room, .msg_controllen = sizeof room};
  if (recvmsg(control, &message, MSG_CMSG_CLOEXEC) == 1 && CMSG_FIRSTHDR(&message))
    memcpy(&fd, CMSG_DATA(CMSG_FIRSTHDR(&message)), sizeof fd);
  return fd;
}

// A namespace of its own, with a loopback that is up. 0 or an errno.
static inline int move_away(void) {
  if (unshare(CLONE_NEWNET) < 0) return errno;
  int fd = socket(AF_INET, SOCK_DGRAM, 0);
  struct ifreq loopback = {.ifr_name = "lo", .ifr_flags = IFF_UP | IFF_RUNNING};
  int rc = ioctl(fd, SIOCSIFFLAGS, &loopback) < 0 ? errno : 0;
  close(fd);
  return rc;
}

static inline int obey(command told, int control, int *fd) {
  switch (told.verb) {
    case CONNECT: *fd = connect_to("127.0.0.1"); break;
    case ACCEPT: *fd = accept_one(); break;
    case PUT: put(*fd, told.value); break;
    case GET: get(*fd, told.value); break;
    case SHUT: shutdown(*fd, SHUT_WR); break;
    case CLOSE: close(*fd); break;
    case ABORT: abort_connection(*fd); break;
    case HAND_OVER: pass_fd(control, *fd); break;
    case TAKE_OVER: *fd = take_fd(control); break;
    case UNSHARE: return move_away();
    case LISTEN: start_listening(); break;
    case PORT: return port;
    case DATAGRAMS: *fd = socket(AF_INET, SOCK_DGRAM, 0); break;
    case END: _exit(0);
    default: break;
  }
  return 0;
}

// The child of FORK goes on with the descriptor that is the value as its control.
static inline void serve(int control, int answers, int fd) {
  for (command told; read(control, &told, sizeof told) == sizeof told;) {
    int answer = 0;
    if (told.verb == FORK) {
      answer = fork();
      if (answer == 0) control = answers = told.value;
    } else {
      answer = obey(told, control, &fd);
    }
    if ((told.verb != FORK || answer != 0) && write(answers, &answer, sizeof answer) < 0) break;
  }
  _exit(0);
}

static inline int order(worker w, order_verb verb, int value) {
  command told = {verb, value};
  int answer = -1;
  if (write(w.control, &told, sizeof told) < 0 || verb == END) return 0;
  int answers = w.answers ? w.answers : w.control;
  if (verb != HAND_OVER && verb != TAKE_OVER) CHECK(read(answers, &answer, sizeof answer) == sizeof answer);
  return answer;
}

// It has `fd` for its connection, and nothing else of ours but `childs`, a control for a child of its own.
static inline worker start(int fd, int childs) {
  int pair[2];
  socketpair(AF_UNIX, SOCK_STREAM, 0, pair);
  worker w = {.control = pair[0]};
  w.pid = fork();
  if (w.pid == 0) {
    for (int other = 3; other < 1024; other++)
      if (other != fd && other != childs && other != pair[1] && other != listener) close(other);
    if (write(pair[1], "", 1) != 1) _exit(1);
    serve(pair[1], pair[1], fd);
  }
  close(pair[1]);
  char ready;
  CHECK(read(w.control, &ready, 1) == 1);
  return w;
}

// The same, but without a Unix socket: it holds pipes, standard streams, `fd` and what `opens` opens.
static inline worker start_plain(int fd, int (*opens)(void), int *opened) {
  int to[2], from[2];
  CHECK(pipe(to) == 0 && pipe(from) == 0);
  worker w = {.pid = fork(), .control = to[1], .answers = from[0]};
  if (w.pid == 0) {
    for (int other = 0; other < 1024; other++)
      if (other != fd && other != to[0] && other != from[1]) close(other);
    while (open("/dev/null", O_RDWR) < 2) {}
    int rc = opens ? opens() : 0;
    if (write(from[1], &rc, sizeof rc) != sizeof rc) _exit(1);
    serve(to[0], from[1], fd);
  }
  close(to[0]);
  close(from[1]);
  int rc;
  CHECK(read(w.answers, &rc, sizeof rc) == sizeof rc);
  if (opened) *opened = rc;
  return w;
}

static inline void end(worker w) {
  kill(w.pid, SIGKILL);
  waitpid(w.pid, NULL, 0);
  close(w.control);
  if (w.answers) close(w.answers);
}

// ---- readings

static wio_procfs *fs;
static wio_sockets *sockets;
static uint64_t moment;

static inline wio_traffic *watch(pid_t pid, bool born) {
  wio_stat stat;
  wio_traffic *traffic = NULL;
  await_ends();
  CHECK_INT(wio_procfs_stat(fs, pid, &stat), 0);
  CHECK_INT(wio_sockets_add(sockets, pid, stat.start_ticks, born, &traffic), 0);
  return traffic;
}

static inline wio_carriage read_now(wio_traffic *traffic, bool exact) {
  wio_carriage c = {0};
  CHECK_INT(wio_sockets_read(sockets, traffic, moment, exact, &c), 0);
  return c;
}

// What arrives on the loopback, arrives soon; too much never becomes right again.
static inline void expect(wio_traffic *traffic, uint64_t received, uint64_t sent) {
  double until = seconds() + PATIENCE_S;
  wio_carriage b;
  do {
    moment++;
    b = read_now(traffic, false);
  } while ((b.received < received || b.sent < sent) && seconds() < until);
  CHECK_INT(b.received, received);
  CHECK_INT(b.sent, sent);
}
