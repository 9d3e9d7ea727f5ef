#include "engine/selector.h"

#include <errno.h>
#include <fnmatch.h>
#include <regex.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct {
  void *items;
  size_t count;
} term_list;

struct wio_selector {
  term_list pids;  // pid_t
  term_list uids;  // uid_t
  term_list names; // char *
  term_list cmds;  // regex_t
};

wio_selector *wio_selector_new(void) { return calloc(1, sizeof(wio_selector)); }

void wio_selector_free(wio_selector *selector) {
  if (!selector) return;
  for (size_t i = 0; i < selector->names.count; i++) free(((char **)selector->names.items)[i]);
  for (size_t i = 0; i < selector->cmds.count; i++) regfree(&((regex_t *)selector->cmds.items)[i]);
  free(selector->pids.items);
  free(selector->uids.items);
  free(selector->names.items);
  free(selector->cmds.items);
  free(selector);
}

// Makes room for one more; the caller fills it and then counts it.
static void *next_item(term_list *list, size_t size) {
  void *items = realloc(list->items, (list->count + 1) * size);
  if (!items) return NULL;
  list->items = items;
  return (char *)items + list->count * size;
}

int wio_selector_add_pid(wio_selector *selector, pid_t pid) {
  pid_t *item = next_item(&selector->pids, sizeof *item);
  if (!item) return -ENOMEM;
  *item = pid;
  selector->pids.count++;
  return 0;
}

int wio_selector_add_uid(wio_selector *selector, uid_t uid) {
  uid_t *item = next_item(&selector->uids, sizeof *item);
  if (!item) return -ENOMEM;
  *item = uid;
  selector->uids.count++;
  return 0;
}

// fnmatch takes a glob that is not closed literally; somebody who writes one has made a slip.
static const char *glob_fault(const char *glob) {
  if (*glob == '\0') return "it is empty";
  for (const char *at = glob; *at; at++) {
    if (*at == '\\' && *++at == '\0') return "it ends with a backslash";
    if (*at != '[') continue;
    const char *first = at + 1 + (at[1] == '!' || at[1] == '^');
    const char *close = *first ? strchr(first + 1, ']') : NULL;
    if (!close) return "a [ is not closed";
    at = close;
  }
  return NULL;
}

int wio_selector_add_name(wio_selector *selector, const char *glob, char *message, size_t size) {
  const char *fault = glob_fault(glob);
  if (fault) {
    snprintf(message, size, "bad glob \"%s\": %s", glob, fault);
    return -EINVAL;
  }
  char **item = next_item(&selector->names, sizeof *item);
  if (!item || !(*item = strdup(glob))) {
    snprintf(message, size, "out of memory");
    return -ENOMEM;
  }
  selector->names.count++;
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

// At most this much of an expression is repeated in a message.
#define REGEX_SHOWN 60

int wio_selector_add_cmd(wio_selector *selector, const char *regex, char *message, size_t size) {
  regex_t *item = next_item(&selector->cmds, sizeof *item);
  if (!item) {
    snprintf(message, size, "out of memory");
    return -ENOMEM;
  }
  char reason[128];
  const char *fault = regex_fault(regex);
  int error = fault ? 0 : regcomp(item, regex, REG_EXTENDED | REG_NOSUB);
  if (error) {
    regerror(error, item, reason, sizeof reason);
    fault = reason;
  }
  if (fault) {
    const char *more = strlen(regex) > REGEX_SHOWN ? "…" : "";
    snprintf(message, size, "bad regular expression \"%.*s%s\": %s", REGEX_SHOWN, regex, more, fault);
    return -EINVAL;
  }
  selector->cmds.count++;
  return 0;
}

bool wio_selector_is_empty(const wio_selector *selector) {
  return selector->pids.count + selector->uids.count + selector->names.count + selector->cmds.count == 0;
}

size_t wio_selector_pids(const wio_selector *selector, const pid_t **out) {
  *out = selector->pids.items;
  return selector->pids.count;
}

static bool know(wio_source *source, int wanted, wio_description *process) {
  return (process->known & wanted) == wanted || source->ops->learn(source, wanted, process) == 0;
}

static bool match_pid(const wio_selector *selector, pid_t pid) {
  const pid_t *pids = selector->pids.items;
  for (size_t i = 0; i < selector->pids.count; i++)
    if (pids[i] == pid) return true;
  return selector->pids.count == 0;
}

static bool match_uid(const wio_selector *selector, wio_source *source, wio_description *process) {
  const uid_t *uids = selector->uids.items;
  if (selector->uids.count == 0) return true;
  if (!know(source, WIO_WANT_UID, process)) return false;
  for (size_t i = 0; i < selector->uids.count; i++)
    if (uids[i] == process->uid) return true;
  return false;
}

static bool match_globs(const term_list *globs, const char *text) {
  for (size_t i = 0; i < globs->count; i++)
    if (fnmatch(((char **)globs->items)[i], text, 0) == 0) return true;
  return false;
}

static const char *base_name(const char *path) {
  const char *slash = strrchr(path, '/');
  return slash ? slash + 1 : path;
}

// A name in a glob that is not the kernel's: the whole of a cut one, what an interpreter runs, or what stands behind a title.
static bool match_doubtful_name(const term_list *globs, wio_source *source, wio_description *process) {
  const wio_names *names = &process->names;
  if (!know(source, WIO_WANT_CMD, process)) return false;
  if (wio_name_is_cut_from(process->stat.name, names->program) && match_globs(globs, names->program)) return true;
  if (names->script[0] && match_globs(globs, names->script)) return true;
  if (!names->title || !know(source, WIO_WANT_EXE, process)) return false;
  return process->exe[0] && match_globs(globs, base_name(process->exe));
}

static bool match_name(const wio_selector *selector, wio_source *source, wio_description *process) {
  if (selector->names.count == 0 || match_globs(&selector->names, process->stat.name)) return true;
  return wio_name_is_doubtful(process->stat.name) && match_doubtful_name(&selector->names, source, process);
}

static bool match_cmd(const wio_selector *selector, wio_source *source, wio_description *process) {
  const regex_t *regexes = selector->cmds.items;
  if (selector->cmds.count == 0) return true;
  if (!know(source, WIO_WANT_CMD, process)) return false;
  for (size_t i = 0; i < selector->cmds.count; i++)
    if (regexec(&regexes[i], process->cmd, 0, NULL, 0) == 0) return true;
  return false;
}

// The cheap questions first.
bool wio_selector_match(const wio_selector *selector, wio_source *source, wio_description *process) {
  return !wio_selector_is_empty(selector) && match_pid(selector, process->pid) && match_name(selector, source, process) &&
         match_uid(selector, source, process) && match_cmd(selector, source, process);
}
