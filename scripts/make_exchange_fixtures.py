#!/usr/bin/env python3
"""Makes the files of search/exchange/testdata that pandas and NumPy write. Made with pandas 1.5 and NumPy 1.24.

    python3 scripts/make_exchange_fixtures.py
"""

import os
from pathlib import Path

import numpy as np
import pandas as pd

os.chdir(Path(__file__).resolve().parent.parent / "search" / "exchange" / "testdata")

rows = np.array([[0.1, -0.0, 1 / 3], [1e-45, 3.4028235e38, -7]], dtype=np.float32)

frame = pd.DataFrame(rows.astype(np.float64))
frame.insert(0, "target", ["ash", "birch"])
frame.to_csv("pandas.zip", index=False)
frame.insert(1, "file", ["ash/a,b.jpg", 'birch/"c".jpg'])
frame.to_csv("pandas_index.zip")
frame = pd.DataFrame(rows)
frame.insert(0, "target", [1, 2])
frame.to_csv("pandas_float32.zip", index=False)

np.save("numpy.npy", np.array([[1, 2], [3, 4], [5, 6]], dtype=np.float32))
np.save("float64.npy", rows.astype(np.float64))
with open("version2.npy", "wb") as f:
    np.lib.format.write_array(f, rows, version=(2, 0))
with open("version3.npy", "wb") as f:
    np.lib.format.write_array(f, rows, version=(3, 0))
np.save("fortran.npy", np.asfortranarray(rows))
np.save("big_endian.npy", rows.astype(">f4"))
np.save("int64.npy", np.zeros((2, 3), dtype=np.int64))
np.save("one_dimension.npy", rows[0])
np.save("three_dimensions.npy", rows[None])
np.save("structured.npy", np.zeros(2, dtype=[("a", "<f4"), ("b", "<f4")]))
