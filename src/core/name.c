// SPDX-License-Identifier: MIT
#include "core/name.h"

#include "core/array.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

// The kernel keeps 15 characters of a program's name.
#define KERNEL_NAME_LENGTH 15

// How an interpreter's options are read up to the script. A list holds the letters of the options; or, where the
// options have no letters, words between blanks.
typedef struct {
  const char *name;       // in a program's name only a version may follow this name
  const char *program;    // options whose argument is the thing to run, e.g. python -m MODULE
  const char *code;       // options after which no script follows
  const char *takes;      // options with an argument that is not the script
  const char *long_takes; // the same for words with two dashes
  bool words;             // all its options are words, also behind one dash
} interpreter;

#define SHELL .code = "c", .takes = "oO", .long_takes = " --rcfile --init-file "
#define NODE .code = "ep", .takes = "rC", .long_takes = " --require --import --loader --conditions --env-file "
#define JAVA_TAKES                                                                                               \
  " -cp -classpath --class-path -p --module-path --upgrade-module-path --add-modules --add-opens --add-exports " \
  "--add-reads "

static const interpreter interpreters[] = {
    {"sh", SHELL},
    {"bash", SHELL},
    {"dash", SHELL},
    {"ash", SHELL},
    {"zsh", SHELL},
    {"ksh", SHELL},
    {"mksh", SHELL},
    {"fish", .code = "c", .takes = "C"},
    {"python", .program = "m", .code = "c", .takes = "WX"},
    {"pypy", .program = "m", .code = "c", .takes = "WX"},
    {"perl", .code = "eE", .takes = "I"},
    {"ruby", .code = "e", .takes = "ICErW"},
    {"php", .program = "fF", .code = "rRB", .takes = "cdzSt"},
    {"lua", .takes = "el"},
    {"luajit", .takes = "el"},
    {.name = "tclsh"},
    {"Rscript", .code = "e"},
    {"node", NODE},
    {"nodejs", NODE},
    {.name = "wine"},
    {.name = "wine-preloader"},
    {.name = "wine64-preloader"},
    {.name = "mono"},
    {.name = "dotnet"},
    {"java", .program = " -jar -m --module ", .takes = JAVA_TAKES, .words = true},
};

static const interpreter *find_interpreter(const char *name) {
  for (size_t i = 0; i < WIO_LENGTH(interpreters); i++) {
    size_t length = strlen(interpreters[i].name);
    if (strncmp(name, interpreters[i].name, length) == 0 && name[length + strspn(name + length, "0123456789.")] == '\0')
      return &interpreters[i];
  }
  return NULL;
}

// Whether the kernel's name is the file name `base`, or its first 15 characters.
static bool is_name_of(const char *name, const char *base) {
  return strlen(name) == KERNEL_NAME_LENGTH ? strncmp(base, name, KERNEL_NAME_LENGTH) == 0 : strcmp(base, name) == 0;
}

// Under Wine a path is such as C:\programs\NAME.exe.
static bool is_of_windows(const char *path) {
  size_t length = strlen(path);
  return (isalpha((unsigned char)path[0]) && path[1] == ':' && path[2] == '\\') ||
         (length > 4 && strcasecmp(path + length - 4, ".exe") == 0);
}

static const char *base_of(const char *path) {
  const char *slash = strrchr(path, '/'), *base = slash ? slash + 1 : path;
  const char *back = is_of_windows(path) ? strrchr(base, '\\') : NULL;
  return back ? back + 1 : base;
}

typedef struct {
  const char *at, *end;
} arguments;

static const char *next_argument(arguments *rest) {
  if (rest->at >= rest->end) return NULL;
  const char *argument = rest->at;
  rest->at += strlen(argument) + 1;
  return argument;
}

static bool is_letter_of(char letter, const char *letters) { return letters && strchr(letters, letter); }

// Whether `option`, up to a '=', stands in a list of words between blanks.
static bool is_word_of(const char *option, const char *words) {
  size_t length = strcspn(option, "=");
  for (const char *at = words; at && (at = strchr(at, option[0])); at++)
    if (at[-1] == ' ' && strncmp(at, option, length) == 0 && at[length] == ' ') return true;
  return false;
}

// The result of an option: the search goes on, no script follows, or the option has named the program.
typedef enum { GOES_ON, IS_CODE, IS_PROGRAM } option_kind;

static option_kind take_word(const interpreter *kind, const char *option, arguments *rest, const char **program) {
  bool with_value = strchr(option, '=') != NULL;
  if (kind->words && is_word_of(option, kind->program)) {
    *program = with_value ? strchr(option, '=') + 1 : next_argument(rest);
    return IS_PROGRAM;
  }
  if (is_word_of(option, kind->words ? kind->takes : kind->long_takes) && !with_value) next_argument(rest);
  return GOES_ON;
}

