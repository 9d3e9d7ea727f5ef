// SPDX-License-Identifier: MIT
// A server that answers whatever it gets with one small page, through recv and send: nothing that it does is counted in
// /proc/PID/io.
//
//   server tcp PORT | udp PORT | unix PATH
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

enum { MOST = 64 };

static const char page[] = "HTTP/1.0 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 3\r\n\r\nok\n";

static int listen_inet(int type, int port) {
  struct sockaddr_in address = {
      .sin_family = AF_INET, .sin_port = htons((uint16_t)port), .sin_addr = {htonl(INADDR_LOOPBACK)}};
  int fd = socket(AF_INET, type, 0);
  int on = 1;
  setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  return bind(fd, (struct sockaddr *)&address, sizeof address) == 0 ? fd : -1;
}

static int listen_unix(const char *path) {
  struct sockaddr_un address = {.sun_family = AF_UNIX};
  snprintf(address.sun_path, sizeof address.sun_path, "%s", path);
  int fd = socket(AF_UNIX, SOCK_STREAM, 0);
  return bind(fd, (struct sockaddr *)&address, sizeof address) == 0 ? fd : -1;
}

static void serve_datagrams(int fd) {
  for (;;) {
    char question[2048];
    struct sockaddr_in from;
    socklen_t size = sizeof from;
    if (recvfrom(fd, question, sizeof question, 0, (struct sockaddr *)&from, &size) < 0) return;
    sendto(fd, page, sizeof page - 1, 0, (struct sockaddr *)&from, size);
  }
}

static int answer(int fd) {
  char question[4096];
  if (recv(fd, question, sizeof question, 0) <= 0) return -1;
  return send(fd, page, sizeof page - 1, MSG_NOSIGNAL) < 0 ? -1 : 0;
}

static void serve_connections(int listener) {
  struct pollfd fds[MOST] = {{.fd = listener, .events = POLLIN}};
  nfds_t count = 1;
  if (listen(listener, 16) < 0) return;
  while (poll(fds, count, -1) > 0) {
    for (nfds_t i = count - 1; i > 0; i--) {
      if (fds[i].revents == 0 || answer(fds[i].fd) == 0) continue;
      close(fds[i].fd);
      fds[i] = fds[--count];
    }
    if (fds[0].revents == 0) continue;
    int fd = accept(listener, NULL, NULL);
    if (fd >= 0 && count < MOST) fds[count++] = (struct pollfd){.fd = fd, .events = POLLIN};
  }
}

int main(int argc, char **argv) {
  const char *kind = argc == 3 ? argv[1] : "";
  if (strcmp(kind, "udp") == 0) serve_datagrams(listen_inet(SOCK_DGRAM, atoi(argv[2])));
  if (strcmp(kind, "tcp") == 0) serve_connections(listen_inet(SOCK_STREAM, atoi(argv[2])));
  if (strcmp(kind, "unix") == 0) serve_connections(listen_unix(argv[2]));
  return 2;
}
