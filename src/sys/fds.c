// SPDX-License-Identifier: MIT
#include "sys/fds.h"

#include "core/array.h"
#include "core/mounts.h"
#include "sys/channels.h"
#include "sys/statx.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdalign.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/xattr.h>
#include <unistd.h>

static int open_of(int proc, pid_t pid, const char *name, int flags) {
  char path[32];
  snprintf(path, sizeof path, "%d/%s", pid, name);
  int fd = openat(proc, path, flags | O_RDONLY | O_CLOEXEC);
  if (fd >= 0) return fd;
  return errno == ENOENT ? -ESRCH : -errno;
}

// The directory and its list need no lock of the process. The targets of its links do.
int wio_fds_open(wio_procfs *fs, pid_t pid, wio_fds *out) {
  int directory = open_of(wio_procfs_directory(fs), pid, "fd", O_DIRECTORY);
  if (directory < 0) return directory;
  *out = (wio_fds){.fs = fs, .pid = pid, .directory = directory};
  return 0;
}

void wio_fds_close(wio_fds *fds) {
  if (fds->directory >= 0) close(fds->directory);
  fds->directory = -1;
}

// Returns the memory for the next question; NULL when out of memory.
static void *desk_of(wio_procfs *fs) {
  wio_desk *desk = wio_apart_desk(wio_procfs_apart(fs));
  return desk ? desk->memory : NULL;
}

#define FITS_ON_DESK(type) static_assert(sizeof(type) <= sizeof((wio_desk *)NULL)->memory, "fits on a desk")

// ---- files
//
// Nothing here follows a link to a file before it is known that the kernel alone answers for the file. A program (FUSE)
// or another machine may never answer.

// Reads PID/`name` whole. `directory` is the open fd/ of that process.
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

// Returns the number of the mount that a file is on; -1 where it is unknown.
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

// Finds the mount that a file is on. Its number is the same in all namespaces. A mount that is detached, or whose file
// was passed on from elsewhere, is in neither list.
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

// The file may be another by now, so the flags forbid asking a program or another machine.
static bool is_hidden_device(int directory, const char *name) {
  struct statx file;
  if (wio_statx(directory, name, AT_STATX_DONT_SYNC | AT_NO_AUTOMOUNT, STATX_TYPE, &file) < 0) return false;
  return S_ISCHR(file.stx_mode) && !wio_device_is_shown(makedev(file.stx_rdev_major, file.stx_rdev_minor));
}

// Whether the file may be a device or a message queue. Message queues are used by calls of their own (mq_overview(7));
// the path of one is its bare name, or lies where such queues are mounted.
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

// The device that all sockets are on; 0 where it cannot be learnt. It stays the same as long as the kernel runs.
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

// Whether this is a real socket, not a file system's node of that type.
static bool is_socket(int fd) {
  struct statx file;
  return wio_statx(fd, "", AT_EMPTY_PATH | AT_STATX_DONT_SYNC, STATX_TYPE, &file) == 0 &&
         device_of(&file) == socket_device();
}

typedef struct {
  int directory, number;
  wio_fds_protocol protocol;
} protocol_question;
FITS_ON_DESK(protocol_question);

static void ask_protocol_there(wio_desk *desk, size_t i) {
  protocol_question *question = (void *)&desk->memory[i];
  char path[32], name[32] = "";
  question->protocol = WIO_FDS_OTHER;
  snprintf(path, sizeof path, "%d", question->number);
  // It may be another file by now, so it is held while the kernel is asked.
  int fd = openat(question->directory, path, O_PATH | O_CLOEXEC);
  if (fd < 0) return;
  snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
  bool told = is_socket(fd) && getxattr(path, "system.sockprotoname", name, sizeof name - 1) > 0;
  if (told && strncmp(name, "TCP", 3) == 0) question->protocol = WIO_FDS_TCP;
  if (told && strncmp(name, "UNIX", 4) == 0) question->protocol = WIO_FDS_UNIX;
  close(fd);
}

wio_fds_protocol wio_fds_ask_protocol(wio_fds *fds, int number) {
  protocol_question *question = desk_of(fds->fs);
  if (!question) return WIO_FDS_OTHER;
  *question = (protocol_question){.directory = fds->directory, .number = number};
  int rc = wio_procfs_ask(fds->fs, fds->pid, WIO_APART_PROCESS, ask_protocol_there, &fds->directory);
  return rc < 0 ? WIO_FDS_OTHER : question->protocol;
}

#define MOST_THREADS 1024

typedef struct {
  pid_t living;
  bool several;
  size_t count;
  pid_t threads[MOST_THREADS];
} several_question;
FITS_ON_DESK(several_question);

static void compare_there(wio_desk *desk, size_t i) {
  enum { FILES = 2 }; // KCMP_FILES of linux/kcmp.h
  several_question *question = (void *)&desk->memory[i];
  for (size_t k = 0; k < question->count && !question->several; k++)
    question->several = syscall(SYS_kcmp, question->living, question->threads[k], FILES, 0, 0) > 0;
}

static int ask_several(wio_procfs *fs, pid_t pid, pid_t living, const pid_t *threads, size_t count, bool *out) {
  several_question *question = desk_of(fs);
  if (!question) return -ENOMEM;
  question->living = living;
  question->several = false;
  question->count = 0;
  for (size_t i = 0; i < count; i++) {
    bool ended = threads[i] == pid && living != pid; // a first thread that has ended has no files
    if (!ended) question->threads[question->count++] = threads[i];
  }
  int rc = wio_procfs_ask(fs, pid, WIO_APART_PROCESS, compare_there, NULL);
  if (rc == 0) *out = question->several;
  return rc;
}

