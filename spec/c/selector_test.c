// SPDX-License-Identifier: MIT
#include "engine/selector.h"

#include "check.h"
#include "world.h"

#include <errno.h>

static wio_description process(pid_t pid, const char *name, const char *cmd, uid_t uid) {
  static wio_description made;
  made = (wio_description){.pid = pid, .known = WIO_WANT_CMD | WIO_WANT_UID, .uid = uid};
  strcpy(made.stat.name, name);
  strcpy(made.cmd, cmd);
  return made;
}

static wio_selector *named(const char *glob) {
  char message[128];
  wio_selector *selector = wio_selector_new();
  CHECK_INT(wio_selector_add_name(selector, glob, message, sizeof message), 0);
  return selector;
}

// Looks at a process of the world and asks.
static bool matches(const wio_selector *selector, wio_source *source, pid_t pid) {
  wio_description one;
  return source->ops->describe(source, pid, 0, &one) == 0 && wio_selector_match(selector, source, &one);
}

static const struct {
  const char *glob, *name, *cmd;
  bool matches;
  const char *exe; // with one, the command line is a title
} names[] = {
    {"nginx", "nginx", "nginx: master process", true, NULL},
    {"nginx", "nginx2", "", false, NULL},
    {"ng*", "nginx", "", true, NULL},
    {"[np]ginx", "nginx", "", true, NULL},
    {"?", "ab", "", false, NULL},
    {"systemd-journald", "systemd-journal", "/lib/systemd/systemd-journald", true, NULL}, // cut at 15 characters
    {"systemd-journal", "systemd-journal", "/lib/systemd/systemd-journald", true, NULL},
    {"systemd-journald", "systemd-journal", "/bin/other --systemd-journald", false, NULL},
    {"journald", "systemd-journal", "/lib/systemd/systemd-journald", false, NULL},
    {"http.server", "python3", "python3 -m http.server 8000", true, NULL}, // interpreters
    {"python3", "python3", "python3 -m http.server 8000", true, NULL},
    {"app.js", "MainThread", "node /srv/app.js", true, NULL},
    {"node", "MainThread", "node /srv/app.js", true, NULL}, // another name that it took
    {"app.js", "other", "node /srv/app.js", true, NULL},
    {"python3", "gunicorn", "/usr/bin/python3 /usr/bin/gunicorn", false, NULL}, // a script that names its interpreter
    {"a-script-with-a-long-name", "a-script-with-a", "/usr/bin/python3 /srv/a-script-with-a-long-name", true, NULL},
    {"gunicorn", "gunicorn: maste", "gunicorn: master [app]", true, "/usr/bin/gunicorn"}, // titles
    {"python3.11", "gunicorn: maste", "gunicorn: master [app]", true, "/usr/bin/python3.11"},
    {"gunicorn", "gunicorn: maste", "gunicorn: master [app]", true, ""},
    {"master", "gunicorn: maste", "gunicorn: master [app]", false, ""},
    {"a b)(*c\n", "a b)(*c\n", "", true, NULL}, // hostile names
    {"a\xff?", "a\xff\xfe", "", true, NULL},
};

static void names_match(void) {
  for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
    world here;
    wio_source *source = world_init(&here);
    world_process *process = world_birth(&here, 7, names[i].name);
    process->cmd = names[i].cmd;
    process->exe = names[i].exe;
    process->title = names[i].exe != NULL;
    wio_selector *selector = named(names[i].glob);
    if (!CHECK_INT(matches(selector, source, 7), names[i].matches))
      fprintf(stderr, "  in the case \"%s\" on \"%s\"\n", names[i].glob, names[i].name);
    wio_selector_free(selector);
  }
}

// The line of a Java server with a long class path.
static const char *long_line(const char *last) {
  static char line[WORLD_LINE];
  size_t at = (size_t)sprintf(line, "java -cp ");
  memset(line + at, 'x', 8000);
  sprintf(line + at + 8000, " %s --port 1", last);
  return line;
}

static wio_selector *with_cmd(const char *regex) {
  char message[128];
  wio_selector *selector = wio_selector_new();
  CHECK_INT(wio_selector_add_cmd(selector, regex, message, sizeof message), 0);
  return selector;
}

static wio_match tell(const wio_selector *selector, wio_source *source, pid_t pid) {
  wio_description one;
  return source->ops->describe(source, pid, 0, &one) == 0 ? wio_selector_test(selector, source, &one) : WIO_MATCH_NO;
}

