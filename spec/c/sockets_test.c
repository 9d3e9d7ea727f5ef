// SPDX-License-Identifier: MIT
// Bytes of TCP connections: real sockets on the loopback, held by real processes that do what they are told.
#include "worker.h"
#include "sys/descriptors.h"
#include "sys/net/diag_message.h"

#include <linux/capability.h>
#include <linux/netlink.h>
#include <linux/sock_diag.h>
#include <linux/tcp.h>
#include <sys/stat.h>
#include <sys/syscall.h>

// The linker sends the allocations of the code under test here (--wrap in CMakeLists.txt).
void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);
static int allocations, failing; // the number of the one that fails; 0: none
static bool fails(void) { return ++allocations == failing; }
void *__wrap_malloc(size_t size) { return fails() ? NULL : __real_malloc(size); }
void *__wrap_calloc(size_t count, size_t size) { return fails() ? NULL : __real_calloc(count, size); }

static void every_byte_is_counted_both_ways(const char *address) {
  int near = connect_to(address), far = accept_one();
  put(near, 100);
  get(far, 100);
  worker w = start(far, -1);
  close(far);
  wio_traffic *traffic = watch(w.pid, false);
  expect(traffic, 0, 0); // what was before does not count
  uint64_t received = 0, sent = 0;
  for (int i = 1; i <= 20; i++) {
    put(near, 1000 * i);
    order(w, GET, 1000 * i);
    order(w, PUT, 7 * i);
    get(near, 7 * i);
    expect(traffic, received += 1000 * i, sent += 7 * i);
  }
  wio_sockets_remove(sockets, traffic);
  close(near);
  end(w);
}

static void opening_and_shutting_is_no_byte(void) {
  worker w = start(-1, -1);
  wio_traffic *traffic = watch(w.pid, false);
  expect(traffic, 0, 0);
  order(w, CONNECT, 0);
  int far = accept_one();
  expect(traffic, 0, 0);
  shutdown(far, SHUT_WR);
  order(w, GET, 1); // the end
  expect(traffic, 0, 0);
  order(w, SHUT, 0);
  expect(traffic, 0, 0);
  wio_sockets_remove(sockets, traffic);
  end(w);
  close(far);
}

static void a_connection_between_two_looks_counts_whole_and_stays_when_closed(void) {
  worker w = start(-1, -1);
  wio_traffic *traffic = watch(w.pid, false);
  expect(traffic, 0, 0);
  order(w, CONNECT, 0);
  int far = accept_one();
  order(w, PUT, 500);
  get(far, 500);
  moment++;
  wio_carriage b = read_now(traffic, false);
  CHECK_INT(b.sent, 500);
  order(w, CLOSE, 0);
  close(far);
  for (int i = 0; i < 40; i++) expect(traffic, 0, 500);
  wio_sockets_remove(sockets, traffic);
  end(w);
}

// Without a new moment, only what asks for this moment sees what has come since.
static void an_exact_reading_sees_bytes_and_connections_at_once(void) {
  int near = connect_to("127.0.0.1"), far = accept_one();
  worker w = start(far, -1);
  close(far);
  wio_traffic *traffic = watch(w.pid, false);
  expect(traffic, 0, 0);
  order(w, PUT, 300);
  CHECK_INT(read_now(traffic, false).sent, 0);
  CHECK_INT(read_now(traffic, true).sent, 300);
  order(w, CONNECT, 0);
  int other = accept_one();
  order(w, PUT, 11);
  CHECK_INT(read_now(traffic, false).sent, 300);
  CHECK_INT(read_now(traffic, true).sent, 311);
  expect(traffic, 0, 311);
  wio_sockets_remove(sockets, traffic);
  end(w);
  close(near);
  close(other);
}

