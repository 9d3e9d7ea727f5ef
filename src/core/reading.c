// SPDX-License-Identifier: MIT
#include "core/reading.h"

#include "core/array.h"

#include <assert.h>
#include <string.h>

// PF_KTHREAD and PF_EXITING of include/linux/sched.h, which the ninth field of stat shows.
#define KERNEL_THREAD_FLAG 0x00200000u
#define EXITING_FLAG 0x00000004u

static const char *const names[] = {
    [WIO_RCHAR] = "rchar",
    [WIO_WCHAR] = "wchar",
    [WIO_SYSCR] = "syscr",
    [WIO_SYSCW] = "syscw",
    [WIO_READ_BYTES] = "read_bytes",
    [WIO_WRITE_BYTES] = "write_bytes",
    [WIO_CANCELLED_WRITE_BYTES] = "cancelled_write_bytes",
    [WIO_NET_RX] = "net_rx",
    [WIO_NET_TX] = "net_tx",
    [WIO_CPU_NS] = "cpu",
};
static_assert(WIO_LENGTH(names) == WIO_MEASURE_COUNT, "every measure has a name");

static const struct {
  const char *name;
  wio_measures measures;
} kinds_table[WIO_KIND_COUNT] = {
    [WIO_IO] = {"io", {WIO_RCHAR, WIO_IO_COUNT}},
    [WIO_NET] = {"net", {WIO_NET_RX, WIO_CPU_NS}},
    [WIO_CPU] = {"cpu", {WIO_CPU_NS, WIO_MEASURE_COUNT}},
};

const char *wio_measure_name(wio_measure measure) { return names[measure]; }

const char *wio_kind_name(wio_kind kind) { return kinds_table[kind].name; }

wio_measures wio_kind_measures(wio_kind kind) { return kinds_table[kind].measures; }

wio_kind wio_measure_kind(wio_measure measure) {
  wio_kind kind = 0;
  while (measure >= kinds_table[kind].measures.end) kind++;
  return kind;
}

int wio_reading_known(const wio_reading *reading, int kinds) {
  int known = 0;
  for (wio_kind kind = 0; kind < WIO_KIND_COUNT; kind++)
    if ((kinds & WIO_KIND_BIT(kind)) && reading->error[kind] == 0) known |= WIO_KIND_BIT(kind);
  return known;
}

static bool update_kind(wio_reading *reading, const wio_reading *later, wio_kind kind) {
  bool differs = reading->error[kind] != later->error[kind];
  reading->error[kind] = later->error[kind];
  if (later->error[kind]) return differs;
  wio_measures measures = kinds_table[kind].measures;
  for (wio_measure i = measures.first; i < measures.end; i++) {
    differs |= reading->value[i] != later->value[i];
    reading->value[i] = later->value[i];
  }
  return differs;
}

bool wio_reading_update(wio_reading *reading, const wio_reading *later, int kinds) {
  bool differs = false;
  if (kinds & WIO_KIND_BIT(WIO_NET)) reading->hidden = later->hidden;
  reading->knocked = (kinds & WIO_KIND_BIT(WIO_NET)) && later->knocked;
  reading->revealed = (kinds & WIO_KIND_BIT(WIO_NET)) && later->revealed;
  for (wio_kind kind = 0; kind < WIO_KIND_COUNT; kind++)
    if (kinds & WIO_KIND_BIT(kind)) differs |= update_kind(reading, later, kind);
  return differs;
}

// Reads an unsigned number at `*at` and moves behind it. False where there is no digit or the number overflows.
static bool parse_number(const char **at, const char *end, uint64_t *out) {
  const char *start = *at;
  uint64_t value = 0;
  for (; *at < end && **at >= '0' && **at <= '9'; (*at)++) {
    uint64_t digit = (uint64_t)(**at - '0');
    if (value > (UINT64_MAX - digit) / 10) return false;
    value = value * 10 + digit;
  }
  *out = value;
  return *at > start;
}

static void skip_blanks(const char **at, const char *end) {
  while (*at < end && (**at == ' ' || **at == '\t')) (*at)++;
}

bool wio_io_parse(const char *text, size_t length, uint64_t io[WIO_IO_COUNT]) {
  const char *at = text, *end = text + length;
  for (wio_measure i = 0; i < WIO_IO_COUNT; i++) {
    size_t name_length = strlen(names[i]);
    if ((size_t)(end - at) <= name_length || memcmp(at, names[i], name_length) != 0) return false;
    at += name_length;
    if (*at++ != ':') return false;
    skip_blanks(&at, end);
    if (!parse_number(&at, end, &io[i])) return false;
    if (at == end || *at++ != '\n') return false;
  }
  return true;
}

