#!/bin/sh
# Unpacks a program that no release of Debian has, with all that it needs, into a folder of its own. Nothing is installed, and
# whoever is not root may do it. DIR/PROGRAM starts it with its own loader and libraries, DIR/modules is where its modules are.
# Usage: sh unpack.sh PROGRAM PACKAGE SUITE DIR
set -eu
program=$1 package=$2 suite=$3 dir=$4

mkdir -p -- "$(dirname -- "$dir")"
new=$(mktemp -d -- "$dir.XXXXXX")
trap 'rm -rf -- "$new" "$new.tar"' EXIT

# What is published of an unreleased suite expires where a mirror stands still.
mmdebstrap --variant=extract --include="$package" --aptopt='Acquire::Check-Valid-Until "false"' "$suite" "$new.tar"
tar -xf "$new.tar" -C "$new" --no-same-owner --exclude=./dev --exclude='./usr/share/doc/*' --exclude='./usr/share/locale/*'

loader=$(cd -- "$new" && ls -- usr/lib*/ld-linux*.so.* | head -n 1)
libraries=$(cd -- "$new" && dirname -- "$(realpath --relative-to=. -- "$loader")")
ln -s -- "$libraries/$program/modules" "$new/modules"
cat >"$new/$program" <<END
#!/bin/sh
here=\$(dirname -- "\$(realpath -- "\$0")")
exec "\$here/$loader" --library-path "\$here/$libraries" "\$here/usr/sbin/$program" "\$@"
END
chmod 755 "$new" "$new/$program"

# Whoever else has done it meanwhile has done the same.
[ -e "$dir" ] || mv -T -- "$new" "$dir" || [ -e "$dir" ]
