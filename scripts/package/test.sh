#!/usr/bin/env bash
# Installs, tries and removes what `make dist` has made, in clean chroots of Debian 12 and 13, and
# compares two builds byte by byte. Needs root and debootstrap; takes some minutes.
#
#   scripts/package/test.sh [SUITE...]      default: bookworm trixie
#
# The mirror is that of this machine's own packages, or $DEBIAN_MIRROR.
set -euo pipefail
cd "$(dirname "$0")/../.."
((EUID == 0)) || { echo 'dist-test: run it as root, since it makes chroots' >&2; exit 1; }
command -v debootstrap >/dev/null || { echo 'dist-test: debootstrap is missing: apt-get install debootstrap' >&2; exit 1; }
compgen -G 'dist/*.deb' >/dev/null || { echo 'dist-test: dist/ holds no packages; run make dist' >&2; exit 1; }
# shellcheck disable=SC2016  # apt-get expands it
mirror=${DEBIAN_MIRROR:-$(apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' | grep -m 1 -E '/debian/?$')}
suites=("$@")
((${#suites[@]})) || suites=(bookworm trixie)
version=$(basename dist/vs-*-linux-amd64.tar.gz -linux-amd64.tar.gz)
version=${version#vs-}

step() { printf -- '--- %s\n' "$*"; }
fail() { printf 'dist-test: %s\n' "$*" >&2; exit 1; }

step the same bytes from another folder
copy=$(mktemp -d)
root=
leave() {
  if [[ -n $root ]]; then
    umount -l "$root/proc" 2>/dev/null || true
    rm -rf --one-file-system "$root"
  fi
  rm -rf "$copy"
}
trap leave EXIT
git ls-files -z | xargs -0 cp --parents -t "$copy"
built=$(tar --utc --full-time -tvf "dist/vs-$version-linux-amd64.tar.gz" | awk 'NR == 1 {print $4, $5}')
(cd "$copy" && SOURCE_DATE_EPOCH=$(date -u -d "$built" +%s) scripts/package/dist.sh "$version" > "$copy.log" 2>&1) || { cat "$copy.log" >&2; exit 1; }
cmp dist/SHA256SUMS "$copy/dist/SHA256SUMS" || fail 'two builds of the same sources differ'
rm -f "$copy.log"

CGO_ENABLED=0 go build -o "$copy/demopictures" ./scripts/demopictures

# inside COMMAND...: runs it in the chroot.
inside() { chroot "$root" env -i PATH=/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin HOME=/root DEBIAN_FRONTEND=noninteractive LC_ALL=C.UTF-8 "$@"; }

# try PROGRAM: the main job.
try() {
  inside "$1" --version
  inside "$1" doctor
  inside rm -rf /tmp/try
  inside /tmp/demopictures --out /tmp/try/pictures
  inside "$1" encode --quiet --model builtin --data /tmp/try/pictures --db /tmp/try/pictures.db
  inside "$1" eval --quiet --db /tmp/try/pictures.db --classifier lda --format csv | grep -q '^builtin_filterbank,.*,360,' || fail "$1 does not evaluate"
  [[ $(inside "$1" query --quiet --db /tmp/try/pictures.db --top-k 1 /tmp/try/pictures/waves/003.jpg) == *waves ]] || fail "$1 does not answer"
}

for suite in "${suites[@]}"; do
  deb=$(compgen -G "dist/vs_*~${suite}1_amd64.deb") || fail "there is no package for $suite"
  step "$suite: a clean system"
  root=$(mktemp -d)
  debootstrap --variant=minbase "$suite" "$root" "$mirror" > "$root.log" 2>&1 || { tail -20 "$root.log" >&2; exit 1; }
  rm -f "$root.log"
  mount -t proc proc "$root/proc"
  cp /etc/resolv.conf "$root/etc/" 2>/dev/null || true
  find /etc/apt/apt.conf.d -type f -exec cp {} "$root/etc/apt/apt.conf.d/" \;
  cp "$deb" "$root/tmp/vs.deb"
  cp "$copy/demopictures" "$root/tmp/"
  inside apt-get update -q >/dev/null
  step "$suite: installing $deb"
  inside apt-get install -qy --no-install-recommends /tmp/vs.deb >/dev/null
  files=$(inside dpkg -L vs)
  try vs
  for path in man/man1/vs-eval.1.gz bash-completion/completions/vs zsh/vendor-completions/_vs fish/vendor_completions.d/vs.fish doc/vs/copyright vs/trace_timm.py; do
    [[ -e $root/usr/share/$path ]] || [[ $path == man/* || $path == doc/vs/NOTICES.md ]] || fail "the package lacks /usr/share/$path"
  done
  step "$suite: the archive, in a folder with a blank"
  mkdir "$root/opt/a folder"
  tar -C "$root/opt/a folder" -xzf "dist/vs-$version-linux-amd64.tar.gz"
  try "/opt/a folder/vs-$version-linux-amd64/bin/vs"
  step "$suite: removing"
  inside apt-get purge -qy vs >/dev/null
  while read -r path; do
    [[ ! -f $root$path && ! -L $root$path ]] || fail "$path is left behind"
  done <<< "$files"
  ! inside sh -c 'command -v vs' || fail 'vs is still there'
  umount "$root/proc"
  rm -rf --one-file-system "$root"
  root=
done
echo 'dist-test: all packages work'
