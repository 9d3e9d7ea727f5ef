// SPDX-License-Identifier: MIT
// Bytes of sockets of every family, counted by the kernel: real processes that move them in every way there is.
#include "check.h"
#include "sys/bpf/tracer.h"

#include <arpa/inet.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/bpf.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define SKIPPED 77
#define PATIENCE_S 20

static wio_tracer *tracer;

// ---- a child that waits, does something, and waits

typedef void deed(void);

typedef struct {
  pid_t pid;
  int pidfd, go, done;
} child;

static void await(int fd) {
  char word;
  if (read(fd, &word, 1) != 1) _exit(1);
}

static void tell(int fd) {
  if (write(fd, "!", 1) != 1) _exit(1);
}

static child start(deed *act) {
  int go[2], done[2];
  if (pipe2(go, O_CLOEXEC) < 0 || pipe2(done, O_CLOEXEC) < 0) abort();
  child c = {.pid = fork(), .go = go[1], .done = done[0]};
  if (c.pid == 0) {
    close(go[1]);
    await(go[0]);
    act();
    tell(done[1]);
    await(go[0]);
    _exit(0);
  }
  close(go[0]);
  close(done[1]);
  c.pidfd = (int)syscall(SYS_pidfd_open, c.pid, 0);
  return c;
}

static void let_act(const child *c) {
  tell(c->go);
  await(c->done);
}

// Others may hold its pipe, too, so closing does not tell it.
static void end(child *c) {
  kill(c->pid, SIGKILL);
  close(c->go);
  close(c->done);
  waitpid(c->pid, NULL, 0);
}

static wio_slot watch(int pidfd, bool since_birth) {
  bool born = !since_birth;
  wio_slot slot = 0;
  CHECK_INT(wio_tracer_watch(tracer, pidfd, &born, &slot), 0);
  CHECK_INT(born, since_birth);
  return slot;
}

static void check_moved(const char *what, wio_slot slot, int family, unsigned sent, unsigned received) {
  wio_moved moved = wio_tracer_read(tracer, slot);
  for (int i = 0; i < WIO_FAMILY_COUNT; i++) {
    check_int(moved.sent[i], i == family ? sent : 0, what, "sent, family", i);
    check_int(moved.received[i], i == family ? received : 0, what, "received, family", i);
  }
}

// ---- the ways

static int near, far; // two ends of a connection

static void connect_unix(int type) {
  int pair[2];
  if (socketpair(AF_UNIX, type, 0, pair) < 0) abort();
  near = pair[0], far = pair[1];
}

static void connect_tcp(void) {
  struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  socklen_t length = sizeof at;
  int listener = socket(AF_INET, SOCK_STREAM, 0);
  near = socket(AF_INET, SOCK_STREAM, 0);
  if (bind(listener, (struct sockaddr *)&at, length) < 0 || listen(listener, 1) < 0) abort();
  getsockname(listener, (struct sockaddr *)&at, &length);
  if (connect(near, (struct sockaddr *)&at, length) < 0) abort();
  far = accept(listener, NULL, NULL);
  close(listener);
}

static void connect_udp(void) {
  struct sockaddr_in6 at = {.sin6_family = AF_INET6, .sin6_addr = IN6ADDR_LOOPBACK_INIT};
  socklen_t length = sizeof at;
  far = socket(AF_INET6, SOCK_DGRAM, 0);
  near = socket(AF_INET6, SOCK_DGRAM, 0);
  if (bind(far, (struct sockaddr *)&at, length) < 0) abort();
  getsockname(far, (struct sockaddr *)&at, &length);
  if (connect(near, (struct sockaddr *)&at, length) < 0) abort();
}

static char text[1024];

static void take(size_t count) {
  if (recv(far, text, count, MSG_WAITALL) != (ssize_t)count) abort();
}

static void by_send(void) {
  send(near, text, 10, 0);
  take(10);
}

static void by_write_and_read(void) {
  struct iovec parts[] = {{text, 4}, {text, 6}};
  if (writev(near, parts, 2) != 10 || read(far, text, 10) != 10) abort();
}

static void by_messages(void) {
  struct iovec part = {text, 5};
  struct mmsghdr messages[2] = {{.msg_hdr = {.msg_iov = &part, .msg_iovlen = 1}},
                                {.msg_hdr = {.msg_iov = &part, .msg_iovlen = 1}}};
  if (sendmmsg(near, messages, 2, 0) != 2 || recvmmsg(far, messages, 2, 0, NULL) != 2) abort();
}

