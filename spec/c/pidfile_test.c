// SPDX-License-Identifier: MIT
#include "core/pidfile.h"

#include "check.h"

static const struct {
  const char *text;
  pid_t pid; // 0: none
} texts[] = {
    {"812\n", 812},     {"812", 812},
    {"  812  \n", 812}, {"812\n/var/lib/data\n", 812},
    {"812 nginx", 812}, {"", 0},
    {"\n", 0},          {"0\n", 0},
    {"-1\n", 0},        {"nginx\n", 0},
    {"812x", 0},        {"99999999999", 0},
    {"2147483648", 0},  {"2147483647", 2147483647},
};

static void texts_are_parsed(void) {
  for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
    pid_t pid = 0;
    CHECK_INT(wio_pidfile_parse(texts[i].text, strlen(texts[i].text), true, &pid), texts[i].pid != 0);
    if (!CHECK_INT(pid, texts[i].pid)) fprintf(stderr, "  in the case \"%s\"\n", texts[i].text);
  }
}

static void a_number_that_may_go_on_is_none(void) {
  pid_t pid = 0;
  CHECK(!wio_pidfile_parse("  812", 5, false, &pid));
  CHECK(wio_pidfile_parse("  812\n", 6, false, &pid) && pid == 812);
}

static void a_file_names_who_could_have_written_it(void) {
  static const char late[] = "it started after the file was written";
  static const char other[] = "it belongs to another user than the file, its folder or a link to it";
  static const struct {
    bool trusted;
    uint64_t started_ns;
    uid_t uid;
    const char *fault;
    bool of_this_boot, once;
  } cases[] = {
      {true, 100, 0, NULL, false, false},   {true, 101, 0, late, false, false},  {true, 99, 7, NULL, false, false},
      {false, 100, 33, NULL, false, false}, {false, 99, 0, other, false, false}, {true, 101, 0, late, true, false},
      {true, 101, 0, late, false, true},    {true, 101, 0, NULL, true, true},    {false, 101, 0, other, true, true}};
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    wio_pidfile file = {
        .pid = 812, .owner = 33, .trusted = cases[i].trusted, .written_ns = 100, .of_this_boot = cases[i].of_this_boot};
    const char *fault = wio_pidfile_fault(&file, cases[i].started_ns, cases[i].uid, cases[i].once);
    wio_pidfile taken = file;
    taken.disputed = true;
    CHECK(wio_pidfile_fault(&taken, cases[i].started_ns, cases[i].uid, cases[i].once) != NULL);
    CHECK(fault == cases[i].fault || (fault && cases[i].fault && strcmp(fault, cases[i].fault) == 0));
  }
}

static void the_boot_time_is_found(void) {
  static const char text[] = "cpu  1 2\nintr 5 6\nctxt 3\nbtime 1700000000\nprocesses 7\n";
  uint64_t seconds = 0;
  CHECK(wio_boot_time_parse(text, sizeof text - 1, &seconds));
  CHECK_INT(seconds, 1700000000);
  CHECK(!wio_boot_time_parse(text, 35, &seconds)); // cut within the number
  CHECK(!wio_boot_time_parse("btime", 5, &seconds));
  CHECK(wio_births_parse(text, sizeof text - 1, &seconds));
  CHECK_INT(seconds, 7);
}

int main(void) {
  texts_are_parsed();
  a_number_that_may_go_on_is_none();
  a_file_names_who_could_have_written_it();
  the_boot_time_is_found();
  return check_result();
}
