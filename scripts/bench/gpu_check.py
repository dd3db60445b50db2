#!/usr/bin/env python3
"""Measures vs beside Python on one device and prints a table; scripts/gpu_check.sh prepares everything and calls it.

Each row's two sides take turns in processes of their own, so that a device that heats up or is shared slows both. A side that
this machine cannot run has a dash. Needs Python's standard library only; the Python side needs torch and timm.
"""

from __future__ import annotations

import argparse
import filecmp
import json
import os
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Callable

HERE = Path(__file__).resolve().parent


@dataclass(frozen=True)
class Sizes:
    precisions: tuple[str, ...]
    batch: int
    copies: int  # of each picture, with another content hash, for the end-to-end rates
    loaders: tuple[int, ...]
    search: tuple[int, int, int, int]  # rows, dimensions, queries, neighbours
    rounds: int
    repeat: int
    variants: dict[str, tuple[str, ...]]  # of Python's model, for each precision


CUDA = Sizes(("fp32", "fp16"), 256, 20, (0, 16), (1_000_000, 576, 1000, 10), 2, 5,
             {"fp32": ("eager", "channels_last", "compile"), "fp16": ("autocast", "compile")})
CPU = Sizes(("fp32",), 2, 1, (0,), (20_000, 64, 50, 10), 1, 1, {"fp32": ("eager",)})


@dataclass
class Row:
    what: str
    unit: str
    vs: float | None = None
    python: dict[str, float] = field(default_factory=dict)
    ratio: float | None = None  # above 1: vs is better
    goal: str = ""
    met: bool | None = None
    note: str = ""


