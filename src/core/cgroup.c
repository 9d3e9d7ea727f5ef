// SPDX-License-Identifier: MIT
#include "core/cgroup.h"

#include "core/array.h"

#include <fnmatch.h>
#include <stdio.h>
#include <string.h>

typedef struct {
  const char *at;
  size_t length;
} span; // a part of a text, without a NUL at its end

// One line of the form "ID:CONTROLLERS:PATH".
typedef struct {
  span controllers, path;
} hierarchy;

static bool is(span part, const char *text) {
  return part.length == strlen(text) && memcmp(part.at, text, part.length) == 0;
}

// Takes the next line; false at the end. A malformed line gets an empty path.
static bool next_hierarchy(const char **text, hierarchy *out) {
  if (**text == '\0') return false;
  size_t length = strcspn(*text, "\n");
  const char *line = *text, *end = line + length;
  *text = *end ? end + 1 : end;
  *out = (hierarchy){{end, 0}, {end, 0}};
  const char *first = memchr(line, ':', length);
  const char *second = first ? memchr(first + 1, ':', (size_t)(end - first - 1)) : NULL;
  if (!second) return true;
  *out = (hierarchy){{first + 1, (size_t)(second - first - 1)}, {second + 1, (size_t)(end - second - 1)}};
  return true;
}

// Takes the next part of a path, without its slash; false at the end.
static bool next_part(span *path, span *out) {
  while (path->length > 0 && *path->at == '/') path->at++, path->length--;
  const char *slash = memchr(path->at, '/', path->length);
  *out = (span){path->at, slash ? (size_t)(slash - path->at) : path->length};
  path->at += out->length;
  path->length -= out->length;
  return out->length > 0;
}

// ---- cgroups

static bool is_path_below(span path, const char *above) {
  size_t length = strcmp(above, "/") == 0 ? 0 : strlen(above); // all paths are below the root
  if (path.length == 0 || path.length < length || memcmp(path.at, above, length) != 0) return false;
  return length == 0 || path.length == length || path.at[length] == '/';
}

// Whether the directory of these controllers can have this name: one controller's name, or the whole list.
static bool is_mounted_as(span controllers, span name) {
  static const char named[] = "name=";
  const char *end = controllers.at + controllers.length;
  if (controllers.length == name.length && memcmp(controllers.at, name.at, name.length) == 0) return true;
  for (const char *at = controllers.at; at < end;) {
    const char *comma = memchr(at, ',', (size_t)(end - at));
    span one = {at, (size_t)((comma ? comma : end) - at)};
    at += one.length + 1;
    if (one.length > sizeof named - 1 && memcmp(one.at, named, sizeof named - 1) == 0)
      one = (span){one.at + sizeof named - 1, one.length - (sizeof named - 1)};
    if (one.length == name.length && memcmp(one.at, name.at, name.length) == 0) return true;
  }
  return false;
}

// Whether the line's cgroup is `directory` or below it. `directory` is relative to /sys/fs/cgroup. Version 2 is mounted
// there or, beside version 1, in `unified`.
static bool is_directory_below(const hierarchy *line, const char *directory) {
  const char *rest = *directory ? directory : "/";
  bool unified = line->controllers.length == 0;
  if (unified && is_path_below(line->path, rest)) return true;
  span path = {rest, strlen(rest)}, first;
  if (!next_part(&path, &first)) return false;
  if (!(unified ? is(first, "unified") : is_mounted_as(line->controllers, first))) return false;
  return is_path_below(line->path, path.length ? path.at : "/");
}

bool wio_cgroup_is_below(const char *text, const char *path) {
  static const char mount[] = "/sys/fs/cgroup";
  size_t length = sizeof mount - 1;
  bool mounted = strncmp(path, mount, length) == 0 && (path[length] == '/' || path[length] == '\0');
  for (hierarchy line; next_hierarchy(&text, &line);) {
    if (is_path_below(line.path, path)) return true;
    if (mounted && is_directory_below(&line, path + length)) return true;
  }
  return false;
}

// ---- units

// Whether the name is complete: it ends with a unit's suffix, or with a glob in the place of one.
static bool has_suffix(const char *unit) {
  static const char *const suffixes[] = {".service", ".scope", ".slice",     ".socket", ".mount", ".swap",
                                         ".timer",   ".path",  ".automount", ".target", ".device"};
  const char *dot = strrchr(unit, '.');
  if (!dot || dot == unit) return false;
  for (size_t i = 0; i < WIO_LENGTH(suffixes); i++)
    if (strcmp(dot, suffixes[i]) == 0) return true;
  return strpbrk(dot, "*?[") != NULL;
}

