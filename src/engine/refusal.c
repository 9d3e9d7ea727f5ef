// SPDX-License-Identifier: MIT
#include "engine/refusal.h"

#include "engine/silent.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

// How often the walk begins again because an ancestor has ended. A hidden ancestor (hidepid) always seems to have
// ended.
#define MOST_WALKS 3

// Collects watchio and its ancestors. -ESRCH when one of them has ended meanwhile: then the processes above it are
// others now. -ELOOP when the ancestors have no end.
static int walk_up(wio_refusals *refusals) {
  const wio_source_ops *ops = refusals->source->ops;
  refusals->count = 0;
  for (pid_t pid = ops->self(refusals->source); pid > 0;) {
    wio_description process;
    if (refusals->count == WIO_MOST_ANCESTORS) return -ELOOP;
    refusals->ancestors[refusals->count++] = pid;
    int rc = ops->describe(refusals->source, pid, 0, &process);
    if (rc < 0) return rc;
    pid = process.stat.ppid;
  }
  return 0;
}

void wio_refusals_begin(wio_source *source, wio_selector *const protected[WIO_PROTECTION_COUNT], wio_refusals *out) {
  out->source = source;
  out->protected = protected;
  int rc = -ESRCH;
  for (int i = 0; rc == -ESRCH && i < MOST_WALKS; i++) rc = walk_up(out);
  out->unknown = rc < 0 && rc != -ESRCH;
}

static bool is_ancestor(const wio_refusals *refusals, pid_t pid) {
  for (size_t i = 0; i < refusals->count; i++)
    if (refusals->ancestors[i] == pid) return true;
  return false;
}

static const char unknown[] = "cannot be told from what is protected";

static wio_match test(const wio_refusals *refusals, wio_protection protection, wio_description *process) {
  const wio_selector *selector = refusals->protected[protection];
  return selector ? wio_selector_test(selector, refusals->source, process) : WIO_MATCH_NO;
}

static const char *reason_if(wio_match match, const char *reason) {
  return match == WIO_MATCH_YES ? reason : match == WIO_MATCH_UNKNOWN ? unknown : NULL;
}

// Why a process is protected that has a name of the system; NULL when it is not. The name alone protects root's
// processes. Any other user could have chosen it, so there the session or the executable decides.
static const char *reason_in_name(const wio_refusals *refusals, wio_match named, wio_description *process) {
  wio_standing standing;
  int rc = refusals->source->ops->standing(refusals->source, process->pid, &standing);
  if (rc < 0) return rc == -ESRCH ? NULL : unknown;
  if (standing.uid == 0) return reason_if(named, "is protected by its name");
  wio_match session = standing.own ? test(refusals, WIO_PROTECTS_SESSION, process) : WIO_MATCH_NO;
  if (session != WIO_MATCH_NO) return reason_if(session, "is protected as part of the session");
  wio_match program = test(refusals, WIO_PROTECTS_PROGRAMS, process);
  if (program == WIO_MATCH_YES && standing.its_program < 0) program = WIO_MATCH_UNKNOWN;
  if (program == WIO_MATCH_YES && !standing.its_program) program = WIO_MATCH_NO;
  return reason_if(program, "is protected by its executable");
}

static const char *reason_of_protection(const wio_refusals *refusals, wio_description *process) {
  wio_match match = test(refusals, WIO_PROTECTS_NAMED, process);
  if (match == WIO_MATCH_NO) {
    match = test(refusals, WIO_PROTECTS_SYSTEM, process);
    return match == WIO_MATCH_NO ? NULL : reason_in_name(refusals, match, process);
  }
  return reason_if(match, "is protected by the policy");
}

static const char *reason_for(const wio_refusals *refusals, const wio_description *process) {
  if (process->pid == 1) return "is pid 1";
  if (refusals->count && process->pid == refusals->ancestors[0]) return "is watchio itself";
  if (process->stat.kernel_thread) return "is a kernel thread";
  if (is_ancestor(refusals, process->pid)) return "is an ancestor of watchio";
  return refusals->unknown ? unknown : NULL;
}

// Names the process, with `with_user` its user, and the reason.
static void tell(const wio_refusals *refusals, wio_description *process, const char *reason, bool with_user,
                 wio_refusal *out) {
  char user[32] = "";
  if (with_user && refusals->source->ops->learn(refusals->source, WIO_WANT_UID, process) == 0) {
    if (process->uid == 0) snprintf(user, sizeof user, " of root");
    else snprintf(user, sizeof user, " of user %u", (unsigned)process->uid);
  }
  snprintf(out->text, sizeof out->text, "%s[%d]%s %s", process->stat.name, process->pid, user, reason);
}

bool wio_refusals_find(const wio_refusals *refusals, pid_t pid, wio_refusal *out) {
  wio_description process;
  *out = (wio_refusal){.for_now = false};
  int rc = refusals->source->ops->describe(refusals->source, pid, 0, &process);
  if (rc == -ESRCH) return false;
  if (rc < 0) {
    snprintf(out->text, sizeof out->text, "process %d cannot be looked at: %s", pid, wio_silent_reason(-rc));
    return true;
  }
  const char *reason = reason_for(refusals, &process);
  bool is_protected = !reason && (reason = reason_of_protection(refusals, &process));
  out->for_now = is_protected && reason == unknown && process.denied == EAGAIN;
  if (reason) tell(refusals, &process, reason, is_protected, out);
  return reason != NULL;
}
