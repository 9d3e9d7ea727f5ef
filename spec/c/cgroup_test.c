// SPDX-License-Identifier: MIT
#include "core/cgroup.h"

#include "check.h"

#define V2 "0::/system.slice/nginx.service\n"
#define V1 \
  "12:memory:/docker/abc\n11:cpu,cpuacct:/system.slice/nginx.service\n1:name=systemd:/system.slice/cron.service\n"
#define HYBRID                                                                                              \
  "3:cpuset:/\n1:name=systemd:/user.slice/user-1000.slice/session-2.scope\n0::/user.slice/user-1000.slice/" \
  "session-2.scope\n"
#define USER "0::/user.slice/user-1000.slice/user@1000.service/app.slice/app-org.x\\x2dy@7.service/sub\n"

static const struct {
  const char *text, *path;
  bool below;
} paths[] = {
    {V2, "/system.slice/nginx.service", true},
    {V2, "/system.slice", true},
    {V2, "/", true},
    {V2, "/system", false},
    {V2, "/nginx.service", false},
    {V2, "/system.slice/nginx.service/x", false},
    {V1, "/docker", true},
    {V1, "/system.slice/cron.service", true},
    {"0::/", "/", true},
    {"0::/", "/a", false},
    {"0::/a:b/c\n", "/a:b", true},
    {"", "/", false},
    {V2, "/sys/fs/cgroup/system.slice", true},
    {V2, "/sys/fs/cgroup", true},
    {V2, "/sys/fs/cgroupx", false},
    {V2, "/sys/fs/cgroup/unified/system.slice", true},
    {V2, "/sys/fs/cgroup/memory/system.slice", false},
    {V1, "/sys/fs/cgroup/memory/docker", true},
    {V1, "/sys/fs/cgroup/memory", true},
    {V1, "/sys/fs/cgroup/cpu/docker", false},
    {V1, "/sys/fs/cgroup/cpu/system.slice", true},
    {V1, "/sys/fs/cgroup/cpuacct/system.slice", true},
    {V1, "/sys/fs/cgroup/cpu,cpuacct/system.slice", true},
    {V1, "/sys/fs/cgroup/systemd/system.slice/cron.service", true},
    {V1, "/sys/fs/cgroup/docker", false},
    {"no colon\nnor:here\n", "/", false},
};

static const struct {
  const char *text, *unit;
  bool within;
} units[] = {
    {V2, "nginx", true},
    {V2, "nginx.service", true},
    {V2, "nginx.socket", false},
    {V2, "system.slice", true},
    {V2, "ngin", false},
    {V2, "ngin*", true},
    {V1, "cron", true},
    {V1, "nginx", false}, // in the cpu hierarchy only, which is not systemd's
    {HYBRID, "session-2.scope", true},
    {HYBRID, "user-1000.slice", true},
    {USER, "user@1000", true},
    {USER, "user@", true}, // a template: any instance
    {USER, "user@.service", true},
    {USER, "user@100", false},
    {USER, "app-org.x\\x2dy@7", true},
    {USER, "app-org.x\\x2dy@", true},
    {USER, "sub", false},
    {"0::/system.slice/_cpu.service\n", "cpu", true},
    {"0::/system.slice/org.freedesktop.x.service\n", "org.freedesktop.x", true},
    {"0::/system.slice/org.freedesktop.x.service\n", "org.freedesktop.*", true},
    {"0::/system.slice/getty@tty1.service\n", "getty@*.service", true},
    {"0::/system.slice/getty@tty1.service\n", "getty@t", false},
};

static const struct {
  const char *text, *unit;
} own_units[] = {
    {V2, "nginx.service"},
    {V1, "cron.service"},
    {HYBRID, "session-2.scope"},
    {USER, "app-org.x\\x2dy@7.service"},
    {"2:name=systemd:/a.service\n0::/\n", "a.service"},
    {"0::/system.slice/_cpu.service/below\n", "cpu.service"},
    {"0::/user.slice\n", ""},
    {"0::/.service\n", ""},
    {"1:cpu:/x.service\n", ""},
    {"", ""},
};

static void the_innermost_unit_is_told(void) {
  for (size_t i = 0; i < sizeof own_units / sizeof own_units[0]; i++) {
    char unit[WIO_UNIT_SIZE] = "";
    CHECK_INT(wio_cgroup_unit(own_units[i].text, unit), own_units[i].unit[0] != '\0');
    CHECK_TEXT(unit, own_units[i].unit);
    CHECK_INT(wio_cgroup_unit_id(own_units[i].text) != 0, own_units[i].unit[0] != '\0');
  }
  CHECK(wio_cgroup_unit_id("0::/a.scope/x.service/b") == wio_cgroup_unit_id("0::/a.scope/x.service"));
  CHECK(wio_cgroup_unit_id("0::/a.scope/x.service") != wio_cgroup_unit_id("0::/b.scope/x.service"));
}

static const struct {
  const char *unit, *fault;
} bad_units[] = {{"", "it is empty"},
                 {"a/b", "a unit's name has no slashes and no blanks"},
                 {"a b", "a unit's name has no slashes and no blanks"}};

static void bad_units_are_refused(void) {
  char glob[WIO_UNIT_SIZE], longest[WIO_UNIT_SIZE + 1];
  for (size_t i = 0; i < sizeof bad_units / sizeof bad_units[0]; i++)
    CHECK_TEXT(wio_unit_glob(bad_units[i].unit, glob), bad_units[i].fault);
  memset(longest, 'x', WIO_UNIT_SIZE);
  longest[WIO_UNIT_SIZE] = '\0';
  CHECK_TEXT(wio_unit_glob(longest, glob), "it is too long");
}

int main(void) {
  for (size_t i = 0; i < sizeof paths / sizeof paths[0]; i++)
    if (!CHECK_INT(wio_cgroup_is_below(paths[i].text, paths[i].path), paths[i].below))
      fprintf(stderr, "  in the case %s of %s\n", paths[i].path, paths[i].text);
  for (size_t i = 0; i < sizeof units / sizeof units[0]; i++) {
    char glob[WIO_UNIT_SIZE];
    CHECK(wio_unit_glob(units[i].unit, glob) == NULL);
    if (!CHECK_INT(wio_cgroup_has_unit(units[i].text, glob), units[i].within))
      fprintf(stderr, "  in the case %s of %s\n", units[i].unit, units[i].text);
  }
  bad_units_are_refused();
  the_innermost_unit_is_told();
  return check_result();
}