static int file_of(size_t size) {
  int file = memfd_create("text", 0);
  if (ftruncate(file, (off_t)size) < 0) abort();
  return file;
}

static void by_sendfile(void) {
  if (sendfile(near, file_of(10), NULL, 10) != 10) abort();
  take(10);
}

static void by_splice(void) {
  int ends[2];
  if (pipe(ends) < 0 || write(ends[1], text, 10) != 10) abort();
  if (splice(ends[0], NULL, near, NULL, 10, 0) != 10) abort();
  take(10);
}

static void by_zero_copy(void) {
  int on = 1;
  setsockopt(near, SOL_SOCKET, SO_ZEROCOPY, &on, sizeof on);
  if (send(near, text, 10, MSG_ZEROCOPY) != 10) abort();
  take(10);
}

static void by_looking_twice(void) {
  send(near, text, 10, 0);
  recv(far, text, 10, MSG_PEEK);
  take(10);
}

static void by_empty_datagrams(void) {
  for (int i = 0; i < 10; i++) send(near, NULL, 0, 0);
  for (int i = 0; i < 10; i++) recv(far, NULL, 0, 0);
}

static void by_failing(void) {
  by_send();
  if (recv(far, text, 1, MSG_DONTWAIT) >= 0) abort();
  shutdown(near, SHUT_WR);
  if (send(near, text, 1, MSG_NOSIGNAL) >= 0 || recv(far, text, 1, 0) != 0) abort();
}

enum { THREADS = 4, ROUNDS = 25000 };

static void *send_and_take(void *none) {
  int pair[2];
  char byte = 0;
  if (socketpair(AF_UNIX, SOCK_STREAM, 0, pair) < 0) abort();
  for (int i = 0; i < ROUNDS; i++)
    if (send(pair[0], &byte, 1, 0) != 1 || recv(pair[1], &byte, 1, 0) != 1) abort();
  return none;
}

// Each has its own sockets, so that only the counters are shared.
static void by_threads(void) {
  pthread_t threads[THREADS];
  for (int i = 0; i < THREADS; i++) pthread_create(&threads[i], NULL, send_and_take, NULL);
  for (int i = 0; i < THREADS; i++) pthread_join(threads[i], NULL);
}

static void by_stream(deed *way) {
  connect_unix(SOCK_STREAM);
  way();
}

static void unix_send(void) { by_stream(by_send); }
static void unix_write(void) { by_stream(by_write_and_read); }
static void unix_messages(void) { connect_unix(SOCK_DGRAM), by_messages(); }
static void unix_sendfile(void) { by_stream(by_sendfile); }
static void unix_splice(void) { by_stream(by_splice); }
static void unix_peek(void) { by_stream(by_looking_twice); }
static void unix_empty(void) { connect_unix(SOCK_DGRAM), by_empty_datagrams(); }
static void unix_failing(void) { by_stream(by_failing); }
static void tcp_send(void) { connect_tcp(), by_send(); }
static void tcp_sendfile(void) { connect_tcp(), by_sendfile(); }
static void tcp_splice(void) { connect_tcp(), by_splice(); }
static void tcp_zero_copy(void) { connect_tcp(), by_zero_copy(); }
static void udp_send(void) { connect_udp(), by_send(); }
static void udp_messages(void) { connect_udp(), by_messages(); }

static void every_way_is_counted(void) {
  static const struct {
    const char *name;
    deed *way;
    int family;
    unsigned moved;
  } ways[] = {
      {"send", unix_send, WIO_FAMILY_UNIX, 10},
      {"write, read", unix_write, WIO_FAMILY_UNIX, 10},
      {"sendmmsg, recvmmsg", unix_messages, WIO_FAMILY_UNIX, 10},
      {"sendfile", unix_sendfile, WIO_FAMILY_UNIX, 10},
      {"splice", unix_splice, WIO_FAMILY_UNIX, 10},
      {"MSG_PEEK", unix_peek, WIO_FAMILY_UNIX, 10},
      {"empty datagrams", unix_empty, WIO_FAMILY_UNIX, 10},
      {"failing, end", unix_failing, WIO_FAMILY_UNIX, 10},
      {"threads", by_threads, WIO_FAMILY_UNIX, THREADS * ROUNDS},
      {"send by TCP", tcp_send, WIO_FAMILY_TCP, 10},
      {"sendfile by TCP", tcp_sendfile, WIO_FAMILY_TCP, 10},
      {"splice to TCP", tcp_splice, WIO_FAMILY_TCP, 10},
      {"MSG_ZEROCOPY", tcp_zero_copy, WIO_FAMILY_TCP, 10},
      {"send by UDP", udp_send, WIO_FAMILY_UDP, 10},
      {"messages by UDP", udp_messages, WIO_FAMILY_UDP, 10},
  };
  for (size_t i = 0; i < sizeof ways / sizeof *ways; i++) {
    child c = start(ways[i].way);
    wio_slot slot = watch(c.pidfd, false);
    let_act(&c);
    check_moved(ways[i].name, slot, ways[i].family, ways[i].moved, ways[i].moved);
    end(&c);
    check_moved(ways[i].name, slot, ways[i].family, ways[i].moved, ways[i].moved);
    wio_tracer_unwatch(tracer, -1, slot);
    close(c.pidfd);
  }
}

