#!/usr/bin/env bash
# Unpacks the libtorch of a Debian suite, with all the libraries that it needs down to libc, into a
# folder of its own. Programs that are linked for the suite's dynamic linker run from there: no
# root, no chroot, no container.
#
#   scripts/debian_libtorch.sh SUITE FOLDER      e.g. trixie ~/.cache/vs/trixie
#
# A complete FOLDER is left as it is; remove it to get the suite's present state. The mirror is that
# of this machine's own packages, or $DEBIAN_MIRROR. Ends with code 3 and one line on stderr where
# the suite cannot be had.
set -euo pipefail
if (($# != 2)); then
  echo "usage: $0 SUITE FOLDER" >&2
  exit 2
fi
suite=$1 folder=$2

unavailable() {
  echo "libtorch of Debian's $suite: $*" >&2
  exit 3
}

if [[ -d $folder ]]; then
  exit 0
fi
for command in apt-get dpkg dpkg-deb; do
  command -v "$command" >/dev/null || unavailable "this machine has no $command"
done
keys=/usr/share/keyrings/debian-archive-keyring.gpg
[[ -e $keys ]] || unavailable "this machine has no $keys"
# shellcheck disable=SC2016  # apt-get expands it
mirror=${DEBIAN_MIRROR:-$(apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' 2>/dev/null |
  grep -m 1 -E '/debian/?$' || true)}
[[ -n $mirror ]] || unavailable "this machine has no Debian mirror; name one in DEBIAN_MIRROR"
new=$(mkdir -p "$(dirname "$folder")" && mktemp -d "$folder.XXXXXX") || unavailable "$folder cannot be made"
trap 'rm -rf "$new"' EXIT

# apt with nothing of this machine's: other sources, and no packages installed. Unstable's release
# file is out of date on some mirrors.
apt=$new/apt
mkdir -p "$apt"/{lists,archives}/partial "$apt/none"
: > "$apt/status"
echo "deb [signed-by=$keys] $mirror $suite main" > "$apt/sources"
cat > "$apt/conf" <<END
Dir::Etc::Main "$apt/none/conf";
Dir::Etc::Parts "$apt/none";
Dir::Etc::SourceList "$apt/sources";
Dir::Etc::SourceParts "$apt/none";
Dir::Etc::Preferences "$apt/none/preferences";
Dir::Etc::PreferencesParts "$apt/none";
Dir::State "$apt";
Dir::State::Status "$apt/status";
Dir::Cache "$apt";
APT::Install-Recommends "false";
APT::Sandbox::User "";
Acquire::Check-Valid-Until "false";
Acquire::Languages "none";
Acquire::Retries "1";
Acquire::http::Timeout "20";
END
fetch() {
  APT_CONFIG=$apt/conf timeout 600 apt-get -q "$@" > "$apt/log" 2>&1 ||
    unavailable "$(grep -m 1 '^E: ' "$apt/log" || echo "apt-get $1 fails")"
}
# Without an error apt-get update goes on with lists that it does not have.
fetch update --error-on=any
fetch install -y --download-only libtorch-dev libopenblas0-pthread libjpeg62-turbo

# Headers of the C library and of other compilers would stand in the way of this machine's.
for package in "$apt"/archives/*.deb; do
  case ${package##*/} in
    libtorch-dev_*) ;;
    *-dev_* | python3* | libpython3* | *_all.deb) continue ;;
  esac
  dpkg-deb -x "$package" "$new"
done
rm -r "$apt"
chmod 755 "$new"
# Another process may have been quicker.
mv -T "$new" "$folder" 2>/dev/null || [[ -d $folder ]]