// All of it is looked at; when that cannot be done, nothing is told of it, not even what the part would say.
static void long_lines_are_read_whole(void) {
  static const struct {
    const char *regex;
    int cmd_error, whole_error;
    wio_match match;
  } cases[] = {
      {"Server --port 1$", 0, 0, WIO_MATCH_YES},
      {"x$", 0, 0, WIO_MATCH_NO},
      {"^java ", 0, 0, WIO_MATCH_YES},
      {"Server", 0, E2BIG, WIO_MATCH_UNKNOWN},
      {"^java ", E2BIG, 0, WIO_MATCH_UNKNOWN},
      {"Server", 0, ESRCH, WIO_MATCH_NO},
      {"nothing of the kind", EAGAIN, 0, WIO_MATCH_UNKNOWN},
  };
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    world here;
    wio_source *source = world_init(&here);
    world_process *java = world_birth(&here, 7, "java");
    java->cmd = long_line("org.example.Server");
    java->cmd_error = cases[i].cmd_error;
    java->whole_error = cases[i].whole_error;
    wio_selector *selector = with_cmd(cases[i].regex), *rest = named("java");
    if (!CHECK_INT(tell(selector, source, 7), cases[i].match)) fprintf(stderr, "  in the case %zu\n", i);
    CHECK_INT(wio_selector_add_except(rest, selector), 0);
    CHECK_INT(wio_selector_match(rest, source, &(wio_description){.pid = 7, .stat = {.name = "java"}}),
              cases[i].match == WIO_MATCH_NO);
    wio_selector_free(rest);
  }
}

static void names_in_long_lines_are_found(void) {
  world here;
  wio_source *source = world_init(&here);
  world_process *java = world_birth(&here, 7, "java");
  java->cmd = long_line("org.example.Server");
  wio_selector *server = named("*.Server"), *other = named("other");
  CHECK_INT(tell(server, source, 7), WIO_MATCH_YES);
  CHECK_INT(tell(other, source, 7), WIO_MATCH_NO);
  java->cmd_error = EAGAIN;
  CHECK_INT(tell(other, source, 7), WIO_MATCH_UNKNOWN);
  java->cmd_error = E2BIG; // the names are there
  CHECK_INT(tell(other, source, 7), WIO_MATCH_NO);
  java->cmd_error = 0;
  static char name[300];
  memset(name, 'a', sizeof name - 1);
  java->cmd = long_line(name); // of which a part is kept
  CHECK_INT(tell(other, source, 7), WIO_MATCH_UNKNOWN);
  wio_selector_free(server);
  wio_selector_free(other);
}

static void long_cgroup_files_are_read_whole(void) {
  static char text[WORLD_LINE];
  size_t at = 0;
  for (int i = 20; i > 1; i--) at += (size_t)sprintf(text + at, "%d:c%d:/%0300d\n", i, i, 7);
  sprintf(text + at, "1:name=systemd:/system.slice/x.service\n0::/last\n");
  world here;
  wio_source *source = world_init(&here);
  world_birth(&here, 7, "x")->cgroup = text;
  char message[128];
  wio_selector *last = wio_selector_new(), *unit = wio_selector_new();
  CHECK_INT(wio_selector_add_cgroup(last, "/last", message, sizeof message), 0);
  CHECK_INT(wio_selector_add_unit(unit, "x", message, sizeof message), 0);
  CHECK_INT(tell(last, source, 7), WIO_MATCH_YES);
  CHECK_INT(tell(unit, source, 7), WIO_MATCH_YES);
  wio_description one;
  CHECK_INT(source->ops->describe(source, 7, WIO_WANT_CGROUP, &one), 0);
  CHECK(wio_cgroup_unit_id(one.cgroup) != 0); // so a target knows its unit
  world_find(&here, 7)->whole_error = E2BIG;
  CHECK_INT(tell(last, source, 7), WIO_MATCH_UNKNOWN);
  wio_selector_free(last);
  wio_selector_free(unit);
}

static const struct {
  const char *glob, *message;
} bad_globs[] = {
    {"", "bad glob \"\": it is empty"},
    {"[a", "bad glob \"[a\": a [ is not closed"},
    {"x[", "bad glob \"x[\": a [ is not closed"},
    {"[]", "bad glob \"[]\": a [ is not closed"},
    {"a\\", "bad glob \"a\\\": it ends with a backslash"},
};

static void bad_patterns_are_refused(void) {
  wio_selector *selector = wio_selector_new();
  char message[128];
  for (size_t i = 0; i < sizeof bad_globs / sizeof bad_globs[0]; i++) {
    CHECK_INT(wio_selector_add_name(selector, bad_globs[i].glob, message, sizeof message), -EINVAL);
    CHECK_TEXT(message, bad_globs[i].message);
  }
  CHECK_INT(wio_selector_add_cmd(selector, "(", message, sizeof message), -EINVAL);
  CHECK(strstr(message, "bad regular expression \"(\": ") == message);
  CHECK_INT(wio_selector_add_cmd(selector, "", message, sizeof message), -EINVAL);
  CHECK(wio_selector_is_empty(selector));
  wio_description one = process(7, "x", "x", 0);
  CHECK(!wio_selector_match(selector, NULL, &one)); // without terms it matches nothing
  wio_selector_free(selector);
}

static const struct {
  const char *repeated, *message;
  size_t times;
} hostile_regexes[] = {
    {"(", "it has more than 250 groups", 251},
    {"x|(", "it has more than 250 groups", 300},
    {"a", "it is longer than 4096 characters", 4097},
    {"(", "it is longer than 4096 characters", 100000},
};

