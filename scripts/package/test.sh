#!/usr/bin/env bash
# Installs, tries and removes what `make dist` has made, in clean chroots of Debian 12 and 13, and
# compares two builds byte by byte. Needs root and debootstrap; takes 25 minutes on two busy cores.
#
#   scripts/package/test.sh [SUITE...]      default: bookworm trixie
#
# The mirror is that of this machine's own packages, or $DEBIAN_MIRROR.
set -euo pipefail
cd "$(dirname "$0")/../.."
((EUID == 0)) || { echo 'dist-test: run it as root, since it makes chroots' >&2; exit 1; }
# In a name space of its own, what is mounted in a chroot is never seen outside, and goes with the
# last process, however that ends.
[[ -n ${VS_DIST_TEST:-} ]] || VS_DIST_TEST=1 exec unshare --mount "scripts/package/${0##*/}" "$@"
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

step the archive ships neither CUDA nor libtorch
(($(stat -c %s "dist/vs-$version-linux-amd64.tar.gz") < 30000000)) || fail 'the archive has 30 MB or more'
mkdir "$copy/archive"
tar -C "$copy/archive" -xzf "dist/vs-$version-linux-amd64.tar.gz"
needed=$(find "$copy/archive" \( -path '*/bin/vs' -o -name '*.so' \) -type f -exec readelf -d {} + | sed -n 's/.*(NEEDED).*\[\(.*\)\].*/\1/p' | sort -u)
[[ $needed == *libc.so.6* ]] || fail "the archive's programs need nothing: $needed"
! grep -iE 'cu|torch|c10|nv|blas|jpeg' <<< "$needed" || fail "the archive's programs need these libraries"
! find "$copy/archive" | grep -E '/lib(torch|c10|cu|nv)[^/]*$' || fail 'the archive ships these libraries'

# inside COMMAND...: runs it in the chroot, with the settings.
settings=()
inside() {
  chroot "$root" env -i PATH=/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin HOME=/root DEBIAN_FRONTEND=noninteractive LC_ALL=C.UTF-8 "${settings[@]}" "$@"
}
install_packages() { inside apt-get install -qy --no-install-recommends -o Dpkg::Use-Pty=0 "$@" >/dev/null; }

# says PATTERN...: doctor's last report has lines of these patterns.
says() {
  for pattern in "$@"; do grep -qE "^$pattern\$" <<< "$report" || fail "doctor does not say: $pattern"; done
}

# try PROGRAM: the main job.
try() {
  inside "$1" --version
  report=$(inside "$1" doctor)
  printf '%s\n' "$report"
  inside rm -rf /tmp/try
  inside /tmp/demopictures --out /tmp/try/pictures
  inside "$1" encode --quiet --model builtin --data /tmp/try/pictures --db /tmp/try/pictures.db
  inside "$1" eval --quiet --db /tmp/try/pictures.db --classifier lda --format csv | grep '^builtin_filterbank,.*,360,' >/dev/null || fail "$1 does not evaluate"
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
  install_packages /tmp/vs.deb
  files=$(inside dpkg -L vs)
  libtorch=$(find "$root/usr/lib" -name 'libtorch_cpu.so.*' | sed -n 's/.*\.so\.\([0-9]*\.[0-9]*\)$/\1/p')
  [[ -n $libtorch ]] || fail "the package brings no libtorch along"
  try vs
  says 'library: +/usr/lib/vs/libvstorch.so' "libtorch: +$libtorch(\..*)?" 'BLAS: +OpenBLAS .*'
  for path in bash-completion/completions/vs zsh/vendor-completions/_vs fish/vendor_completions.d/vs.fish doc/vs/copyright vs/trace_timm.py; do
    [[ -s $root/usr/share/$path ]] || fail "the package lacks /usr/share/$path"
  done
  for page in vs vs-eval vs-db-add; do
    zcat "$root/usr/share/man/man1/$page.1.gz" | grep "^\.TH \"${page^^}\"" >/dev/null || fail "the package has no manual page of $page"
  done
  # shellcheck disable=SC2016  # the chroot's bash expands it
  [[ $(inside bash -c '. /usr/share/bash-completion/completions/vs
    COMP_WORDS=(vs quer) COMP_CWORD=1 COMP_LINE="vs quer" COMP_POINT=7
    $(complete -p vs | sed "s/.*-F \([^ ]*\).*/\1/") vs quer vs && echo "${COMPREPLY[*]}"') == query* ]] || fail 'bash does not complete vs quer'

  step "$suite: the archive, in a folder with a blank"
  mkdir "$root/opt/a folder"
  cp -r "$copy/archive/." "$root/opt/a folder/"
  program="/opt/a folder/vs-$version-linux-amd64/bin/vs"
  library="${program%bin/vs}lib/libvstorch-$libtorch.so"
  try "$program"
  says "library: +$library" "libtorch: +$libtorch(\..*)?" 'BLAS: +OpenBLAS .*' "Python's torch: +no python3 in PATH; this package has libraries for libtorch .*$libtorch.*"

  step "$suite: the archive on Python's torch"
  install_packages python3-minimal
  # As a wheel has it: files without version, in a folder that the system does not search.
  site="/opt/a venv/lib/python3/site-packages"
  mkdir -p "$root$site/torch/lib" "$root/opt/a venv/bin"
  for name in c10 torch torch_cpu; do cp "$root"/usr/lib/*/"lib$name.so.$libtorch" "$root$site/torch/lib/lib$name.so"; done
  touch "$root$site/torch/__init__.py"
  echo "__version__ = '$libtorch.0'" > "$root$site/torch/version.py"
  printf '#!/bin/sh\nPYTHONPATH="%s" exec /usr/bin/python3 "$@"\n' "$site" > "$root/opt/a venv/bin/python3"
  chmod 755 "$root/opt/a venv/bin/python3"
  settings=(VIRTUAL_ENV="/opt/a venv")
  report=$(inside "$program" doctor)
  says "Python's torch: +$libtorch in $site/torch/lib" "export VS_LIBTORCH='$site/torch/lib'"
  line=$(grep '^export VS_LIBTORCH=' <<< "$report")
  settings+=("VS_LIBTORCH=$(unset VS_LIBTORCH && eval "$line" && printf %s "$VS_LIBTORCH")")
  try "$program"
  says "library: +$library" "libtorch build: .* in $site/torch/lib" "Python's torch: +$libtorch in $site/torch/lib, in use"
  settings=()

  step "$suite: removing"
  inside apt-get purge -qy -o Dpkg::Use-Pty=0 vs >/dev/null
  while read -r path; do
    [[ ! -f $root$path && ! -L $root$path ]] || fail "$path is left behind"
  done <<< "$files"
  for path in lib/vs share/vs share/doc/vs; do [[ ! -e $root/usr/$path ]] || fail "/usr/$path is left behind"; done
  ! inside sh -c 'command -v vs' || fail 'vs is still there'
  umount "$root/proc"
  rm -rf --one-file-system "$root"
  root=
done
echo 'dist-test: all packages work'
