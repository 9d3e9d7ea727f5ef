// SPDX-License-Identifier: MIT
#include "core/listener.h"

#include <ctype.h>

// Moves over `count` words, after any blanks, to the beginning of the next. False at the end of the line.
static bool skip_words(const char **at, const char *end, int count) {
  while (*at < end && **at == ' ') (*at)++;
  for (; count > 0; count--) {
    while (*at < end && **at != ' ') (*at)++;
    while (*at < end && **at == ' ') (*at)++;
  }
  return *at < end;
}

// Reads digits at `*at` and moves behind them. False where there is no digit or the number is more than `most`.
static bool parse_digits(const char **at, const char *end, unsigned base, uint64_t most, uint64_t *out) {
  const char *start = *at;
  uint64_t value = 0;
  for (; *at < end && isxdigit((unsigned char)**at); (*at)++) {
    unsigned digit = (unsigned)(**at <= '9' ? **at - '0' : (**at | 0x20) - 'a' + 10);
    if (digit >= base || value > (most - digit) / base) return false;
    value = value * base + digit;
  }
  *out = value;
  return *at > start;
}

// The line is "sl local_address rem_address st …": the state is the fourth word, the inode the tenth.
bool wio_listener_parse(const char *line, size_t length, uint32_t protocol, wio_listener *out) {
  enum { UNCONNECTED = 7, LISTENING = 10 }; // TCP_CLOSE and TCP_LISTEN of include/net/tcp_states.h
  uint64_t wanted = protocol == WIO_PORT_UDP ? UNCONNECTED : LISTENING;
  const char *at = line, *end = line + length;
  uint64_t port, state;
  if (!skip_words(&at, end, 1)) return false;
  while (at < end && *at != ':') at++;
  if (at == end) return false;
  at++;
  if (!parse_digits(&at, end, 16, UINT16_MAX, &port) || !skip_words(&at, end, 1)) return false;
  if (!parse_digits(&at, end, 16, UINT8_MAX, &state) || state != wanted) return false;
  if (!skip_words(&at, end, 5) || !parse_digits(&at, end, 10, UINT64_MAX, &out->inode)) return false;
  out->port = (uint32_t)port | protocol;
  return true;
}
