#!/bin/sh
# Installs Debian or Ubuntu packages and leaves no service of theirs running or enabled: Debian's kamailio package
# would start a server on the machine's own addresses, now and at every boot.
# Usage, as root: sh apt-install.sh PACKAGE...
set -eu
export DEBIAN_FRONTEND=noninteractive LC_ALL=C

policy=/usr/sbin/policy-rc.d
marker='# Temporary: no service starts while apt-install.sh runs.'
lock_wait_s=120

[ "$(id -u)" = 0 ] || { echo "apt-install.sh must run as root, e.g.: sudo sh $0 $*" >&2; exit 3; }
[ $# -gt 0 ] || { echo "usage: sh $0 PACKAGE..." >&2; exit 2; }

installed() { [ "$(dpkg-query -W -f='${db:Status-Status}' "$1" 2>/dev/null)" = installed ]; }
known() { apt-cache show --no-all-versions "$1" >/dev/null 2>&1; }

new=''
for package in "$@"; do installed "$package" || new="$new $package"; done
[ -n "$new" ] || { echo "already installed: $*"; exit 0; }

# invoke-rc.d and deb-systemd-invoke ask policy-rc.d; 101 means "do not". An administrator's own file stays in charge.
# Ours says no only while we live, so that a killed installation cannot keep services down for ever.
if [ -f "$policy" ] && grep -qF "$marker" "$policy"; then rm -f "$policy"; fi
if (set -C; printf '#!/bin/sh\n%s\nkill -0 %s 2>/dev/null && exit 101\nexit 0\n' "$marker" "$$" >"$policy") 2>/dev/null; then
  trap 'rm -f "$policy"' EXIT
  trap 'exit 130' INT
  trap 'exit 143' TERM HUP
  chmod 755 "$policy"
fi

install() {
  # shellcheck disable=SC2086 # one word per package
  apt-get install -qy --no-install-recommends -o DPkg::Lock::Timeout="$lock_wait_s" \
    -o Dpkg::Options::=--force-confdef -o Dpkg::Options::=--force-confold $new </dev/null
}
lists=fresh
for package in $new; do known "$package" || lists=stale; done
# A first failure may come from lists that name versions which the mirror no longer has.
if [ $lists = stale ] || ! install; then
  apt-get update -q -o DPkg::Lock::Timeout="$lock_wait_s"
  install
fi

# Where an administrator's policy-rc.d let the service start, stop it; in any case, not at boot.
for package in $new; do
  services=$(dpkg -L "$package" | sed -n -e 's,^/etc/init\.d/\([a-z0-9.+-]*\)$,\1,p' -e 's,^.*/systemd/system/\([a-z0-9.+-]*\)\.service$,\1,p' | sort -u)
  for service in $services; do
    if [ -d /run/systemd/system ]; then
      systemctl disable --now "$service"
    else
      [ ! -x "/etc/init.d/$service" ] || "/etc/init.d/$service" stop >/dev/null 2>&1 || true
      update-rc.d "$service" disable || true
    fi
    echo "$service: installed, not running, not started at boot"
  done
done
