#!/usr/bin/env bash
# Tests and measures vs beside Python on a GPU, on a machine that has Python with torch and timm,
# CMake and a C++ compiler, but neither Go nor a network. Elsewhere, with Go: make gpu-binaries.
# Then here, from the root of the same sources:
#
#   scripts/gpu_check.sh [--binaries DIR] [--device cuda|cpu] [--python PYTHON] [--models DIR] [--data DIR] [--build DIR] [--out DIR] [--parts LIST] [--sizes LIST]
#
#   --binaries DIR   what make gpu-binaries has made (default: build/gpu)
#   --device D       cuda (the default), cuda:N, or cpu: everything in small, to try the script
#   --python PYTHON  the interpreter (default: python3); without torch and timm its side is left out
#   --models DIR     model files in place of those that are traced here
#   --data DIR       pictures, one folder per class, in place of generated ones
#   --build DIR      where the C++ library is built (default: DIR of --out, /build); LIBTORCH names a libtorch that is not Python's
#   --out DIR        results (default: build/gpu-check): report.md, report.json
#   --parts LIST     some of tests,model,files,eval,search,equal (default: all)
#   --sizes LIST     some of 5m,11m,21m, the TinyViTs (default: all; on the CPU 5m)
#
# Called again with the same --out it goes on where it was stopped, and results of other parts and
# sizes stay, so that it can be done in pieces.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
root=$PWD

fail() {
  printf 'gpu_check: %s\n' "$@" >&2
  exit 1
}

binaries=build/gpu device=cuda python=python3 models='' data='' build='' out=build/gpu-check parts=tests,model,files,eval,search,equal sizes=''
while (($#)); do
  case $1 in
    --binaries | --device | --python | --models | --data | --build | --out | --parts | --sizes)
      (($# > 1)) || fail "$1 needs a value"
      declare "${1#--}=$2"
      shift 2
      ;;
    --help)
      sed -n '2,/^set/{/^set/d;s/^# \{0,1\}//;p}' "${BASH_SOURCE[0]}"
      exit
      ;;
    *) fail "unknown option $1; see --help" ;;
  esac
done
build=${build:-$out/build}
mkdir -p "$out"

for binary in vs demopictures nearest torch.test encoder.test search.test cmd-vs.test; do
  [[ -x $binaries/$binary ]] || fail "$binaries/$binary is missing; on a machine with Go: make gpu-binaries, and copy build/gpu here"
done
binaries=$(realpath "$binaries") out=$(realpath "$out")
command -v "$python" >/dev/null || fail "$python is missing; name a Python with --python"
with_torch=
if "$python" -c 'import torch, timm' 2>/dev/null; then
  with_torch=$python
elif [[ $device != cpu ]]; then
  fail "$python cannot import torch and timm, beside which vs is measured; name another with --python"
fi

# --- the C++ library, over Python's own libtorch if that has one -----------------------
prefix=${LIBTORCH:-}
if [[ -z $prefix && -n $with_torch ]]; then
  prefix=$("$python" -c 'import torch; print(torch.utils.cmake_prefix_path)')
  [[ -e $prefix/Torch/TorchConfig.cmake ]] || prefix=''
fi
{ cmake -S . -B "$build" ${prefix:+"-DCMAKE_PREFIX_PATH=$prefix"} && cmake --build "$build" --parallel; } >"$out/build.log" 2>&1 ||
  fail "the C++ library cannot be built; see $out/build.log"
VS_LIBRARY_PATH=$(realpath "$build")
export VS_LIBRARY_PATH VS_TEST_DEVICE=$device
"$binaries/vs" doctor

# --- models ----------------------------------------------------------------------------
if [[ -z $sizes ]]; then
  sizes=5m,11m,21m
  [[ $device != cpu ]] || sizes=5m
fi
IFS=, read -ra sizes <<<"$sizes"
model_files=()
if [[ -z $models && -n $with_torch ]]; then
  models=$out/models
  mkdir -p "$models"
  for size in "${sizes[@]}"; do
    name=tiny_vit_${size}_224
    if [[ ! -e $models/$name.pt ]]; then
      "$python" scripts/bench/gpu_python.py weights "$name" "$models/$name.pth" --device cpu >"$out/trace.log"
      "$python" scripts/trace_timm.py --model "$size" --checkpoint "$models/$name.pth" --out "$models" >>"$out/trace.log"
    fi
  done
fi
if [[ -n $models ]]; then
  for size in "${sizes[@]}"; do
    file=$models/tiny_vit_${size}_224.pt
    [[ -e $file ]] || fail "$file is missing; --models names a folder with the traced TinyViTs"
    model_files+=(--model "$file")
  done
  VS_MODELS=$(realpath "$models")
  export VS_MODELS
else
  model_files=(--model builtin)
fi

# --- pictures --------------------------------------------------------------------------
if [[ -z $data ]]; then
  data=$out/pictures
  "$binaries/demopictures" --out "$data"
  if [[ $device == cpu ]]; then # a few are enough
    find "$data" -name '*[1-46-9].jpg' -delete
    find "$data" -mindepth 1 -type d | sort | tail -n +5 | xargs rm -r
  fi
fi

# --- tests -----------------------------------------------------------------------------
failed=()
if [[ ,$parts, == *,tests,* ]]; then
  only=()
  if [[ $device == cpu ]]; then
    only=(-test.run 'Staged|Padded|Operations') # make test runs them all
  fi
  for package in torch encoder search cmd/vs; do
    printf -- '--- tests of %s on %s\n' "$package" "$device"
    (cd "$package" && "$binaries/${package//\//-}.test" -test.short "${only[@]}") || failed+=("tests of $package")
  done
  parts=${parts/tests/}
fi

# --- measurements ----------------------------------------------------------------------
parts=$(tr -s , <<<"$parts" | sed 's/^,//; s/,$//')
if [[ -n $parts ]]; then
  "$python" "$root/scripts/bench/gpu_check.py" --binaries "$binaries" --device "$device" --data "$data" "${model_files[@]}" \
    ${with_torch:+--python "$with_torch"} --parts "$parts" --json "$out/report.json" || failed+=("measurements")
fi
((${#failed[@]} == 0)) || fail "${failed[@]/%/ failed}"