class Check:
    def __init__(self, args: argparse.Namespace, scratch: Path) -> None:
        self.args, self.scratch = args, scratch
        self.sizes = CPU if args.device == "cpu" else CUDA
        self.vs = args.binaries / "vs"
        self.models = [Path(m) for m in args.model]
        self.rows: list[Row] = []
        self.info: dict = {}
        if args.python:
            self.info = self.python("info")

    # --- both sides ---------------------------------------------------------------

    def run(self, *command: object, **env: str) -> str:
        done = subprocess.run([str(c) for c in command], capture_output=True, text=True, env=os.environ | env)
        if done.returncode != 0:
            raise SystemExit(f"gpu_check: {' '.join(map(str, command))}: exit code {done.returncode}\n{done.stdout}{done.stderr}")
        return done.stdout

    def python(self, *arguments: object) -> dict:
        return json.loads(self.run(self.args.python, HERE / "gpu_python.py", *arguments, "--device", self.args.device).splitlines()[-1])

    def options(self, precision: str) -> list[object]:
        own = [] if self.args.device == "cpu" else ["--batch-size", self.sizes.batch]
        return ["--quiet", "--device", self.args.device, "--precision", precision, *own]

    def turns(self, ours: Callable[[], float], theirs: dict[str, Callable[[], float]]) -> tuple[float, dict[str, float]]:
        """Medians of the rounds, in each of which every side has its turn."""
        measured: dict[str, list[float]] = {"": [], **{name: [] for name in theirs}}
        for _ in range(self.sizes.rounds):
            measured[""].append(ours())
            for name, measure in list(theirs.items()):
                try:
                    measured[name].append(measure())
                except SystemExit as error:
                    # It asks for more than torch: Triton, a C compiler, Python's headers. The rest is worth having without.
                    if name != "compile":
                        raise
                    print(f"{error}\ngpu_check: goes on without torch.compile", file=sys.stderr)
                    del measured[name], theirs[name]
        medians = {name: statistics.median(values) for name, values in measured.items()}
        return medians.pop(""), medians

    def add(self, row: Row) -> None:
        if self.sizes is CPU and row.ratio is not None:
            row.goal, row.met = "", None  # speed on so little means nothing
        self.rows.append(row)
        print(line(row), flush=True)

    def timm_name(self, model: Path) -> str | None:
        """Python's side has the models that timm knows."""
        return model.stem if self.args.python and model.suffix == ".pt" else None

    # --- the parts ----------------------------------------------------------------

    def model_only(self) -> None:
        s = self.sizes
        few = self.scratch / "few"
        copy_pictures(self.args.data, few, 1, limit=16)
        for model in self.models:
            for precision in s.precisions:

                def ours() -> float:
                    out = self.run(self.vs, "bench", "--model", model, "--data", few, "--repeat", s.repeat, "--format", "json", *self.options(precision))
                    stage = next(x for x in json.loads(out)["stages"] if x["name"] == "model only")
                    return stage["pictures"] / statistics.median(stage["seconds"])

                name = self.timm_name(model)
                theirs = {
                    v: lambda v=v: self.python("model", name, "--variant", v, "--precision", precision, "--batch", s.batch, "--repeat", s.repeat,
                                               "--batches", 16 if self.args.device != "cpu" else 2, "--warm-up", 4 if self.args.device != "cpu" else 1)["rate"]
                    for v in (s.variants[precision] if name else ())
                }
                vs, python = self.turns(ours, theirs)
                plain = {k: v for k, v in python.items() if k != "compile"}
                row = Row(f"model only, {model.stem}, {precision}", "pictures/s", vs, python)
                if plain:
                    row.ratio = vs / max(plain.values())
                    row.goal = "≥ 1.0 × not compiled"
                    row.met = row.ratio >= 1
                if "compile" in s.variants[precision] and name and "compile" not in python:
                    row.note = "torch.compile failed"
                if "compile" in python:
                    compiled = vs / python["compile"]
                    row.goal += f", ≥ 0.8 × compiled ({compiled:.2f})"
                    row.met = row.met and compiled >= 0.8
                self.add(row)

    def from_files(self) -> None:
        s = self.sizes
        many = self.scratch / "many"
        count = copy_pictures(self.args.data, many, s.copies)
        for model in self.models:
            for precision in s.precisions:
                details: list[tuple[str, float | None]] = []

                def ours() -> float:
                    db = self.scratch / "files.db"
                    db.unlink(missing_ok=True)
                    with Busy(self.args.device) as busy:
                        out = self.run(self.vs, "encode", "--profile", "--model", model, "--data", many, "--db", db, *self.options(precision))
                    details.append((busiest(out), busy.share))
                    return float(re.search(r"new pictures per second:\s+([0-9.]+)", out).group(1))

                name = self.timm_name(model)
                theirs = {f"{n} workers": lambda n=n: self.python("files", name, many, "--loaders", n, "--precision", precision, "--batch", s.batch)["rate"]
                          for n in (s.loaders if name else ())}
                vs, python = self.turns(ours, theirs)
                stage, share = details[-1]
                row = Row(f"{count} files to embeddings, {model.stem}, {precision}", "pictures/s", vs, python, note=f"busiest: {stage}")
                if python:
                    row.ratio = vs / python[f"{s.loaders[-1]} workers"]
                    row.goal = f"≥ 3 × Python with {s.loaders[-1]} workers"
                    row.met = row.ratio >= 3
                self.add(row)
                if share is not None:
                    self.add(Row(f"share of time that the GPU is busy in it, {model.stem}, {precision}", "%", share))

    def evaluation(self) -> None:
        model = self.models[0]

        def ours() -> float:
            with tempfile.TemporaryDirectory(dir=self.scratch) as cache:
                start = time.perf_counter()
                self.run(self.vs, "eval", "--model", model, "--data", self.args.data, "--runs", 20, *self.options("fp32"), XDG_CACHE_HOME=cache)
                return time.perf_counter() - start

        name = self.timm_name(model)
        loaders = self.sizes.loaders[-1]
        theirs = {f"{loaders} workers, one run × 20": lambda: 20 * self.python(
            "eval", name, self.args.data, "--loaders", loaders, "--batch", self.sizes.batch)["seconds"]} if name else {}
        vs, python = self.turns(ours, theirs)
        row = Row(f"eval --runs 20, {model.stem}, from the start of the process", "s", vs, python)
        if python:
            row.ratio, row.goal = min(python.values()) / vs, "≥ 50 ×"
            row.met = row.ratio >= 50
        self.add(row)

    def search(self) -> None:
        rows, dim, queries, k = self.sizes.search
        command = [self.args.binaries / "nearest", "-rows", rows, "-dim", dim, "-queries", queries, "-k", k, "-device", self.args.device]
        theirs = {f"torch on {self.args.device}": lambda: self.python("search", rows, dim, queries, k)["seconds"]} if self.args.python else {}
        vs, python = self.turns(lambda: json.loads(self.run(*command))["seconds"], theirs)
        row = Row(f"{queries:,} queries in {rows:,} × {dim}, top {k}", "s", vs, python, note="vs copies the rows to the device in it, torch has them there")
        if python:
            row.ratio = min(python.values()) / vs
        self.add(row)

    def equality(self) -> None:
        for model in self.models:
            npy = [self.scratch / f"equal{i}.npy" for i in range(2)]
            for file in npy:
                self.run(self.vs, "encode", "--model", model, "--data", self.args.data, "--db", file.with_suffix(".db"), "--npy", file, *self.options("fp32"))
            same = filecmp.cmp(*npy, shallow=False)
            self.add(Row(f"two runs have the same bits, {model.stem}", "", goal="yes", met=same))
            weights = model.with_suffix(".pth")
            if self.timm_name(model) and weights.exists():
                e = self.python("equal", self.timm_name(model), self.args.data, npy[0], "--weights", weights, "--batch", self.sizes.batch)
                self.add(Row(f"smallest cosine with timm, {model.stem}", "", e["min_cosine"], goal="≥ 0.99999", met=e["min_cosine"] >= 0.99999))
                self.add(Row(f"pictures with another prediction than timm, {model.stem}", "", e["other_predictions"], goal="0", met=e["other_predictions"] == 0))


