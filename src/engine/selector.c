// SPDX-License-Identifier: MIT
#include "engine/selector_terms.h"

#include "core/cgroup.h"

#include <errno.h>
#include <regex.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

wio_selector *wio_selector_new(void) { return calloc(1, sizeof(wio_selector)); }

static void free_texts(wio_terms *terms) {
  for (size_t i = 0; i < terms->count; i++) free(((char **)terms->items)[i]);
  free(terms->items);
}

static void free_selectors(wio_terms *terms) {
  for (size_t i = 0; i < terms->count; i++) wio_selector_free(((wio_selector **)terms->items)[i]);
  free(terms->items);
}

void wio_selector_free(wio_selector *selector) {
  if (!selector) return;
  for (size_t i = 0; i < selector->cmds.count; i++) regfree(&((regex_t *)selector->cmds.items)[i]);
  for (size_t i = 0; i < selector->pidfiles.count; i++) free(((wio_pidfile_term *)selector->pidfiles.items)[i].path);
  free_texts(&selector->names);
  free_texts(&selector->exes);
  free_texts(&selector->units);
  free_texts(&selector->cgroups);
  free(selector->pids.items);
  free(selector->uids.items);
  free(selector->cmds.items);
  free(selector->ports.items);
  free(selector->pidfiles.items);
  free(selector->starts.items);
  free_selectors(&selector->anys);
  free_selectors(&selector->excepts);
  free(selector);
}

// Makes room for one more; the caller fills it and then counts it.
static void *next_item(wio_terms *terms, size_t size) {
  void *items = realloc(terms->items, (terms->count + 1) * size);
  if (!items) return NULL;
  terms->items = items;
  return (char *)items + terms->count * size;
}

static int add_copy(wio_terms *terms, const void *value, size_t size) {
  void *item = next_item(terms, size);
  if (!item) return -ENOMEM;
  memcpy(item, value, size);
  terms->count++;
  return 0;
}

static int add_text(wio_terms *terms, const char *text) {
  char *copy = strdup(text);
  int rc = copy ? add_copy(terms, &copy, sizeof copy) : -ENOMEM;
  if (rc < 0) free(copy);
  return rc;
}

int wio_selector_add_pid(wio_selector *selector, pid_t pid) { return add_copy(&selector->pids, &pid, sizeof pid); }

int wio_selector_add_uid(wio_selector *selector, uid_t uid) { return add_copy(&selector->uids, &uid, sizeof uid); }

int wio_selector_add_port(wio_selector *selector, uint32_t port) {
  wio_port_term term = {.port = port};
  return add_copy(&selector->ports, &term, sizeof term);
}

int wio_selector_add_pidfile(wio_selector *selector, const char *path) {
  wio_pidfile_term term = {.path = strdup(path)};
  int rc = term.path ? add_copy(&selector->pidfiles, &term, sizeof term) : -ENOMEM;
  if (rc < 0) free(term.path);
  return rc;
}

int wio_selector_add_start(wio_selector *selector, uint64_t start_ticks) {
  return add_copy(&selector->starts, &start_ticks, sizeof start_ticks);
}

static int add_selector(wio_terms *terms, wio_selector *added) {
  int rc = add_copy(terms, &added, sizeof added);
  if (rc < 0) wio_selector_free(added);
  return rc;
}

int wio_selector_add_any(wio_selector *selector, wio_selector *any) { return add_selector(&selector->anys, any); }

int wio_selector_add_except(wio_selector *selector, wio_selector *except) {
  return add_selector(&selector->excepts, except);
}

// At most this much of a value is repeated in a message.
#define VALUE_SHOWN 60

static int refuse(const char *what, const char *value, const char *fault, char *message, size_t size) {
  const char *more = strlen(value) > VALUE_SHOWN ? "…" : "";
  snprintf(message, size, "bad %s \"%.*s%s\": %s", what, VALUE_SHOWN, value, more, fault);
  return -EINVAL;
}

static int accept(int rc, char *message, size_t size) {
  if (rc < 0) snprintf(message, size, "out of memory");
  return rc;
}

// fnmatch(3) takes a bracket that is not closed literally, but such a glob is a slip of its writer.
static const char *glob_fault(const char *glob, bool escapes) {
  if (*glob == '\0') return "it is empty";
  for (const char *at = glob; *at; at++) {
    if (escapes && *at == '\\' && *++at == '\0') return "it ends with a backslash";
    if (*at != '[') continue;
    const char *first = at + 1 + (at[1] == '!' || at[1] == '^');
    const char *close = *first ? strchr(first + 1, ']') : NULL;
    if (!close) return "a [ is not closed";
    at = close;
  }
  return NULL;
}

