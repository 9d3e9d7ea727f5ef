// SPDX-License-Identifier: MIT
// Connections that nobody saw open: they came and went between two looks.
#include "worker.h"
#include "sys/descriptors.h"

#include <dirent.h>
#include <linux/netlink.h>
#include <sys/syscall.h>

static worker serving(void) {
  worker w = start_plain(listener, NULL, NULL);
  return w;
}

// The end of a connection is told as soon as the kernel comes to it.
static wio_carriage read_until(wio_traffic *traffic, uint64_t received, uint64_t sent, bool *hidden) {
  double until = seconds() + PATIENCE_S;
  wio_carriage c;
  *hidden = false;
  do {
    moment++;
    c = read_now(traffic, false);
    *hidden |= c.hidden;
  } while ((c.received < received || c.sent < sent) && seconds() < until);
  return c;
}

static bool becomes_hidden(wio_traffic *traffic) {
  double until = seconds() + PATIENCE_S;
  do moment++;
  while (!read_now(traffic, false).hidden && seconds() < until);
  return seconds() < until;
}

// Who ends it, and how: the client, or the worker who serves. A client's end that is not closed leaves nobody in doubt.
typedef enum { CLIENT_CLOSES, CLIENT_ABORTS, SERVER_SHUTS, SERVER_LEAVES_UNREAD, SERVER_CLOSES, SERVER_ABORTS } ending;

static bool leaves_the_clients_end(ending how) { return how >= SERVER_LEAVES_UNREAD; }

static void end_connection(worker server, int near, ending how) {
  switch (how) {
    case CLIENT_CLOSES: close(near); break;
    case CLIENT_ABORTS: abort_connection(near); break;
    case SERVER_ABORTS: order(server, ABORT, 0); return;
    case SERVER_LEAVES_UNREAD: put(near, 5); break;
    case SERVER_SHUTS:
      order(server, SHUT, 0);
      close(near);
      break;
    default: break;
  }
  if (!leaves_the_clients_end(how)) order(server, GET, 1); // the end
  order(server, CLOSE, 0);
}

static void what_came_and_went_between_two_looks_is_counted(const char *address) {
  static const struct {
    const char *what;
    ending how;
    uint64_t received, sent;
    bool hidden;
  } rows[] = {
      {"the client closes", CLIENT_CLOSES, 33, 77, false},
      {"the client aborts", CLIENT_ABORTS, 33, 77, false},
      {"the server shuts", SERVER_SHUTS, 33, 77, false},
      {"the server leaves bytes unread", SERVER_LEAVES_UNREAD, 38, 77, false},
      {"the server closes", SERVER_CLOSES, 32, 77, false}, // see wio_connection_payload
      {"the server aborts", SERVER_ABORTS, 0, 0, true},
  };
  worker server = serving();
  wio_traffic *traffic = watch(server.pid, false);
  expect(traffic, 0, 0);
  uint64_t received = 0, sent = 0;
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
    await_ends();
    expect(traffic, received, sent);
    int near = connect_to(address);
    order(server, ACCEPT, 0);
    put(near, 33);
    order(server, GET, 33);
    order(server, PUT, 77);
    get(near, 77);
    end_connection(server, near, rows[i].how);
    bool hidden = rows[i].hidden && becomes_hidden(traffic);
    if (!rows[i].hidden) {
      wio_carriage c = read_until(traffic, received += rows[i].received, sent += rows[i].sent, &hidden);
      // Where a dump has shown it between its close and its end, nothing is missing.
      if (rows[i].how == SERVER_CLOSES && c.received == received + 1) received++;
      if (!CHECK_INT(c.received, received) || !CHECK_INT(c.sent, sent)) printf("%s, %s\n", address, rows[i].what);
    }
    if (leaves_the_clients_end(rows[i].how) && !CHECK_INT(hidden, rows[i].hidden))
      printf("%s, %s\n", address, rows[i].what);
    if (leaves_the_clients_end(rows[i].how)) close(near);
  }
  wio_sockets_remove(sockets, traffic);
  end(server);
}

static void the_last_bytes_of_a_known_connection_are_counted(void) {
  for (int aborts = 0; aborts < 2; aborts++) {
    worker server = serving();
    wio_traffic *traffic = watch(server.pid, false);
    expect(traffic, 0, 0);
    int near = connect_to("127.0.0.1");
    order(server, ACCEPT, 0);
    put(near, 10);
    order(server, GET, 10);
    expect(traffic, 10, 0);
    put(near, 20);
    order(server, GET, 20);
    order(server, PUT, 5);
    get(near, 5);
    if (aborts) abort_connection(near);
    else close(near);
    order(server, GET, 1);
    order(server, CLOSE, 0);
    for (int i = 0; i < 5; i++) expect(traffic, 30, 5);
    wio_sockets_remove(sockets, traffic);
    end(server);
  }
}

