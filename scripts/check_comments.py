#!/usr/bin/env python3
"""Finds comments and paragraphs of documents that are wider than 100 columns.

    scripts/check_comments.py

Exempt are tables, code in documents and comments (indented by more than a blank), the output of
examples, and a line that is one long word.
"""

import subprocess
import sys

WIDTH = 100
MARKS = {".go": "//", ".cc": "//", ".h": "//", ".c": "//", ".js": "//", ".py": "#", ".sh": "#"}


def too_wide(name: str, text: str) -> list[str]:
    """Returns a line of "FILE:LINE: TEXT" for each line that is too wide."""
    found = []
    mark = next((m for ending, m in MARKS.items() if name.endswith(ending)), None)
    fenced = False
    for number, line in enumerate(text.splitlines(), 1):
        line = line.expandtabs(4)
        stripped = line.strip()
        if name.endswith(".md"):
            if stripped.startswith("```"):
                fenced = not fenced
            prose = not fenced and not stripped.startswith("|")
        else:
            prose = mark is not None and stripped.startswith(mark + " ") and not stripped.startswith(mark + "  ") and not name.endswith("example_test.go")
        if prose and len(line) > WIDTH and len(stripped.split()) > 3:
            found.append(f"{name}:{number}: {stripped}")
    return found


def main() -> int:
    names = subprocess.run(["git", "ls-files", "-co", "--exclude-standard"], check=True, capture_output=True, text=True).stdout.splitlines()
    found = []
    for name in names:
        if "testdata" in name or not name.endswith((".md", *MARKS)):
            continue
        with open(name, encoding="utf-8") as file:
            found += too_wide(name, file.read())
    print(*found, sep="\n", end="\n" if found else "")
    if found:
        print(f"wider than {WIDTH} columns: {len(found)}; wrap them", file=sys.stderr)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
