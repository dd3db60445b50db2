#!/usr/bin/env bash
# Traces TinyViT 5M, 11M and 21M with timm into models/. Files that are there already stay.
#
#   scripts/make_models.sh                           in a Python environment of its own, build/venv
#   PYTHON=/path/to/python scripts/make_models.sh    with a Python that has torch and timm
#   FORCE=1 scripts/make_models.sh                   traces anew
#
# torch for the CPU alone suffices and is a far smaller download:
#   PIP_EXTRA_INDEX_URL=https://download.pytorch.org/whl/cpu scripts/make_models.sh
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

requirements=scripts/requirements.txt
venv=build/venv
# A copy of the requirements that were installed; it is not there while the environment is half made.
complete=$venv/requirements.txt

fail() {
  printf 'make models: %s\n' "$@" >&2
  exit 1
}

fail_offline() {
  echo "make models: $1" >&2
  cat >&2 <<'HELP'
Without a network, use a Python that has torch and timm:
  PYTHON=/path/to/python make models
or trace on another machine and copy models/ from there:
  python3 scripts/trace_timm.py --model 5m 11m 21m --out models
Weights from a file (model.safetensors of timm's repository on the Hugging Face hub), one model at a time:
  python3 scripts/trace_timm.py --model 5m --checkpoint FILE --out models
HELP
  exit 1
}

make_venv() {
  if cmp -s "$requirements" "$complete"; then
    return
  fi
  command -v python3 >/dev/null || fail "python3 is not installed. On Debian or Ubuntu, as root: apt-get install python3-venv"
  python3 -c 'import ensurepip, venv' 2>/dev/null ||
    fail "python3 cannot make environments. On Debian or Ubuntu, as root: apt-get install python3-venv"
  echo "make models: installing torch and timm into $venv" >&2
  python3 -m venv --clear "$venv" || fail "python3 -m venv $venv failed, see above"
  "$venv/bin/python" -m pip install --disable-pip-version-check -r "$requirements" >&2 ||
    fail_offline "pip could not install torch and timm, see above. Is there a network?"
  cp "$requirements" "$complete"
}

wanted=()
for size in 5m 11m 21m; do
  file=models/tiny_vit_${size}_224.pt
  if [[ -e $file && ${FORCE:-} != 1 ]]; then
    echo "$file is there already; FORCE=1 makes it anew"
  else
    wanted+=("$size")
  fi
done
if ((${#wanted[@]} == 0)); then
  exit 0
fi

if [[ -n ${PYTHON:-} ]]; then
  python=$PYTHON
  command -v "$python" >/dev/null || fail "PYTHON=$python is not a program"
else
  make_venv
  python=$venv/bin/python
fi
"$python" scripts/trace_timm.py --model "${wanted[@]}" --out models || fail_offline "not all models were made, see above."