static void an_abort_that_wipes_what_is_not_known_hides_its_owner(void) {
  worker server = serving(), other = start_plain(-1, NULL, NULL);
  wio_traffic *traffic = watch(server.pid, false), *others = watch(other.pid, false);
  expect(traffic, 0, 0);
  expect(others, 0, 0);
  int near = connect_to("127.0.0.1");
  order(server, ACCEPT, 0);
  for (int i = 0; i < 20; i++) expect(traffic, 0, 0);
  expect(others, 0, 0);
  CHECK(!read_now(traffic, true).hidden);
  order(server, ABORT, 0);
  CHECK(becomes_hidden(traffic));
  CHECK(!read_now(others, false).hidden);
  wio_sockets_remove(sockets, traffic);
  wio_sockets_remove(sockets, others);
  end(server);
  end(other);
  close(near);
}

// A socket that is held on after its end is in no dump, and yet its bytes are not counted again when it is closed.
static void a_dead_connection_that_is_held_is_not_counted_twice(void) {
  worker server = serving();
  wio_traffic *traffic = watch(server.pid, false);
  expect(traffic, 0, 0);
  int near = connect_to("127.0.0.1");
  order(server, ACCEPT, 0);
  put(near, 10);
  order(server, GET, 10);
  expect(traffic, 10, 0);
  abort_connection(near);
  for (int i = 0; i < 40; i++) expect(traffic, 10, 0);
  CHECK(!read_now(traffic, true).hidden);
  order(server, CLOSE, 0);
  for (int i = 0; i < 40; i++) expect(traffic, 10, 0);
  wio_sockets_remove(sockets, traffic);
  end(server);
}

static void an_outgoing_connection_leaves_all_in_doubt_for_one_reading(void) {
  worker client = start_plain(-1, NULL, NULL), other = start_plain(-1, NULL, NULL);
  wio_traffic *clients = watch(client.pid, false), *others = watch(other.pid, false);
  expect(clients, 0, 0);
  expect(others, 0, 0);
  CHECK(!read_now(clients, true).hidden);
  order(client, CONNECT, 0);
  int far = accept_one();
  order(client, PUT, 9);
  get(far, 9);
  order(client, CLOSE, 0);
  close(far);
  CHECK(becomes_hidden(clients));
  CHECK(read_now(others, false).hidden);
  double until = seconds() + PATIENCE_S;
  do moment++;
  while (read_now(clients, false).hidden && seconds() < until);
  CHECK(!read_now(others, false).hidden);
  wio_sockets_remove(sockets, clients);
  wio_sockets_remove(sockets, others);
  end(client);
  end(other);
}

// A listener that was not there at the last moment, and already has served.
static void a_new_listener_leaves_no_busy_one_out(void) {
  worker server = start_plain(-1, NULL, NULL);
  wio_traffic *traffic = watch(server.pid, false);
  expect(traffic, 0, 0);
  uint16_t before = port;
  order(server, LISTEN, 0);
  port = (uint16_t)order(server, PORT, 0);
  int near = connect_to("127.0.0.1");
  order(server, ACCEPT, 0);
  order(server, PUT, 50);
  get(near, 50);
  order(server, CLOSE, 0);
  port = before;
  bool hidden;
  wio_carriage c = read_until(traffic, 0, 0, &hidden);
  for (double until = seconds() + PATIENCE_S; !hidden && c.sent < 50 && seconds() < until;)
    c = read_until(traffic, 0, 0, &hidden);
  CHECK(hidden || c.sent == 50);
  wio_sockets_remove(sockets, traffic);
  end(server);
  close(near);
}

static void those_who_share_a_listener_are_all_suspected(void) {
  worker parent = serving(), sibling = serving(), stranger = start_plain(-1, NULL, NULL);
  wio_traffic *parents = watch(parent.pid, false), *siblings = watch(sibling.pid, false);
  wio_traffic *others = watch(stranger.pid, false);
  expect(parents, 0, 0);
  expect(others, 0, 0);
  expect(siblings, 0, 0);
  for (int i = 0; i < 40; i++) expect(parents, 0, 0);
  CHECK(!read_now(parents, true).hidden);
  CHECK(!read_now(siblings, true).hidden);
  int near = connect_to("127.0.0.1");
  order(parent, ACCEPT, 0);
  order(parent, PUT, 12);
  get(near, 12);
  order(parent, CLOSE, 0);
  double until = seconds() + PATIENCE_S;
  wio_carriage p, s, other;
  do {
    moment++;
    p = read_now(parents, false);
    s = read_now(siblings, false);
    other = read_now(others, false);
  } while (p.sent + s.sent < 12 && seconds() < until);
  CHECK_INT(p.sent + s.sent, 12);
  CHECK(p.hidden && s.hidden);
  CHECK(!other.hidden);
  wio_sockets_remove(sockets, parents);
  wio_sockets_remove(sockets, siblings);
  wio_sockets_remove(sockets, others);
  end(parent);
  end(sibling);
  end(stranger);
  close(near);
}

