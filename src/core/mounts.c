// SPDX-License-Identifier: MIT
#include "core/mounts.h"

#include "core/array.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// Returns the n-th word of a line, counted from 1; `*length` is 0 when there is none.
static const char *find_word(const char *at, const char *end, int n, size_t *length) {
  for (; n > 1 && at < end; n--) {
    const char *blank = memchr(at, ' ', (size_t)(end - at));
    at = blank ? blank + 1 : end;
  }
  const char *blank = memchr(at, ' ', (size_t)(end - at));
  *length = (size_t)((blank ? blank : end) - at);
  return at;
}

static bool is_word(const char *at, const char *end, int n, const char *wanted) {
  size_t length;
  const char *word = find_word(at, end, n, &length);
  return length == strlen(wanted) && memcmp(word, wanted, length) == 0;
}

// Copies the value of hidepid. The options of the file system stand behind " - proc proc ".
static void take_option(const char *options, const char *end, char *out, size_t size) {
  static const char key[] = "hidepid=";
  const char *found = memmem(options, (size_t)(end - options), key, sizeof key - 1);
  if (!found) {
    snprintf(out, size, "0");
    return;
  }
  const char *value = found + sizeof key - 1;
  size_t length = 0;
  while (value + length < end && value[length] != ',') length++;
  snprintf(out, size, "%.*s", (int)length, value);
}

static const char separator[] = " - ";

bool wio_hidepid_parse(const char *text, size_t length, const char *place, char *out, size_t size) {
  const char *end = text + length;
  bool found = false;
  out[0] = '\0';
  for (const char *line = text, *next; line < end; line = next) {
    const char *newline = memchr(line, '\n', (size_t)(end - line)), *line_end = newline ? newline : end;
    next = line_end < end ? line_end + 1 : end;
    const char *dash = memmem(line, (size_t)(line_end - line), separator, sizeof separator - 1);
    if (!dash || !is_word(line, line_end, 5, place)) continue;
    const char *kind = dash + sizeof separator - 1;
    if (!is_word(kind, line_end, 1, "proc")) continue;
    size_t options_length;
    const char *options = find_word(kind, line_end, 3, &options_length);
    take_option(options, options + options_length, out, size);
    found = true;
  }
  return found;
}

// Whether the kernel knows all about the files of this kind of file system by itself. For any other kind it may have to
// ask a program or another machine.
static bool is_local(const char *kind, const char *end) {
  static const char *const kinds[] = {"tmpfs", "devtmpfs", "devpts",   "ramfs",   "rootfs", "hugetlbfs", "proc",
                                      "sysfs", "ext2",     "ext3",     "ext4",    "xfs",    "btrfs",     "zfs",
                                      "f2fs",  "jfs",      "bcachefs", "overlay", "vfat",   "exfat",     "ntfs3",
                                      "ubifs", "erofs",    "squashfs", "nilfs2"};
  for (size_t i = 0; i < WIO_LENGTH(kinds); i++)
    if (is_word(kind, end, 1, kinds[i])) return true;
  return false;
}

// A line is such as "36 35 0:31 / /mnt rw,nosuid,nodev master:1 - fuse.sshfs host: rw".
static wio_mount mount_of(const char *line, const char *end) {
  const char *dash = memmem(line, (size_t)(end - line), separator, sizeof separator - 1);
  if (!dash) return WIO_MOUNT_ASKS;
  const char *kind = dash + sizeof separator - 1;
  if (is_word(kind, end, 1, "mqueue")) return WIO_MOUNT_QUEUES;
  if (is_local(kind, end)) return WIO_MOUNT_LOCAL;
  size_t length;
  const char *options = find_word(line, dash, 6, &length);
  return memmem(options, length, "nodev", strlen("nodev")) ? WIO_MOUNT_NO_DEVICES : WIO_MOUNT_ASKS;
}

wio_mount wio_mount_find(wio_lines *lines, const char *text, size_t length, int id) {
  for (const char *end = text + length; wio_lines_next(lines, &text, end);) {
    char *behind;
    if (strtol(lines->text, &behind, 10) == id && *behind == ' ')
      return mount_of(lines->text, lines->text + lines->length);
  }
  return WIO_MOUNT_UNKNOWN;
}
