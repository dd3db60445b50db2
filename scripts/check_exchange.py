#!/usr/bin/env python3
"""Compares the files that `vs db export` writes with each other, each read by the tool that it is for.

    for format in npy zip safetensors parquet; do vs db export --db DB folder/all.$format; done
    scripts/check_exchange.py folder

All files of one name must hold the same names and the same float32, bit for bit. They are compared with NAME.npy, which must be
there. A tool that is not installed is skipped, and said so: pip install numpy pandas safetensors pyarrow
"""

import json
import pathlib
import sys

import numpy as np


def read_npy(path):
    """Names and embeddings of an array."""
    with open(f"{path}.txt", encoding="utf-8", newline="\n") as f:
        names = f.read().split("\n")
    assert names.pop() == "", "the last line does not end"
    return names, np.load(path)


def read_csv(path):
    """With pandas' default float parser, which is not exact to the last bit of a float64."""
    import pandas as pd

    # Without these two arguments a class NA would be a missing value, and 001 the number 1.
    frame = pd.read_csv(path, dtype={"target": str, "file": str}, keep_default_na=False)
    pictures = "file" in frame.columns
    columns = [c for c in frame.columns if c not in ("target", "file")]
    assert columns == [str(i) for i in range(len(columns))], f"columns {columns}"
    assert (frame[columns].dtypes == np.float64).all(), "a column is not of floats"
    if pictures:
        labels = frame["file"].str.rsplit("/", n=1).str[0]
        assert (labels == frame["target"]).all(), "a file is not in the folder of its class"
    return list(frame["file" if pictures else "target"]), frame[columns].to_numpy().astype(np.float32)


def read_safetensors(path):
    from safetensors import safe_open

    with safe_open(path, framework="np") as f:
        metadata = f.metadata()
        names = json.loads(metadata["files" if metadata["what"] == "pictures" else "labels"])
        return names, f.get_tensor("embeddings")


def read_parquet(path):
    import pyarrow.parquet as pq

    table = pq.read_table(path)
    assert b"model_hash" in table.schema.metadata, "the metadata does not name the model"
    names = table.column("path" if "path" in table.column_names else "label").to_pylist()
    return names, np.array(table.column("embedding").to_pylist(), dtype=np.float32)


READERS = {".zip": read_csv, ".safetensors": read_safetensors, ".parquet": read_parquet}


def compare(path, reader, want):
    """Returns what is wrong, or None."""
    names, rows = reader(path)
    if names != want[0]:
        return "other names"
    if rows.dtype != np.float32 or rows.shape != want[1].shape:
        return f"{rows.dtype} {rows.shape}, not float32 {want[1].shape}"
    differ = np.count_nonzero(np.ascontiguousarray(rows).view(np.uint32) != want[1].view(np.uint32))
    return f"{differ} numbers differ" if differ else None


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    arrays = sorted(pathlib.Path(sys.argv[1]).glob("*.npy"))
    if not arrays:
        sys.exit(f"{sys.argv[1]}: no .npy file to compare with")
    failed = False
    for array in arrays:
        want = read_npy(array)
        assert want[1].dtype == np.float32 and len(want[0]) == len(want[1]), f"{array}: names do not fit"
        print(f"{array.name}: the same as itself, {want[1].shape[0]} rows of {want[1].shape[1]}")
        for ending, reader in READERS.items():
            path = array.with_suffix(ending)
            if not path.exists():
                print(f"{path.name}: not there")
                continue
            try:
                problem = compare(path, reader, want)
            except ModuleNotFoundError as e:
                print(f"{path.name}: skipped, {e.name} is not installed")
                continue
            print(f"{path.name}: {problem or 'the same'}")
            failed |= problem is not None
    sys.exit(failed)


if __name__ == "__main__":
    main()
