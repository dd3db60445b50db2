#!/usr/bin/env bash
# Draws the images of the README, docs/images, from the demo pictures. Needs chromium.
set -euo pipefail
cd "$(dirname "$0")/.."
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

make build
go run ./scripts/demopictures --out "$work/demo"
bin/vs encode --quiet --model builtin --data "$work/demo" --db "$work/demo.db"
bin/vs report --quiet --db "$work/demo.db" --data "$work/demo" --classifier lda --out "$work"
bin/vs eval --quiet --db "$work/demo.db" --classifier lda --plots "$work/plots" > "$work/table"

mkdir -p docs/images
cp "$work/plots/builtin_filterbank_lda.confusion.png" docs/images/confusion.png
# A snap of chromium reads no hidden folders, so the page lies in a plain one.
chromium --headless --no-sandbox --disable-gpu --hide-scrollbars --window-size=1200,900 \
  --screenshot="$PWD/docs/images/report.png" "file://$work/index.html"
