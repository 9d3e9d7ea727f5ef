// SPDX-License-Identifier: MIT
#include "core/reading.h"

#include "check.h"

#include <errno.h>

#define LIT(text) text, sizeof(text) - 1

static void io_is_parsed(void) {
  static const char text[] =
      "rchar: 323934931\nwchar: 323929600\nsyscr: 632687\nsyscw: 632675\nread_bytes: 0\nwrite_bytes: "
      "18446744073709551615\ncancelled_write_bytes: 7\n";
  uint64_t io[WIO_IO_COUNT];
  CHECK(wio_io_parse(LIT(text), io));
  CHECK_INT(io[WIO_RCHAR], 323934931);
  CHECK_INT(io[WIO_SYSCW], 632675);
  CHECK(io[WIO_WRITE_BYTES] == UINT64_MAX);
  CHECK_INT(io[WIO_CANCELLED_WRITE_BYTES], 7);
  for (size_t length = 0; length < sizeof text - 1; length++) CHECK(!wio_io_parse(text, length, io)); // cut anywhere
}

static void bad_io_is_refused(void) {
  static const char overflow[] = "rchar: 18446744073709551616\nwchar: 0\nsyscr: 0\nsyscw: 0\nread_bytes: 0\n"
                                 "write_bytes: 0\ncancelled_write_bytes: 0\n";
  static const char *const texts[] = {"rchar: x\n", "rchar 1\n", "wchar: 1\n", overflow};
  uint64_t io[WIO_IO_COUNT];
  for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) CHECK(!wio_io_parse(texts[i], strlen(texts[i]), io));
}

#define TAIL " 1 2 30 40 -1 4194560 5 6 7 8 9 10 11 12 20 -5 3 0 123456 13 14 15\n"
#define KERNEL_TAIL " 2 0 0 0 -1 69238880 0 0 0 0 0 0 0 0 20 0 1 0 29 0 0 0\n"

// Names that a hostile or careless program gives itself.
static const struct {
  const char *text, *name;
  char state;
} stats[] = {
    {"7 (cat) R" TAIL, "cat", 'R'},
    {"7 (a b) S" TAIL, "a b", 'S'},
    {"7 (a) S 0 0) Z" TAIL, "a) S 0 0", 'Z'},
    {"7 (() D" TAIL, "(", 'D'},
    {"7 ()) S" TAIL, ")", 'S'},
    {"7 (new\nline) S" TAIL, "new\nline", 'S'},
    {"7 (\xff\xfe) S" TAIL, "\xff\xfe", 'S'},
    {"7 () S" TAIL, "", 'S'},
};

static void stat_is_parsed(void) {
  for (size_t i = 0; i < sizeof stats / sizeof stats[0]; i++) {
    wio_stat stat;
    if (!CHECK(wio_stat_parse(stats[i].text, strlen(stats[i].text), &stat))) continue;
    CHECK_TEXT(stat.name, stats[i].name);
    CHECK_INT(stat.state, stats[i].state);
    CHECK_INT(stat.ppid, 1);
    CHECK_INT(stat.session, 30);
    CHECK_INT(stat.threads, 3);
    CHECK_INT(stat.start_ticks, 123456);
    CHECK_INT(stat.cpu_ticks, 9 + 10);
    CHECK(!stat.kernel_thread);
  }
  wio_stat stat;
  CHECK(wio_stat_parse(LIT("9 (kworker/0:1H-events_highpri) I" KERNEL_TAIL), &stat));
  CHECK(stat.kernel_thread);
  CHECK_TEXT(stat.name, "kworker/0:1H-events_highpri");
}

static void bad_stat_is_refused(void) {
  static const char *const texts[] = {"",
                                      "7",
                                      "7 (cat",
                                      "7 cat) R",
                                      ")(",
                                      "7 (cat)",
                                      "7 (cat) R",
                                      "7 (cat) R 1 2 3",
                                      "7 (cat) R 1 2 x 40 0 -1 4194560 5 6 7 8 9 10 11 12 20 -5 3 0 123456"};
  wio_stat stat;
  for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) CHECK(!wio_stat_parse(texts[i], strlen(texts[i]), &stat));
}

static void end_is_told_from_a_leader_that_left(void) {
  CHECK(wio_stat_ended(&(wio_stat){.state = 'Z', .threads = 1}));
  CHECK(wio_stat_ended(&(wio_stat){.state = 'X', .threads = 1}));
  CHECK(!wio_stat_ended(&(wio_stat){.state = 'Z', .threads = 2}));
  CHECK(!wio_stat_ended(&(wio_stat){.state = 'S', .threads = 1}));
}

