// SPDX-License-Identifier: MIT
#include "core/array.h"
#include "engine/selector_terms.h"

#include "core/cgroup.h"

#include <errno.h>
#include <fnmatch.h>
#include <regex.h>
#include <string.h>

// ---- what is no process's own

// A pidfile without a pid is about to be written: it keeps the pid that it held, until it says something else or is
// gone.
static bool refresh_pidfile(wio_pidfile_term *term, wio_source *source) {
  wio_pidfile before = term->file;
  int rc = source->ops->pidfile(source, term->path, &term->file);
  if (rc < 0 && rc != -EBADMSG) term->file = (wio_pidfile){.pid = 0};
  return term->file.pid != before.pid || term->file.written_ns != before.written_ns ||
         term->file.owner != before.owner || term->file.trusted != before.trusted;
}

static bool refresh_port(wio_port_term *term, wio_source *source) {
  uint64_t before = term->mark;
  term->mark = source->ops->listener_mark(source, term->port);
  return term->mark != before;
}

static bool refresh_all(const wio_terms *terms, wio_source *source) {
  bool changed = false;
  for (size_t i = 0; i < terms->count; i++) changed |= wio_selector_refresh(((wio_selector **)terms->items)[i], source);
  return changed;
}

bool wio_selector_refresh(wio_selector *selector, wio_source *source) {
  bool changed = false;
  for (size_t i = 0; i < selector->pidfiles.count; i++)
    changed |= refresh_pidfile((wio_pidfile_term *)selector->pidfiles.items + i, source);
  for (size_t i = 0; i < selector->ports.count; i++)
    changed |= refresh_port((wio_port_term *)selector->ports.items + i, source);
  changed |= refresh_all(&selector->anys, source);
  changed |= refresh_all(&selector->excepts, source);
  return changed;
}

static const char *fault_of(const wio_pidfile *file, wio_source *source, uint64_t started_ns, uid_t uid) {
  bool asks = file->of_this_boot && started_ns > file->written_ns;
  return wio_pidfile_fault(file, started_ns, uid, asks && source->ops->pids_are_fresh(source));
}

int wio_selector_read_pidfile(wio_source *source, const char *path, pid_t *pid, const char **fault) {
  wio_pidfile file;
  wio_description process;
  uint64_t started_ns;
  *fault = NULL;
  int rc = source->ops->pidfile(source, path, &file);
  if (rc < 0) return rc;
  *pid = file.pid;
  rc = source->ops->describe(source, file.pid, WIO_WANT_UID, &process);
  if (rc == 0) rc = source->ops->started_ns(source, process.stat.start_ticks, &started_ns);
  if (rc < 0) return -ESRCH;
  *fault = fault_of(&file, source, started_ns, process.uid);
  return *fault ? -ESRCH : 0;
}

// ---- the terms of one process

static wio_match yes_if(bool holds) { return holds ? WIO_MATCH_YES : WIO_MATCH_NO; }

static wio_match unknown(wio_description *process, int error) {
  process->denied = error;
  return WIO_MATCH_UNKNOWN;
}

// Learns what is wanted. Yes when it is known by now, no when the process has ended.
static wio_match know(wio_source *source, int wanted, wio_description *process) {
  if ((process->known & wanted) == wanted) return WIO_MATCH_YES;
  int rc = source->ops->learn(source, wanted, process);
  if (rc == 0) return WIO_MATCH_YES;
  return rc == -ESRCH ? WIO_MATCH_NO : unknown(process, -rc);
}

static bool names_pid(const wio_selector *selector, pid_t pid) {
  const pid_t *pids = selector->pids.items;
  for (size_t i = 0; i < selector->pids.count; i++)
    if (pids[i] == pid) return true;
  return selector->pids.count == 0;
}

static bool is_in_pidfile(const wio_selector *selector, pid_t pid) {
  const wio_pidfile_term *pidfiles = selector->pidfiles.items;
  for (size_t i = 0; i < selector->pidfiles.count; i++)
    if (pidfiles[i].file.pid == pid) return true;
  return selector->pidfiles.count == 0;
}

bool wio_selector_may_match(const wio_selector *selector, pid_t pid) {
  return names_pid(selector, pid) && is_in_pidfile(selector, pid);
}

bool wio_selector_names(const wio_selector *selector, pid_t pid) {
  if (selector->pids.count && names_pid(selector, pid)) return true;
  if (selector->pidfiles.count && is_in_pidfile(selector, pid)) return true;
  for (size_t i = 0; i < selector->anys.count; i++)
    if (wio_selector_names(((wio_selector **)selector->anys.items)[i], pid)) return true;
  return false;
}

static bool has_start(const wio_selector *selector, uint64_t start_ticks) {
  const uint64_t *starts = selector->starts.items;
  for (size_t i = 0; i < selector->starts.count; i++)
    if (starts[i] == start_ticks) return true;
  return selector->starts.count == 0;
}

