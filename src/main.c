// SPDX-License-Identifier: MIT
// The program: a Lua state, the embedded library, an exit code.
#include "core/array.h"
#include "engine/privilege.h"
#include "program.h"

#include <errno.h>
#include <fcntl.h>
#include <lauxlib.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

// watchio's own failure, where no command gives another status.
#define EXIT_OWN_FAILURE 125

// A descriptor 0, 1 or 2 that is closed at the start would be given to some file of ours, and then printed into.
static void open_standard_files(void) {
  for (int fd = 0; fd <= 2; fd++)
    if (fcntl(fd, F_GETFD) < 0 && errno == EBADF && open("/dev/null", fd ? O_WRONLY : O_RDONLY) != fd)
      _exit(EXIT_OWN_FAILURE);
}

// Without them luv, or the first look at the processes, could not begin.
#define FREE_DESCRIPTORS 16

static bool has_descriptors(void) {
  int fds[FREE_DESCRIPTORS], count = 0;
  while (count < FREE_DESCRIPTORS && (fds[count] = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 0)) >= 0) count++;
  for (int i = 0; i < count; i++) close(fds[i]);
  return count == FREE_DESCRIPTORS;
}

static int add_traceback(lua_State *L) {
  luaL_traceback(L, L, luaL_tolstring(L, 1, NULL), 1);
  return 1;
}

// Runs watchio.cli.main with the arguments; returns its exit status. Arguments: argc, argv.
static int run(lua_State *L) {
  int argc = (int)lua_tointeger(L, 1);
  char **argv = lua_touserdata(L, 2);
  wio_open_libraries(L);
  lua_getglobal(L, "require");
  lua_pushliteral(L, "watchio.cli");
  lua_call(L, 1, 1);
  lua_getfield(L, -1, "main");
  lua_createtable(L, argc, 1);
  for (int i = 0; i < argc; i++) {
    lua_pushstring(L, argv[i]);
    lua_rawseti(L, -2, i);
  }
  lua_call(L, 1, 1);
  return 1;
}

static void do_nothing(int signal) { (void)signal; }

// A reader that goes away or a file that may not grow (ulimit -f) must not end a watcher; a write then fails, and is
// seen to. What is caught is as usual again in a command that is started; what is ignored would stay so.
static void survive_failed_writes(void) {
  static const int signals[] = {SIGPIPE, SIGXFSZ};
  for (size_t i = 0; i < WIO_LENGTH(signals); i++)
    if (signal(signals[i], do_nothing) == SIG_IGN) signal(signals[i], SIG_IGN);
}

// False when it cannot be known what this process may do.
static bool settle_privilege(void) {
  wio_privilege privilege;
  int rc = wio_privilege_begin(&privilege);
  if (rc < 0) fprintf(stderr, "watchio: cannot put its privileges aside: %s\n", strerror(-rc));
  else if (privilege == WIO_PRIVILEGE_REFUSED)
    fputs("watchio: its file is setuid or setgid: that is not used, it runs as who started it (see watchio doctor)\n",
          stderr);
  return rc == 0;
}

// What is blocked by whoever started this is unblocked: a blocked SIGCHLD or SIGTERM would never be heard of. What it
// writes in the background must not stop it (SIGTTOU), nor the signals that ask for something end it before they can be
// taken: `exec` finds them waiting; those of `run` ask for what is being done anyway. Commands are started with nothing
// blocked.
static void begin_with_signals(const char *command) {
  static const int asking[] = {SIGHUP, SIGUSR1, SIGUSR2};
  bool is_exec = strcmp(command, "exec") == 0, is_run = strcmp(command, "run") == 0;
  sigset_t blocked;
  sigemptyset(&blocked);
  if (strcmp(command, "top") != 0) sigaddset(&blocked, SIGTTOU); // in the background it must not touch the terminal
  for (size_t i = 0; i < WIO_LENGTH(asking); i++) {
    if (is_exec) sigaddset(&blocked, asking[i]);
    if (is_run && signal(asking[i], do_nothing) == SIG_IGN) signal(asking[i], SIG_IGN);
  }
  sigprocmask(SIG_SETMASK, &blocked, NULL);
}

int main(int argc, char **argv) {
  open_standard_files();
  survive_failed_writes();
  begin_with_signals(argc > 1 ? argv[1] : "");
  if (!settle_privilege()) return EXIT_OWN_FAILURE;
  if (!has_descriptors()) {
    fprintf(stderr, "watchio: too few descriptors: %d free ones are needed (see ulimit -n)\n", FREE_DESCRIPTORS);
    return EXIT_OWN_FAILURE;
  }
  lua_State *L = luaL_newstate();
  if (!L) {
    fputs("watchio: not enough memory\n", stderr);
    return EXIT_OWN_FAILURE;
  }
  lua_pushcfunction(L, add_traceback);
  lua_pushcfunction(L, run);
  lua_pushinteger(L, argc);
  lua_pushlightuserdata(L, argv);
  int status = EXIT_OWN_FAILURE;
  if (lua_pcall(L, 2, 1, 1) == LUA_OK) status = (int)lua_tointeger(L, -1);
  else fprintf(stderr, "watchio: %s\n", lua_tostring(L, -1));
  lua_close(L);
  return status;
}