// What is not told, so that whoever relies on it looks elsewhere.
static void receive_by_splice(void) {
  int ends[2];
  connect_unix(SOCK_STREAM);
  send(near, text, 10, 0);
  if (pipe(ends) < 0 || splice(far, NULL, ends[1], NULL, 10, 0) != 10) abort();
}

static void splice_from_a_socket_is_not_seen(void) {
  child c = start(receive_by_splice);
  wio_slot slot = watch(c.pidfd, false);
  let_act(&c);
  check_moved("splice from a socket", slot, WIO_FAMILY_UNIX, 10, 0);
  end(&c);
  wio_tracer_unwatch(tracer, -1, slot);
  close(c.pidfd);
}

// ---- whose they are

static void a_byte_is_its_callers(void) {
  connect_unix(SOCK_STREAM);
  child sender = start(by_send), other = start(by_send);
  wio_slot of_sender = watch(sender.pidfd, false), of_other = watch(other.pidfd, false);
  let_act(&sender);
  check_moved("sender", of_sender, WIO_FAMILY_UNIX, 10, 10);
  check_moved("other", of_other, WIO_FAMILY_UNIX, 0, 0);
  wio_tracer_unwatch(tracer, sender.pidfd, of_sender);
  let_act(&other);
  check_moved("not watched any more", of_sender, WIO_FAMILY_UNIX, 10, 10);
  check_moved("other", of_other, WIO_FAMILY_UNIX, 10, 10);
  wio_tracer_unwatch(tracer, other.pidfd, of_other);
  end(&sender);
  end(&other);
  close(sender.pidfd);
  close(other.pidfd);
  close(near);
  close(far);
}

// Whom the kernel has found not to be traced, it does not look for again.
static void who_called_before_is_counted_from_then_on(void) {
  int own = (int)syscall(SYS_pidfd_open, getpid(), 0);
  for (int i = 0; i < 2; i++) {
    unix_send();
    close(near);
    close(far);
    wio_slot slot = watch(own, false);
    unix_send();
    close(near);
    close(far);
    check_moved("who called before", slot, WIO_FAMILY_UNIX, 10, 10);
    wio_tracer_unwatch(tracer, own, slot);
  }
  close(own);
}

// Tells by shared memory the pid of the grandchild, who has sent already.
static volatile pid_t *born;

static void have_a_child(void) {
  connect_unix(SOCK_STREAM);
  int ends[2];
  if (pipe(ends) < 0) abort();
  pid_t pid = fork();
  if (pid == 0) {
    by_send();
    *born = getpid();
    await(ends[0]);
    _exit(0);
  }
  while (*born == 0) usleep(1000);
}

static void a_child_is_counted_since_its_fork(void) {
  child c = start(have_a_child);
  wio_slot slot = watch(c.pidfd, false);
  let_act(&c);
  int pidfd = (int)syscall(SYS_pidfd_open, *born, 0);
  wio_slot grandchild = watch(pidfd, true);
  check_moved("child", slot, WIO_FAMILY_UNIX, 0, 0);
  check_moved("its child", grandchild, WIO_FAMILY_UNIX, 10, 10);
  bool since;
  CHECK_INT(wio_tracer_watch(tracer, pidfd, &since, &grandchild), -EBUSY);
  end(&c);
  wio_tracer_unwatch(tracer, -1, slot);
  wio_tracer_unwatch(tracer, pidfd, grandchild);
  kill(*born, SIGKILL);
  close(pidfd);
  close(c.pidfd);
}