static int add_glob(wio_terms *terms, const char *glob, char *message, size_t size) {
  const char *fault = glob_fault(glob, true);
  return fault ? refuse("glob", glob, fault, message, size) : accept(add_text(terms, glob), message, size);
}

int wio_selector_add_name(wio_selector *selector, const char *glob, char *message, size_t size) {
  return add_glob(&selector->names, glob, message, size);
}

int wio_selector_add_exe(wio_selector *selector, const char *glob, char *message, size_t size) {
  static const char fault[] = "it matches no path (want e.g. \"/usr/sbin/nginx\" or \"*/nginx\")";
  size_t length = strlen(glob);
  bool is_folder = length && glob[length - 1] == '/';
  if (is_folder || (length && !strchr("/*?[", *glob))) return refuse("exe", glob, fault, message, size);
  return add_glob(&selector->exes, glob, message, size);
}

int wio_selector_add_unit(wio_selector *selector, const char *unit, char *message, size_t size) {
  char glob[WIO_UNIT_SIZE];
  const char *fault = glob_fault(unit, false);
  if (!fault) fault = wio_unit_glob(unit, glob);
  return fault ? refuse("unit", unit, fault, message, size) : accept(add_text(&selector->units, glob), message, size);
}

int wio_selector_add_cgroup(wio_selector *selector, const char *path, char *message, size_t size) {
  if (*path != '/') return refuse("cgroup", path, "it does not begin with a slash", message, size);
  if (strstr(path, "/../") || strstr(path, "/./"))
    return refuse("cgroup", path, "it has dots for names", message, size);
  int rc = add_text(&selector->cgroups, path);
  if (rc < 0) return accept(rc, message, size);
  char *added = ((char **)selector->cgroups.items)[selector->cgroups.count - 1];
  for (size_t length = strlen(added); length > 1 && added[length - 1] == '/'; length--) added[length - 1] = '\0';
  return 0;
}

// regcomp of glibc recurses for every open group, and so overflows the stack on hostile expressions.
#define REGEX_LENGTH_MAX 4096
#define REGEX_GROUPS_MAX 250

static const char *regex_fault(const char *regex) {
  size_t groups = 0;
  for (const char *at = regex; (at = strchr(at, '(')); at++) groups++;
  if (*regex == '\0') return "it is empty";
  if (strlen(regex) > REGEX_LENGTH_MAX) return "it is longer than 4096 characters";
  return groups > REGEX_GROUPS_MAX ? "it has more than 250 groups" : NULL;
}

int wio_selector_add_cmd(wio_selector *selector, const char *regex, char *message, size_t size) {
  regex_t *item = next_item(&selector->cmds, sizeof *item);
  if (!item) return accept(-ENOMEM, message, size);
  char reason[128];
  const char *fault = regex_fault(regex);
  int error = fault ? 0 : regcomp(item, regex, REG_EXTENDED | REG_NOSUB);
  if (error) {
    regerror(error, item, reason, sizeof reason);
    fault = reason;
  }
  if (fault) return refuse("regular expression", regex, fault, message, size);
  selector->cmds.count++;
  return 0;
}

void wio_selector_ask(wio_selector *selector) { selector->asks = true; }

bool wio_selector_asks(const wio_selector *selector) { return selector->asks; }

bool wio_selector_is_empty(const wio_selector *selector) {
  return selector->pids.count + selector->uids.count + selector->names.count + selector->cmds.count +
                 selector->exes.count + selector->units.count + selector->cgroups.count + selector->ports.count +
                 selector->pidfiles.count + selector->anys.count ==
             0 &&
         !selector->asks;
}

size_t wio_selector_pids(const wio_selector *selector, const pid_t **out) {
  *out = selector->pids.items;
  return selector->pids.count;
}

static bool any_wants_ports(const wio_terms *terms) {
  for (size_t i = 0; i < terms->count; i++)
    if (wio_selector_wants_ports(((wio_selector **)terms->items)[i])) return true;
  return false;
}

bool wio_selector_wants_ports(const wio_selector *selector) {
  return selector->ports.count > 0 || any_wants_ports(&selector->anys) || any_wants_ports(&selector->excepts);
}