int wio_fds_are_several(wio_procfs *fs, pid_t pid, pid_t living, bool *several) {
  wio_pids threads = {0};
  int rc = 0;
  *several = false;
  if (wio_procfs_threads(fs, pid, &threads) < 0) threads.count = 0;
  for (size_t at = 0; rc == 0 && at < threads.count && !*several; at += MOST_THREADS) {
    size_t left = threads.count - at;
    rc = ask_several(fs, pid, living, threads.pid + at, left < MOST_THREADS ? left : MOST_THREADS, several);
  }
  free(threads.pid);
  return rc;
}

// ---- descriptors

// An entry as getdents64(2) writes it; newer musl has no name for this struct.
typedef struct {
  uint64_t d_ino;
  int64_t d_off;
  unsigned short d_reclen;
  unsigned char d_type;
  char d_name[];
} kernel_entry;

#define LIST_SIZE 4096
#define LISTED (LIST_SIZE / offsetof(kernel_entry, d_name)) // the most entries in this many bytes
#define MOST_SOCKETS 960

// A stretch of the descriptors: as many as are sure to fit.
typedef struct {
  int directory;
  int rc;
  bool hidden, done;
  size_t count;
  struct {
    int number;
    uint32_t inode;
  } socket[MOST_SOCKETS];
} visit;
FITS_ON_DESK(visit);

static uint32_t inode_of(const char *link) { return (uint32_t)strtoul(link + sizeof "socket:[" - 1, NULL, 10); }

// Looks at one descriptor. 0, also for a file that was closed meanwhile, or a negative errno.
static int visit_one(visit *v, const char *name) {
  char link[PATH_MAX]; // in a long path, the name of a device is at the end
  ssize_t length = readlinkat(v->directory, name, link, sizeof link - 1);
  if (length < 0) return errno == ENOENT ? 0 : -errno;
  link[length] = '\0';
  switch (wio_channel_of(link)) {
    case WIO_CHANNEL_SHOWN: break;
    case WIO_CHANNEL_SOCKET:
      v->socket[v->count].number = atoi(name);
      v->socket[v->count++].inode = inode_of(link);
      break;
    case WIO_CHANNEL_FILE: v->hidden |= is_hidden_file(v->directory, name, link); break;
    case WIO_CHANNEL_HIDDEN: v->hidden = true; break;
  }
  return 0;
}

// readdir(3) would allocate its buffer at every scan.
static void visit_there(wio_desk *desk, size_t i) {
  alignas(kernel_entry) char buffer[LIST_SIZE];
  visit *v = (void *)&desk->memory[i];
  while (v->rc == 0 && !v->done && v->count + LISTED <= MOST_SOCKETS) {
    long length = syscall(SYS_getdents64, v->directory, buffer, sizeof buffer);
    v->rc = length < 0 ? -errno : 0;
    v->done = length == 0;
    for (long at = 0; v->rc == 0 && at < length;) {
      const kernel_entry *entry = (const kernel_entry *)(const void *)(buffer + at);
      if (entry->d_name[0] != '.') v->rc = visit_one(v, entry->d_name);
      at += entry->d_reclen;
    }
  }
}

// Copies the answers off the desk, because the caller's `tell` may ask about the same process.
static int visit_further(wio_fds *fds, visit *found) {
  visit *v = desk_of(fds->fs);
  if (!v) return -ENOMEM;
  v->directory = fds->directory;
  v->rc = 0;
  v->hidden = v->done = false;
  v->count = 0;
  int rc = wio_procfs_ask(fds->fs, fds->pid, WIO_APART_PROCESS, visit_there, &fds->directory);
  if (rc < 0) return rc;
  memcpy(found, v, offsetof(visit, socket) + v->count * sizeof v->socket[0]);
  return found->rc;
}

int wio_fds_visit(wio_fds *fds, wio_fds_tell *tell, void *context, bool *hidden) {
  visit found;
  bool any = false;
  do {
    int rc = visit_further(fds, &found);
    if (rc < 0) return rc;
    any = any || found.hidden;
    for (size_t i = 0; i < found.count; i++) tell(context, found.socket[i].number, found.socket[i].inode);
  } while (!found.done);
  *hidden = any;
  return 0;
}

// ---- memory

typedef struct {
  int proc;
  pid_t pid;
  int rc;
  bool shared;
} memory_question;
FITS_ON_DESK(memory_question);

static void read_maps_there(wio_desk *desk, size_t i) {
  memory_question *question = (void *)&desk->memory[i];
  char text[4096];
  wio_lines maps = {0};
  ssize_t length = 1;
  int fd = open_of(question->proc, question->pid, "maps", 0);
  question->rc = fd < 0 ? fd : 0;
  while (fd >= 0 && length > 0 && !question->shared) {
    length = read(fd, text, sizeof text);
    desk->calls++;
    if (length > 0) desk->bytes += (uint64_t)length;
    if (length > 0) question->shared = wio_maps_shared(&maps, text, (size_t)length);
    if (length < 0) question->rc = -errno;
  }
  if (fd >= 0) close(fd);
}

int wio_fds_share_memory(wio_procfs *fs, pid_t pid, bool *shared) {
  memory_question *question = desk_of(fs);
  if (!question) return -ENOMEM;
  *question = (memory_question){.proc = wio_procfs_directory(fs), .pid = pid};
  int rc = wio_procfs_ask(fs, pid, WIO_APART_MEMORY, read_maps_there, NULL);
  if (rc == 0) rc = question->rc;
  if (rc == 0) *shared = question->shared;
  return rc;
}