static void what_parent_and_child_hold_is_counted_once(void) {
  int control[2];
  socketpair(AF_UNIX, SOCK_STREAM, 0, control);
  worker parent = start(-1, control[1]);
  wio_traffic *parents = watch(parent.pid, false);
  expect(parents, 0, 0);
  int near = connect_to("::1");
  order(parent, ACCEPT, 0);
  order(parent, PUT, 10);
  expect(parents, 0, 10);
  worker child = {.pid = order(parent, FORK, control[1]), .control = control[0]};
  wio_traffic *childs = watch(child.pid, true);
  expect(childs, 0, 0);
  order(child, PUT, 300);
  expect(childs, 0, 300);
  order(parent, PUT, 5); // by either of them: it is the child's connection now
  expect(childs, 0, 305);
  expect(parents, 0, 10);
  kill(child.pid, SIGKILL);
  wio_sockets_remove(sockets, childs);
  order(parent, PUT, 7); // and now the parent's again
  expect(parents, 0, 17);
  wio_sockets_remove(sockets, parents);
  end(parent);
  close(control[0]);
  close(control[1]);
  close(near);
}

static void a_child_that_was_born_since_counts_what_it_opened_itself(void) {
  int control[2];
  socketpair(AF_UNIX, SOCK_STREAM, 0, control);
  worker parent = start(-1, control[1]);
  wio_traffic *parents = watch(parent.pid, false);
  expect(parents, 0, 0);
  worker child = {.pid = order(parent, FORK, control[1]), .control = control[0]};
  order(child, CONNECT, 0);
  int far = accept_one();
  order(child, PUT, 40); // before it is known
  get(far, 40);
  wio_traffic *childs = watch(child.pid, true);
  expect(childs, 0, 40);
  order(child, END, 0);
  double until = seconds() + PATIENCE_S;
  wio_stat stat;
  while (wio_procfs_stat(fs, child.pid, &stat) == 0 && !wio_stat_ended(&stat) && seconds() < until) {}
  for (int i = 0; i < 40; i++) expect(childs, 0, 40); // a zombie keeps it
  end(parent);
  int rc = 0;
  do {
    wio_carriage carriage;
    rc = wio_sockets_read(sockets, childs, ++moment, true, &carriage);
  } while (rc == 0 && seconds() < until);
  CHECK_INT(rc, -ESRCH);
  wio_sockets_remove(sockets, childs);
  wio_sockets_remove(sockets, parents);
  close(control[0]);
  close(control[1]);
  close(far);
}

static void a_connection_that_is_passed_on_is_counted_once(void) {
  worker giver = start(-1, -1), taker = start(-1, -1);
  wio_traffic *givers = watch(giver.pid, false), *takers = watch(taker.pid, false);
  expect(givers, 0, 0);
  expect(takers, 0, 0);
  order(giver, CONNECT, 0);
  int far = accept_one();
  order(giver, PUT, 100);
  expect(givers, 0, 100);
  order(giver, HAND_OVER, 0);
  int fd = take_fd(giver.control), answer;
  CHECK(read(giver.control, &answer, sizeof answer) == sizeof answer);
  order(giver, CLOSE, 0);
  order(taker, TAKE_OVER, 0);
  pass_fd(taker.control, fd);
  CHECK(read(taker.control, &answer, sizeof answer) == sizeof answer);
  close(fd);
  uint64_t written = 100;
  wio_carriage given, taken;
  double until = seconds() + PATIENCE_S;
  do {
    order(taker, PUT, 10);
    get(far, written == 100 ? 110 : 10);
    written += 10;
    moment++;
    given = read_now(givers, false);
    taken = read_now(takers, false);
  } while (taken.sent == 0 && seconds() < until);
  // One look after it was let go the next holder has it: nothing is lost on the way, and nothing is counted twice.
  CHECK(taken.sent > 0);
  CHECK_INT(given.sent + taken.sent, written);
  uint64_t before = given.sent;
  order(taker, PUT, 1);
  expect(takers, 0, taken.sent + 1);
  expect(givers, 0, before);
  wio_sockets_remove(sockets, givers);
  wio_sockets_remove(sockets, takers);
  end(giver);
  end(taker);
  close(far);
}

// ---- what may not be read

