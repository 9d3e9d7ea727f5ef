// SPDX-License-Identifier: MIT
// What a process can do without its counters showing it: real ones that open one thing each.
#include "sys/channels.h"

#include "worker.h"
#include "sys/descriptors.h"

#include <fcntl.h>
#include <linux/netlink.h>
#include <mqueue.h>
#include <pthread.h>
#include <pty.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/inotify.h>
#include <sys/mman.h>
#include <sys/signalfd.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/timerfd.h>
#include <sys/un.h>

// Each opens one thing. 0 or an errno.
static int result_of(int rc) { return rc < 0 ? errno : 0; }
static int mapping(void *at) { return at == MAP_FAILED ? errno : 0; }

static int opens_nothing(void) { return 0; }
static int opens_file(void) { return result_of(open("/etc/passwd", O_RDONLY)); }
static int opens_null(void) { return result_of(open("/dev/null", O_RDWR)); }
static int opens_random(void) { return result_of(open("/dev/urandom", O_RDONLY)); }
static int opens_terminal(void) {
  int near, far;
  return result_of(openpty(&near, &far, NULL, NULL, NULL));
}
static int opens_events(void) { return result_of(eventfd(0, 0)); }
static int opens_epoll(void) { return result_of(epoll_create1(0)); }
static int opens_timer(void) { return result_of(timerfd_create(CLOCK_MONOTONIC, 0)); }
static int opens_signals(void) {
  sigset_t none;
  sigemptyset(&none);
  return result_of(signalfd(-1, &none, 0));
}
static int opens_inotify(void) { return result_of(inotify_init1(0)); }
static int opens_pidfd(void) { return result_of((int)syscall(SYS_pidfd_open, getpid(), 0)); }
static int opens_listener(void) {
  start_listening();
  return listener < 0 ? errno : 0;
}
static int opens_pair(void) {
  start_listening();
  int near = connect_to("127.0.0.1");
  return result_of(accept_one()) || near < 0;
}
static int maps_private(void) {
  return mapping(mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
}
static int maps_to_read(void) {
  return mapping(mmap(NULL, 4096, PROT_READ, MAP_SHARED, open("/etc/passwd", O_RDONLY), 0));
}

static int opens_unix(void) { return result_of(socket(AF_UNIX, SOCK_STREAM, 0)); }
static int opens_streams(void) {
  int pair[2];
  for (int fd = 0; fd < 3; fd++) close(fd);
  return result_of(socketpair(AF_UNIX, SOCK_STREAM, 0, pair)) || dup(1) != 2;
}
static int opens_shut_socket(void) {
  int pair[2];
  int rc = result_of(socketpair(AF_UNIX, SOCK_STREAM, 0, pair)) || result_of(shutdown(pair[0], SHUT_RDWR));
  close(pair[1]);
  return rc;
}
static int opens_half_shut_socket(void) {
  int pair[2];
  return result_of(socketpair(AF_UNIX, SOCK_STREAM, 0, pair)) || result_of(shutdown(pair[0], SHUT_WR));
}
static int serves_its_input(void) {
  int rc = opens_streams();
  return rc || dup2(0, 1) != 1 || dup2(0, 2) != 2;
}
static int opens_tcp(void) { return result_of(socket(AF_INET, SOCK_STREAM, 0)); }
static int opens_udp(void) { return result_of(socket(AF_INET, SOCK_DGRAM, 0)); }
static int opens_udp6(void) { return result_of(socket(AF_INET6, SOCK_DGRAM, 0)); }
static int opens_netlink(void) { return result_of(socket(AF_NETLINK, SOCK_RAW, NETLINK_ROUTE)); }
static int opens_packet(void) { return result_of(socket(AF_PACKET, SOCK_RAW, 0)); }
static int opens_vsock(void) { return result_of(socket(AF_VSOCK, SOCK_STREAM, 0)); }
static int opens_ring(void) {
  uint64_t parameters[15] = {0}; // struct io_uring_params
  return result_of((int)syscall(SYS_io_uring_setup, 2, parameters));
}
static int opens_device(void) { return result_of(open("/dev/net/tun", O_RDWR)); }
static int opens_log(void) { return result_of(open("/dev/kmsg", O_RDONLY)); }
static int opens_queue(void) {
  int queue = mq_open("/watchio-test", O_CREAT | O_RDWR, 0600, NULL), error = errno;
  mq_unlink("/watchio-test");
  return queue < 0 ? error : 0;
}
static int maps_shared(void) {
  return mapping(mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0));
}
static int maps_memory_file(void) {
  int fd = memfd_create("test", 0);
  int rc = fd < 0 || ftruncate(fd, 4096) < 0 ? errno
                                             : mapping(mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0));
  close(fd);
  return rc;
}

