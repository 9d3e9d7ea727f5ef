// SPDX-License-Identifier: MIT
#include "core/listener.h"

#include "check.h"

static const struct {
  const char *line;
  bool listens;
  uint16_t port;
  uint64_t inode;
} lines[] = {
    {"   0: 0100007F:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 4711 1 0 100 0", true,
     8080, 4711},
    {"   1: 00000000000000000000000001000000:0016 00000000000000000000000000000000:0000 0A 00000000:00000000 "
     "00:00000000 "
     "00000000  1000        0 18446744073709551615 1",
     true, 22, UINT64_MAX},
    {"   2: 0100007F:1F90 0100007F:9C40 01 00000000:00000000 00:00000000 00000000     0        0 4712 1", false, 0, 0},
    {"  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode", false, 0, 0},
    {"   0: 0100007F:1F900 00000000:0000 0A 0:0 0:0 0 0 0 4711", false, 0, 0},
    {"   0: 0100007F:1F90 00000000:0000 0A 00000000:00000000 00:00000000", false, 0, 0},
    {"   0: 0100007F 00000000 0A", false, 0, 0},
    {"", false, 0, 0},
};

int main(void) {
  for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++) {
    wio_listener socket = {0};
    bool listens = wio_listener_parse(lines[i].line, strlen(lines[i].line), 0, &socket);
    if (!CHECK_INT(listens, lines[i].listens)) fprintf(stderr, "  in the case %s\n", lines[i].line);
    if (!listens) continue;
    CHECK_INT(socket.port, lines[i].port);
    CHECK(socket.inode == lines[i].inode);
  }
  static const char unconnected[] =
      "  9: 0100007F:5FF0 00000000:0000 07 00000000:00000000 00:00000000 00000000     0        0 4711 2 0 0";
  wio_listener udp;
  CHECK(wio_listener_parse(unconnected, strlen(unconnected), WIO_PORT_UDP, &udp));
  CHECK_INT(udp.port, WIO_PORT_UDP | 24560);
  CHECK(!wio_listener_parse(unconnected, strlen(unconnected), 0, &udp));
  CHECK(!wio_listener_parse(lines[0].line, strlen(lines[0].line), WIO_PORT_UDP, &udp));
  return check_result();
}