static int read_in_a_child(void (*drop)(void), pid_t pid) {
  pid_t reader = fork();
  if (reader == 0) {
    drop();
    wio_procfs_open(NULL, &fs);     // the other one's reader stayed behind
    wio_sockets_open(fs, &sockets); // this one has entered no namespace yet
    wio_traffic *traffic = watch(pid, false);
    wio_carriage carriage;
    int rc = wio_sockets_read(sockets, traffic, ++moment, false, &carriage);
    wio_sockets_remove(sockets, traffic);
    wio_sockets_close(sockets);
    wio_procfs_close(fs);
    _exit(rc < 0 ? -rc : 0);
  }
  int status = -1;
  waitpid(reader, &status, 0);
  return WIFEXITED(status) ? -WEXITSTATUS(status) : -1000;
}

static void become_nobody(void) { CHECK(setgid(65534) == 0 && setuid(65534) == 0); }

static void drop_admin(void) {
  struct __user_cap_header_struct head = {.version = _LINUX_CAPABILITY_VERSION_3};
  struct __user_cap_data_struct data[2];
  CHECK(syscall(SYS_capget, &head, data) == 0);
  data[0].effective &= ~(1u << CAP_SYS_ADMIN);
  data[0].permitted &= ~(1u << CAP_SYS_ADMIN);
  CHECK(syscall(SYS_capset, &head, data) == 0);
}

static void anothers_process_is_unknown(void) {
  if (geteuid() != 0) return skip("another user's process", "only root can become another user");
  worker w = start(-1, -1);
  CHECK_INT(read_in_a_child(become_nobody, w.pid), -EACCES);
  end(w);
}

static void another_network_namespace_is_entered_or_unknown(void) {
  worker w = start(-1, -1);
  int rc = order(w, UNSHARE, 0);
  if (rc != 0) {
    end(w);
    return skip("another network namespace", strerror(rc));
  }
  // It holds a socket, its control, but there is no TCP there.
  CHECK_INT(read_in_a_child(drop_admin, w.pid), 0);
  wio_traffic *traffic = watch(w.pid, false);
  expect(traffic, 0, 0);
  order(w, LISTEN, 0);
  CHECK_INT(read_in_a_child(drop_admin, w.pid), -EPERM);
  wio_sockets_remove(sockets, traffic);
  end(w);
}

// Server and client in one process, which goes into a namespace of its own at the first go.
static void serve_itself(int control) {
  int near = -1, far = -1;
  for (char byte; read(control, &byte, 1) == 1;) {
    byte = 0;
    if (near < 0) {
      byte = (char)move_away();
      start_listening();
      near = connect_to("127.0.0.1");
      far = accept_one();
    }
    put(near, 1234);
    get(far, 1234);
    if (write(control, &byte, 1) != 1) break;
  }
  _exit(0);
}

static char go(int control) {
  char byte = 0;
  CHECK(write(control, &byte, 1) == 1 && read(control, &byte, 1) == 1);
  return byte;
}

static void bytes_in_another_namespace_are_counted(void) {
  int control[2];
  socketpair(AF_UNIX, SOCK_STREAM, 0, control);
  pid_t pid = fork();
  if (pid == 0) serve_itself(control[1]);
  wio_traffic *traffic = watch(pid, false);
  expect(traffic, 0, 0);
  char refusal = go(control[0]);
  if (refusal) {
    skip("bytes in another network namespace", strerror(refusal));
  } else {
    for (int i = 0; i < 20; i++) expect(traffic, 0, 0); // within which it is found to have gone
    for (uint64_t i = 1; i <= 3; i++) {
      go(control[0]);
      expect(traffic, 1234 * i, 1234 * i);
    }
    go(control[0]);
    CHECK_INT(read_now(traffic, true).sent, 4 * 1234);
    // Having been there, this process is where it was.
    int near = connect_to("127.0.0.1");
    close(accept_one());
    close(near);
  }
  wio_sockets_remove(sockets, traffic);
  kill(pid, SIGKILL);
  waitpid(pid, NULL, 0);
  close(control[0]);
  close(control[1]);
}

