#!/usr/bin/env bash
# Builds the packages of a release into dist/: a Debian package per suite, and an archive that runs
# from any folder and ships no libtorch. The same sources give the same bytes.
#
#   scripts/package/dist.sh VERSION
#
# Runs on Debian 12: its binaries run on newer suites. A suite whose libtorch cannot be had is left
# out, with a line on stderr.
set -euo pipefail
cd "$(dirname "$0")/../.."
version=${1:?give the version}
nfpm=github.com/goreleaser/nfpm/v2/cmd/nfpm@v2.43.0
out=$PWD/dist
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
if [[ -z ${SOURCE_DATE_EPOCH:-} ]]; then
  SOURCE_DATE_EPOCH=$(git log -1 --format=%ct 2>/dev/null || echo 1)
fi
export SOURCE_DATE_EPOCH
export TZ=UTC LC_ALL=C
rm -rf "$out"
mkdir -p "$out"

step() { printf -- '--- %s\n' "$*"; }

# build_vs FILE LDFLAGS: the program without anything of this machine in it.
build_vs() {
  CGO_LDFLAGS="-Wl,--build-id=none,-z,now" go build -trimpath -buildvcs=false -buildmode=pie -o "$1" \
    -ldflags "-s -w -buildid= -X main.release=$version -extldflags=$2" ./cmd/vs
}

# build_library FOLDER FILE OPTION...: libvstorch.so against a libtorch. In a FOLDER that has built
# one with other options for linking, nothing is compiled again.
build_library() {
  local folder=$1 file=$2
  shift 2
  if ! { cmake -S . -B "$folder" -DCMAKE_CXX_COMPILER_LAUNCHER= -DCMAKE_SKIP_RPATH=ON -DCMAKE_CXX_FLAGS="-ffile-prefix-map=$PWD=." \
    -DCMAKE_SHARED_LINKER_FLAGS=-Wl,--build-id=none,-z,now "$@" &&
    cmake --build "$folder" --target vstorch --parallel "$(nproc)"; } > "$folder.log" 2>&1; then
    cat "$folder.log" >&2
    exit 1
  fi
  strip --strip-unneeded --remove-section=.comment -o "$file" "$folder/libvstorch.so"
}

step program
build_vs "$work/vs-shared" ''
mkdir "$work/static"
ln -s "$(gcc -print-file-name=libjpeg.a)" "$work/static/"
build_vs "$work/vs-static" "-L$work/static"

