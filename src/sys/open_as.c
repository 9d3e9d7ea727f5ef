// SPDX-License-Identifier: MIT
#include "sys/open_as.h"

#include "sys/capabilities.h"
#include "sys/credentials.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

// How long to wait: a file system that does not answer must not hold the loop for ever.
#define PATIENCE_MS 5000

// The descriptor that comes with an answer whose errno is 0.
typedef union {
  struct cmsghdr head;
  char bytes[CMSG_SPACE(sizeof(int))];
} passenger;

static struct msghdr message_of(struct iovec *answer, passenger *carried) {
  return (struct msghdr){
      .msg_iov = answer, .msg_iovlen = 1, .msg_control = carried->bytes, .msg_controllen = sizeof carried->bytes};
}

static void send_answer(int socket, int fd, int error) {
  passenger carried = {0};
  struct iovec answer = {.iov_base = &error, .iov_len = sizeof error};
  struct msghdr message = message_of(&answer, &carried);
  if (fd < 0) {
    message.msg_control = NULL;
    message.msg_controllen = 0;
  } else {
    carried.head = (struct cmsghdr){.cmsg_len = CMSG_LEN(sizeof fd), .cmsg_level = SOL_SOCKET, .cmsg_type = SCM_RIGHTS};
    memcpy(CMSG_DATA(&carried.head), &fd, sizeof fd);
  }
  sendmsg(socket, &message, MSG_NOSIGNAL);
}

static int take_answer(int socket) {
  int error = 0, fd = -1;
  passenger carried;
  struct iovec answer = {.iov_base = &error, .iov_len = sizeof error};
  struct msghdr message = message_of(&answer, &carried);
  struct pollfd poller = {.fd = socket, .events = POLLIN};
  int ready = poll(&poller, 1, PATIENCE_MS);
  if (ready <= 0) return ready < 0 ? -errno : -ETIMEDOUT;
  if (recvmsg(socket, &message, MSG_CMSG_CLOEXEC) != sizeof error) return -EPIPE; // the child was killed meanwhile
  if (error) return -error;
  const struct cmsghdr *head = CMSG_FIRSTHDR(&message);
  if (!head || head->cmsg_type != SCM_RIGHTS) return -EMFILE;
  memcpy(&fd, CMSG_DATA(head), sizeof fd);
  return fd;
}

// The whole life of the child. It ends by a signal, so that no exit handler of this program runs in it.
static void open_and_end(int socket, const wio_user *user, const char *path, int flags, mode_t mode) {
  int rc = wio_credentials_become(user);
  int fd = rc < 0 ? -1 : open(path, flags | O_CLOEXEC, mode);
  send_answer(socket, fd, rc < 0 ? -rc : fd < 0 ? errno : 0);
  for (;;) kill(getpid(), SIGKILL);
}

// Forks with all signals blocked: the child would handle a signal as if it were the parent.
static pid_t fork_blocked(void) {
  sigset_t all, before;
  sigfillset(&all);
  pthread_sigmask(SIG_BLOCK, &all, &before);
  pid_t pid = fork();
  if (pid != 0) pthread_sigmask(SIG_SETMASK, &before, NULL);
  return pid;
}

int wio_open_as(const wio_user *user, const char *path, int flags, mode_t mode) {
  int sockets[2];
  if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, sockets) < 0) return -errno;
  wio_raised before WIO_LOWERED = wio_capabilities_raise(WIO_TO_LAUNCH);
  pid_t pid = fork_blocked();
  if (pid == 0) open_and_end(sockets[1], user, path, flags, mode);
  int rc = pid < 0 ? -errno : 0;
  close(sockets[1]);
  if (pid > 0) rc = take_answer(sockets[0]);
  close(sockets[0]);
  if (pid < 0) return rc;
  // A child that waits for the file system may not end: then it is left.
  kill(pid, SIGKILL);
  waitpid(pid, NULL, rc == -ETIMEDOUT ? WNOHANG : 0);
  return rc;
}