static void another_process_with_the_same_pid_is_not_read(void) {
  worker w = start(-1, -1);
  wio_stat stat;
  wio_traffic *traffic;
  wio_carriage carriage;
  CHECK_INT(wio_procfs_stat(fs, w.pid, &stat), 0);
  CHECK_INT(wio_sockets_add(sockets, w.pid, stat.start_ticks - 1, false, &traffic), 0);
  CHECK_INT(wio_sockets_read(sockets, traffic, ++moment, false, &carriage), -ESRCH);
  wio_sockets_remove(sockets, traffic);
  end(w);
}

// The n-th allocation fails: the reading is unknown, and the next one is right. Returns how many there were.
static int read_with_failure(pid_t pid, uint64_t start_ticks, int near, int n) {
  wio_sockets *fresh;
  wio_traffic *traffic;
  wio_carriage carriage = {0};
  allocations = 0;
  failing = n;
  if (wio_sockets_open(fs, &fresh) < 0) CHECK_INT(wio_sockets_open(fs, &fresh), 0);
  if (wio_sockets_add(fresh, pid, start_ticks, false, &traffic) < 0)
    CHECK_INT(wio_sockets_add(fresh, pid, start_ticks, false, &traffic), 0);
  int rc = wio_sockets_read(fresh, traffic, 1, false, &carriage);
  CHECK(rc == 0 || rc == -ENOMEM);
  if (rc < 0) CHECK_INT(wio_sockets_read(fresh, traffic, 2, false, &carriage), 0);
  put(near, 10);
  double until = seconds() + PATIENCE_S;
  int refusals = rc < 0;
  for (uint64_t pass = 3; carriage.received < 10 && seconds() < until; pass++)
    refusals += wio_sockets_read(fresh, traffic, pass, false, &carriage) == -ENOMEM; // where others connect just now
  CHECK(refusals <= 1);
  CHECK_INT(carriage.received, 10);
  wio_sockets_remove(fresh, traffic);
  wio_sockets_close(fresh);
  failing = 0;
  return allocations;
}

static void running_out_of_memory_only_delays(void) {
  int near = connect_to("127.0.0.1"), far = accept_one();
  worker w = start(far, -1);
  wio_stat stat;
  CHECK_INT(wio_procfs_stat(fs, w.pid, &stat), 0);
  int count = read_with_failure(w.pid, stat.start_ticks, near, 0);
  CHECK(count >= 5);
  if (count > 40) count = 40; // where others connect just now, there is no end of it
  for (int n = 1; n <= count; n++) read_with_failure(w.pid, stat.start_ticks, near, n);
  end(w);
  close(near);
  close(far);
}

static void a_made_up_tree_has_no_connections(void) {
  char folder[] = "/tmp/watchio-sockets-XXXXXX";
  CHECK(mkdtemp(folder) != NULL);
  wio_procfs *fake;
  wio_sockets *none;
  wio_traffic *traffic;
  CHECK_INT(wio_procfs_open(folder, &fake), 0);
  CHECK_INT(wio_sockets_open(fake, &none), 0);
  CHECK_INT(wio_sockets_add(none, 7, 1, true, &traffic), 0);
  wio_carriage carriage = {1, 1, true, true, true};
  CHECK_INT(wio_sockets_read(none, traffic, 1, true, &carriage), 0);
  CHECK_INT(carriage.received + carriage.sent + carriage.hidden + carriage.revealed + carriage.knocked, 0);
  wio_sockets_remove(none, traffic);
  wio_sockets_close(none);
  wio_procfs_close(fake);
  rmdir(folder);
}

// ---- many

#define MANY 500

static double microseconds_of(wio_traffic *traffic, bool exact, bool new_moment) {
  const int times = 20;
  double began = seconds();
  for (int i = 0; i < times; i++) {
    if (new_moment) moment++;
    read_now(traffic, exact);
  }
  return (seconds() - began) * 1e6 / times;
}

