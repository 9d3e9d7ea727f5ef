// SPDX-License-Identifier: MIT
#include "sys/fds.h"

#include "core/array.h"
#include "core/mounts.h"
#include "sys/channels.h"
#include "sys/statx.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdalign.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/xattr.h>
#include <unistd.h>

static int open_of(wio_procfs *fs, pid_t pid, const char *name, int flags) {
  char path[32];
  snprintf(path, sizeof path, "%d/%s", pid, name);
  int fd = openat(wio_procfs_directory(fs), path, flags | O_RDONLY | O_CLOEXEC);
  if (fd >= 0) return fd;
  return errno == ENOENT ? -ESRCH : -errno;
}

int wio_fds_open(wio_procfs *fs, pid_t pid) { return open_of(fs, pid, "fd", O_DIRECTORY); }

// ---- files
//
// Nothing here follows a link to a file before it is known that the kernel alone answers for it: whoever else is asked,
// a program (FUSE) or another machine, may never answer.

// Reads PID/`name` whole, of the process whose fd/ is open.
static ssize_t read_beside(int directory, const char *name, char *text, size_t size) {
  char path[48];
  snprintf(path, sizeof path, "../%s", name);
  int fd = openat(directory, path, O_RDONLY | O_CLOEXEC);
  if (fd < 0) return -errno;
  ssize_t length = read(fd, text, size - 1);
  close(fd);
  text[length > 0 ? length : 0] = '\0';
  return length;
}

// -1 where that is not told.
static int mount_id(int directory, const char *name) {
  char path[40], text[512];
  snprintf(path, sizeof path, "fdinfo/%.20s", name);
  if (read_beside(directory, path, text, sizeof text) <= 0) return -1;
  const char *line = strstr(text, "\nmnt_id:");
  return line ? atoi(line + sizeof "\nmnt_id:" - 1) : -1;
}

static wio_mount find_mount(int fd, int id) {
  char text[4096];
  wio_lines lines = {0};
  wio_mount mount = WIO_MOUNT_UNKNOWN;
  for (ssize_t length; mount == WIO_MOUNT_UNKNOWN && (length = read(fd, text, sizeof text)) > 0;)
    mount = wio_mount_find(&lines, text, (size_t)length, id);
  return mount;
}

// The number of a mount is the same in all namespaces. One that is detached, or was passed on from elsewhere, is in no
// list.
static wio_mount mount_of(int directory, const char *name) {
  static const char *const lists[] = {"../mountinfo", "../../self/mountinfo"};
  int id = mount_id(directory, name);
  wio_mount mount = WIO_MOUNT_UNKNOWN;
  for (size_t i = 0; mount == WIO_MOUNT_UNKNOWN && i < WIO_LENGTH(lists); i++) {
    int fd = openat(directory, lists[i], O_RDONLY | O_CLOEXEC);
    if (fd < 0) continue;
    mount = find_mount(fd, id);
    close(fd);
  }
  return mount;
}

// The file may be another by now, so nobody is asked in any case.
static bool is_hidden_device(int directory, const char *name) {
  struct statx file;
  if (wio_statx(directory, name, AT_STATX_DONT_SYNC | AT_NO_AUTOMOUNT, STATX_TYPE, &file) < 0) return false;
  return S_ISCHR(file.stx_mode) && !wio_device_is_shown(makedev(file.stx_rdev_major, file.stx_rdev_minor));
}

// What may be a device, or a message queue of mq_overview(7), which is used by calls of its own: its path is its name,
// or where such queues are mounted.
static bool is_suspect(const char *path) {
  if (wio_path_has_shown_name(path) || wio_path_is_memory(path)) return false;
  return strstr(path, "/dev/") || (path[1] != '\0' && !strchr(path + 1, '/'));
}

static bool is_hidden_file(int directory, const char *name, const char *path) {
  if (!is_suspect(path)) return false;
  switch (mount_of(directory, name)) {
    case WIO_MOUNT_NO_DEVICES: return false;
    case WIO_MOUNT_LOCAL: return is_hidden_device(directory, name);
    case WIO_MOUNT_QUEUES:
    case WIO_MOUNT_ASKS:
    case WIO_MOUNT_UNKNOWN: break;
  }
  return true;
}

static dev_t device_of(const struct statx *file) { return makedev(file->stx_dev_major, file->stx_dev_minor); }

// The device that all sockets are on, which stays as long as the kernel runs; 0 where it cannot be learnt.
static dev_t socket_device(void) {
  static dev_t device;
  if (device) return device;
  struct statx file;
  int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (fd < 0) return 0;
  if (wio_statx(fd, "", AT_EMPTY_PATH, STATX_TYPE, &file) == 0) device = device_of(&file);
  close(fd);
  return device;
}