step libraries
declare -A root=([1.13]="")
libtorchs=(1.13)
for suite in trixie sid; do
  folder=${XDG_CACHE_HOME:-$HOME/.cache}/vs/$suite
  if scripts/debian_libtorch.sh "$suite" "$folder"; then
    file=$(find "$folder/usr/lib" -name 'libtorch_cpu.so.[0-9]*.[0-9]*' ! -name '*.so.*.*.*' -print -quit)
    v=${file##*.so.}
    libtorchs+=("$v")
    root[$v]=$folder/usr
    [[ $suite != trixie ]] || trixie=$v
  fi
done
for v in "${libtorchs[@]}"; do
  build_library "$work/build-$v" "$work/unlinked-$v.so" -DVST_UNLINKED=ON ${root[$v]:+-DCMAKE_PREFIX_PATH="${root[$v]}"}
done
build_library "$work/build-1.13" "$work/bookworm.so" -DVST_UNLINKED=OFF
[[ -z ${trixie:-} ]] || build_library "$work/build-$trixie" "$work/trixie.so" -DVST_UNLINKED=OFF

step documents
"$work/vs-shared" man "$work/man1"
for shell in bash zsh fish; do "$work/vs-shared" completion "$shell" > "$work/vs.$shell"; done
{
  printf 'Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/\nUpstream-Name: vs\n'
  printf 'Comment: The program contains Go modules; third-party.txt.gz has their licences.\n\n'
  printf 'Files: *\nCopyright: 2026 the vs authors\nLicense: Expat\n\nLicense: Expat\n'
  sed -n '/^Permission/,$p' LICENSE | sed 's/^$/./; s/^/ /'
} > "$work/copyright"
# Whoever passes the program on passes on the licences of what it contains.
{
  printf 'Licences of what bin/vs contains beside vs itself.\n'
  modules=$(go list -deps -f '{{with .Module}}{{if not .Main}}{{.Path}} {{.Version}} {{.Dir}}{{end}}{{end}}' ./cmd/vs | sort -u)
  while read -r path release folder; do
    texts=$(find "$folder" -maxdepth 2 -type f \( -path "$folder/LICENSE*" -o -path "$folder/NOTICE*" -o -path '*/licenses/ftl.txt' \) | sort)
    [[ -n $texts ]] || { echo "$path has no licence" >&2; exit 1; }
    while read -r text; do printf '\n======== %s %s: %s\n\n' "$path" "$release" "${text##*/}" && cat "$text"; done <<< "$texts"
  done <<< "$modules"
  printf '\n======== the Go library\n\n' && cat "$(go env GOROOT)/LICENSE"
  printf '\n======== libjpeg-turbo, in the archive; the Debian packages use that of the system\n\n'
  cat /usr/share/doc/libjpeg62-turbo-dev/copyright
} > "$work/third-party.txt"
scripts=(trace_timm.py torchscript_file.py checkpoint_file.py requirements.txt)

# share FOLDER: what all packages have beside the program.
share() {
  install -d "$1/share/vs" "$1/share/doc/vs" "$1/share/man/man1" "$1/share/bash-completion/completions" \
    "$1/share/zsh/vendor-completions" "$1/share/fish/vendor_completions.d"
  install -m 644 "${scripts[@]/#/scripts/}" "$1/share/vs/"
  install -m 644 third_party/NOTICES.md "$1/share/doc/vs/"
  gzip -9n < "$work/third-party.txt" > "$1/share/doc/vs/third-party.txt.gz"
  gzip -9n < CHANGELOG.md > "$1/share/doc/vs/changelog.gz"
  install -m 644 "$work/man1"/*.1 "$1/share/man/man1/"
  install -m 644 "$work/vs.bash" "$1/share/bash-completion/completions/vs"
  install -m 644 "$work/vs.zsh" "$1/share/zsh/vendor-completions/_vs"
  install -m 644 "$work/vs.fish" "$1/share/fish/vendor_completions.d/vs.fish"
}

step Debian packages
for suite in bookworm trixie; do
  [[ -e $work/$suite.so ]] || continue
  TREE=$work/tree-$suite
  share "$TREE"
  gzip -9n "$TREE"/share/man/man1/*.1
  install -m 644 "$work/copyright" "$TREE/share/doc/vs/copyright"
  printf 'vs (%s-1~%s1) unstable; urgency=medium\n\n  * See changelog.gz.\n\n -- The vs authors <vs@example.org>  %s\n' \
    "$version" "$suite" "$(date -R -d "@$SOURCE_DATE_EPOCH")" | gzip -9n > "$TREE/share/doc/vs/changelog.Debian.gz"
  install -d "$TREE/lib/vs"
  install -m 755 "$work/vs-shared" "$TREE/lib/vs/vs"
  install -m 644 "$work/$suite.so" "$TREE/lib/vs/libvstorch.so"
  find "$TREE" -exec touch -hd "@$SOURCE_DATE_EPOCH" {} +
  MTIME=$(date -d "@$SOURCE_DATE_EPOCH" +%Y-%m-%dT%H:%M:%SZ)
  LIBTORCH_PACKAGE=libtorch1.13 AVIF_PACKAGE=libavif15
  if [[ $suite == trixie ]]; then
    LIBTORCH_PACKAGE=libtorch$trixie AVIF_PACKAGE=libavif16
  fi
  # nfpm itself expands variables in some fields only.
  sed -e "s|\${VERSION}|$version|; s|\${SUITE}|$suite|; s|\${TREE}|$TREE|; s|\${MTIME}|$MTIME|" \
    -e "s|\${LIBTORCH_PACKAGE}|$LIBTORCH_PACKAGE|; s|\${AVIF_PACKAGE}|$AVIF_PACKAGE|" \
    scripts/package/nfpm.yaml > "$work/$suite.yaml"
  go run "$nfpm" package --config "$work/$suite.yaml" --packager deb --target "$out/vs_${version}-1~${suite}1_amd64.deb"
done

step archive
name=vs-$version-linux-amd64
tree=$work/$name
share "$tree"
install -D -m 755 "$work/vs-static" "$tree/bin/vs"
install -d "$tree/lib"
for v in "${libtorchs[@]}"; do
  install -m 644 "$work/unlinked-$v.so" "$tree/lib/libvstorch-$v.so"
done
install -m 644 LICENSE "$tree/"
install -m 644 scripts/package/README.archive "$tree/README"
tar --sort=name --mtime="@$SOURCE_DATE_EPOCH" --owner=0 --group=0 --numeric-owner -C "$work" -cf - "$name" |
  gzip -9n > "$out/$name.tar.gz"

(cd "$out" && sha256sum -- * > SHA256SUMS && cat SHA256SUMS && ls -l)