const char *wio_unit_glob(const char *unit, char out[WIO_UNIT_SIZE]) {
  if (*unit == '\0') return "it is empty";
  if (strpbrk(unit, "/ \t\n")) return "a unit's name has no slashes and no blanks";
  const char *suffix = has_suffix(unit) ? strrchr(unit, '.') : unit + strlen(unit);
  bool template = suffix > unit && suffix[-1] == '@'; // a template stands for all its instances
  int length = snprintf(out, WIO_UNIT_SIZE, "%.*s%s%s", (int)(suffix - unit), unit, template ? "*" : "",
                        *suffix ? suffix : ".service");
  return length < WIO_UNIT_SIZE ? NULL : "it is too long";
}

// Copies the unit's name that a part of a path stands for. systemd puts a '_' in front of a name that could be taken
// for a file of the kernel's. False when the name is too long for a unit.
static bool copy_unit(span part, char out[WIO_UNIT_SIZE]) {
  size_t escaped = part.length > 0 && part.at[0] == '_';
  if (part.length - escaped >= WIO_UNIT_SIZE) return false;
  memcpy(out, part.at + escaped, part.length - escaped);
  out[part.length - escaped] = '\0';
  return true;
}

static bool has_units(const hierarchy *line) {
  return line->controllers.length == 0 || is(line->controllers, "name=systemd");
}

bool wio_cgroup_has_unit(const char *text, const char *glob) {
  char name[WIO_UNIT_SIZE];
  for (hierarchy line; next_hierarchy(&text, &line);) {
    if (!has_units(&line)) continue;
    // Units' names hold backslashes; these escape nothing here.
    for (span path = line.path, part; next_part(&path, &part);)
      if (copy_unit(part, name) && fnmatch(glob, name, FNM_NOESCAPE) == 0) return true;
  }
  return false;
}

// Takes the longest path of both versions: beside version 1, version 2 may name only the root.
size_t wio_cgroup_path(const char *text, const char **out) {
  span longest = {text, 0};
  for (hierarchy line; next_hierarchy(&text, &line);)
    if (has_units(&line) && line.path.length > longest.length) longest = line.path;
  *out = longest.at;
  return longest.length;
}

static bool is_own_unit(span part) {
  static const char *const suffixes[] = {".service", ".scope"};
  for (size_t i = 0; i < WIO_LENGTH(suffixes); i++) {
    size_t tail = strlen(suffixes[i]);
    if (part.length > tail && memcmp(part.at + part.length - tail, suffixes[i], tail) == 0) return true;
  }
  return false;
}

// Finds the innermost service or scope. Returns the length of the path up to and including it; 0 where there is none.
static size_t find_unit(const char *text, char out[WIO_UNIT_SIZE], const char **path) {
  span rest = {.length = wio_cgroup_path(text, path)}, part;
  size_t length = 0;
  rest.at = *path;
  while (next_part(&rest, &part))
    if (is_own_unit(part) && copy_unit(part, out)) length = (size_t)(part.at + part.length - *path);
  return length;
}

bool wio_cgroup_unit(const char *text, char out[WIO_UNIT_SIZE]) {
  const char *path;
  return find_unit(text, out, &path) > 0;
}

// The hash is FNV-1a.
uint64_t wio_cgroup_unit_id(const char *text) {
  char unit[WIO_UNIT_SIZE];
  const char *path;
  uint64_t id = UINT64_C(0xcbf29ce484222325);
  size_t length = find_unit(text, unit, &path);
  for (size_t i = 0; i < length; i++) id = (id ^ (unsigned char)path[i]) * UINT64_C(0x100000001b3);
  return length ? id : 0;
}

void wio_cgroup_keep_units(const char *text, char *out, size_t size) {
  size_t kept = 0;
  const char *line = text;
  for (hierarchy one; next_hierarchy(&text, &one); line = text) {
    size_t length = (size_t)(text - line);
    if (!has_units(&one) || kept + length >= size) continue;
    memcpy(out + kept, line, length);
    kept += length;
  }
  out[kept] = '\0';
}
