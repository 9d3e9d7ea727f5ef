// SPDX-License-Identifier: MIT
#include "core/name.h"

#include "check.h"

// The arguments stand between bars.
static const struct {
  const char *args, *program, *script;
  bool title;
} command_lines[] = {
    {"", "", "", false},
    {"|", "", "", false},
    {"/usr/sbin/nginx|-g|daemon on;|", "nginx", "", false},
    {"-bash|", "bash", "", false},
    {"nginx: master process /usr/sbin/nginx|", "nginx", "", true},
    {"postgres: writer |", "postgres", "", true},
    {"/opt/My App/run it|", "My", "", true}, // unless that is what the kernel calls it
    {"/opt/My App/run it|--now|", "run it", "", false},
    {"sh: /srv/x|", "sh", "", true},
    {"node /srv/app.js --port 1|", "node", "app.js", true},
    {"python3|-m|http.server|8000|", "python3", "http.server", false},
    {"/usr/bin/python3.11|-um|http.server|", "python3.11", "http.server", false},
    {"python3|-mhttp.server|", "python3", "http.server", false},
    {"python3|-W|ignore|-X|dev|/srv/app.py|-m|x|", "python3", "app.py", false},
    {"python3|-Wignore|/srv/app.py|", "python3", "app.py", false},
    {"python3|-c|import x|app.py|", "python3", "", false},
    {"python3|-|app.py|", "python3", "", false},
    {"python3|--|-odd.py|", "python3", "-odd.py", false},
    {"python3|-m|", "python3", "", false},
    {"python3-config|app.py|", "python3-config", "", false},
    {"node|app.js|", "node", "app.js", false},
    {"node|--require|./trace.js|--max-old-space-size=99|/srv/app.js|x.js|", "node", "app.js", false},
    {"nodejs|-e|1|app.js|", "nodejs", "", false},
    {"java|-Xmx1g|-cp|a.jar:b.jar|-jar|/opt/x.jar|y.jar|", "java", "x.jar", false},
    {"/usr/lib/jvm/bin/java|-classpath|a|--add-opens=x|org.example.Main|", "java", "org.example.Main", false},
    {"java|--module=a/b.Main|", "java", "b.Main", false},
    {"ruby|-I|lib|-rset|bin/puma|", "ruby", "puma", false},
    {"perl|-T|-I|lib|/usr/bin/ack|", "perl", "ack", false},
    {"perl|-ne|print|file|", "perl", "", false},
    {"php8.2|-d|memory_limit=1G|/srv/artisan|queue:work|", "php8.2", "artisan", false},
    {"lua5.4|-e|x=1|main.lua|", "lua5.4", "main.lua", false},
    {"sh|-c|sleep 1; true|", "sh", "", false},
    {"bash|/dev/fd/3|", "bash", "", false},
    {"python3|/proc/self/fd/9|x|", "python3", "", false},
    {"sh|/srv/fd/3x|", "sh", "3x", false},
    {"sh|/srv/3|", "sh", "3", false},
    {"bash|-eo|pipefail|--rcfile|x|/srv/back up.sh|", "bash", "back up.sh", false},
    {"python3|/srv/dir/|", "python3", "", false},
};

static size_t fill(char *out, const char *bars) {
  size_t length = strlen(bars);
  for (size_t i = 0; i < length; i++) out[i] = bars[i] == '|' ? '\0' : bars[i];
  return length;
}

// What counts besides the kernel's name.
static const struct {
  const char *name, *args, *names; // between commas
} listed[] = {
    {"nginx", "/usr/sbin/nginx|-g|daemon on;|", ""},
    {"systemd-journal", "/lib/systemd/systemd-journald|", "systemd-journald"}, // cut at 15 characters
    {"a-name-of-15-ch", "a-name-of-15-ch|", ""},
    {"python3", "python3|-m|http.server|", "http.server"}, // interpreters
    {"sh", "sh|-c|sleep 1|", ""},
    {"MainThread", "node|/srv/app.js|", "node,app.js"}, // another name that it took
    {"Worker", "/opt/job|--fast|", "job"},
    {"wine64-preloade", "C:\\windows\\NAME of an app.exe|-x|", "NAME of an app.exe"},
    {"NAME.exe", "C:\\My Games\\NAME.exe|", ""},
    {"A-name-that-is-", "C:\\My Games\\A-name-that-is-long.exe|-window|", "A-name-that-is-long.exe"},
    {"wine", "wine|Z:\\games\\play.exe|", "play.exe"},
    {"gunicorn", "/usr/bin/python3|/usr/bin/gunicorn|app|", ""}, // a script that names its interpreter
    {"build", "/usr/bin/make|-f|/srv/build|", ""},
    {"a-script-with-a", "/usr/bin/python3|-u|/srv/a-script-with-a-long-name|", "a-script-with-a-long-name"},
    {"nginx", "nginx: worker process|", ""}, // titles
    {"gunicorn: maste", "gunicorn: master [app]|", "gunicorn"},
    {"node /srv/app.j", "node /srv/app.js|", "node,app.js"},
    {"MainThread", "/usr/bin/node --inspect /srv/app.js|", "node,app.js"},
    {"chrome", "/opt/google/chrome/chrome --type=renderer --lang=en|", ""},
    {"run it", "/opt/My App/run it|", ""}, // paths with blanks
    {"app", "/opt/My App/app --type=zygote|", ""},
    {"run it", "My App/run it|", ""},
    {"bash", "-bash|", ""},
    {"kworker/0:1", "", ""},
};

static void names_are_listed(void) {
  for (size_t i = 0; i < sizeof listed / sizeof listed[0]; i++) {
    char args[256], all[2 * WIO_LONG_NAME_SIZE] = "";
    const char *list[WIO_MOST_NAMES];
    wio_names found;
    wio_names_parse(listed[i].name, args, fill(args, listed[i].args), &found);
    size_t count = wio_names_list(&found, listed[i].name, list);
    for (size_t n = 0; n < count; n++) strcat(strcat(all, n ? "," : ""), list[n]);
    if (!CHECK_TEXT(all, listed[i].names)) fprintf(stderr, "  of %s: %s\n", listed[i].name, listed[i].args);
  }
}

static void long_names_are_cut(void) {
  char args[600] = "python3";
  memset(args + 8, 'a', 500);
  wio_names found;
  wio_names_parse("python3", args, 8 + 501, &found);
  CHECK(found.cut);
  CHECK_INT(strlen(found.script), WIO_LONG_NAME_SIZE - 1);
}

int main(void) {
  for (size_t i = 0; i < sizeof command_lines / sizeof command_lines[0]; i++) {
    char args[256];
    wio_names found;
    wio_names_parse("(x)", args, fill(args, command_lines[i].args), &found);
    bool right = CHECK_TEXT(found.program, command_lines[i].program);
    right = CHECK_TEXT(found.script, command_lines[i].script) && right;
    right = CHECK_INT(found.title, command_lines[i].title) && right;
    if (!right) fprintf(stderr, "  in the case %s\n", command_lines[i].args);
  }
  names_are_listed();
  long_names_are_cut();
  return check_result();
}
