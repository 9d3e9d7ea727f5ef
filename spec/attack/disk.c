// SPDX-License-Identifier: MIT
#include "disk.h"

#include "fuse.h"
#include "steps.h"

#include <poll.h>
#include <sys/mman.h>

static void folder_of(const diary *own, char *path, size_t size) { snprintf(path, size, "/tmp/attack.%d", own->pid); }

// The disk: what is written to it takes long.
void drive_disk(diary *own) {
  char path[64];
  while (own->pid == 0) rest_ms(5);
  folder_of(own, path, sizeof path);
  if (mkdir(path, 0700) < 0) sleep_on();
  int fuse = fuse_mount(path);
  own->thread = getpid();
  own->port = 1;
  for (struct pollfd polled = {fuse, POLLIN, 0}; poll(&polled, 1, -1) > 0;) fuse_serve(fuse, 1200 + chance(800));
}

static int open_file(const diary *own) {
  char path[64];
  while (own->port == 0) rest_ms(5);
  snprintf(path, sizeof path, "/proc/%d/ns/mnt", own->thread);
  int space = open(path, O_RDONLY | O_CLOEXEC);
  if (space < 0 || setns(space, CLONE_NEWNS) < 0) exit(1);
  close(space);
  folder_of(own, path, sizeof path - sizeof "/dev/held");
  strcat(path, "/dev/held");
  int fd = open(path, O_RDWR | O_CLOEXEC);
  if (fd < 0) exit(1);
  return fd;
}

// It waits in the kernel until its page is on the disk, and uses no time meanwhile.
void play_disk(diary *own) {
  int fd = open_file(own);
  char *page = mmap(NULL, FUSE_SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  if (page == MAP_FAILED) exit(1);
  for (;;) {
    rest_a_while();
    page[0]++;
    int number = diary_begin(own);
    int rc = sync_file_range(fd, 0, 0, SYNC_FILE_RANGE_WRITE | SYNC_FILE_RANGE_WAIT_AFTER);
    diary_end(own, number);
    if (rc < 0) exit(1);
  }
}

void disk_remove(const diary *own) {
  char path[64];
  folder_of(own, path, sizeof path);
  rmdir(path);
}
