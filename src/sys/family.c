// SPDX-License-Identifier: MIT
#include "sys/family.h"

#include "core/array.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/cn_proc.h>
#include <linux/connector.h>
#include <linux/filter.h>
#include <linux/netlink.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

// How many messages are taken with one call, and the most bytes of one: its headers and the largest event.
#define BATCH 64
#define MESSAGE_SIZE 128

// The size of the socket's buffer. The kernel counts some 800 bytes for a message, so this holds 5000 messages.
#define BUFFER_SIZE (2 << 20)

// The most pids that Linux can be set to have.
#define MOST_PIDS (1u << 22)

struct wio_family {
  int socket;
  uint8_t *followed; // a bit for each pid whose forks are counted; NULL: none are
  uint64_t forks;
  bool lost; // some reports were lost, so forks may be missing
};

// ---- what is wanted, sieved in the kernel

#define AT(member) (NLMSG_HDRLEN + sizeof(struct cn_msg) + offsetof(struct proc_event, member))
#define LOAD(offset) BPF_STMT(BPF_LD | BPF_W | BPF_ABS, (offset))
#define IF_IS(what, yes) BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (what), (yes), 0)

// Makes the kernel drop all messages but the wanted ones. A load swaps the bytes as if the number came from the
// network; two loads that are compared are swapped alike. Sequence numbers count the dropped messages too, so they
// cannot show a loss; ENOBUFS does.
static int attach_sieve(int socket) {
  struct sock_filter code[] = {
      LOAD(AT(what)),
      IF_IS(htonl(PROC_EVENT_NONE), 13), // the answer to the request
      IF_IS(htonl(PROC_EVENT_FORK), 4),
      IF_IS(htonl(PROC_EVENT_EXEC), 7),
      IF_IS(htonl(PROC_EVENT_COMM), 6),
      IF_IS(htonl(PROC_EVENT_UID), 5),
      BPF_STMT(BPF_RET | BPF_K, 0),
      LOAD(AT(event_data.fork.child_pid)), // a fork, unless the two differ: then it is a new thread
      BPF_STMT(BPF_MISC | BPF_TAX, 0),
      LOAD(AT(event_data.fork.child_tgid)),
      BPF_STMT(BPF_JMP | BPF_JA, 3),
      LOAD(AT(event_data.exec.process_pid)), // the other events hold their numbers at the same places
      BPF_STMT(BPF_MISC | BPF_TAX, 0),
      LOAD(AT(event_data.exec.process_tgid)),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_X, 0, 0, 1),
      BPF_STMT(BPF_RET | BPF_K, UINT32_MAX),
      BPF_STMT(BPF_RET | BPF_K, 0),
  };
  struct sock_fprog program = {.len = WIO_LENGTH(code), .filter = code};
  return setsockopt(socket, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof program) < 0 ? -errno : 0;
}

// ---- the request to listen

static int ask(int socket, enum proc_cn_mcast_op what, uint32_t mark) {
  union {
    struct nlmsghdr header;
    char bytes[NLMSG_SPACE(sizeof(struct cn_msg) + sizeof what)];
  } request = {.header = {.nlmsg_len = NLMSG_LENGTH(sizeof(struct cn_msg) + sizeof what), .nlmsg_type = NLMSG_DONE}};
  struct cn_msg message = {
      .id = {.idx = CN_IDX_PROC, .val = CN_VAL_PROC}, .seq = mark, .ack = mark, .len = sizeof what};
  memcpy(NLMSG_DATA(&request.header), &message, sizeof message);
  memcpy((char *)NLMSG_DATA(&request.header) + sizeof message, &what, sizeof what);
  return send(socket, &request, request.header.nlmsg_len, 0) < 0 ? -errno : 0;
}

// Copies the parts of a message, since nothing in it is aligned. Returns whether it is an event.
static bool open_message(const char *bytes, size_t length, struct cn_msg *message, struct proc_event *event) {
  const size_t head = NLMSG_HDRLEN + sizeof *message;
  if (length < head + offsetof(struct proc_event, event_data.fork) + sizeof event->event_data.fork) return false;
  memcpy(message, bytes + NLMSG_HDRLEN, sizeof *message);
  memcpy(event, bytes + head, length - head < sizeof *event ? length - head : sizeof *event);
  return message->id.idx == CN_IDX_PROC;
}

// The kernel answers before the request has returned, and sends the answer to all listeners. Ours carries our mark.
static int await_answer(int socket, uint32_t mark) {
  char bytes[MESSAGE_SIZE];
  struct proc_event event;
  struct cn_msg message;
  for (ssize_t length; (length = recv(socket, bytes, sizeof bytes, 0)) >= 0 || errno == ENOBUFS;) {
    if (length < 0 || !open_message(bytes, (size_t)length, &message, &event)) continue;
    if (event.what == PROC_EVENT_NONE && message.ack == mark + 1) return -(int)event.event_data.ack.err;
  }
  return -ENOTSUP;
}

