"""Writes TorchScript files that are the same wherever they are made."""

from __future__ import annotations

import os
import tempfile
import zipfile
from pathlib import Path

import torch


def save(module: torch.jit.ScriptModule, path: Path, extra: dict[str, str]) -> None:
    """Saves a module with extra files, at once or not at all, without the records for debugging.

    Those name the folders that the sources lie in, so that a file would differ from machine to machine.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=path.parent) as folder:
        # The folder within the archive takes the file's name, hence the final name already here.
        whole, bare = Path(folder) / path.name, Path(folder) / "bare"
        torch.jit.save(module, str(whole), _extra_files=extra)
        with zipfile.ZipFile(whole) as old, zipfile.ZipFile(bare, "w", zipfile.ZIP_STORED) as new:
            for name in old.namelist():
                if not name.endswith(".debug_pkl"):
                    new.writestr(zipfile.ZipInfo(name), old.read(name))
        os.replace(bare, path)