static wio_match test_pid(const wio_selector *selector, wio_source *source, wio_description *process) {
  (void)source;
  return yes_if(wio_selector_may_match(selector, process->pid) && has_start(selector, process->stat.start_ticks));
}

static wio_match test_uid(const wio_selector *selector, wio_source *source, wio_description *process) {
  const uid_t *uids = selector->uids.items;
  if (selector->uids.count == 0) return WIO_MATCH_YES;
  wio_match known = know(source, WIO_WANT_UID, process);
  if (known != WIO_MATCH_YES) return known;
  for (size_t i = 0; i < selector->uids.count; i++)
    if (uids[i] == process->uid) return WIO_MATCH_YES;
  return WIO_MATCH_NO;
}

static wio_match better(wio_match one, wio_match other) {
  if (one == WIO_MATCH_YES || other == WIO_MATCH_YES) return WIO_MATCH_YES;
  return one == WIO_MATCH_NO ? other : one;
}

// A matcher that fails, for want of memory for one, gives no answer: that is unknown.
static wio_match match_globs(const wio_terms *globs, const char *text, wio_description *process) {
  wio_match result = WIO_MATCH_NO;
  for (size_t i = 0; result != WIO_MATCH_YES && i < globs->count; i++) {
    int rc = fnmatch(((char **)globs->items)[i], text, 0);
    if (rc != FNM_NOMATCH) result = rc == 0 ? WIO_MATCH_YES : unknown(process, ENOMEM);
  }
  return result;
}

// Whether the executable's path, or with `base` its last part, matches a glob.
static wio_match test_path(const wio_terms *globs, bool base, wio_source *source, wio_description *process) {
  wio_match known = know(source, WIO_WANT_EXE, process);
  if (known != WIO_MATCH_YES) return known;
  if (process->exe_error) return process->exe_error == ESRCH ? WIO_MATCH_NO : unknown(process, process->exe_error);
  const char *slash = base ? strrchr(process->exe, '/') : NULL;
  return process->exe[0] ? match_globs(globs, slash ? slash + 1 : process->exe, process) : WIO_MATCH_NO;
}

// Tests the names of a process besides the kernel's: that of its program where the kernel's is cut or was changed, that
// of the script that an interpreter runs, and the one behind a title.
static wio_match test_other_names(const wio_terms *globs, wio_source *source, wio_description *process) {
  const char *names[WIO_MOST_NAMES];
  wio_match result = know(source, WIO_WANT_CMD, process);
  if (result != WIO_MATCH_YES) return result;
  // A line that is cut still has its names, or `cut` says that they are cut.
  int error = process->names.cut ? E2BIG : process->cmd_error == E2BIG ? 0 : process->cmd_error;
  result = error ? unknown(process, error) : WIO_MATCH_NO;
  size_t count = wio_names_list(&process->names, process->stat.name, names);
  for (size_t i = 0; i < count; i++) result = better(result, match_globs(globs, names[i], process));
  bool asks = result != WIO_MATCH_YES && process->names.title;
  return asks ? better(result, test_path(globs, true, source, process)) : result;
}

static wio_match test_name(const wio_selector *selector, wio_source *source, wio_description *process) {
  if (selector->names.count == 0) return WIO_MATCH_YES;
  wio_match result = match_globs(&selector->names, process->stat.name, process);
  if (result == WIO_MATCH_YES || process->stat.kernel_thread) return result;
  return better(result, test_other_names(&selector->names, source, process));
}

// Gives the whole of a text, of which the description may hold only a part.
static wio_match know_whole(wio_source *source, int wanted, wio_description *process, const char **text) {
  bool cmd = wanted == WIO_WANT_CMD;
  wio_match known = know(source, wanted, process);
  if (known != WIO_MATCH_YES) return known;
  if (cmd && process->cmd_error) return unknown(process, process->cmd_error);
  *text = cmd ? process->cmd : process->cgroup;
  if (!(cmd ? process->cmd_is_part : process->cgroup_is_part)) return WIO_MATCH_YES;
  int rc = source->ops->whole(source, wanted, process, text);
  if (rc == 0) return WIO_MATCH_YES;
  return rc == -ESRCH ? WIO_MATCH_NO : unknown(process, -rc);
}

static wio_match test_cmd(const wio_selector *selector, wio_source *source, wio_description *process) {
  const char *cmd;
  if (selector->cmds.count == 0) return WIO_MATCH_YES;
  wio_match known = know_whole(source, WIO_WANT_CMD, process, &cmd), result = WIO_MATCH_NO;
  if (known != WIO_MATCH_YES) return known;
  for (size_t i = 0; result != WIO_MATCH_YES && i < selector->cmds.count; i++) {
    int rc = regexec(&((regex_t *)selector->cmds.items)[i], cmd, 0, NULL, 0);
    if (rc != REG_NOMATCH) result = rc == 0 ? WIO_MATCH_YES : unknown(process, ENOMEM);
  }
  return result;
}

