// SPDX-License-Identifier: MIT
// A small file system (FUSE) for the programs of specs: it holds dev/held, a file of one page that always reads as
// zeros.
#pragma once

#include <errno.h>
#include <fcntl.h>
#include <linux/fuse.h>
#include <sched.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

enum { FUSE_DEV = FUSE_ROOT_ID + 1, FUSE_HELD, FUSE_SIZE = 4096, FUSE_NOT_PERMITTED = 77 };

static _Noreturn void fuse_fail(const char *what) {
  perror(what);
  exit(errno == EPERM || errno == EACCES || errno == ENOENT || errno == ENODEV ? FUSE_NOT_PERMITTED : 1);
}

static struct fuse_attr fuse_attributes(uint64_t node) {
  return (struct fuse_attr){.ino = node,
                            .mode = node == FUSE_HELD ? S_IFREG | 0666 : S_IFDIR | 0777,
                            .nlink = 1,
                            .size = node == FUSE_HELD ? FUSE_SIZE : 0,
                            .blksize = FUSE_SIZE};
}

static void fuse_answer(int fuse, uint64_t unique, int error, const void *body, size_t size) {
  char text[FUSE_SIZE + 256];
  struct fuse_out_header head = {.len = (uint32_t)(sizeof head + size), .error = error, .unique = unique};
  memcpy(text, &head, sizeof head);
  memcpy(text + sizeof head, body, size);
  if (write(fuse, text, head.len) < 0 && errno != ENOENT) fuse_fail("write");
}

static void fuse_answer_init(int fuse, uint64_t unique, const struct fuse_init_in *in) {
  struct fuse_init_out out = {.major = FUSE_KERNEL_VERSION,
                              .minor = FUSE_KERNEL_MINOR_VERSION,
                              .max_readahead = in->max_readahead,
                              .max_write = FUSE_SIZE,
                              .max_background = 8};
  fuse_answer(fuse, unique, 0, &out, sizeof out);
}

static void fuse_answer_lookup(int fuse, uint64_t unique, const char *name) {
  uint64_t node = strcmp(name, "dev") == 0 ? FUSE_DEV : strcmp(name, "held") == 0 ? FUSE_HELD : 0;
  struct fuse_entry_out out = {.nodeid = node, .attr = fuse_attributes(node)};
  fuse_answer(fuse, unique, node ? 0 : -ENOENT, &out, node ? sizeof out : 0);
}

static void fuse_answer_read(int fuse, uint64_t unique) {
  static const char zeros[FUSE_SIZE];
  fuse_answer(fuse, unique, 0, zeros, sizeof zeros);
}

static void fuse_answer_write(int fuse, uint64_t unique, const struct fuse_write_in *in) {
  struct fuse_write_out out = {.size = in->size};
  fuse_answer(fuse, unique, 0, &out, sizeof out);
}

// Takes one request and answers it; with `delay_ms` a write only that much later.
static void fuse_serve(int fuse, int delay_ms) {
  static _Alignas(uint64_t) char request[FUSE_MIN_READ_BUFFER + FUSE_SIZE];
  ssize_t length = read(fuse, request, sizeof request);
  if (length < 0 && (errno == EINTR || errno == ENOENT || errno == EAGAIN)) return;
  if (length < 0) fuse_fail("read");
  const struct fuse_in_header *head = (const void *)request;
  const void *body = request + sizeof *head;
  struct fuse_attr_out attr = {.attr = fuse_attributes(head->nodeid)};
  struct fuse_open_out opened = {.fh = 1};
  switch (head->opcode) {
    case FUSE_INIT: return fuse_answer_init(fuse, head->unique, body);
    case FUSE_LOOKUP: return fuse_answer_lookup(fuse, head->unique, body);
    case FUSE_GETATTR:
    case FUSE_SETATTR: return fuse_answer(fuse, head->unique, 0, &attr, sizeof attr);
    case FUSE_OPEN: return fuse_answer(fuse, head->unique, 0, &opened, sizeof opened);
    case FUSE_READ: return fuse_answer_read(fuse, head->unique);
    case FUSE_WRITE: usleep((unsigned)delay_ms * 1000); return fuse_answer_write(fuse, head->unique, body);
    case FUSE_FLUSH: return fuse_answer(fuse, head->unique, 0, NULL, 0);
    case FUSE_FORGET:
    case FUSE_BATCH_FORGET:
    case FUSE_INTERRUPT: return;
    default: return fuse_answer(fuse, head->unique, -ENOSYS, NULL, 0);
  }
}

// Mounts it over a folder, in a mount namespace of its own. Returns its descriptor; ends the program where this may not
// be done.
static int fuse_mount(const char *folder) {
  char options[96];
  int fuse = open("/dev/fuse", O_RDWR | O_CLOEXEC | O_NONBLOCK);
  if (fuse < 0) fuse_fail("/dev/fuse");
  snprintf(options, sizeof options, "fd=%d,rootmode=40000,user_id=0,group_id=0,allow_other", fuse);
  if (unshare(CLONE_NEWNS) < 0) fuse_fail("unshare");
  if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0) fuse_fail("private");
  if (mount("silent", folder, "fuse", MS_NOSUID, options) < 0) fuse_fail("mount");
  return fuse;
}
