#include "sys/fds.h"

#include "sys/channels.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <stdalign.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/vfs.h>
#include <sys/xattr.h>
#include <unistd.h>

// linux/magic.h does not tell it; ipc/mqueue.c does.
#define MQUEUE_MAGIC 0x19800202

static int open_of(wio_procfs *fs, pid_t pid, const char *name, int flags) {
  char path[32];
  snprintf(path, sizeof path, "%d/%s", pid, name);
  int fd = openat(wio_procfs_directory(fs), path, flags | O_RDONLY | O_CLOEXEC);
  if (fd >= 0) return fd;
  return errno == ENOENT ? -ESRCH : -errno;
}

int wio_fds_open(wio_procfs *fs, pid_t pid) { return open_of(fs, pid, "fd", O_DIRECTORY); }

// ---- files

static bool is_hidden_device(int directory, const char *name) {
  struct stat file;
  return fstatat(directory, name, &file, 0) == 0 && S_ISCHR(file.st_mode) && !wio_device_is_shown(file.st_rdev);
}

// A message queue of mq_overview(7), which is used by calls of its own. Its path is its name.
static bool is_queue(int directory, const char *name) {
  int fd = openat(directory, name, O_PATH | O_CLOEXEC);
  if (fd < 0) return false;
  struct statfs system;
  bool is = fstatfs(fd, &system) == 0 && system.f_type == MQUEUE_MAGIC;
  close(fd);
  return is;
}

static bool is_hidden_file(int directory, const char *name, const char *path) {
  if (strstr(path, "/dev/")) return is_hidden_device(directory, name);
  return path[1] != '\0' && !strchr(path + 1, '/') && is_queue(directory, name);
}

bool wio_fds_is_tcp(int directory, int number) {
  char path[64], name[32] = "";
  snprintf(path, sizeof path, "/proc/self/fd/%d/%d", directory, number);
  return getxattr(path, "system.sockprotoname", name, sizeof name - 1) > 0 && strncmp(name, "TCP", 3) == 0;
}

// ---- descriptors

typedef struct {
  int directory;
  wio_fds_tell *tell;
  void *context;
  bool hidden;
} look;

static uint32_t inode_of(const char *link) { return (uint32_t)strtoul(link + sizeof "socket:[" - 1, NULL, 10); }

// 0, also for a file that was closed meanwhile.
static int look_at(look *l, const char *name) {
  char link[256];
  ssize_t length = readlinkat(l->directory, name, link, sizeof link - 1);
  if (length < 0) return errno == ENOENT ? 0 : -errno;
  link[length] = '\0';
  switch (wio_channel_of(link)) {
    case WIO_CHANNEL_SHOWN: break;
    case WIO_CHANNEL_SOCKET: l->tell(l->context, atoi(name), inode_of(link)); break;
    case WIO_CHANNEL_FILE: l->hidden |= is_hidden_file(l->directory, name, link); break;
    case WIO_CHANNEL_HIDDEN: l->hidden = true; break;
  }
  return 0;
}

// readdir(3) would allocate its buffer at every scan.
int wio_fds_look(int directory, wio_fds_tell *tell, void *context, bool *hidden) {
  alignas(struct dirent64) char buffer[4096];
  look l = {.directory = directory, .tell = tell, .context = context};
  for (;;) {
    long length = syscall(SYS_getdents64, directory, buffer, sizeof buffer);
    if (length < 0) return -errno;
    if (length == 0) break;
    for (long at = 0; at < length;) {
      const struct dirent64 *entry = (const struct dirent64 *)(const void *)(buffer + at);
      int rc = entry->d_name[0] == '.' ? 0 : look_at(&l, entry->d_name);
      if (rc < 0) return rc;
      at += entry->d_reclen;
    }
  }
  *hidden = l.hidden;
  return 0;
}

// ---- memory

int wio_fds_share_memory(wio_procfs *fs, pid_t pid, bool *shared) {
  int fd = open_of(fs, pid, "maps", 0);
  if (fd < 0) return fd;
  char text[4096];
  wio_maps maps = {0};
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