static void newest_pid_is_parsed(void) {
  pid_t pid = 0;
  CHECK(wio_newest_pid_parse(LIT("0.20 0.18 0.12 1/80 11206\n"), &pid));
  CHECK_INT(pid, 11206);
  CHECK(!wio_newest_pid_parse(LIT(""), &pid));
  CHECK(!wio_newest_pid_parse(LIT("0.20"), &pid));
  CHECK(!wio_newest_pid_parse(LIT("0.20 0.18 0.12 1/80 x\n"), &pid));
  CHECK(!wio_newest_pid_parse(LIT("1 99999999999\n"), &pid));
}

static void euid_is_parsed(void) {
  uid_t uid = 0;
  CHECK(wio_euid_parse(LIT("Name:\tx\nUid:\t1000\t33\t0\t0\nGid:\t1\n"), &uid));
  CHECK_INT(uid, 33);
  CHECK(!wio_euid_parse(LIT("Name:\tUid:\t1\t2\n"), &uid)); // the name is the program's to choose
  CHECK(!wio_euid_parse(LIT("Name:\tx\nUid:\t1000\n"), &uid));
}

static void the_parent_is_parsed(void) {
  pid_t parent;
  CHECK(wio_parent_parse(LIT("Name:\tx\nPid:\t7\nPPid:\t4194304\nTracerPid:\t0\n"), &parent) && parent == 4194304);
  CHECK(!wio_parent_parse(LIT("Name:\tPPid:\t7\n"), &parent));
  CHECK(!wio_parent_parse(LIT("Name:\tx\nPPid:\t"), &parent));
  CHECK(!wio_parent_parse(LIT("Name:\tx\nPPid:\tx\n"), &parent));
  CHECK(!wio_parent_parse(LIT("Name:\tx\nPPid:\t99999999999\n"), &parent));
}

static void ignored_signals_are_parsed(void) {
  uint64_t ignored = 0;
  CHECK(wio_ignored_signals_parse(LIT("Name:\tx\nSigBlk:\t0000000000000000\nSigIgn:\t8000000000010002\nSigCgt:\t0\n"),
                                  &ignored));
  CHECK(ignored == UINT64_C(0x8000000000010002));
  CHECK(!wio_ignored_signals_parse(LIT("Name:\tSigIgn:\t0000000000010000\n"), &ignored));
  CHECK(!wio_ignored_signals_parse(LIT("Name:\tx\nSigIgn:\t00000000000100"), &ignored));
  CHECK(!wio_ignored_signals_parse(LIT("Name:\tx\nSigIgn:\t00000000000100x0\n"), &ignored));
}

static void movement_is_any_difference_of_what_counts(void) {
  const wio_reading before = {.value = {1, 2, 3}};
  for (wio_kind kind = 0; kind < WIO_KIND_COUNT; kind++) {
    wio_measures measures = wio_kind_measures(kind);
    CHECK(measures.first < measures.end);
    for (wio_measure i = measures.first; i < measures.end; i++) {
      wio_reading reading = before, later = before;
      CHECK(!wio_reading_update(&reading, &later, WIO_ALL_KINDS));
      later.value[i]++;
      CHECK(!wio_reading_update(&reading, &later, WIO_ALL_KINDS & ~WIO_KIND_BIT(kind)));
      CHECK_INT(reading.value[i], before.value[i]);
      CHECK(wio_reading_update(&reading, &later, WIO_KIND_BIT(kind)));
      CHECK_INT(reading.value[i], before.value[i] + 1);
    }
  }
}

static void what_was_known_stays_beside_the_reason(void) {
  wio_reading reading = {.value = {[WIO_RCHAR] = 7, [WIO_CPU_NS] = 9}};
  wio_reading later = {.value = {[WIO_CPU_NS] = 10}, .error = {[WIO_IO] = EACCES}};
  CHECK(wio_reading_update(&reading, &later, WIO_ALL_KINDS));
  CHECK_INT(reading.value[WIO_RCHAR], 7);
  CHECK_INT(reading.value[WIO_CPU_NS], 10);
  CHECK_INT(wio_reading_known(&reading, WIO_ALL_KINDS), WIO_KIND_BIT(WIO_NET) | WIO_KIND_BIT(WIO_CPU));
  CHECK_INT(wio_reading_known(&reading, WIO_KIND_BIT(WIO_IO)), 0);
  CHECK(!wio_reading_update(&reading, &later, WIO_ALL_KINDS)); // told once
}

int main(void) {
  io_is_parsed();
  bad_io_is_refused();
  stat_is_parsed();
  bad_stat_is_refused();
  end_is_told_from_a_leader_that_left();
  newest_pid_is_parsed();
  euid_is_parsed();
  the_parent_is_parsed();
  ignored_signals_are_parsed();
  movement_is_any_difference_of_what_counts();
  what_was_known_stays_beside_the_reason();
  return check_result();
}
