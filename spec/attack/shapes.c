// SPDX-License-Identifier: MIT
#include "shapes.h"

#include "disk.h"
#include "servers.h"
#include "steps.h"

#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

static void step(diary *own) { (chance(2) ? compute : write_file)(own); }

static void work(diary *own) {
  for (;;) {
    rest_a_while();
    step(own);
  }
}

// ---- alone

static void play_compute(diary *own) {
  for (;;) {
    rest_a_while();
    compute(own);
  }
}

static void play_file(diary *own) {
  for (;;) {
    rest_a_while();
    write_file(own);
  }
}

static void play_rest(diary *own) {
  (void)own;
  sleep_on();
}

static void play_name(diary *own) {
  static const char *const names[] = {"a) S 1 1 1", "sleep", "", "\n\t", "kworker/0:1", "x"};
  for (;;) {
    rest_a_while();
    prctl(PR_SET_NAME, names[chance(6)]);
    step(own);
  }
}

static void play_user(diary *own) {
  if (setgid(65534) == 0 && setuid(65534) == 0) prctl(PR_SET_DUMPABLE, 1);
  work(own);
}

static void play_undumpable(diary *own) {
  prctl(PR_SET_DUMPABLE, 0);
  work(own);
}

static void play_namespaces(diary *own) {
  if (unshare(CLONE_NEWUSER) == 0 && unshare(CLONE_NEWPID | CLONE_NEWNS | CLONE_NEWIPC) == 0 && fork() > 0) sleep_on();
  work(own);
}

// Little is done at a time, in memory that strangers may see.
static void play_memory(diary *own) {
  int fd = memfd_create("attack", MFD_CLOEXEC);
  if (fd < 0 || ftruncate(fd, 4096) < 0) _exit(1);
  char *page = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  for (;;) {
    rest_a_while();
    int number = diary_begin(own);
    page[chance(4096)]++;
    spin_us(300);
    diary_end(own, number);
  }
}

// ---- several

static void play_worker(diary *own) {
  if (fork() > 0) sleep_on();
  work(own);
}

// Of what was forked before, and has lost its parent, nobody can know.
static void wait_for_watchers(const diary *own) {
  while (!own->watched) rest_ms(5);
}

static void play_background(diary *own) {
  wait_for_watchers(own);
  pid_t child = fork();
  if (child > 0) waitpid(child, NULL, 0), sleep_on();
  if (fork() > 0) _exit(0);
  setsid();
  work(own);
}

// Each parent is gone soon after its only fork.
static void play_chain(diary *own) {
  wait_for_watchers(own);
  if (fork() > 0) {
    waitpid(-1, NULL, 0);
    sleep_on();
  }
  for (int links = 2 + chance(4); links > 0; links--) {
    rest_ms(chance(40));
    if (fork() > 0) {
      rest_ms(chance(30));
      _exit(0);
    }
  }
  work(own);
}

// Goes on under another pid all the time.
static void play_relay(diary *own) {
  wait_for_watchers(own);
  for (;;) {
    rest_a_while();
    pid_t child = fork();
    if (child > 0) waitpid(child, NULL, 0);
    else if (fork() > 0) _exit(0);
    else {
      step(own);
      if (getppid() == 1) _exit(0);
      rest_ms(chance(50));
      _exit(0);
    }
  }
}

static void play_fall(diary *own) {
  wait_for_watchers(own);
  for (;;) {
    rest_a_while();
    if (fork() > 0) _exit(0);
    step(own);
  }
}

static void play_unreaped(diary *own) {
  signal(SIGCHLD, SIG_IGN);
  for (;;) {
    rest_a_while();
    if (fork() == 0) {
      compute(own);
      _exit(0);
    }
  }
}

static void play_program(diary *own) {
  for (;;) {
    rest_a_while();
    int number = diary_begin(own);
    pid_t child = fork();
    if (child == 0) {
      execl("/bin/sh", "sh", "-c", "for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15; do /bin/true; done", (char *)NULL);
      _exit(127);
    }
    if (waitpid(child, NULL, 0) == child) diary_end(own, number);
  }
}

// The parent waits in the kernel (D), and nothing tells of the child but the child itself.
static void play_vfork(diary *own) {
  if (vfork() > 0) sleep_on();
  work(own);
}

static void *work_in_thread(void *own) {
  work(own);
  return NULL;
}

static void play_thread(diary *own) {
  pthread_t thread;
  if (pthread_create(&thread, NULL, work_in_thread, own) != 0) _exit(1);
  if (chance(2)) pthread_exit(NULL);
  sleep_on();
}

// ---- starved

static void *spin(void *none) {
  (void)none;
  for (;;) spin_us(1000000);
  return NULL;
}

static void drive_hog(diary *own) {
  cpu_set_t one;
  CPU_ZERO(&one);
  CPU_SET(0, &one);
  sched_setaffinity(0, sizeof one, &one);
  own->port = 1;
  spin(NULL);
}

// It always wants to run, and hardly may.
static void play_starved(diary *own) {
  cpu_set_t one;
  CPU_ZERO(&one);
  CPU_SET(0, &one);
  struct sched_param none = {0};
  sched_setaffinity(0, sizeof one, &one);
  sched_setscheduler(0, SCHED_IDLE, &none);
  diary_begin(own);
  spin(NULL);
}

const shape shapes[] = {
    {"rest", play_rest, NULL, 0},
    {"compute", play_compute, NULL, 0},
    {"file", play_file, NULL, 0},
    {"memory", play_memory, NULL, 0},
    {"name", play_name, NULL, 0},
    {"user", play_user, NULL, 0},
    {"undumpable", play_undumpable, NULL, 0},
    {"namespaces", play_namespaces, NULL, 0},
    {"worker", play_worker, NULL, 0},
    {"background", play_background, NULL, 0},
    {"chain", play_chain, NULL, 0},
    {"relay", play_relay, NULL, 0},
    {"fall", play_fall, NULL, 0},
    {"unreaped", play_unreaped, NULL, 0},
    {"program", play_program, NULL, 0},
    {"vfork", play_vfork, NULL, 0},
    {"thread", play_thread, NULL, 0},
    {"starved", play_starved, drive_hog, 1},
    {"disk", play_disk, drive_disk, 0},
    {"tcp", play_tcp, drive_tcp, 0},
    {"udp", play_udp, drive_udp, 0},
    {"unix", play_unix, drive_unix, 0},
    {"forking", play_forking, drive_tcp, 0},
    {"leaderless", play_leaderless, drive_unix, 0},
    {"elsewhere", play_elsewhere, drive_elsewhere, 0},
    {"thread-elsewhere", play_thread_elsewhere, drive_elsewhere, 0},
    {"handed", play_handed, drive_elsewhere, 0},
};
const int shape_count = sizeof shapes / sizeof shapes[0];