// A thousand ends, all in this process; none is new, so nothing is allocated.
static void many_connections_cost_what_is_printed(void) {
  static int near[MANY], far[MANY];
  for (int i = 0; i < MANY; i++) {
    near[i] = connect_to("127.0.0.1");
    far[i] = accept_one();
  }
  wio_traffic *traffic = watch(getpid(), false);
  pid_t child = fork(); // it holds them all
  if (child == 0) {
    pause();
    _exit(0);
  }
  wio_traffic *other = watch(child, false);
  expect(traffic, 0, 0);
  expect(other, 0, 0);
  double dump, again, exact, until = seconds() + PATIENCE_S;
  do { // until nobody else on this machine connects meanwhile
    allocations = 0;
    dump = microseconds_of(traffic, false, true);
    read_now(other, false);
    again = microseconds_of(other, false, false);
    exact = microseconds_of(other, true, false);
  } while (allocations > 0 && seconds() < until);
  CHECK_INT(allocations, 0);
  int near_one = connect_to("127.0.0.1"), far_one = accept_one();
  worker small = start(far_one, -1);
  wio_traffic *one = watch(small.pid, false);
  expect(one, 0, 0);
  double exact_one = microseconds_of(one, true, false);
  printf("%d connections: %.0f us a dump, %.2f us more a process; exactly: %.0f us for one, %.0f us for all\n",
         2 * MANY, dump, again, exact_one, exact);
  put(near[0], 9);
  CHECK_INT(read_now(other, false).sent, 0);
  CHECK_INT(read_now(other, true).sent, 9);
  wio_sockets_remove(sockets, one);
  end(small);
  close(near_one);
  close(far_one);
  for (int i = 0; i < MANY; i++) put(near[i], i + 1);
  expect(other, 9 + MANY * (MANY + 1) / 2, 9 + MANY * (MANY + 1) / 2);
  CHECK_INT(read_now(traffic, false).sent, 0); // the younger holds them too
  // As many go as come: still nothing is allocated.
  expect(traffic, 0, 0);
  wio_sockets_remove(sockets, other);
  kill(child, SIGKILL);
  waitpid(child, NULL, 0);
  until = seconds() + PATIENCE_S;
  for (int round = 0; round < 6 || (allocations > 100 && seconds() < until); round++) {
    if (round % 3 == 0) allocations = 0;
    for (int i = 0; i < 50; i++) {
      close(near[i]);
      close(far[i]);
      near[i] = connect_to("127.0.0.1");
      far[i] = accept_one();
    }
    moment++;
    read_now(traffic, false);
  }
  CHECK(allocations <= 100); // an end is told a moment later
  for (int i = 0; i < MANY; i++) {
    close(near[i]);
    close(far[i]);
  }
  wio_sockets_remove(sockets, traffic);
}

// ---- the parser

static struct {
  struct nlmsghdr head;
  struct inet_diag_msg body;
  struct nlattr attribute;
  struct tcp_info info;
} __attribute__((packed, aligned(8))) answer;

static int parse(uint16_t type, uint16_t flags, size_t length, size_t info_length, wio_connection *out) {
  answer.head = (struct nlmsghdr){
      .nlmsg_len = (uint32_t)length, .nlmsg_type = type, .nlmsg_flags = flags, .nlmsg_seq = 3};
  answer.attribute = (struct nlattr){.nla_type = INET_DIAG_INFO,
                                     .nla_len = (uint16_t)(sizeof answer.attribute + info_length)};
  size_t offset = 0;
  return wio_diag_parse(&answer, length < sizeof answer ? length : sizeof answer, 3, &offset, out);
}

