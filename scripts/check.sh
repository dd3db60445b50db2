#!/usr/bin/env bash
# What `make check` runs once everything is installed and built: format, lint, race detector, short
# fuzzing.
#
#   scripts/check.sh FUZZTIME STATICCHECK-MODULE@VERSION
set -euo pipefail
fuzztime=$1 staticcheck=$2

step() { printf -- '--- %s\n' "$*"; }

step gofmt
unformatted=$(gofmt -l .)
if [[ -n $unformatted ]]; then
  printf 'not formatted, run gofmt -w:\n%s\n' "$unformatted" >&2
  exit 1
fi

step clang-format
git ls-files -co --exclude-standard -- '*.c' '*.h' '*.cc' | xargs clang-format --dry-run -Werror

step shellcheck
git ls-files -co --exclude-standard -- '*.sh' '*.bash' .ci/run | xargs shellcheck

step comments
scripts/check_comments.py

step go mod tidy
go mod tidy -diff

step go vet
go vet ./...

step staticcheck
go run "$staticcheck" ./...

# The race detector costs a tenfold slowdown; the packages with goroutines of their own are worth
# it.
step race detector
go test -race -short ./data ./encoder ./search ./search/database ./search/ingest ./torch

step tests on a fake CUDA device
make --no-print-directory test-fakecuda

step tests with a newer libtorch
scripts/check_newer_libtorch.sh

step Python scripts
python3 -m unittest scripts/test_*.py

step gpu_check on the CPU
make --no-print-directory gpu-binaries
results=$(mktemp -d)
trap 'rm -rf "$results"' EXIT
scripts/gpu_check.sh --device cpu --build build --out "$results"

step fuzz
fuzz() {
  (cd "$1" && go test -run '^$' -fuzz "^$2\$" -fuzztime "$fuzztime" -fuzzminimizetime 100x .) 2>&1 | tee "$results/fuzz.log"
}
# Go before 1.27 fails now and then as the time ends, without an input that fails
# (go.dev/issue/75804).
ended_badly() {
  grep -q 'context deadline exceeded' "$results/fuzz.log" && ! grep -q 'Failing input' "$results/fuzz.log"
}
go list -f '{{.Dir}}' ./... | while read -r dir; do
  { grep -hoE '^func Fuzz[A-Za-z0-9_]+' "$dir"/*_test.go 2>/dev/null || true; } | while read -r _ target; do
    fuzz "$dir" "$target" || { ended_badly && fuzz "$dir" "$target"; }
  done
done