static int opens_udp_as_input(void) {
  close(0);
  return result_of(socket(AF_INET, SOCK_DGRAM, 0));
}
static int opens_unix_datagrams_as_output(void) {
  int pair[2];
  close(1);
  return result_of(socketpair(AF_UNIX, SOCK_DGRAM, 0, pair));
}
static int listens_as_input(void) {
  struct sockaddr_un any = {.sun_family = AF_UNIX};
  close(0);
  int fd = socket(AF_UNIX, SOCK_STREAM, 0);
  return result_of(fd) || result_of(bind(fd, (struct sockaddr *)&any, sizeof any.sun_family)) ||
         result_of(listen(fd, 1));
}

static const struct {
  const char *what;
  int (*opens)(void);
  bool hidden;
} rows[] = {
    {"pipes", opens_nothing, false},
    {"a file", opens_file, false},
    {"/dev/null", opens_null, false},
    {"/dev/urandom", opens_random, false},
    {"a terminal", opens_terminal, false},
    {"an eventfd", opens_events, false},
    {"an epoll", opens_epoll, false},
    {"a timerfd", opens_timer, false},
    {"a signalfd", opens_signals, false},
    {"an inotify", opens_inotify, false},
    {"a pidfd", opens_pidfd, false},
    {"a TCP listener", opens_listener, false},
    {"a TCP connection", opens_pair, false},
    {"standard streams that are Unix sockets", opens_streams, false},
    {"a Unix socket that is shut", opens_shut_socket, false},
    {"a UDP socket as standard input", opens_udp_as_input, true},
    {"Unix datagrams as standard output", opens_unix_datagrams_as_output, true},
    {"a Unix listener as standard input", listens_as_input, true},
    {"private memory", maps_private, false},
    {"shared memory to read", maps_to_read, false},
    {"a Unix socket", opens_unix, true},
    {"one Unix socket for input and output", serves_its_input, true},
    {"a Unix socket that is half shut", opens_half_shut_socket, true},
    {"a UDP socket", opens_udp, true},
    {"a UDP socket of IPv6", opens_udp6, true},
    {"a netlink socket", opens_netlink, true},
    {"a packet socket", opens_packet, true},
    {"a vsock", opens_vsock, true},
    {"an io_uring", opens_ring, true},
    {"a network device", opens_device, true},
    {"the kernel's log", opens_log, true},
    {"a message queue", opens_queue, true},
    {"memory shared with relatives", maps_shared, false},
    {"a shared memory file", maps_memory_file, true},
};

static void what_is_held_is_hidden_or_not(void) {
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
    int error;
    worker w = start_plain(-1, rows[i].opens, &error);
    if (error) {
      skip(rows[i].what, strerror(error));
    } else {
      wio_traffic *traffic = watch(w.pid, false);
      moment++;
      if (!CHECK_INT(read_now(traffic, false).hidden, rows[i].hidden)) printf("%s\n", rows[i].what);
      // An end elsewhere, which may have been its own, is of the past by the next reading.
      read_now(traffic, true);
      if (!CHECK_INT(read_now(traffic, true).hidden, rows[i].hidden)) printf("%s, exactly\n", rows[i].what);
      wio_sockets_remove(sockets, traffic);
    }
    end(w);
  }
}

// What is opened later is found within so many looks, and at once where it counts.
static void what_is_opened_later_is_found(void) {
  worker w = start_plain(-1, NULL, NULL);
  wio_traffic *traffic = watch(w.pid, false);
  moment++;
  CHECK(!read_now(traffic, false).hidden);
  order(w, DATAGRAMS, 0);
  wio_carriage opened = read_now(traffic, true), later = read_now(traffic, true);
  CHECK(later.hidden);
  CHECK_INT(opened.revealed + later.revealed, 1); // once
  CHECK(!read_now(traffic, true).revealed);
  order(w, CLOSE, 0);
  read_now(traffic, true);
  CHECK(!read_now(traffic, true).hidden);
  order(w, DATAGRAMS, 0);
  bool found = false;
  for (int i = 0; i < 16; i++) {
    moment++;
    found = read_now(traffic, false).hidden;
  }
  CHECK(found);
  wio_sockets_remove(sockets, traffic);
  end(w);
}

