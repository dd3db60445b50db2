#!/usr/bin/env bash
# Installs what the build needs and lacks, through apt, and says what to do where that is not possible.
#
#   scripts/setup.sh          what `make build`, `make demo` and `make test` need
#   scripts/setup.sh check    also what `make check` needs
#
# With LIBTORCH=/path/to/libtorch that libtorch is used and Debian's is not installed.
set -euo pipefail

missing=()

# need FILE-OR-COMMAND PACKAGE: a path is looked for as a file, anything else as a command.
need() {
  case $1 in
    /*) [[ -e $1 ]] || missing+=("$2") ;;
    *) command -v "$1" >/dev/null || missing+=("$2") ;;
  esac
}

if ! command -v go >/dev/null; then
  echo "setup: Go is not installed. Get it from https://go.dev/dl/ (go.mod names the version) and run this again." >&2
  exit 1
fi

multiarch=$(gcc -print-multiarch 2>/dev/null || true)
multiarch=${multiarch:-$(uname -m)-linux-gnu}
need g++ g++
need cmake cmake
need /usr/include/jpeglib.h libjpeg62-turbo-dev
if [[ -n ${LIBTORCH:-} ]]; then
  if [[ -z $(find "$LIBTORCH/" -name TorchConfig.cmake -print -quit 2>/dev/null) ]]; then
    echo "setup: LIBTORCH=$LIBTORCH holds no TorchConfig.cmake. Name the folder of an unpacked libtorch, or what" >&2
    echo "  python3 -c 'import torch; print(torch.utils.cmake_prefix_path)'   prints." >&2
    exit 1
  fi
else
  need "/usr/lib/$multiarch/cmake/Torch/TorchConfig.cmake" libtorch-dev
  # The reference BLAS that libtorch-dev brings otherwise is slow.
  need "/usr/lib/$multiarch/openblas-pthread/libblas.so.3" libopenblas0-pthread
fi
if [[ ${1:-} == check ]]; then
  need clang-format clang-format
  need shellcheck shellcheck
  need python3 python3
  # The tests of the HTML page run in it.
  need chromium chromium
fi

if ((${#missing[@]} == 0)); then
  exit 0
fi

as_root=()
if ((EUID != 0)); then
  as_root=(sudo)
fi
install="${as_root[*]}${as_root:+ }apt-get install -y --no-install-recommends ${missing[*]}"
if ! command -v apt-get >/dev/null || { ((EUID != 0)) && ! command -v sudo >/dev/null; }; then
  echo "setup: missing: ${missing[*]}" >&2
  echo "On Debian or Ubuntu, as root: apt-get install ${missing[*]}" >&2
  echo "For libtorch there is another way: unpack one from https://pytorch.org and run LIBTORCH=/path/to/libtorch make" >&2
  exit 1
fi
echo "setup: $install" >&2
export DEBIAN_FRONTEND=noninteractive
"${as_root[@]}" apt-get update -q >&2
if ! "${as_root[@]}" apt-get install -y --no-install-recommends "${missing[@]}" >&2; then
  echo "setup: apt-get could not install: ${missing[*]}" >&2
  echo "If it is libtorch-dev that is missing, unpack a libtorch from https://pytorch.org and run LIBTORCH=/path/to/libtorch make" >&2
  exit 1
fi
