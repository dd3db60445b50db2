#!/usr/bin/env python3
"""Measures vs beside the Python way and prints a table of ratios.

    scripts/bench/compare.py --data DIR --model models/tiny_vit_5m_224.pt [--python PYTHON] [--rounds 5]

The two take turns, so that a machine that slows down slows both; medians are printed, and the ratio is the median of the
rounds' ratios. The model file must be a trace of tiny_vit_5m_224. PYTHON is one that has torch, torchvision and timm
(and faiss for the search, else it is left out). Build vs first: make build.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Callable

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
VS = ROOT / "bin" / "vs"
SEARCH = (1_000_000, 576, 1000, 10)  # rows, dimensions, queries, neighbours


class Comparison:
    def __init__(self, args: argparse.Namespace, scratch: Path) -> None:
        self.args = args
        self.scratch = scratch
        self.nearest = scratch / "nearest"

    def python(self, *arguments: object) -> float:
        command = [self.args.python, str(HERE / "python_way.py"), *map(str, arguments)]
        return json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)["seconds"]

    def vs(self, *arguments: object, cache: Path | None = None) -> float:
        """The wall time of a whole process."""
        env = os.environ | ({"XDG_CACHE_HOME": str(cache)} if cache else {})
        start = time.perf_counter()
        subprocess.run([VS, *map(str, arguments)], check=True, capture_output=True, env=env)
        return time.perf_counter() - start

    def stage(self, name: str, workers: int) -> float:
        """The time of a stage of vs bench for all pictures."""
        out = subprocess.run(
            [VS, "bench", "--quiet", "--model", self.args.model, "--data", self.args.data, "--repeat", "1", "--format", "json"],
            check=True, capture_output=True, text=True,
        ).stdout
        for stage in json.loads(out)["stages"]:
            if stage["name"] == name and stage["workers"] == workers:
                return stage["seconds"][0]
        raise SystemExit(f"vs bench has no stage {name} with {workers} workers")

    def eval_first_time(self) -> float:
        with tempfile.TemporaryDirectory(dir=self.scratch) as cache:
            return self.vs("eval", "--quiet", "--model", self.args.model, "--data", self.args.data, "--runs", 20, cache=Path(cache))

    def our_search(self) -> float:
        names = ("-rows", "-dim", "-queries", "-k")
        command = [str(self.nearest), *(str(x) for pair in zip(names, SEARCH) for x in pair)]
        return json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)["seconds"]


def rows(c: Comparison) -> list[tuple[str, Callable[[], float], Callable[[], float]]]:
    data, model = c.args.data, c.args.model
    picture = next(p for p in sorted(Path(data).glob("*/*")) if p.suffix.lower() in {".jpg", ".jpeg", ".png"})
    db = c.scratch / "query.db"
    c.vs("encode", "--quiet", "--model", model, "--data", data, "--db", db)
    cores = os.cpu_count() or 1
    table = [
        ("pictures to crops, one core", lambda: c.stage("decode and transform", 1), lambda: c.python("preprocess", data)),
        ("encode, Python with its own choice of threads", lambda: c.stage("all together", cores), lambda: c.python("encode", data)),
        (f"encode, Python on {cores} threads", lambda: c.stage("all together", cores), lambda: c.python("encode", data, "--threads", cores)),
        ("eval --runs 20, first time (Python: one run, times 20)", c.eval_first_time, lambda: 20 * c.python("eval", data, "--runs", 1)),
        ("query of one picture, from the start of the process", lambda: c.vs("query", "--quiet", "--db", db, "--model", model, picture),
         lambda: c.python("query", data, "--weights", c.scratch / "weights.pth")),
    ]
    if subprocess.run([c.args.python, "-c", "import faiss"], capture_output=True).returncode == 0:
        subprocess.run(["go", "build", "-o", c.nearest, "./scripts/bench/nearest"], check=True, cwd=ROOT)
        table.append((f"search: {SEARCH[2]:,} queries in {SEARCH[0]:,} × {SEARCH[1]}, top {SEARCH[3]} (Python: FAISS IndexFlatIP)",
                      c.our_search, lambda: c.python("faiss", *SEARCH, "--threads", cores)))
    return [row for row in table if c.args.only in row[0]]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", required=True)
    parser.add_argument("--model", required=True)
    parser.add_argument("--python", default=sys.executable)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--only", default="", help="measure only the rows whose name contains this")
    args = parser.parse_args()
    print(f"{platform.machine()}, {os.cpu_count()} cores, {time.strftime('%Y-%m-%d')}, rounds: {args.rounds}\n")
    print("| what | vs (s) | Python (s) | Python / vs |\n|---|---|---|---|", flush=True)
    with tempfile.TemporaryDirectory() as scratch:
        c = Comparison(args, Path(scratch))
        save = "import timm, torch; torch.save(timm.create_model('tiny_vit_5m_224', num_classes=0).state_dict(), r'%s')"
        subprocess.run([args.python, "-c", save % (c.scratch / "weights.pth")], check=True, capture_output=True)
        for name, ours, theirs in rows(c):
            pairs = [(ours(), theirs()) for _ in range(args.rounds)]
            a, b = (statistics.median(p[i] for p in pairs) for i in (0, 1))
            ratios = sorted(y / x for x, y in pairs)
            print(f"| {name} | {a:.3g} | {b:.3g} | {statistics.median(ratios):.2f} ({ratios[0]:.2f}–{ratios[-1]:.2f}) |", flush=True)


if __name__ == "__main__":
    main()