// ---- another network namespace than the process's own

static int listens_elsewhere(void) {
  int home = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC), rc = move_away();
  if (rc) return rc;
  start_listening();
  rc = result_of(setns(home, CLONE_NEWNET));
  close(home);
  return rc;
}

// It serves, or is not connected: no table of its process's own namespace shows it.
static void a_tcp_socket_that_no_table_shows_is_hidden(int (*opens)(void), bool exact) {
  int error;
  worker w = start_plain(-1, opens, &error);
  if (error) {
    skip("a TCP socket of another namespace", strerror(error));
  } else {
    wio_traffic *traffic = watch(w.pid, false);
    bool hidden = false;
    for (int i = 0; i < (exact ? 1 : 2); i++) {
      moment++;
      hidden = read_now(traffic, exact).hidden;
    }
    CHECK(hidden);
    for (int i = 0; i < 40; i++) {
      moment++;
      CHECK(read_now(traffic, false).hidden);
    }
    wio_sockets_remove(sockets, traffic);
  }
  end(w);
}

// ---- threads

static int to_thread[2], from_thread[2];

static void *open_when_told(void *how) {
  char byte = 0;
  while (read(to_thread[0], &byte, 1) == 1) {
    if (byte == 'o' && socket(AF_INET, SOCK_DGRAM, 0) < 0) _exit(1);
    if (byte == 'u' && unshare(CLONE_FILES) < 0) _exit(1);
    if (write(from_thread[1], &byte, 1) != 1) _exit(1);
  }
  return how;
}

static bool tell_thread(char what) { return write(to_thread[1], &what, 1) == 1 && read(from_thread[0], &what, 1) == 1; }

// A process of two threads, of which the first one ends, or not.
static pid_t start_threads(bool first_ends) {
  CHECK(pipe(to_thread) == 0 && pipe(from_thread) == 0);
  pid_t pid = fork();
  if (pid == 0) {
    pthread_t thread;
    for (int fd = 3; fd < 1024; fd++)
      if (fd != to_thread[0] && fd != from_thread[1]) close(fd);
    while (open("/dev/null", O_RDWR) < 2) {}
    for (int fd = 0; fd < 3; fd++) dup2(to_thread[0], fd);
    if (pthread_create(&thread, NULL, open_when_told, NULL)) _exit(1);
    if (first_ends) pthread_exit(NULL);
    for (;;) pause();
  }
  close(to_thread[0]);
  close(from_thread[1]);
  return pid;
}

static void end_threads(pid_t pid) {
  kill(pid, SIGKILL);
  waitpid(pid, NULL, 0);
  close(to_thread[1]);
  close(from_thread[0]);
}

static char state_of(pid_t pid) {
  wio_stat stat = {0};
  CHECK_INT(wio_procfs_stat(fs, pid, &stat), 0);
  return stat.state;
}

static void what_is_opened_after_the_end_of_the_first_thread_is_found(bool watched_before) {
  pid_t pid = start_threads(true);
  double until = seconds() + PATIENCE_S;
  while (state_of(pid) != 'Z' && seconds() < until) sched_yield();
  wio_traffic *traffic = watch(pid, false);
  moment++;
  if (watched_before) CHECK(!read_now(traffic, false).hidden);
  CHECK(tell_thread('o'));
  CHECK(read_now(traffic, true).hidden);
  CHECK(read_now(traffic, true).hidden);
  wio_sockets_remove(sockets, traffic);
  end_threads(pid);
}

static void what_only_one_thread_has_open_is_hidden(void) {
  pid_t pid = start_threads(false);
  wio_traffic *traffic = watch(pid, false);
  moment++;
  CHECK(tell_thread('n'));
  CHECK(!read_now(traffic, true).hidden);
  CHECK(tell_thread('u'));
  CHECK(read_now(traffic, true).hidden);
  wio_sockets_remove(sockets, traffic);
  end_threads(pid);
}