static int listen_to_kernel(int socket) {
  struct sockaddr_nl address = {.nl_family = AF_NETLINK, .nl_groups = CN_IDX_PROC};
  int size = BUFFER_SIZE, rc = attach_sieve(socket);
  if (rc < 0) return rc;
  // The larger size needs CAP_NET_ADMIN; without it the smaller one will do.
  if (setsockopt(socket, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof size) < 0)
    setsockopt(socket, SOL_SOCKET, SO_RCVBUF, &size, sizeof size);
  if (bind(socket, (struct sockaddr *)&address, sizeof address) < 0) return -errno;
  rc = ask(socket, PROC_CN_MCAST_LISTEN, (uint32_t)getpid());
  return rc < 0 ? rc : await_answer(socket, (uint32_t)getpid());
}

int wio_family_open(wio_family **out) {
  wio_family *family = calloc(1, sizeof *family);
  if (!family) return -ENOMEM;
  family->socket = socket(AF_NETLINK, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, NETLINK_CONNECTOR);
  int rc = family->socket < 0 ? -errno : listen_to_kernel(family->socket);
  if (rc < 0) {
    if (family->socket >= 0) close(family->socket);
    free(family);
    return rc;
  }
  *out = family;
  return 0;
}

void wio_family_close(wio_family *family) {
  if (!family) return;
  // Before Linux 6.6 the kernel does not notice the close, and would go on sending reports to no listener.
  ask(family->socket, PROC_CN_MCAST_IGNORE, (uint32_t)getpid());
  close(family->socket);
  free(family->followed);
  free(family);
}

int wio_family_fd(const wio_family *family) { return family->socket; }

// ---- forks

static bool is_followed(const wio_family *family, pid_t pid) {
  return (uint32_t)pid < MOST_PIDS && family->followed[pid / 8] >> pid % 8 & 1;
}

static void set_followed(wio_family *family, pid_t pid, bool followed) {
  if ((uint32_t)pid >= MOST_PIDS) return;
  uint8_t bit = (uint8_t)(1 << pid % 8);
  if (followed) family->followed[pid / 8] |= bit;
  else family->followed[pid / 8] &= (uint8_t)~bit;
}

// The child of a followed process is followed. A pid that is used again by another process's child is followed no more.
static void count_fork(wio_family *family, pid_t parent, pid_t child) {
  if (!family->followed) return;
  bool inside = is_followed(family, parent);
  set_followed(family, child, inside);
  family->forks += inside;
}

int wio_family_count_forks(wio_family *family, pid_t pid) {
  if (!family->followed) family->followed = calloc(MOST_PIDS / 8, 1); // pages that are not used take no memory
  if (!family->followed) return -ENOMEM;
  set_followed(family, pid, true);
  return 0;
}

int wio_family_forks(const wio_family *family, uint64_t *out) {
  if (family->lost) return -EOVERFLOW;
  *out = family->forks;
  return 0;
}

// ---- what is told

static int add_fork(wio_forks *forks, pid_t pid, pid_t parent) {
  wio_fork *grown = wio_array_grow(forks->fork, &forks->capacity, forks->count + 1, sizeof *grown);
  if (!grown) return -ENOMEM;
  forks->fork = grown;
  forks->fork[forks->count++] = (wio_fork){.pid = pid, .parent = parent};
  return 0;
}

static int take_message(wio_family *family, const char *bytes, size_t length, wio_pids *out, wio_forks *forks) {
  struct proc_event event;
  struct cn_msg message;
  if (!open_message(bytes, length, &message, &event) || event.what == PROC_EVENT_NONE) return 0;
  if (event.what != PROC_EVENT_FORK) return wio_pids_add(out, event.event_data.exec.process_pid);
  pid_t pid = event.event_data.fork.child_pid;
  count_fork(family, event.event_data.fork.parent_tgid, pid);
  int rc = add_fork(forks, pid, event.event_data.fork.parent_tgid);
  return rc < 0 ? rc : wio_pids_add(out, pid);
}

// Takes a batch of messages. Returns how many; 0 when none are left; -EOVERFLOW when some before them are lost;
// -ENOMEM.
static int take_batch(wio_family *family, wio_pids *out, wio_forks *forks) {
  char bytes[BATCH][MESSAGE_SIZE];
  struct iovec pieces[BATCH];
  struct mmsghdr messages[BATCH];
  memset(messages, 0, sizeof messages);
  for (size_t i = 0; i < BATCH; i++) {
    pieces[i] = (struct iovec){.iov_base = bytes[i], .iov_len = MESSAGE_SIZE};
    messages[i].msg_hdr.msg_iov = &pieces[i];
    messages[i].msg_hdr.msg_iovlen = 1;
  }
  int count = recvmmsg(family->socket, messages, BATCH, MSG_DONTWAIT, NULL);
  if (count < 0) return errno == ENOBUFS ? -EOVERFLOW : 0;
  for (int i = 0; i < count; i++) {
    int rc = take_message(family, bytes[i], messages[i].msg_len, out, forks);
    if (rc < 0) return rc;
  }
  return count;
}

int wio_family_take(wio_family *family, wio_pids *out, wio_forks *forks) {
  bool lost = false;
  out->count = forks->count = 0;
  for (int count = BATCH; count == BATCH || count == -EOVERFLOW;) {
    count = take_batch(family, out, forks);
    if (count == -ENOMEM) return count;
    lost = lost || count == -EOVERFLOW;
  }
  family->lost = family->lost || lost;
  return lost ? -EOVERFLOW : 0;
}