static void hostile_expressions_are_refused_before_they_are_compiled(void) {
  wio_selector *selector = wio_selector_new();
  static char regex[100001];
  char message[256];
  for (size_t i = 0; i < sizeof hostile_regexes / sizeof hostile_regexes[0]; i++) {
    size_t step = strlen(hostile_regexes[i].repeated);
    for (size_t n = 0; n < hostile_regexes[i].times; n++)
      memcpy(regex + n * step, hostile_regexes[i].repeated, step + 1);
    CHECK_INT(wio_selector_add_cmd(selector, regex, message, sizeof message), -EINVAL);
    CHECK(strstr(message, hostile_regexes[i].message) != NULL);
    CHECK(strstr(message, "bad regular expression \"") == message && strlen(message) < 150);
  }
  for (size_t n = 0; n < 250; n++) memcpy(regex + n, "(", 2), memcpy(regex + 251 + n, ")", 2);
  regex[250] = 'a';
  CHECK_INT(wio_selector_add_cmd(selector, regex, message, sizeof message), 0);
  wio_selector_free(selector);
}

static void all_kinds_of_term_must_hold_and_of_one_kind_any(void) {
  wio_selector *selector = wio_selector_new();
  char message[128];
  wio_selector_add_name(selector, "sh", message, sizeof message);
  wio_selector_add_name(selector, "bash", message, sizeof message);
  wio_selector_add_cmd(selector, "-c .*make", message, sizeof message);
  wio_selector_add_uid(selector, 33);
  wio_description one = process(7, "bash", "bash -c cd x; make", 33);
  CHECK(wio_selector_match(selector, NULL, &one));
  one.uid = 0;
  CHECK(!wio_selector_match(selector, NULL, &one));
  one = process(7, "zsh", "zsh -c make", 33);
  CHECK(!wio_selector_match(selector, NULL, &one));
  wio_selector_add_pid(selector, 8);
  one = process(7, "sh", "sh -c make", 33);
  CHECK(!wio_selector_match(selector, NULL, &one));
  one.pid = 8;
  CHECK(wio_selector_match(selector, NULL, &one));
  wio_selector_free(selector);
}

static void only_what_decides_is_learnt(void) {
  static const struct {
    const char *glob, *name;
    bool kernel_thread;
    int learns;
  } cases[] = {
      {"other", "kworker", true, 0}, // the stat tells
      {"nginx", "nginx", false, 1},  // the name holds, so the command line is asked
      {"other", "nginx", false, 1},  // another name may stand there
  };
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    world here;
    wio_source *source = world_init(&here);
    world_process *process = world_birth(&here, 7, cases[i].name);
    process->cmd = "/sbin/x";
    process->kernel_thread = cases[i].kernel_thread;
    wio_selector *selector = named(cases[i].glob);
    char message[128];
    wio_selector_add_uid(selector, 99);
    wio_selector_add_cmd(selector, "no such", message, sizeof message);
    CHECK(!matches(selector, source, 7));
    CHECK_INT(here.learns, cases[i].learns);
    wio_selector_free(selector);
  }
}

static void who_ends_while_it_is_inspected_does_not_match(void) {
  world here;
  wio_source *source = world_init(&here);
  world_birth(&here, 7, "nginx");
  wio_selector *selector = named("nginx");
  wio_selector_add_uid(selector, 0);
  wio_description one;
  source->ops->describe(source, 7, 0, &one);
  world_find(&here, 7)->pid = 0;
  CHECK(!wio_selector_match(selector, source, &one));
  wio_selector_free(selector);
}

static void one_of_the_alternatives_must_match(void) {
  world here;
  wio_source *source = world_init(&here);
  world_birth(&here, 7, "nginx");
  world_birth(&here, 8, "nginx")->uid = 5;
  world_birth(&here, 9, "sh");
  wio_selector *ours = named("nginx"), *other = wio_selector_new(), *both = wio_selector_new();
  wio_selector_add_uid(ours, 5);
  wio_selector_add_pid(other, 9);
  wio_selector_add_start(other, world_find(&here, 9)->start_ticks);
  CHECK(wio_selector_is_empty(both));
  CHECK_INT(wio_selector_add_any(both, ours), 0);
  CHECK_INT(wio_selector_add_any(both, other), 0);
  CHECK(!wio_selector_is_empty(both));
  const pid_t *pids;
  CHECK_INT(wio_selector_pids(both, &pids), 0); // others can come later
  CHECK(!matches(both, source, 7));
  CHECK(matches(both, source, 8));
  CHECK(matches(both, source, 9));
  world_find(&here, 9)->start_ticks++; // its number again
  CHECK(!matches(both, source, 9));
  wio_selector_free(both);
}

int main(void) {
  names_match();
  long_lines_are_read_whole();
  names_in_long_lines_are_found();
  long_cgroup_files_are_read_whole();
  bad_patterns_are_refused();
  hostile_expressions_are_refused_before_they_are_compiled();
  all_kinds_of_term_must_hold_and_of_one_kind_any();
  only_what_decides_is_learnt();
  who_ends_while_it_is_inspected_does_not_match();
  one_of_the_alternatives_must_match();
  return check_result();
}
