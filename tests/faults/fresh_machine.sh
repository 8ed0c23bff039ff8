#!/usr/bin/env bash
# Does the project start on a machine that has nothing? As root: tests/faults/fresh_machine.sh RELEASE [all|demo] [both|user|root]
#
# Lays a bare system of that release into a folder (debootstrap, no Python, no make, no sudo), clones HEAD into a path with
# a space below a 700 home, and runs ./run demo --check (cold, warm) and ./run test: first as a plain user, who has to be
# told what is missing, then on another fresh copy as root. "demo" leaves the tests out. Package sources, proxies
# and certificates are this machine's own (apt and pip configuration); nothing of them reaches the repository.
set -euo pipefail

suite=${1:?Aufruf: tests/faults/fresh_machine.sh bookworm|trixie [all|demo] [both|user|root]}
what=${2:-all}
who=${3:-both}
certificates=/etc/ssl/certs/ca-certificates.crt
cd "$(dirname "$0")/../.."
work=${FRESH_FOLDER:-/var/tmp/fresh-machine}
base=$work/$suite-base
mkdir -p "$work"

lay_base() { # kept between runs
  [ -e "$base/.complete" ] && return
  rm -rf "$base"
  mirror=$(apt-get indextargets --format '$(REPO_URI)' | grep -v security | head -n 1)
  debootstrap --variant=minbase "$suite" "$base" "$mirror" >"$work/debootstrap.log"
  apt-config dump | grep -E '^Acquire::(https?|Check|Retries|Queue)' >"$base/etc/apt/apt.conf.d/00host" || true
  cp /etc/resolv.conf /etc/hosts "$base/etc/"
  # Under another name: installing Debian's package would lay its own list over it.
  mkdir -p "$base/etc/ssl" "$base/etc/xdg"
  cp "$certificates" "$base/etc/ssl/host.crt"
  for file in /etc/pip.conf /etc/xdg/pip; do [ -e "$file" ] && cp -r "$file" "$base$file"; done
  grep -rlF "$certificates" "$base/etc/pip.conf" "$base/etc/xdg" 2>/dev/null | xargs -r sed -i "s|$certificates|/etc/ssl/host.crt|"
  touch "$base/.complete"
}

fresh_copy() { # $1: name of the machine, $2: account, $3: its home
  machine=$work/$suite-$1
  rm -rf "$machine"
  cp -a "$base" "$machine"
  [ "$2" = root ] || chroot "$machine" useradd --create-home --shell /bin/bash "$2"
  mkdir -p "$machine$3/ein Ordner"
  git clone -q --no-hardlinks . "$machine$3/ein Ordner/portal"
  chroot "$machine" chown -R "$2:" "$3"
  chmod 700 "$machine$3"
  account=$2
  folder="$3/ein Ordner/portal"
}

inside() { # in the machine, as root, in namespaces of its own: nothing mounted or started there outlives the call
  local settings
  settings=$(env | grep -E '^(PIP_|SSL_|CURL_CA|REQUESTS_CA|(https?|no)_proxy=|(HTTPS?|NO)_PROXY=)' |
    grep -v '^PIP_FIND_LINKS' | sed "s|$certificates|/etc/ssl/host.crt|" || true)
  unshare --mount --pid --fork --kill-child sh -c '
    mount --make-rprivate / && mount -t proc proc "$1/proc" && mount --rbind /dev "$1/dev" && mount -t tmpfs tmpfs "$1/dev/shm"
    machine=$1; shift
    exec chroot "$machine" /usr/bin/env -i "$@"' sh "$machine" \
    PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin LANG=C.UTF-8 $settings "$@" </dev/null
}

as_account() { # a command line in the clone
  if [ "$account" = root ]; then inside HOME=/root sh -c "cd '$folder' && $1"
  else inside HOME="/home/$account" setpriv --reuid "$account" --regid "$account" --init-groups sh -c "cd '$folder' && $1"; fi
}

timed() { # $1: label, $2: command line in the clone
  local begin=$SECONDS status=0
  as_account "$2" >"$work/output.log" 2>&1 || status=$?
  printf '%-9s %-5s %-28s %4d s  %s\n' "$suite" "$account" "$1" "$((SECONDS - begin))" "$(tail -n 1 "$work/output.log")"
  [ "$status" = 0 ] || { tail -n 60 "$work/output.log"; exit 1; }
}

told_what_is_missing() { # $1: command line. It must refuse at once and print a line that, run as root, mends it.
  local begin=$SECONDS
  if as_account "$1" >"$work/output.log" 2>&1; then echo "$1 ging, obwohl Pakete fehlen."; exit 1; fi
  line=$(grep -o 'apt-get update && apt-get install .*' "$work/output.log") || { cat "$work/output.log"; exit 1; }
  printf '%-9s %-5s %-28s %4d s  %s\n' "$suite" "$account" "$1: abgelehnt" "$((SECONDS - begin))" "${line#*recommends }"
  inside DEBIAN_FRONTEND=noninteractive sh -c "$line" >"$work/apt.log" 2>&1
}

all_commands() {
  timed 'demo --check (kalt)' './run demo --check'
  timed 'demo --check (warm)' './run demo --check'
  [ "$what" = demo ] && return
  [ "$account" = root ] || told_what_is_missing './run test'
  timed 'test' './run test'
}

lay_base
if [ "$who" != root ]; then
  fresh_copy user lisa /home/lisa
  told_what_is_missing './run demo --check'
  all_commands
fi
if [ "$who" != user ]; then
  fresh_copy root root /root
  all_commands
fi
rm -rf "$work/$suite-user" "$work/$suite-root"
echo "$suite: in Ordnung"