// Reads letters behind one dash. The argument of a letter is the rest of the word or, where there is none, the next
// word.
static option_kind take_letters(const interpreter *kind, const char *option, arguments *rest, const char **program) {
  for (const char *letter = option + 1; *letter; letter++) {
    if (is_letter_of(*letter, kind->code)) return IS_CODE;
    if (is_letter_of(*letter, kind->program)) {
      *program = letter[1] ? letter + 1 : next_argument(rest);
      return IS_PROGRAM;
    }
    if (is_letter_of(*letter, kind->takes)) {
      if (!letter[1]) next_argument(rest);
      return GOES_ON;
    }
  }
  return GOES_ON;
}

// Returns the argument that names the thing which the interpreter runs; NULL when it runs code from its command line or
// standard input.
static const char *find_script(const interpreter *kind, arguments *rest) {
  for (const char *word; (word = next_argument(rest));) {
    if (word[0] != '-') return word;
    if (word[1] == '\0') return NULL;
    if (strcmp(word, "--") == 0) return next_argument(rest);
    const char *program = NULL;
    bool is_word = kind->words || word[1] == '-';
    option_kind option = (is_word ? take_word : take_letters)(kind, word, rest, &program);
    if (option == IS_PROGRAM) return program;
    if (option == IS_CODE) return NULL;
  }
  return NULL;
}

// Returns whether the whole name fits.
static bool copy_base_name(char out[WIO_LONG_NAME_SIZE], const char *path) {
  const char *base = base_of(path);
  size_t length = strnlen(base, WIO_LONG_NAME_SIZE - 1);
  memcpy(out, base, length);
  out[length] = '\0';
  return base[length] == '\0';
}

// Whether the path is an open file's number, such as /dev/fd/3: such a path names nothing.
static bool is_descriptor(const char *path) {
  const char *slash = strrchr(path, '/');
  if (!slash || slash - path < 3 || memcmp(slash - 3, "/fd", 3) != 0) return false;
  return slash[1] && strspn(slash + 1, "0123456789") == strlen(slash + 1);
}

// Takes the program's name from the first argument and, where the program is an interpreter, the script's name. Returns
// whether it is an interpreter.
static bool take_names(arguments *rest, wio_names *out) {
  const char *first = next_argument(rest);
  if (!first) return false;
  out->cut = !copy_base_name(out->program, first[0] == '-' ? first + 1 : first); // a login shell has a dash in front
  const interpreter *kind = find_interpreter(out->program);
  const char *script = kind ? find_script(kind, rest) : NULL;
  if (script && !is_descriptor(script)) out->cut |= !copy_base_name(out->script, script);
  return kind != NULL;
}

// Whether the name is a part of a path in the text. The text may have blanks around the path and in it.
static bool has_part(const char *text, const char *name) {
  size_t length = strlen(name);
  for (const char *at = text; length && (at = strchr(at, '/'));)
    if (strncmp(++at, name, length) == 0 && (at[length] == ' ' || at[length] == '\0')) return true;
  return false;
}

// Takes the names from the words of a title: `node /srv/app.js`, `nginx: worker process`.
static void take_title(const char *name, const char *title, wio_names *out) {
  char words[1024];
  size_t length = strnlen(title, sizeof words - 1);
  // Where the kernel's name is a part of the path, a blank may belong to the path too.
  if (title[0] == '/' && has_part(title, name)) return;
  for (size_t i = 0; i < length; i++) words[i] = title[i] == ' ' ? '\0' : title[i];
  words[length] = '\0';
  arguments rest = {words, words + length};
  bool interprets = take_names(&rest, out);
  size_t last = strlen(out->program);
  if (last && out->program[last - 1] == ':') out->program[last - 1] = '\0';
  out->cut |= interprets && !out->script[0] && title[length];
}

// Whether the kernel's name is that of one of the next arguments: then this is a script that names its interpreter.
static bool is_of_script(const char *name, arguments rest) {
  enum { FARTHEST = 4 };
  const char *argument;
  for (int i = 0; i < FARTHEST && (argument = next_argument(&rest)); i++)
    if (is_name_of(name, base_of(argument))) return true;
  return false;
}

void wio_names_parse(const char *name, const char *args, size_t length, wio_names *out) {
  arguments rest = {args, args + length};
  *out = (wio_names){.title = false};
  const char *first = next_argument(&rest);
  if (!first) return;
  // setproctitle(3) writes one text with blanks. A program's path can also hold blanks, but then it ends with the
  // kernel's name.
  bool is_path = strpbrk(first, "/\\") && is_name_of(name, base_of(first));
  out->title = rest.at >= rest.end && strchr(first, ' ') && !is_path;
  if (out->title) {
    take_title(name, first, out);
  } else {
    arguments all = {args, args + length};
    take_names(&all, out);
  }
  bool is_whole = is_name_of(name, out->program) && strlen(name) < KERNEL_NAME_LENGTH;
  bool is_cut = is_name_of(name, out->program) && !is_whole;
  out->program_counts = out->title || is_cut || (!is_whole && !is_of_script(name, rest));
}

size_t wio_names_list(const wio_names *names, const char *name, const char *out[WIO_MOST_NAMES]) {
  size_t count = 0;
  if (names->program_counts && names->program[0] && strcmp(names->program, name) != 0) out[count++] = names->program;
  if (names->script[0] && strcmp(names->script, name) != 0) out[count++] = names->script;
  return count;
}
