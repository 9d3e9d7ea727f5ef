// SPDX-License-Identifier: MIT
#include "sys/rights.h"

#include "core/mounts.h"
#include "sys/capabilities.h"
#include "sys/descriptors.h"
#include "sys/net/sock_diag.h"

#include <endian.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/xattr.h>
#include <time.h>
#include <unistd.h>

static const int capabilities[WIO_CAP_COUNT] = {
    [WIO_CAP_SYS_PTRACE] = CAP_SYS_PTRACE, [WIO_CAP_DAC_READ_SEARCH] = CAP_DAC_READ_SEARCH,
    [WIO_CAP_SYS_ADMIN] = CAP_SYS_ADMIN,   [WIO_CAP_KILL] = CAP_KILL,
    [WIO_CAP_SYS_NICE] = CAP_SYS_NICE,
};

static void probe_capabilities(wio_rights *out) {
  for (int i = 0; i < WIO_CAP_COUNT; i++) out->capable[i] = wio_capabilities_have(capabilities[i]);
}

static void probe_copy(wio_copy *out) {
  static const char self[] = "/proc/self/exe";
  struct vfs_ns_cap_data lent;
  struct stat file;
  if (stat(self, &file) < 0) return;
  out->setid = file.st_mode & (S_ISUID | S_ISGID);
  out->for_anybody = file.st_mode & S_IXOTH;
  if (getxattr(self, "security.capability", &lent, sizeof lent) < (ssize_t)XATTR_CAPS_SZ_2) return;
  uint64_t permitted = le32toh(lent.data[0].permitted) | (uint64_t)le32toh(lent.data[1].permitted) << 32;
  out->lends = permitted != 0;
  out->lends_more = permitted & ~wio_capabilities_lendable();
  out->at_once = le32toh(lent.magic_etc) & VFS_CAP_FLAGS_EFFECTIVE;
}

// Opens a file of the tree and reads as much of it as fits. Returns the length or a negative errno.
static ssize_t read_text(wio_procfs *fs, const char *path, char *out, size_t size) {
  int fd = openat(wio_procfs_directory(fs), path, O_RDONLY | O_CLOEXEC);
  if (fd < 0) return -errno;
  ssize_t length = wio_procfs_pread(fs, fd, out, size);
  close(fd);
  return length;
}

static int try_io(wio_procfs *fs) {
  char text[256];
  uint64_t io[WIO_IO_COUNT];
  ssize_t length = read_text(fs, "self/io", text, sizeof text);
  if (length < 0) return (int)-length;
  return wio_io_parse(text, (size_t)length, io) ? 0 : EBADMSG;
}

static int try_pidfd(void) {
  int fd = (int)syscall(SYS_pidfd_open, getpid(), 0);
  if (fd < 0) return errno;
  close(fd);
  return 0;
}

static int try_clock(void) {
  clockid_t clock;
  struct timespec time;
  int rc = clock_getcpuclockid(getppid(), &clock);
  return rc ? rc : clock_gettime(clock, &time) < 0 ? errno : 0;
}

static int take_no_notice(void *context, const wio_connection *connection) {
  (void)context, (void)connection;
  return 0;
}

static int try_net(void) {
  wio_sock_diag *diag;
  int rc = wio_sock_diag_open(-1, &diag);
  if (rc < 0) return -rc;
  rc = wio_sock_diag_dump(diag, take_no_notice, NULL);
  wio_sock_diag_close(diag);
  return -rc;
}

void wio_rights_probe(wio_procfs *fs, wio_rights *out) {
  char text[16384];
  *out = (wio_rights){
      .io_error = try_io(fs), .pidfd_error = try_pidfd(), .net_error = try_net(), .clock_error = try_clock()};
  probe_capabilities(out);
  probe_copy(&out->copy);
  ssize_t length = read_text(fs, "self/mountinfo", text, sizeof text);
  if (length > 0) wio_hidepid_parse(text, (size_t)length, "/proc", out->hidepid, sizeof out->hidepid);
  wio_descriptors_limits(&out->files, &out->most_files);
}