// Not one that a file system shows by that type.
static bool is_socket(int fd) {
  struct statx file;
  return wio_statx(fd, "", AT_EMPTY_PATH | AT_STATX_DONT_SYNC, STATX_TYPE, &file) == 0 &&
         device_of(&file) == socket_device();
}

static bool has_protocol(int directory, int number, const char *protocol) {
  char path[32], name[32] = "";
  snprintf(path, sizeof path, "%d", number);
  // It may be another file by now, so it is held while it is asked.
  int fd = openat(directory, path, O_PATH | O_CLOEXEC);
  if (fd < 0) return false;
  snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
  bool has = is_socket(fd) && getxattr(path, "system.sockprotoname", name, sizeof name - 1) > 0 &&
             strncmp(name, protocol, strlen(protocol)) == 0;
  close(fd);
  return has;
}

bool wio_fds_is_tcp(int directory, int number) { return has_protocol(directory, number, "TCP"); }

bool wio_fds_is_unix(int directory, int number) { return has_protocol(directory, number, "UNIX"); }

bool wio_fds_are_several(wio_procfs *fs, pid_t pid, pid_t living) {
  enum { FILES = 2 }; // KCMP_FILES of linux/kcmp.h
  wio_pids threads = {0};
  bool several = false;
  if (wio_procfs_threads(fs, pid, &threads) == 0)
    for (size_t i = 0; i < threads.count && !several; i++) {
      bool ended = threads.pid[i] == pid && living != pid; // a first thread that has ended has no files
      several = !ended && syscall(SYS_kcmp, living, threads.pid[i], FILES, 0, 0) > 0;
    }
  free(threads.pid);
  return several;
}

// ---- descriptors

typedef struct {
  int directory;
  wio_fds_tell *tell;
  void *context;
  bool hidden;
} visit;

static uint32_t inode_of(const char *link) { return (uint32_t)strtoul(link + sizeof "socket:[" - 1, NULL, 10); }

// 0, also for a file that was closed meanwhile.
static int visit_one(visit *v, const char *name) {
  char link[PATH_MAX]; // where a device lies in a long path, it is at the end
  ssize_t length = readlinkat(v->directory, name, link, sizeof link - 1);
  if (length < 0) return errno == ENOENT ? 0 : -errno;
  link[length] = '\0';
  switch (wio_channel_of(link)) {
    case WIO_CHANNEL_SHOWN: break;
    case WIO_CHANNEL_SOCKET: v->tell(v->context, atoi(name), inode_of(link)); break;
    case WIO_CHANNEL_FILE: v->hidden |= is_hidden_file(v->directory, name, link); break;
    case WIO_CHANNEL_HIDDEN: v->hidden = true; break;
  }
  return 0;
}

// As getdents64(2) writes it; newer musl has no name for it.
typedef struct {
  uint64_t d_ino;
  int64_t d_off;
  unsigned short d_reclen;
  unsigned char d_type;
  char d_name[];
} kernel_entry;

// readdir(3) would allocate its buffer at every scan.
int wio_fds_visit(int directory, wio_fds_tell *tell, void *context, bool *hidden) {
  alignas(kernel_entry) char buffer[4096];
  visit v = {.directory = directory, .tell = tell, .context = context};
  for (;;) {
    long length = syscall(SYS_getdents64, directory, buffer, sizeof buffer);
    if (length < 0) return -errno;
    if (length == 0) break;
    for (long at = 0; at < length;) {
      const kernel_entry *entry = (const kernel_entry *)(const void *)(buffer + at);
      int rc = entry->d_name[0] == '.' ? 0 : visit_one(&v, entry->d_name);
      if (rc < 0) return rc;
      at += entry->d_reclen;
    }
  }
  *hidden = v.hidden;
  return 0;
}

// ---- memory

int wio_fds_share_memory(wio_procfs *fs, pid_t pid, bool *shared) {
  int fd = open_of(fs, pid, "maps", 0);
  if (fd < 0) return fd;
  char text[4096];
  wio_lines maps = {0};
  bool found = false;
  ssize_t length;
  do {
    length = wio_procfs_read(fs, fd, text, sizeof text);
    if (length > 0) found = wio_maps_shared(&maps, text, (size_t)length);
  } while (length > 0 && !found);
  close(fd);
  if (length < 0) return (int)length;
  *shared = found;
  return 0;
}