static void answers_are_taken_strictly(void) {
  wio_connection c;
  size_t whole = sizeof answer, info = sizeof answer.info;
  answer.body = (struct inet_diag_msg){.idiag_family = AF_INET, .idiag_inode = 9, .idiag_state = 8};
  answer.info = (struct tcp_info){.tcpi_bytes_received = 11, .tcpi_bytes_sent = 30, .tcpi_bytes_retrans = 10};
  CHECK_INT(parse(SOCK_DIAG_BY_FAMILY, 0, whole, info, &c), WIO_DIAG_CONNECTION);
  CHECK_INT(c.inode, 9);
  CHECK_INT(c.received, 10); // state 8 has seen the FIN
  CHECK_INT(c.sent, 20);
  answer.body.idiag_state = 1;
  CHECK_INT(parse(SOCK_DIAG_BY_FAMILY, 0, whole, info, &c), WIO_DIAG_CONNECTION);
  CHECK_INT(c.received, 11);
  CHECK_INT(parse(SOCK_DIAG_BY_FAMILY, 0, whole, 192, &c), -EOPNOTSUPP); // before 4.19
  CHECK_INT(parse(SOCK_DIAG_BY_FAMILY, 0, whole, info + 8, &c), -EBADMSG);
  CHECK_INT(parse(SOCK_DIAG_BY_FAMILY, 0, sizeof answer.head + sizeof answer.body, info, &c), -EOPNOTSUPP);
  answer.body.idiag_state = 5; // waits out its time
  CHECK_INT(parse(SOCK_DIAG_BY_FAMILY, 0, sizeof answer.head + sizeof answer.body, info, &c), WIO_DIAG_MORE);
  CHECK_INT(parse(SOCK_DIAG_BY_FAMILY, 0, sizeof answer.head + 8, info, &c), -EBADMSG);
  CHECK_INT(parse(SOCK_DIAG_BY_FAMILY, 0, whole + 1, info, &c), -EBADMSG);
  CHECK_INT(parse(SOCK_DIAG_BY_FAMILY, 0, 8, info, &c), -EBADMSG);
  CHECK_INT(parse(NLMSG_DONE, 0, sizeof answer.head, info, &c), WIO_DIAG_DONE);
  CHECK_INT(parse(NLMSG_DONE, NLM_F_DUMP_INTR, sizeof answer.head, info, &c), WIO_DIAG_TORN);
  CHECK_INT(parse(NLMSG_NOOP, 0, sizeof answer.head, info, &c), WIO_DIAG_MORE);
  int refusal = -ENOENT;
  memcpy(&answer.body, &refusal, sizeof refusal);
  CHECK_INT(parse(NLMSG_ERROR, 0, whole, info, &c), -ENOENT);
  CHECK_INT(parse(NLMSG_ERROR, 0, sizeof answer.head, info, &c), -EBADMSG);
  size_t offset = 0;
  answer.head.nlmsg_len = (uint32_t)whole;
  CHECK_INT(wio_diag_parse(&answer, whole, 4, &offset, &c), WIO_DIAG_MORE); // an answer to another question
  CHECK_INT(offset, whole);
}

int main(void) {
  move_away(); // where it may: others' connections that end meanwhile could be ours for all that can be told
  wio_descriptors_raise();
  CHECK_INT(wio_procfs_open(NULL, &fs), 0);
  CHECK_INT(wio_sockets_open(fs, &sockets), 0);
  answers_are_taken_strictly();
  a_made_up_tree_has_no_connections();
  start_listening();
  every_byte_is_counted_both_ways("127.0.0.1"); // of which the other end is ::ffff:127.0.0.1
  every_byte_is_counted_both_ways("::1");
  every_byte_is_counted_both_ways("::ffff:127.0.0.1");
  opening_and_shutting_is_no_byte();
  a_connection_between_two_looks_counts_whole_and_stays_when_closed();
  an_exact_reading_sees_bytes_and_connections_at_once();
  what_parent_and_child_hold_is_counted_once();
  a_child_that_was_born_since_counts_what_it_opened_itself();
  a_connection_that_is_passed_on_is_counted_once();
  anothers_process_is_unknown();
  another_network_namespace_is_entered_or_unknown();
  bytes_in_another_namespace_are_counted();
  another_process_with_the_same_pid_is_not_read();
  running_out_of_memory_only_delays();
  many_connections_cost_what_is_printed();
  close(listener);
  wio_sockets_close(sockets);
  wio_procfs_close(fs);
  return check_result();
}
