"""Tells weights from what is passed for them by mistake, before PyTorch fails on it in its own words."""

from __future__ import annotations

import zipfile
from pathlib import Path

# By the names in a ZIP archive; one that ends in / is a folder.
ARCHIVES = {
    "code/": "a TorchScript module",
    "serialized_exported_program.json": "an exported program (.pt2)",
    "archive_format": "an exported program (.pt2)",
    "models/model.json": "an exported program (.pt2)",
}


def not_weights(path: Path) -> str:
    """What a file is that cannot hold weights; empty if it may."""
    with open(path, "rb") as file:
        start = file.read(200)
    if not start:
        return "an empty file"
    if start.startswith(b"version https://git-lfs"):
        return "the pointer to a file that git lfs pull has yet to fetch"
    if start.lstrip()[:5].lower() in (b"<!doc", b"<html"):
        return "a web page"
    if not start.startswith(b"PK"):
        return ""
    try:
        with zipfile.ZipFile(path) as archive:
            names = [name.partition("/")[2] or name for name in archive.namelist()]
    except zipfile.BadZipFile:
        return "a damaged archive, perhaps cut short"
    for entry, what in ARCHIVES.items():
        if any(name == entry or entry.endswith("/") and name.startswith(entry) for name in names):
            return what
    return "" if "data.pkl" in names else "an archive that PyTorch did not write"
