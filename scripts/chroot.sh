# SPDX-License-Identifier: MIT
# Sourced after common.sh: fresh Debians (or Ubuntus) in a folder, made from the archive that this machine's apt uses.
# shellcheck shell=sh

# can_chroot: whether it can be done here; says on stderr what is missing.
can_chroot() {
  if [ "$(id -u)" != 0 ]; then echo "needs root" >&2; return 1; fi
  for tool in debootstrap apt-get pivot_root; do
    command -v $tool >/dev/null || { echo "needs $tool" >&2; return 1; }
  done
}

# The archive that apt has its packages from.
archive() {
  # shellcheck disable=SC2016  # these are apt's own
  apt-get indextargets --format '$(LABEL) $(REPO_URI)' 'Created-By: Packages' |
    sed -n -E 's/^(Debian|Ubuntu) //p' | head -n 1
}

# How apt reaches its archive: proxies, certificates, what it does not check.
ways() { apt-config dump | grep -iE '^Acquire::(https?|Check-[a-z-]+)(::[^ ]*)? '; }

# make_debian SUITE FOLDER: the base system of a suite, and nothing that needs more. Fails at once, with a line, when the
# archive cannot be reached or has no such suite.
make_debian() {
  mirror=$(archive)
  if [ -z "$mirror" ]; then apt-get update -qq && mirror=$(archive); fi # a machine on which apt has never been used
  apt-config shell http_proxy Acquire::http::Proxy https_proxy Acquire::https::Proxy >"$2.proxies"
  (
    set -a
    # shellcheck disable=SC1090  # assignments of these two
    . "$2.proxies"
    set +a
    if ! wget -q -T 20 -t 1 -O /dev/null "$mirror/dists/$1/Release"; then
      echo "no suite $1 at ${mirror:-any archive of Debian or Ubuntu}"
      exit 1
    fi
    # With certificates, since the archive may be one of https; no more than apt, else.
    debootstrap --variant=minbase --include=ca-certificates "$1" "$2" "$mirror"
  ) || return 1
  rm "$2.proxies"
  ways >"$2/etc/apt/apt.conf.d/90host"
  cp -r /etc/apt/auth.conf.d "$2/etc/apt/" 2>/dev/null
  printf '127.0.0.1 localhost\n::1 localhost\n' >"$2/etc/hosts"
}

# inside FOLDER COMMAND...: runs it as root in the system of the folder, as on a machine of its own: it sees only its own
# processes, has a /dev and terminals of its own, and what it has started and mounted ends with it.
inside() { (enter "$@"); }

# enter FOLDER COMMAND...: as `inside`, in place of this shell: to end it all, kill this one process.
enter() {
  # shellcheck disable=SC2016  # for the shell in the new namespaces
  exec env --default-signal=INT,QUIT unshare --mount --pid --fork --kill-child sh -c '
    set -e
    mount --bind "$0" "$0"
    cd "$0"
    mount -t proc proc proc
    mount --rbind /sys sys
    mount -t tmpfs -o mode=755 tmpfs dev
    for node in null zero full random urandom tty; do
      : >dev/$node
      mount --bind /dev/$node dev/$node
    done
    mkdir dev/pts dev/shm
    mount -t devpts -o newinstance,mode=620,ptmxmode=666,gid=5 devpts dev/pts
    mount -t tmpfs -o mode=1777 tmpfs dev/shm
    ln -s pts/ptmx dev/ptmx
    ln -s /proc/self/fd dev/fd
    for number in 0 1 2; do ln -s /proc/self/fd/$number dev/; done
    mv dev/0 dev/stdin
    mv dev/1 dev/stdout
    mv dev/2 dev/stderr
    pivot_root . .
    umount -l .
    exec chroot . /usr/bin/env -i PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME=/root \
      DEBIAN_FRONTEND=noninteractive sh -c '\''"$@"; exit $?'\'' sh "$@"' "$@"
}
