// SPDX-License-Identifier: MIT
#include "servers.h"

#include "steps.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <net/if.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <unistd.h>

typedef struct {
  int family, type;
} kind;

static socklen_t address(const diary *own, kind of, struct sockaddr_storage *out) {
  memset(out, 0, sizeof *out);
  if (of.family == AF_UNIX) {
    struct sockaddr_un *unix_address = (void *)out;
    unix_address->sun_family = AF_UNIX;
    snprintf(unix_address->sun_path + 1, sizeof unix_address->sun_path - 1, "attack.%d", own->pid);
    return (socklen_t)(offsetof(struct sockaddr_un, sun_path) + 1 + strlen(unix_address->sun_path + 1));
  }
  struct sockaddr_in *inet = (void *)out;
  *inet = (struct sockaddr_in){.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  inet->sin_port = htons(own->port > 1 ? (uint16_t)own->port : 0);
  return sizeof *inet;
}

static int open_server(diary *own, kind of) {
  struct sockaddr_storage name;
  socklen_t length = address(own, of, &name);
  int fd = socket(of.family, of.type | SOCK_CLOEXEC, 0);
  if (fd < 0 || bind(fd, (void *)&name, length) < 0) _exit(1);
  if (of.type == SOCK_STREAM && listen(fd, 8) < 0) _exit(1);
  length = sizeof name;
  getsockname(fd, (void *)&name, &length);
  own->port = of.family == AF_UNIX ? 1 : ntohs(((struct sockaddr_in *)(void *)&name)->sin_port);
  return fd;
}

static void answer(int fd) {
  char bytes[2048];
  for (ssize_t length; (length = recv(fd, bytes, sizeof bytes, 0)) > 0;) {
    spin_us(200);
    if (send(fd, bytes, (size_t)length, MSG_NOSIGNAL) < 0) return;
  }
}

static void serve_streams(int fd) {
  for (;;) {
    int connection = accept4(fd, NULL, NULL, SOCK_CLOEXEC);
    if (connection < 0) continue;
    answer(connection);
    close(connection);
  }
}

static void serve_datagrams(int fd) {
  char bytes[2048];
  struct sockaddr_storage from;
  for (socklen_t length = sizeof from;; length = sizeof from) {
    ssize_t got = recvfrom(fd, bytes, sizeof bytes, 0, (void *)&from, &length);
    spin_us(200);
    if (got >= 0) sendto(fd, bytes, (size_t)got, 0, (void *)&from, length);
  }
}

static void serve(diary *own, kind of) {
  int fd = open_server(own, of);
  (of.type == SOCK_STREAM ? serve_streams : serve_datagrams)(fd);
}

// One request and its answer. The server has done its part when the answer is here.
static void ask(diary *own, int fd) {
  char bytes[1024] = {0};
  int number = diary_begin(own);
  if (send(fd, bytes, sizeof bytes, MSG_NOSIGNAL) < 0 || recv(fd, bytes, sizeof bytes, 0) <= 0) sleep_on();
  diary_end(own, number);
}

static int reach(diary *own, kind of) {
  struct sockaddr_storage name;
  while (own->port == 0) rest_ms(5);
  socklen_t length = address(own, of, &name);
  int fd = socket(of.family, of.type | SOCK_CLOEXEC, 0);
  if (fd < 0 || connect(fd, (void *)&name, length) < 0) sleep_on();
  return fd;
}

static void drive(diary *own, kind of) {
  for (;;) {
    int fd = reach(own, of);
    for (int questions = chance(4); questions >= 0; questions--) {
      rest_a_while();
      ask(own, fd);
    }
    close(fd);
  }
}

// ---- which

static const kind tcp = {AF_INET, SOCK_STREAM}, udp = {AF_INET, SOCK_DGRAM}, local = {AF_UNIX, SOCK_STREAM};

void play_tcp(diary *own) { serve(own, tcp); }
void play_udp(diary *own) { serve(own, udp); }
void play_unix(diary *own) { serve(own, local); }
void drive_tcp(diary *own) { drive(own, tcp); }
void drive_udp(diary *own) { drive(own, udp); }
void drive_unix(diary *own) { drive(own, local); }

// A connection that is served by children, one each.
void play_forking(diary *own) {
  int fd = open_server(own, tcp);
  signal(SIGCHLD, SIG_IGN);
  for (;;) {
    int connection = accept4(fd, NULL, NULL, SOCK_CLOEXEC);
    if (connection < 0) continue;
    if (fork() == 0) {
      close(fd);
      answer(connection);
      _exit(0);
    }
    close(connection);
  }
}

// What a leader that has ended left behind opens its socket only then.
static void *serve_late(void *diary_of) {
  rest_ms(500);
  serve(diary_of, local);
  return NULL;
}

void play_leaderless(diary *own) {
  pthread_t thread;
  if (pthread_create(&thread, NULL, serve_late, own) != 0) _exit(1);
  pthread_exit(NULL);
}

// ---- in another network

// Enters a network of its own, which `drive_elsewhere` finds by this thread.
static void leave_network(diary *own) {
  struct ifreq loopback = {.ifr_name = "lo", .ifr_flags = IFF_UP};
  if (unshare(CLONE_NEWNET) < 0) _exit(1);
  int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (fd < 0 || ioctl(fd, SIOCSIFFLAGS, &loopback) < 0) _exit(1);
  close(fd);
  own->thread = (pid_t)syscall(SYS_gettid);
}

void drive_elsewhere(diary *own) {
  char path[32];
  while (own->port == 0) rest_ms(5);
  snprintf(path, sizeof path, "/proc/%d/ns/net", own->thread);
  int fd = open(path, O_RDONLY | O_CLOEXEC);
  if (fd < 0 || setns(fd, CLONE_NEWNET) < 0) sleep_on();
  close(fd);
  drive(own, tcp);
}

void play_elsewhere(diary *own) {
  leave_network(own);
  serve(own, tcp);
}

static void *serve_elsewhere(void *own) {
  play_elsewhere(own);
  return NULL;
}

void play_thread_elsewhere(diary *own) {
  pthread_t thread;
  if (pthread_create(&thread, NULL, serve_elsewhere, own) != 0) _exit(1);
  sleep_on();
}

// The socket is of that network, the process is not.
static _Atomic int handed = -1;

static void *open_elsewhere(void *own) {
  leave_network(own);
  handed = open_server(own, tcp);
  sleep_on();
  return NULL;
}

void play_handed(diary *own) {
  pthread_t thread;
  if (pthread_create(&thread, NULL, open_elsewhere, own) != 0) _exit(1);
  while (handed < 0) rest_ms(5);
  serve_streams(handed);
}