class Busy:
    """Samples the share of time in which a kernel ran, every 100 ms, while the block runs."""

    def __init__(self, device: str) -> None:
        self.share: float | None = None
        self.command = None
        if device != "cpu" and shutil.which("nvidia-smi"):
            index = device.partition(":")[2] or "0"
            self.command = ["nvidia-smi", "--query-gpu=utilization.gpu", "--format=csv,noheader,nounits", "-i", index, "-lms", "100"]

    def __enter__(self) -> Busy:
        if self.command:
            self.samples: list[float] = []
            self.process = subprocess.Popen(self.command, stdout=subprocess.PIPE, text=True)
            self.reader = threading.Thread(target=lambda: self.samples.extend(float(x) for x in self.process.stdout if x.strip().isdigit()))
            self.reader.start()
        return self

    def __exit__(self, *_: object) -> None:
        if self.command:
            self.process.terminate()
            self.process.wait()
            self.reader.join()
            # Before the first and after the last kernel the process only starts and ends.
            used = [i for i, x in enumerate(self.samples) if x > 0]
            self.share = statistics.fmean(self.samples[used[0]:used[-1] + 1]) if used else 0.0


def busiest(out: str) -> str:
    """The stage of encode --profile that was busy for the largest share of the time: what bounds the rate."""
    stages = re.findall(r"^(\S[^\n]*?)\s{2,}\d+\s+[0-9.]+\s+[0-9.]+\s+\S+\s+([0-9.]+) %", out, re.MULTILINE)
    name, share = max(stages, key=lambda s: float(s[1]))
    return f"{name}, {share} % of its workers' time"


def copy_pictures(source: Path, target: Path, copies: int, limit: int | None = None) -> int:
    """Copies of the pictures that differ in bytes behind the picture's end, so that none is taken for another."""
    count = 0
    for path in sorted(source.glob("*/*"))[:limit]:
        folder = target / path.parent.name
        folder.mkdir(parents=True, exist_ok=True)
        content = path.read_bytes()
        for i in range(copies):
            (folder / f"{i:03d}-{path.name}").write_bytes(content + b"copy %d" % i)
            count += 1
    return count


def number(x: float | None) -> str:
    return "–" if x is None else f"{x:.6f}" if 0.99 < x < 1 else f"{x:,.0f}" if x >= 1000 or x == int(x) else f"{x:.3g}"


def line(row: Row) -> str:
    python = ", ".join(f"{name} {number(value)}" for name, value in row.python.items()) or "–"
    met = "–" if row.met is None else "yes" if row.met else "NO"
    return f"| {row.what} | {row.unit} | {number(row.vs)} | {python} | {number(row.ratio)} | {row.goal or '–'} | {met} | {row.note} |"


PARTS: dict[str, Callable[[Check], None]] = {
    "model": Check.model_only, "files": Check.from_files, "eval": Check.evaluation, "search": Check.search, "equal": Check.equality,
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--binaries", type=Path, required=True)
    parser.add_argument("--device", required=True)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--model", action="append", required=True, help="a model file, beside it its weights as .pth")
    parser.add_argument("--python", help="an interpreter with torch and timm; without, that side has dashes")
    parser.add_argument("--parts", default=",".join(PARTS))
    parser.add_argument("--json", type=Path, required=True)
    args = parser.parse_args()
    parts = args.parts.split(",")
    if unknown := set(parts) - set(PARTS):
        parser.error(f"--parts {args.parts}: {', '.join(sorted(unknown))} is none of {', '.join(PARTS)}")
    with tempfile.TemporaryDirectory() as scratch:
        check = Check(args, Path(scratch))
        about = {"date": time.strftime("%Y-%m-%d"), "cores": os.cpu_count(), "device": args.device, "python": check.info,
                 "doctor": check.run(check.vs, "doctor")}
        print(f"{about['date']}, {about['cores']} cores, {args.device}, Python: {check.info or 'no torch and timm'}\n")
        print("| what | unit | vs | Python | vs better by | goal | met | note |\n|---|---|---|---|---|---|---|---|", flush=True)
        for part in parts:
            PARTS[part](check)
    args.json.write_text(json.dumps(about | {"rows": [asdict(row) for row in check.rows]}, indent=1, ensure_ascii=False) + "\n")
    if missed := [row.what for row in check.rows if row.met is False]:
        sys.exit(f"gpu_check: goals not met: {'; '.join(missed)}")


if __name__ == "__main__":
    main()
