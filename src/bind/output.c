// SPDX-License-Identifier: MIT
// Writes without ever waiting for a reader, and tells the size of a terminal: watchio.native.write_now, .terminal_size.
#include "bind/bind.h"

#include <errno.h>
#include <lauxlib.h>
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

// The length of the next piece. A pipe that has any room takes PIPE_BUF bytes at once; so a piece is as many whole
// lines, and no other output can cut a line.
static size_t piece_length(const char *text, size_t length) {
  if (length <= PIPE_BUF) return length;
  const char *newline = memrchr(text, '\n', PIPE_BUF);
  return newline ? (size_t)(newline + 1 - text) : PIPE_BUF;
}

static ssize_t write_piece(int fd, const char *text, size_t length) {
  struct pollfd poller = {.fd = fd, .events = POLLOUT};
  if (poll(&poller, 1, 0) == 0) return -EAGAIN;
  ssize_t written = write(fd, text, piece_length(text, length));
  return written < 0 ? -errno : written;
}

static ssize_t write_some(int fd, const char *text, size_t length) {
  ssize_t sent = send(fd, text, length, MSG_DONTWAIT | MSG_NOSIGNAL);
  if (sent >= 0) return sent;
  return errno == ENOTSOCK ? write_piece(fd, text, length) : -errno;
}

int wio_native_write_now(lua_State *L) {
  size_t length, done = 0;
  int fd = (int)luaL_checkinteger(L, 1);
  const char *text = luaL_checklstring(L, 2, &length);
  ssize_t rc = 0;
  while (done < length && (rc = write_some(fd, text + done, length - done)) >= 0) done += (size_t)rc;
  if (rc < 0 && rc != -EAGAIN && done == 0) return wio_push_failure(L, (int)rc, NULL);
  lua_pushinteger(L, (lua_Integer)done);
  return 1;
}

int wio_native_descriptor(lua_State *L) {
  const luaL_Stream *stream = luaL_checkudata(L, 1, LUA_FILEHANDLE);
  if (!stream->closef) return luaL_error(L, "the file is closed");
  lua_pushinteger(L, fileno(stream->f));
  return 1;
}

int wio_native_terminal_size(lua_State *L) {
  struct winsize size;
  if (ioctl((int)luaL_checkinteger(L, 1), TIOCGWINSZ, &size) < 0) return wio_push_failure(L, -errno, NULL);
  lua_pushinteger(L, size.ws_col);
  lua_pushinteger(L, size.ws_row);
  return 2;
}