static void links_tell_their_channel(void) {
  static const struct {
    const char *link;
    wio_channel channel;
  } links[] = {
      {"socket:[5]", WIO_CHANNEL_SOCKET},
      {"pipe:[5]", WIO_CHANNEL_SHOWN},
      {"anon_inode:[eventpoll]", WIO_CHANNEL_SHOWN},
      {"anon_inode:inotify", WIO_CHANNEL_SHOWN},
      {"anon_inode:[io_uring]", WIO_CHANNEL_HIDDEN},
      {"anon_inode:bpf-map", WIO_CHANNEL_HIDDEN},
      {"anon_inode:kvm-vcpu:0", WIO_CHANNEL_HIDDEN},
      {"/dmabuf:", WIO_CHANNEL_FILE},
      {"/etc/passwd", WIO_CHANNEL_FILE},
      {"something new", WIO_CHANNEL_HIDDEN},
      {"", WIO_CHANNEL_HIDDEN},
  };
  for (size_t i = 0; i < sizeof links / sizeof *links; i++)
    if (!CHECK_INT(wio_channel_of(links[i].link), links[i].channel)) printf("%s\n", links[i].link);
  CHECK(wio_device_is_shown(makedev(1, 3)));
  CHECK(wio_device_is_shown(makedev(136, 70)));
  CHECK(!wio_device_is_shown(makedev(1, 1))); // mem
  CHECK(!wio_device_is_shown(makedev(10, 200)));
}

// However the text is cut.
static void shared_memory_is_found_in_any_pieces(void) {
  static const struct {
    const char *text;
    bool shared;
  } texts[] = {
      {"", false},
      {"7f00-7f01 rw-p 00000000 00:01 1024 /dev/zero (deleted)\n7f02-7f03 r--s 00000000 00:01 7 /lib/a b\n", false},
      {"7f00-7f01 rw-p 00000000 00:00 0 \n7f02-7f03 rw-s 00000000 00:01 9 /dev/shm/x\n7f05-7f06 r--p 0 0 0\n", true},
      {"7f02-7f03 -w-s 00000000 00:01 1024 /SYSV00000000 (deleted)\n", true},
      {"7f02-7f03 rw-s 00000000 08:01 9 /tmp/hsperfdata_root/4711\n", false},
      {"7f02-7f03 rw-s 00000000 08:01 9 /tmp/hsperfdata_root/ring\n", true}, // a path that anybody may choose
      {"7f02-7f03 rw-s 00000000 08:01 9 /tmp/hsperfdata_root/\n", true},
      {"7f02-7f03 rw-s 00000000 08:01 9 /tmp/hsperfdata_/4711\n", true},
      {"7f02-7f03 rw-s 00000000 08:01 9 /dev/shm/hsperfdata_root/4711\n", true},
      {"7f02-7f03 rw-s 00000000 00:01 9 /dev/zero (deleted)\n", false},
      {"7f02-7f03 rw-s 00000000 08:01 9 /home/x /dev/zero (deleted)\n", true},
      {"7f02-7f03 r--s 00000000 00:01 9 /dev/shm/ring\n", true},
      {"7f02-7f03 r--s 00000000 00:01 9 /memfd:ring (deleted)\n", true},
      {"7f02-7f03 r--s 00000000 00:01 9 /SYSV00000000 (deleted)\n", true},
      {"7f02-7f03 r--s 00000000 00:01 9 /dev/zero (deleted)\n", false},
      {"7f02-7f03 r--s 00000000 08:01 9 /usr/lib/gconv/gconv-modules.cache\n", false},
      {"x\n\n rw-\nrw-s\n", false},
  };
  for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
    for (size_t piece = 1; piece < 140; piece++) {
      wio_lines maps = {0};
      bool shared = false;
      for (size_t at = 0, length = strlen(texts[i].text); at < length; at += piece)
        shared |= wio_maps_shared(&maps, texts[i].text + at, length - at < piece ? length - at : piece);
      CHECK_INT(shared, texts[i].shared);
    }
}

int main(void) {
  move_away(); // where it may: others' connections that end meanwhile could be ours for all that can be told
  wio_descriptors_raise();
  CHECK_INT(wio_procfs_open(NULL, &fs), 0);
  CHECK_INT(wio_sockets_open(fs, &sockets), 0);
  links_tell_their_channel();
  shared_memory_is_found_in_any_pieces();
  what_is_held_is_hidden_or_not();
  what_is_opened_later_is_found();
  for (int exact = 0; exact < 2; exact++) {
    a_tcp_socket_that_no_table_shows_is_hidden(listens_elsewhere, exact);
    a_tcp_socket_that_no_table_shows_is_hidden(opens_tcp, exact);
  }
  what_is_opened_after_the_end_of_the_first_thread_is_found(false);
  what_is_opened_after_the_end_of_the_first_thread_is_found(true);
  what_only_one_thread_has_open_is_hidden();
  wio_sockets_close(sockets);
  wio_procfs_close(fs);
  return check_result();
}
