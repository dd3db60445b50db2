#!/usr/bin/env bash
# Gives the module another path: in go.mod and in every import. The path is "vs" until the project
# has a public home, from where `go install` can fetch it.
#
#   scripts/set_module_path.sh example.org/you/vs
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

if (($# != 1)) || [[ ! $1 =~ ^[A-Za-z0-9._~-]+(/[A-Za-z0-9._~-]+)*$ ]]; then
  echo "usage: scripts/set_module_path.sh PATH, such as example.org/you/vs" >&2
  exit 2
fi
new=$1
old=$(go list -m)

# Only imports are changed: a line of an import block, or one that begins with import, optionally
# with a name before the path.
find . -name '*.go' -not -path './build/*' -print0 |
  xargs -0 sed -i -E "s#^(import[[:space:]]+|\t)(([A-Za-z0-9_]+|\.)[[:space:]]+)?\"${old//./\\.}/#\1\2\"$new/#"
go mod edit -module "$new"
gofmt -l -w . >/dev/null
go list ./... >/dev/null
echo "module path: $old -> $new"
