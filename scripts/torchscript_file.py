"""Writes TorchScript files that are the same wherever they are made."""

from __future__ import annotations

import io
import os
import warnings
import zipfile
from contextlib import contextmanager
from pathlib import Path
from typing import Iterator

import torch


@contextmanager
def not_deprecated() -> Iterator[None]:
    """Without the warnings of newer torch versions to leave TorchScript, which who makes a model file can do nothing about.

    Which kind of warning they are differs between versions.
    """
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", r"`?torch\.jit\.")
        yield


def write(module: torch.jit.ScriptModule, path: Path, extra: dict[str, str]) -> None:
    """Writes a module with extra files, without the records for debugging.

    Those name the folders that the sources lie in, so that a file, and with it the identity of the model, would differ
    from machine to machine.
    """
    whole = io.BytesIO()
    with not_deprecated():
        torch.jit.save(module, whole, _extra_files=extra)
    with open(path, "wb") as file:
        with zipfile.ZipFile(whole) as old, zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as new:
            for name in old.namelist():
                if not name.endswith(".debug_pkl"):
                    new.writestr(zipfile.ZipInfo(name), old.read(name))
        file.flush()
        os.fsync(file.fileno())


def save(module: torch.jit.ScriptModule, path: Path, extra: dict[str, str]) -> None:
    """Like write, but at once or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        write(module, temporary, extra)
        os.replace(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)