static void *run_program(void *program) {
  execl("/proc/self/exe", "tracer_test", program, NULL);
  abort();
}

static void exec_by_a_thread(void) {
  pthread_t thread;
  pthread_create(&thread, NULL, run_program, "be-counted");
  pause();
}

// The other half, after the exec. Signals are how it is told, since its descriptors are gone.
__attribute__((noreturn)) static void be_counted(void) {
  sigset_t set;
  int signal;
  sigemptyset(&set);
  sigaddset(&set, SIGUSR1);
  sigprocmask(SIG_BLOCK, &set, NULL);
  for (;;) {
    sigwait(&set, &signal);
    unix_send();
  }
}

static void await_sent(wio_slot slot, pid_t pid, unsigned least) {
  for (int i = 0; i < PATIENCE_S * 100 && wio_tracer_read(tracer, slot).sent[WIO_FAMILY_UNIX] < least; i++) {
    kill(pid, SIGUSR1);
    usleep(10000);
  }
  CHECK(wio_tracer_read(tracer, slot).sent[WIO_FAMILY_UNIX] >= least);
}

static void an_exec_by_a_thread_is_a_gap(void) {
  signal(SIGUSR1, SIG_IGN);
  child c = start(exec_by_a_thread);
  wio_slot slot = watch(c.pidfd, false);
  CHECK_INT(wio_tracer_renew(tracer, c.pidfd, slot), 0);
  tell(c.go);
  int renewed = 0;
  for (int i = 0; i < PATIENCE_S * 100 && renewed == 0; i++) {
    renewed = wio_tracer_renew(tracer, c.pidfd, slot);
    usleep(10000);
  }
  CHECK_INT(renewed, 1);
  await_sent(slot, c.pid, 10);
  CHECK_INT(wio_tracer_renew(tracer, c.pidfd, slot), 0);
  end(&c);
  CHECK_INT(wio_tracer_renew(tracer, c.pidfd, slot), -ESRCH);
  bool since;
  wio_slot none;
  CHECK_INT(wio_tracer_watch(tracer, c.pidfd, &since, &none), -ESRCH);
  wio_tracer_unwatch(tracer, -1, slot);
  close(c.pidfd);
}

// ---- how many

static void nothing(void) {}

static void slots_are_used_again(void) {
  child c = start(unix_send);
  bool since;
  wio_slot slot = 0;
  int rc = 0;
  for (int i = 0; i < 2 * WIO_MOST_TRACED && rc == 0; i++) {
    rc = wio_tracer_watch(tracer, c.pidfd, &since, &slot);
    if (rc == 0) wio_tracer_unwatch(tracer, c.pidfd, slot);
  }
  CHECK_INT(rc, 0);
  slot = watch(c.pidfd, false);
  let_act(&c);
  check_moved("the last", slot, WIO_FAMILY_UNIX, 10, 10);
  end(&c);
  wio_tracer_unwatch(tracer, -1, slot);
  close(c.pidfd);
}

static void a_full_tracer_says_so(void) {
  enum { MOST = 2 };
  wio_tracer *small;
  if (!CHECK(wio_tracer_open(MOST, &small) == 0)) return;
  child children[MOST + 1];
  wio_slot slots[MOST + 1];
  bool since;
  for (int i = 0; i <= MOST; i++) {
    children[i] = start(nothing);
    CHECK_INT(wio_tracer_watch(small, children[i].pidfd, &since, &slots[i]), i < MOST ? 0 : -ENOSPC);
  }
  wio_tracer_unwatch(small, children[0].pidfd, slots[0]);
  CHECK_INT(wio_tracer_watch(small, children[MOST].pidfd, &since, &slots[MOST]), 0);
  for (int i = 0; i <= MOST; i++) {
    end(&children[i]);
    close(children[i].pidfd);
  }
  wio_tracer_close(small);
}

// The children of one that is traced hold slots until they end, whether or not anybody asks. The last one lives.
static void have_children(void) {
  connect_unix(SOCK_STREAM);
  for (int i = 0; i < 100; i++) {
    pid_t pid = fork();
    if (pid == 0) {
      by_send();
      _exit(0);
    }
    waitpid(pid, NULL, 0);
  }
  pid_t pid = fork();
  if (pid > 0) *born = pid;
  else pause();
}

