#!/usr/bin/env bash
# Traces the three TinyViT encoders to models/; `make models` runs it.
#   FORCE=1                 trace again what is there already
#   PYTHON=/path/to/python  use that interpreter, which has torch and timm, and make no environment
set -euo pipefail

cd "$(dirname "${BASH_SOURCE[0]}")/.."
readonly requirements=scripts/requirements.txt
readonly venv=build/venv
readonly models=(5m 11m 21m)

fail() {
  printf 'make models: %s\n' "$@" >&2
  exit 1
}

# The environment holds a copy of the requirements that it was completed with:
# interrupted or outdated, it has none that matches.
venv_complete() {
  cmp --silent "$requirements" "$venv/complete"
}

make_venv() {
  command -v python3 >/dev/null || fail "python3 is missing; install it (Debian: apt install python3 python3-venv)"
  python3 -c 'import ensurepip, venv' 2>/dev/null ||
    fail "python3 cannot make virtual environments; install its venv module (Debian: apt install python3-venv)"
  rm -rf "$venv"
  python3 -m venv "$venv" || fail "making $venv failed; see above"
  "$venv/bin/python" -m pip install --disable-pip-version-check -r "$requirements" || explain_offline
  cp "$requirements" "$venv/complete"
}

explain_offline() {
  fail \
    "pip could not install $requirements; is there a network? Without one, do one of these:" \
    "  where any Python has torch and timm:" \
    "    PYTHON=/path/to/python make models" \
    "  on a machine with a network, after pip install -r $requirements, and copy models/ back:" \
    "    python3 scripts/trace_timm.py --model 5m 11m 21m --out models" \
    "  with weights downloaded elsewhere, for each of 5m, 11m, 21m:" \
    "    python3 scripts/trace_timm.py --model 5m --checkpoint FILE --out models" \
    "  with packages from a machine of the same kind (pip download -d wheels -r $requirements):" \
    "    PIP_NO_INDEX=1 PIP_FIND_LINKS=wheels make models"
}

missing=()
for model in "${models[@]}"; do
  file=models/tiny_vit_${model}_224.pt
  if [[ -e $file && ${FORCE:-} != 1 ]]; then
    printf '%s exists; FORCE=1 traces it again\n' "$file"
  else
    missing+=("$model")
  fi
done
[[ ${#missing[@]} -gt 0 ]] || exit 0

if [[ -n ${PYTHON:-} ]]; then
  command -v "$PYTHON" >/dev/null || fail "PYTHON=$PYTHON is not an executable; name a Python that has torch and timm"
  python=$PYTHON
else
  venv_complete || make_venv
  python=$venv/bin/python
fi
exec "$python" scripts/trace_timm.py --model "${missing[@]}" --out models