static void a_listener_falls_to_who_still_lives(void) {
  worker elder = serving(), younger = serving();
  wio_traffic *elders = watch(elder.pid, false), *youngers = watch(younger.pid, false);
  expect(elders, 0, 0);
  expect(youngers, 0, 0);
  kill(younger.pid, SIGKILL);
  siginfo_t info;
  CHECK(waitid(P_PID, (id_t)younger.pid, &info, WEXITED | WNOWAIT) == 0); // a zombie
  wio_sockets_end(youngers);
  expect(elders, 0, 0);
  int near = connect_to("127.0.0.1");
  order(elder, ACCEPT, 0);
  order(elder, PUT, 12);
  get(near, 12);
  order(elder, CLOSE, 0);
  expect(elders, 0, 12);
  close(near);
  wio_sockets_remove(sockets, elders);
  wio_sockets_remove(sockets, youngers);
  end(elder);
  end(younger);
}

static void a_namespace_of_which_more_ends_were_told_than_kept_leaves_all_in_doubt(void) {
  worker w = start_plain(-1, NULL, NULL);
  wio_traffic *traffic = watch(w.pid, false);
  expect(traffic, 0, 0);
  CHECK(!read_now(traffic, true).hidden);
  int least = 1, shrunk = 0;
  for (int fd = 0; fd < 2048; fd++) {
    int protocol = 0;
    socklen_t length = sizeof protocol;
    if (getsockopt(fd, SOL_SOCKET, SO_PROTOCOL, &protocol, &length) < 0 || protocol != NETLINK_SOCK_DIAG) continue;
    shrunk += setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &least, sizeof least) == 0;
  }
  CHECK(shrunk >= 2);
  for (int i = 0; i < 50; i++) {
    int unused = socket(AF_INET, SOCK_STREAM, 0);
    close(unused); // its end is told, and means nothing else
  }
  CHECK(becomes_hidden(traffic));
  wio_sockets_remove(sockets, traffic);
  end(w);
}

#define MANY 2000

static double serve_many(worker server) {
  double began = seconds();
  for (int i = 0; i < MANY; i++) {
    int near = connect_to("127.0.0.1");
    int far = accept_one();
    put(near, 1);
    close(near);
    close(far);
  }
  (void)server;
  return (seconds() - began) * 1e6 / MANY;
}

static void a_thousand_ends_cost_what_is_printed(void) {
  worker server = serving();
  double without = serve_many(server);
  wio_traffic *traffic = watch(server.pid, false);
  expect(traffic, 0, 0);
  double with = serve_many(server);
  moment++;
  double began = seconds();
  wio_carriage c = read_now(traffic, false);
  double drained = (seconds() - began) * 1e6;
  moment++;
  began = seconds();
  read_now(traffic, false);
  double quiet = (seconds() - began) * 1e6;
  CHECK(c.received > 0);
  began = seconds();
  for (int i = 0; i < 20; i++) read_now(traffic, true);
  double exact = (seconds() - began) * 1e6 / 20;
  printf("an end: %.1f us for who closes (%.1f without), %.2f us for who watches; a look with memory: %.0f us\n", with,
         without, (drained - quiet) / (2 * MANY), exact);
  wio_sockets_remove(sockets, traffic);
  end(server);
}

int main(void) {
  move_away(); // where it may: others' connections that end meanwhile could be ours for all that can be told
  wio_descriptors_raise();
  CHECK_INT(wio_procfs_open(NULL, &fs), 0);
  CHECK_INT(wio_sockets_open(fs, &sockets), 0);
  start_listening();
  what_came_and_went_between_two_looks_is_counted("127.0.0.1");
  what_came_and_went_between_two_looks_is_counted("::1");
  the_last_bytes_of_a_known_connection_are_counted();
  an_abort_that_wipes_what_is_not_known_hides_its_owner();
  a_dead_connection_that_is_held_is_not_counted_twice();
  an_outgoing_connection_leaves_all_in_doubt_for_one_reading();
  a_new_listener_leaves_no_busy_one_out();
  those_who_share_a_listener_are_all_suspected();
  a_listener_falls_to_who_still_lives();
  a_namespace_of_which_more_ends_were_told_than_kept_leaves_all_in_doubt();
  wio_sockets_close(sockets);
  CHECK_INT(wio_sockets_open(fs, &sockets), 0);
  a_thousand_ends_cost_what_is_printed();
  close(listener);
  wio_sockets_close(sockets);
  wio_procfs_close(fs);
  return check_result();
}
