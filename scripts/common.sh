# SPDX-License-Identifier: MIT
# Sourced by the other scripts: where the tree is, and which Lua runs it.
# shellcheck shell=sh

root=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd)
cd "$root" || exit 1

# Daemons live in sbin, which is not in an ordinary user's PATH everywhere.
PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin

# `lua` alone can be another version. To be asked again once something was installed.
find_lua() {
  LUA=lua
  if command -v lua5.4 >/dev/null; then LUA=lua5.4; fi
  export LUA
}
find_lua

# Plain Lua with the module of one preset, before anything that is installed.
use_module() {
  export LUA_PATH="$root/lua/?.lua;$root/lua/?/init.lua;$root/?.lua;;"
  export LUA_CPATH="$root/build/$1/lib/lua/5.4/?.so;;"
}

# usage: what the head of the script says of it.
usage() { sed -n '2,/^[^#]/{/SPDX/d; s/^#$//p; s/^# //p}' "$0"; }

# figure FILE WORD: the number before it in the last line `N passed, N failed` of the file, 0 without one.
figure() {
  number=$(grep -E '^[0-9]+ passed, [0-9]+ failed' "$1" | tail -n 1 | tr ',' '\n' | sed -n "s/ *\([0-9]*\) $2.*/\1/p")
  echo "${number:-0}"
}

# count NAME FILE STATUS BEGAN: adds to $passed and $failed what a command said in the file, and says it in a line. A command
# that ends well without a tally is one test passed, one that fails without a failed test is one failed; 77 is none.
count() {
  good=$(figure "$2" passed) bad=$(figure "$2" failed)
  case $3 in
    0) if [ "$good" = 0 ] && [ "$bad" = 0 ]; then good=1; fi ;;
    77) ;;
    *) if [ "$bad" = 0 ]; then bad=1; fi ;;
  esac
  passed=$((passed + good)) failed=$((failed + bad))
  printf -- '-- %s: %s passed, %s failed (status %s, %s s)\n' "$1" "$good" "$bad" "$3" $(($(date +%s) - $4))
}

# build PRESET: quiet unless it fails.
build() {
  log=$(mktemp)
  if ! { cmake --preset "$1" && cmake --build --preset "$1" -j "$(nproc)"; } >"$log" 2>&1; then
    cat "$log" >&2
    rm -f "$log"
    echo "building the preset $1 failed" >&2
    return 1
  fi
  rm -f "$log"
}
