#!/usr/bin/env python3
"""Writes data/testdata/imagefolder.json: how torchvision's ImageFolder lists a tree of nested folders.

Run with torchvision:

    python3 scripts/make_folder_fixture.py
"""

import json
import os
import tempfile
from pathlib import Path

import torchvision.datasets

OUTPUT = Path(__file__).resolve().parent.parent / "data" / "testdata" / "imagefolder.json"

# Names around "/" (0x2f) in byte order, of several depths, and letters that UTF-16 would sort
# otherwise.
TREE = [
    "cat/z.jpg", "cat/A.png", "cat/10.jpg", "cat/9.jpg",
    "cat/b/2.jpg", "cat/b/10.jpg", "cat/b/c/1.jpg", "cat/b/c/0.jpg", "cat/b/cc/1.jpg",
    "cat/b!/1.jpg", "cat/b-c/1.jpg", "cat/b.c/1.jpg", "cat/b0/1.jpg", "cat/B/1.JPEG", "cat/b c/1.jpg",
    "cat/é/1.webp", "cat/～/1.jpg", "cat/😀/1.jpg", "cat/～.jpg", "cat/😀.jpg",
    "cat/deep/er/and/deeper/1.jpg", "cat/deep/notes.txt", "cat/none/notes.txt",
    "Dog/only/below/1.jpg", "dog/1.jpg", "dog/1/1.jpg", "dog/1.jpg.d/1.jpg",
]
LINKS = {"dog/link": "../cat/b"}  # a link, and what it leads to


def main():
    with tempfile.TemporaryDirectory() as root:
        for name in TREE:
            path = Path(root, name)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.touch()
        for link, target in LINKS.items():
            os.symlink(target, Path(root, link))
        folder = torchvision.datasets.ImageFolder(root)
        samples = [os.path.relpath(path, root) for path, _ in folder.samples]
    OUTPUT.parent.mkdir(exist_ok=True)
    text = json.dumps({"tree": TREE, "links": LINKS, "samples": samples}, ensure_ascii=False, indent=1)
    OUTPUT.write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