static wio_match test_place(const wio_terms *terms, bool (*is_in)(const char *text, const char *place),
                            wio_source *source, wio_description *process) {
  const char *cgroup;
  if (terms->count == 0) return WIO_MATCH_YES;
  wio_match known = know_whole(source, WIO_WANT_CGROUP, process, &cgroup);
  if (known != WIO_MATCH_YES) return known;
  for (size_t i = 0; i < terms->count; i++)
    if (is_in(cgroup, ((char **)terms->items)[i])) return WIO_MATCH_YES;
  return WIO_MATCH_NO;
}

static wio_match test_cgroup(const wio_selector *selector, wio_source *source, wio_description *process) {
  return test_place(&selector->cgroups, wio_cgroup_is_below, source, process);
}

static wio_match test_unit(const wio_selector *selector, wio_source *source, wio_description *process) {
  return test_place(&selector->units, wio_cgroup_has_unit, source, process);
}

static wio_match test_pidfile(const wio_selector *selector, wio_source *source, wio_description *process) {
  const wio_pidfile_term *pidfiles = selector->pidfiles.items;
  if (selector->pidfiles.count == 0) return WIO_MATCH_YES;
  uint64_t started_ns;
  int rc = source->ops->started_ns(source, process->stat.start_ticks, &started_ns);
  if (rc < 0) return unknown(process, -rc);
  wio_match known = know(source, WIO_WANT_UID, process);
  if (known != WIO_MATCH_YES) return known;
  for (size_t i = 0; i < selector->pidfiles.count; i++)
    if (pidfiles[i].file.pid == process->pid && !fault_of(&pidfiles[i].file, source, started_ns, process->uid))
      return WIO_MATCH_YES;
  return WIO_MATCH_NO;
}

static wio_match test_exe(const wio_selector *selector, wio_source *source, wio_description *process) {
  return selector->exes.count ? test_path(&selector->exes, false, source, process) : WIO_MATCH_YES;
}

static wio_match test_port(const wio_selector *selector, wio_source *source, wio_description *process) {
  const wio_port_term *ports = selector->ports.items;
  if (selector->ports.count == 0) return WIO_MATCH_YES;
  if (process->stat.kernel_thread) return WIO_MATCH_NO;
  for (size_t i = 0; i < selector->ports.count; i++) {
    int rc = source->ops->listens(source, process->pid, ports[i].port);
    if (rc < 0) return rc == -ENOENT || rc == -ESRCH ? WIO_MATCH_NO : unknown(process, -rc);
    if (rc > 0) return WIO_MATCH_YES;
  }
  return WIO_MATCH_NO;
}

static wio_match test_anys(const wio_selector *selector, wio_source *source, wio_description *process) {
  wio_match result = yes_if(selector->anys.count == 0);
  for (size_t i = 0; result != WIO_MATCH_YES && i < selector->anys.count; i++) {
    wio_match one = wio_selector_test(((wio_selector **)selector->anys.items)[i], source, process);
    if (one != WIO_MATCH_NO) result = one;
  }
  return result;
}

// Where an exception is unknown, so is the match: a process that must be spared is spared.
static wio_match test_excepts(const wio_selector *selector, wio_source *source, wio_description *process) {
  wio_match result = WIO_MATCH_YES;
  for (size_t i = 0; i < selector->excepts.count; i++) {
    wio_match excepted = wio_selector_test(((wio_selector **)selector->excepts.items)[i], source, process);
    if (excepted == WIO_MATCH_YES) return WIO_MATCH_NO;
    if (excepted == WIO_MATCH_UNKNOWN) result = WIO_MATCH_UNKNOWN;
  }
  return result;
}

typedef wio_match test_term(const wio_selector *selector, wio_source *source, wio_description *process);

// The cheap questions first.
static test_term *const tests[] = {test_pid,     test_name, test_uid,  test_cmd,  test_unit,   test_cgroup,
                                   test_pidfile, test_exe,  test_port, test_anys, test_excepts};

wio_match wio_selector_test(const wio_selector *selector, wio_source *source, wio_description *process) {
  wio_match result = yes_if(!wio_selector_is_empty(selector));
  for (size_t i = 0; result != WIO_MATCH_NO && i < WIO_LENGTH(tests); i++) {
    wio_match one = tests[i](selector, source, process);
    if (one != WIO_MATCH_YES) result = one;
  }
  return result;
}

bool wio_selector_match(const wio_selector *selector, wio_source *source, wio_description *process) {
  return wio_selector_test(selector, source, process) == WIO_MATCH_YES;
}