// The fields of stat behind the name, counted as proc(5) does: 3 is the state.
enum {
  STAT_STATE = 3,
  STAT_PPID = 4,
  STAT_GROUP = 5,
  STAT_SESSION = 6,
  STAT_FLAGS = 9,
  STAT_UTIME = 14,
  STAT_STIME = 15,
  STAT_THREADS = 20,
  STAT_START = 22
};

static bool parse_stat_fields(const char *at, const char *end, wio_stat *out) {
  uint64_t fields[STAT_START + 1] = {0};
  for (int i = STAT_STATE + 1; i <= STAT_START; i++) {
    skip_blanks(&at, end);
    bool negative = at < end && *at == '-';
    if (negative) at++;
    if (!parse_number(&at, end, &fields[i])) return false;
    if (negative) fields[i] = 0; // only tty, tpgid, priority and nice can be negative; none is used
  }
  out->ppid = (pid_t)fields[STAT_PPID];
  out->group = (pid_t)fields[STAT_GROUP];
  out->session = (pid_t)fields[STAT_SESSION];
  out->kernel_thread = fields[STAT_FLAGS] & KERNEL_THREAD_FLAG;
  out->exiting = fields[STAT_FLAGS] & EXITING_FLAG;
  out->threads = (unsigned)fields[STAT_THREADS];
  out->start_ticks = fields[STAT_START];
  out->cpu_ticks = fields[STAT_UTIME] + fields[STAT_STIME];
  return true;
}

bool wio_stat_parse(const char *text, size_t length, wio_stat *out) {
  const char *open = memchr(text, '(', length);
  const char *close = memrchr(text, ')', length);
  if (!open || !close || close < open) return false;
  size_t name_length = (size_t)(close - open - 1);
  if (name_length >= WIO_NAME_SIZE) name_length = WIO_NAME_SIZE - 1;
  memcpy(out->name, open + 1, name_length);
  out->name[name_length] = '\0';
  const char *at = close + 1, *end = text + length;
  skip_blanks(&at, end);
  if (at == end) return false;
  out->state = *at++;
  return parse_stat_fields(at, end, out);
}

bool wio_stat_ended(const wio_stat *stat) {
  // A leader that ended before its threads shows Z too, but the process lives on in them.
  return stat->state == 'X' || (stat->state == 'Z' && stat->threads <= 1);
}

bool wio_newest_pid_parse(const char *text, size_t length, pid_t *out) {
  while (length > 0 && text[length - 1] == '\n') length--;
  const char *blank = memrchr(text, ' ', length);
  if (!blank) return false;
  const char *at = blank + 1, *end = text + length;
  uint64_t pid;
  if (!parse_number(&at, end, &pid) || at != end || pid > INT32_MAX) return false;
  *out = (pid_t)pid;
  return true;
}

// Parses the first two numbers of the line "Uid:".
static bool parse_uids(const char *text, size_t length, uint64_t *real, uint64_t *effective) {
  static const char key[] = "\nUid:";
  const char *at = memmem(text, length, key, sizeof key - 1), *end = text + length;
  if (!at) return false;
  at += sizeof key - 1;
  skip_blanks(&at, end);
  if (!parse_number(&at, end, real) || *real > UINT32_MAX) return false;
  skip_blanks(&at, end);
  return parse_number(&at, end, effective) && *effective <= UINT32_MAX;
}

bool wio_euid_parse(const char *text, size_t length, uid_t *out) {
  uint64_t real, effective;
  if (!parse_uids(text, length, &real, &effective)) return false;
  *out = (uid_t)effective;
  return true;
}

bool wio_real_uid_parse(const char *text, size_t length, uid_t *out) {
  uint64_t real, effective;
  if (!parse_uids(text, length, &real, &effective)) return false;
  *out = (uid_t)real;
  return true;
}

bool wio_parent_parse(const char *text, size_t length, pid_t *out) {
  static const char key[] = "\nPPid:";
  const char *at = memmem(text, length, key, sizeof key - 1), *end = text + length;
  uint64_t pid;
  if (!at) return false;
  at += sizeof key - 1;
  skip_blanks(&at, end);
  if (!parse_number(&at, end, &pid) || pid > INT32_MAX) return false;
  *out = (pid_t)pid;
  return true;
}

bool wio_ignored_signals_parse(const char *text, size_t length, uint64_t *out) {
  static const char key[] = "\nSigIgn:\t";
  enum { DIGITS = 16 };
  const char *at = memmem(text, length, key, sizeof key - 1);
  if (!at || (size_t)(text + length - (at += sizeof key - 1)) < DIGITS) return false;
  uint64_t set = 0;
  for (int i = 0; i < DIGITS; i++) {
    char digit = at[i];
    if (!((digit >= '0' && digit <= '9') || (digit >= 'a' && digit <= 'f'))) return false;
    set = set << 4 | (uint64_t)(digit <= '9' ? digit - '0' : digit - 'a' + 10);
  }
  *out = set;
  return true;
}
