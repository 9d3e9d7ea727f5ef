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

// Opens descriptors 0, 1 and 2 where they are closed. Otherwise the next file that is opened would get such a number,
// and be printed into.
static void open_standard_files(void) {
  for (int fd = 0; fd <= 2; fd++)
    if (fcntl(fd, F_GETFD) < 0 && errno == EBADF && open("/dev/null", fd ? O_WRONLY : O_RDONLY) != fd)
      _exit(EXIT_OWN_FAILURE);
}

// luv and the first look at the processes need this many free descriptors.
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

// A reader that goes away (SIGPIPE) or a file that may not grow (SIGXFSZ, ulimit -f) must not end a watcher: the write
// fails instead, and its error is handled. The signals are caught, since a started command has the default for a caught
// signal, but would inherit an ignored one.
static void survive_failed_writes(void) {
  static const int signals[] = {SIGPIPE, SIGXFSZ};
  for (size_t i = 0; i < WIO_LENGTH(signals); i++)
    if (signal(signals[i], do_nothing) == SIG_IGN) signal(signals[i], SIG_IGN);
}

// Puts the program's privileges aside. False when it cannot be known what this process may do.
static bool settle_privilege(void) {
  wio_privilege privilege;
  int rc = wio_privilege_begin(&privilege);
  if (rc < 0) fprintf(stderr, "watchio: cannot put its privileges aside: %s\n", strerror(-rc));
  else if (privilege == WIO_PRIVILEGE_REFUSED)
    fputs("watchio: its file is setuid or setgid: that is not used, it runs as who started it (see watchio doctor)\n",
          stderr);
  return rc == 0;
}

// Unblocks the signals that this program's caller has blocked: a blocked SIGCHLD or SIGTERM would never arrive. SIGTTOU
// is blocked, so that writing in the background does not stop watchio. Signals that ask for something must not end it
// before they can be taken: for `exec` they are blocked and wait; for `run` they are caught, since they ask for what is
// being done anyway. Commands are started with nothing blocked.
static void begin_with_signals(const char *command) {
  static const int asking[] = {SIGHUP, SIGUSR1, SIGUSR2};
  bool is_exec = strcmp(command, "exec") == 0, is_run = strcmp(command, "run") == 0;
  sigset_t blocked;
  sigemptyset(&blocked);
  if (strcmp(command, "top") != 0) sigaddset(&blocked, SIGTTOU); // in the background, top must not touch the terminal
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
