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
    {"nginx: master process /usr/sbin/nginx|", "", "", true},
    {"postgres: writer |", "", "", true},
    {"/opt/My App/run it|", "run it", "", false},
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

static const struct {
  const char *name;
  bool doubtful;
} names[] = {
    {"nginx", false},          {"bash", true},      {"bashful", false}, {"python3.11", true}, {"python3-x", false},
    {"systemd-journal", true}, {"sshd: bob", true}, {"(sd-pam)", true}, {"a)b", false},       {"", false},
    {"MainThread", true},      {"shutdown", false},
};

static void long_names_are_cut(void) {
  char args[600] = "python3";
  memset(args + 8, 'a', 500);
  wio_names found;
  wio_names_parse(args, 8 + 501, &found);
  CHECK_INT(strlen(found.script), WIO_LONG_NAME_SIZE - 1);
}

int main(void) {
  for (size_t i = 0; i < sizeof command_lines / sizeof command_lines[0]; i++) {
    char args[256];
    wio_names found;
    wio_names_parse(args, fill(args, command_lines[i].args), &found);
    bool right = CHECK_TEXT(found.program, command_lines[i].program);
    right = CHECK_TEXT(found.script, command_lines[i].script) && right;
    right = CHECK_INT(found.title, command_lines[i].title) && right;
    if (!right) fprintf(stderr, "  in the case %s\n", command_lines[i].args);
  }
  for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
    if (!CHECK_INT(wio_name_is_doubtful(names[i].name), names[i].doubtful))
      fprintf(stderr, "  for %s\n", names[i].name);
  long_names_are_cut();
  CHECK(wio_name_is_cut_from("systemd-journal", "systemd-journald"));
  CHECK(!wio_name_is_cut_from("systemd-journal", "systemd-journa"));
  CHECK(!wio_name_is_cut_from("nginx", "nginx-debug"));
  return check_result();
}
