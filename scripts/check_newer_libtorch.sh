#!/usr/bin/env bash
# Builds the C++ library against the libtorch 2.x of a newer Debian suite, and runs the tests of
# what stands on it, on the CPU and on the fake CUDA device. Says in one line why not where that
# libtorch cannot be had.
#
#   scripts/check_newer_libtorch.sh [SUITE]      default: trixie, with libtorch 2.6
#
# The suite's files are kept in $XDG_CACHE_HOME/vs, or ~/.cache/vs, between runs.
set -euo pipefail
cd "$(dirname "$0")/.."
suite=${1:-trixie}
root=${XDG_CACHE_HOME:-$HOME/.cache}/vs/$suite

scripts/debian_libtorch.sh "$suite" "$root" || {
  (($? == 3)) || exit 1
  echo "tests with a newer libtorch: skipped" >&2
  exit 0
}
build=build/$suite
mkdir -p "$build"
cmake -S . -B "$build" -DCMAKE_PREFIX_PATH="$root/usr" > "$build/log" 2>&1 || { cat "$build/log" >&2; exit 1; }
cmake --build "$build" --parallel "$(nproc)" --target vstorch fakecuda > "$build/log" 2>&1 || { cat "$build/log" >&2; exit 1; }

# The tests run by the suite's dynamic linker, which finds all libraries where the suite has them,
# those that are opened at run time too.
libraries=$root/usr/lib/$(gcc -print-multiarch)
linker=$(find "$root/usr/lib64" "$root/usr/lib" -maxdepth 1 -name 'ld-linux*' -print -quit)
flags="-extldflags '-Wl,--dynamic-linker=$linker,--disable-new-dtags,-rpath,$libraries/openblas-pthread:$libraries'"
tests() { go test -ldflags "$flags" -short "$@"; }

VS_LIBRARY_PATH=$PWD/$build tests ./torch/... ./encoder/... ./search/...
export VS_LIBRARY_PATH=$PWD/$build/fakecuda VS_TEST_DEVICE=cuda
VS_MODELS='' VS_GOLDEN='' tests ./torch ./encoder ./search
# One of the traced models has attention, which is another operator there.
tests -run 'DoesNotWait|OfPython/tiny_vit_5m' ./encoder
