#!/usr/bin/env bash
# Installs what the build needs and lacks, through apt. It says first what and why, and on a
# terminal asks.
#
#   scripts/setup.sh            what `make build`, `make demo` and `make test` need
#   scripts/setup.sh check      also what `make check` needs
#   scripts/setup.sh --print    the command that would be run, and nothing else; also before check
#
# NO_INSTALL=1 fails where something is missing instead of installing it. LIBTORCH=/path/to/libtorch
# uses that libtorch and does not install Debian's.
set -euo pipefail

print=
if [[ ${1:-} == --print ]]; then
  print=1
  shift
fi

missing=() reasons=()

# need FILE-OR-COMMAND PACKAGE WHAT-FOR: a path is looked for as a file, anything else as a command.
need() {
  case $1 in
    /*) [[ ! -e $1 ]] || return 0 ;;
    *) ! command -v "$1" >/dev/null || return 0 ;;
  esac
  missing+=("$2")
  reasons+=("$3")
}

if ! command -v go >/dev/null; then
  echo "setup: Go is not installed. Get it from https://go.dev/dl/ (go.mod names the version) and run this again." >&2
  exit 1
fi

multiarch=$(gcc -print-multiarch 2>/dev/null || true)
multiarch=${multiarch:-$(uname -m)-linux-gnu}
need g++ g++ 'C++ compiler'
need cmake cmake 'builds the C++ library'
need /usr/include/jpeglib.h libjpeg62-turbo-dev 'decodes JPEG'
# need_library PACKAGE WHAT-FOR NAME...: one of these versions of a library that is opened at run
# time.
need_library() {
  local package=$1 reason=$2 name
  shift 2
  for name; do
    [[ ! -e /usr/lib/$multiarch/$name ]] || return 0
  done
  need "/usr/lib/$multiarch/$1" "$package" "$reason"
}
need_library libwebpdemux2 'decodes WebP' libwebpdemux.so.2
need_library libtiff-tools 'decodes compressed TIFF' libtiff.so.6 libtiff.so.5
need_library liblcms2-2 'decodes TIFF in LAB' liblcms2.so.2
need_library libheif1 'decodes HEIC' libheif.so.1
need_library libavif-bin 'decodes AVIF' libavif.so.16 libavif.so.15
need_library libopenjp2-7 'decodes JPEG 2000' libopenjp2.so.7
# Newer Debians hold libheif's decoder of HEIC in a package of its own.
if command -v apt-cache >/dev/null && apt-cache show libheif-plugin-libde265 >/dev/null 2>&1; then
  need_library libheif-plugin-libde265 'decodes HEIC, with libheif' libheif/plugins/libheif-libde265.so
fi
if [[ -n ${LIBTORCH:-} ]]; then
  if [[ -z $(find "$LIBTORCH/" -name TorchConfig.cmake -print -quit 2>/dev/null) ]]; then
    echo "setup: LIBTORCH=$LIBTORCH holds no TorchConfig.cmake. Name the folder of an unpacked libtorch, or what" >&2
    echo "  python3 -c 'import torch; print(torch.utils.cmake_prefix_path)'   prints." >&2
    exit 1
  fi
else
  need "/usr/lib/$multiarch/cmake/Torch/TorchConfig.cmake" libtorch-dev 'runs the models'
  need "/usr/lib/$multiarch/openblas-pthread/libblas.so.3" libopenblas0-pthread \
    "fast matrix products; becomes the system's libblas.so.3 in place of the slow reference BLAS"
fi
if [[ ${1:-} == check ]]; then
  need clang-format clang-format 'checks the format of C++'
  need shellcheck shellcheck 'checks the shell scripts'
  need python3 python3 'runs the tests of the Python scripts'
  need chromium chromium 'runs the tests of the HTML page'
  need zsh zsh 'runs the tests of completion'
  need fish fish 'runs the tests of completion'
  need mandoc mandoc 'checks the manual pages'
fi

if ((${#missing[@]} == 0)); then
  exit 0
fi

as_root=()
if ((EUID != 0)); then
  as_root=(sudo)
fi
install=("${as_root[@]}" apt-get install -y --no-install-recommends "${missing[@]}")
if [[ $print ]]; then
  echo "${install[*]}"
  exit 0
fi

echo "setup: missing on this machine:" >&2
for i in "${!missing[@]}"; do
  printf '  %-24s %s\n' "${missing[i]}" "${reasons[i]}" >&2
done
other_libtorch='For libtorch there is another way: unpack one from https://pytorch.org and run LIBTORCH=/path/to/libtorch make'
if [[ -n ${NO_INSTALL:-} ]]; then
  echo "setup: NO_INSTALL is set, so nothing is installed; run: ${install[*]}" >&2
  echo "$other_libtorch" >&2
  exit 1
fi
if ! command -v apt-get >/dev/null || { ((EUID != 0)) && ! command -v sudo >/dev/null; }; then
  echo "setup: on Debian or Ubuntu, as root: apt-get install ${missing[*]}" >&2
  echo "$other_libtorch" >&2
  exit 1
fi
echo "setup: ${install[*]}" >&2
if [[ -t 0 && -t 2 ]]; then
  read -rp 'setup: install these now? [Y/n] ' answer
  if [[ ! ${answer:-y} =~ ^[Yy] ]]; then
    echo 'setup: nothing was installed' >&2
    exit 1
  fi
fi
export DEBIAN_FRONTEND=noninteractive
"${as_root[@]}" apt-get update -q >&2
if ! "${install[@]}" >&2; then
  echo "setup: apt-get could not install: ${missing[*]}" >&2
  echo "$other_libtorch" >&2
  exit 1
fi
