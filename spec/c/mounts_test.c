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

int main(void) {
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
