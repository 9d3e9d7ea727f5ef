// SPDX-License-Identifier: MIT
#include "core/mounts.h"

#include "check.h"

#include <string.h>

static const struct {
  const char *text;
  const char *hidepid; // "": no /proc in it
} cases[] = {
    {"22 28 0:21 / /proc rw,nosuid - proc proc rw\n", "0"},
    {"22 28 0:21 / /proc rw,nosuid shared:5 - proc proc rw,gid=26,hidepid=2\n", "2"},
    {"22 28 0:21 / /proc rw - proc proc rw,hidepid=invisible", "invisible"},
    {"22 28 0:21 / /proc rw - proc proc rw,hidepid=1,gid=3\n1 2 0:3 / / rw - ext4 /dev/sda rw,hidepid=9\n", "1"},
    {"22 28 0:21 / /proc rw - proc proc rw\n23 22 0:21 / /proc rw - proc proc rw,hidepid=4\n", "4"}, // mounted over
    {"22 28 0:21 / /srv/jail/proc rw - proc proc rw,hidepid=2\n", ""},
    {"22 28 0:21 / /proc rw - tmpfs proc rw,hidepid=2\n", ""},
    {"22 28 0:21 / /proc rw", ""},
    {"", ""},
    {" - ", ""},
    {"22 28 0:21 / /proc rw - proc", "0"},
};

static const struct {
  int id;
  wio_mount is;
} mounts[] = {{22, WIO_MOUNT_LOCAL},   {23, WIO_MOUNT_LOCAL},     {24, WIO_MOUNT_QUEUES}, {25, WIO_MOUNT_NO_DEVICES},
              {26, WIO_MOUNT_ASKS},    {27, WIO_MOUNT_ASKS},      {2, WIO_MOUNT_UNKNOWN}, {222, WIO_MOUNT_UNKNOWN},
              {-1, WIO_MOUNT_UNKNOWN}, {28, WIO_MOUNT_NO_DEVICES}};

static const char list[] = "22 28 0:21 / /dev rw,nosuid shared:2 - devtmpfs udev rw\n"
                           "23 28 8:1 / / rw - ext4 /dev/sda1 rw\n"
                           "24 22 0:31 / /dev/mqueue rw,nosuid,nodev shared:9 - mqueue mqueue rw\n"
                           "25 23 0:41 / /home/tom/dev rw,nosuid,nodev - fuse.sshfs tom@host: rw,user_id=0\n"
                           "26 23 0:42 / /srv rw - nfs4 host:/srv rw,hard\n"
                           "27 23 0:43\n"
                           "28 23 0:44 / /s rw,nodev - fuseblk /dev/sdb1 rw\n"
                           "29 23 0:45 / /s rw - ext4 /dev/sdc1 rw";

// However the text is cut.
static void a_mount_is_found_in_any_pieces(void) {
  for (size_t i = 0; i < sizeof mounts / sizeof *mounts; i++)
    for (size_t piece = 1; piece < sizeof list; piece += 7) {
      wio_lines lines = {0};
      wio_mount found = WIO_MOUNT_UNKNOWN;
      for (size_t at = 0, length = strlen(list); found == WIO_MOUNT_UNKNOWN && at < length; at += piece)
        found = wio_mount_find(&lines, list + at, length - at < piece ? length - at : piece, mounts[i].id);
      CHECK_INT(found, mounts[i].is);
    }
}

int main(void) {
  a_mount_is_found_in_any_pieces();
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    char hidepid[16];
    bool found = wio_hidepid_parse(cases[i].text, strlen(cases[i].text), "/proc", hidepid, sizeof hidepid);
    CHECK_TEXT(hidepid, cases[i].hidepid);
    CHECK_INT(found, cases[i].hidepid[0] != '\0');
  }
  char small[4];
  CHECK(wio_hidepid_parse(cases[2].text, strlen(cases[2].text), "/proc", small, sizeof small));
  CHECK_TEXT(small, "inv");
  return check_result();
}