static void a_slot_of_one_that_ended_unseen_is_as_new(void) {
  wio_tracer *large = tracer;
  if (!CHECK(wio_tracer_open(2, &tracer) == 0)) return;
  *born = 0;
  child c = start(have_children);
  wio_slot slot = watch(c.pidfd, false);
  let_act(&c);
  int pidfd = (int)syscall(SYS_pidfd_open, *born, 0);
  wio_slot last = watch(pidfd, true);
  check_moved("the last of many", last, WIO_FAMILY_UNIX, 0, 0);
  check_moved("who had many", slot, WIO_FAMILY_UNIX, 0, 0);
  kill(*born, SIGKILL);
  end(&c);
  close(pidfd);
  close(c.pidfd);
  wio_tracer_close(tracer);
  tracer = large;
}

// ---- what remains

static long ask(enum bpf_cmd command, union bpf_attr *attr) { return syscall(SYS_bpf, command, attr, sizeof *attr); }

static bool is_ours(uint32_t id) {
  union bpf_attr attr = {.prog_id = id};
  struct bpf_prog_info info = {0};
  int fd = (int)ask(BPF_PROG_GET_FD_BY_ID, &attr);
  if (fd < 0) return false;
  attr = (union bpf_attr){.info = {.bpf_fd = (uint32_t)fd, .info_len = sizeof info, .info = (uintptr_t)&info}};
  bool ours = ask(BPF_OBJ_GET_INFO_BY_FD, &attr) == 0 && strncmp(info.name, "wio_", 4) == 0;
  close(fd);
  return ours;
}

static uint32_t program_of(pid_t pid, const char *fd) {
  char path[64], line[64];
  unsigned id = 0;
  snprintf(path, sizeof path, "/proc/%d/fdinfo/%.20s", pid, fd);
  FILE *file = fopen(path, "re");
  while (file && id == 0 && fgets(line, sizeof line, file)) sscanf(line, "prog_id: %u", &id);
  if (file) fclose(file);
  return id;
}

// The newest of the programs that a process holds; 0, none.
static uint32_t newest_program(pid_t pid) {
  char path[32];
  uint32_t newest = 0;
  snprintf(path, sizeof path, "/proc/%d/fdinfo", pid);
  DIR *directory = opendir(path);
  for (struct dirent *entry; directory && (entry = readdir(directory));) {
    uint32_t id = program_of(pid, entry->d_name);
    if (id > newest) newest = id;
  }
  if (directory) closedir(directory);
  return newest;
}

// A child that lives longer than this would hold the memory.
static void a_child_maps_none_of_it(void) {
  pid_t pid = fork();
  if (pid == 0) _exit(system("grep -q bpf-map /proc/$PPID/maps") == 0);
  int status = -1;
  waitpid(pid, &status, 0);
  CHECK_INT(status, 0);
  CHECK_INT(system("grep -q bpf-map /proc/$PPID/maps"), 0);
}

static void open_another(void) {
  wio_tracer *another;
  if (wio_tracer_open(8, &another) < 0) _exit(1);
}

static void who_is_killed_leaves_nothing(void) {
  child c = start(open_another);
  let_act(&c);
  uint32_t id = newest_program(c.pid);
  CHECK(is_ours(id) && id != newest_program(getpid()));
  end(&c);
  close(c.pidfd);
  for (int i = 0; i < PATIENCE_S * 100 && is_ours(id); i++) usleep(10000);
  CHECK(!is_ours(id));
}

static int lowest_free_descriptor(void) {
  int fd = dup(0);
  close(fd);
  return fd;
}

int main(int argc, char **argv) {
  if (argc > 1 && strcmp(argv[1], "be-counted") == 0) be_counted();
  born = mmap(NULL, sizeof *born, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  int free_before = lowest_free_descriptor();
  int rc = wio_tracer_open(WIO_MOST_TRACED, &tracer);
  if (rc < 0) {
    printf("skipped: the kernel does not count sockets' bytes here: %s\n", strerror(-rc));
    return SKIPPED;
  }
  every_way_is_counted();
  splice_from_a_socket_is_not_seen();
  a_byte_is_its_callers();
  who_called_before_is_counted_from_then_on();
  a_child_is_counted_since_its_fork();
  an_exec_by_a_thread_is_a_gap();
  a_full_tracer_says_so();
  a_slot_of_one_that_ended_unseen_is_as_new();
  a_child_maps_none_of_it();
  who_is_killed_leaves_nothing();
  slots_are_used_again();
  wio_tracer_close(tracer);
  CHECK_INT(lowest_free_descriptor(), free_before);
  return check_result();
}
