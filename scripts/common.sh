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
