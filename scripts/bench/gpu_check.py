#!/usr/bin/env python3
"""Measures vs beside Python on one device and prints a table; scripts/gpu_check.sh prepares everything and calls it.

Each row's two sides take turns in processes of their own, so that a device that heats up or is shared slows both. A side that
this machine cannot run has a dash. Needs Python's standard library only; the Python side needs torch and timm.

Every measurement is written down at once. Called again with the same --json, on the same machine and versions, it goes on where
it was stopped, and keeps the rows of other models and parts: for machines that are lent by the minute.
"""

from __future__ import annotations

import argparse
import filecmp
import hashlib
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
from functools import partial
from pathlib import Path
from typing import Callable

HERE = Path(__file__).resolve().parent


@dataclass(frozen=True)
class Sizes:
    precisions: tuple[str, ...]
    batch: int
    copies: int  # of each picture, with another content hash, for the end-to-end rates
    loaders: dict[int, int]  # Python's DataLoader workers; they read every so many pictures only
    search: tuple[int, int, int, int]  # rows, dimensions, queries, neighbours
    rounds: int
    repeat: int
    variants: dict[str, tuple[str, ...]]  # of Python's model, for each precision


CUDA = Sizes(("fp32", "fp16"), 256, 60, {0: 20, 16: 1}, (1_000_000, 576, 1000, 10), 2, 5,
             {"fp32": ("eager", "channels_last", "compile"), "fp16": ("autocast", "half", "compile")})
CPU = Sizes(("fp32",), 2, 1, {0: 1}, (20_000, 64, 50, 10), 1, 1, {"fp32": ("eager",)})
ONCE = ("compile", "0 workers")  # sides that take minutes and have one round


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

    def remark(self, text: str) -> None:
        self.note = "; ".join(filter(None, (self.note, text)))


class Failed(Exception):
    """A command that did not do what it was to do: its row is missing, others go on."""


class Report:
    """What was measured so far, in a JSON file that is up to date after every measurement."""

    def __init__(self, path: Path, about: dict) -> None:
        self.path, self.about = path, about
        self.measured: dict[str, dict] = {}
        self.rows: dict[str, Row] = {}
        if path.exists():
            old = json.loads(path.read_text())
            other = {key for key, value in about.items() if old["about"].get(key) != value}
            if other <= {"date", "vs", "build"}:
                self.measured = old["measured"]
                if "build" not in other:
                    self.rows = {row["what"]: Row(**row) for row in old["rows"]}
            else:
                print(f"gpu_check: {path} is of another machine or other versions; measuring again", file=sys.stderr)

    def measure(self, what: str, side: str, turn: int, f: Callable[[], dict]) -> dict:
        key = f"{what} | {side} | {turn}"
        if key not in self.measured:
            self.measured[key] = f()
            self.save()
        return self.measured[key]

    def add(self, row: Row) -> None:
        self.rows[row.what] = row
        self.save()

    def save(self) -> None:
        content = {"about": self.about, "rows": [asdict(row) for row in self.rows.values()], "measured": self.measured}
        part = self.path.with_suffix(".part")
        part.write_text(json.dumps(content, indent=1, ensure_ascii=False) + "\n")
        part.replace(self.path)


def build(*files: Path) -> str:
    """Tells one build of vs from another, whose measurements are not its own."""
    digest = hashlib.sha256()
    for file in files:
        digest.update(file.read_bytes())
    return digest.hexdigest()[:12]


class Check:
    def __init__(self, args: argparse.Namespace, scratch: Path) -> None:
        self.args, self.scratch = args, scratch
        self.sizes = CPU if args.device == "cpu" else CUDA
        self.vs = args.binaries / "vs"
        self.models = [Path(m) for m in args.model]
        doctor = dict(re.findall(r"^(\S+):\s+(.+)$", self.run(self.vs, "doctor"), re.MULTILINE))
        about = {"date": time.strftime("%Y-%m-%d"), "vs": doctor.pop("vs"), "build": build(self.vs, Path(doctor.pop("library"))),
                 "cores": os.cpu_count(), "device": args.device, "doctor": doctor, "python": self.python("info") if args.python else {}}
        self.report = Report(args.json, about)

    # --- both sides ---------------------------------------------------------------

    def run(self, *command: object, **env: str) -> str:
        done = subprocess.run([str(c) for c in command], capture_output=True, text=True, env=os.environ | env)
        if done.returncode != 0:
            raise Failed(f"{' '.join(map(str, command))}: exit code {done.returncode}\n{done.stdout}{done.stderr}")
        return done.stdout

    def python(self, *arguments: object) -> dict:
        return json.loads(self.run(self.args.python, HERE / "gpu_python.py", *arguments, "--device", self.args.device).splitlines()[-1])

    def options(self, precision: str) -> list[object]:
        own = [] if self.args.device == "cpu" else ["--batch-size", self.sizes.batch]
        return ["--quiet", "--device", self.args.device, "--precision", precision, *own]

    def turns(self, row: Row, key: str, ours: Callable[[], dict], theirs: dict[str, Callable[[], dict]]) -> dict:
        """Fills the row with the medians of the rounds, in each of which every side has its turn, and returns our last measurement."""
        measured: dict[str, list[float]] = {}
        for turn in range(self.sizes.rounds):
            last = self.report.measure(row.what, f"vs {self.report.about['build']}", turn, ours)
            measured.setdefault("", []).append(last[key])
            for name, f in list(theirs.items()):
                if name in ONCE and turn > 0:
                    continue
                try:
                    measured.setdefault(name, []).append(self.report.measure(row.what, name, turn, f)[key])
                except Failed as error:
                    # torch.compile, for one, asks for more than torch: Triton, a C compiler,
                    # Python's headers.
                    print(f"gpu_check: goes on without {name}: {error}", file=sys.stderr)
                    row.remark(f"{name} failed")
                    measured.pop(name, None)
                    del theirs[name]
        medians = {name: statistics.median(values) for name, values in measured.items()}
        row.vs = medians.pop("")
        row.python = medians
        return last

    def add(self, row: Row) -> None:
        if self.sizes is CPU and row.ratio is not None:
            row.goal, row.met = "", None  # speed on so little means nothing
        self.report.add(row)
        print(line(row), flush=True)

    def timm_name(self, model: Path) -> str | None:
        """Python's side has the models that timm knows."""
        return model.stem if self.args.python and model.suffix == ".pt" else None

    # --- the parts ----------------------------------------------------------------

    def model_only(self, model: Path, precision: str) -> None:
        s = self.sizes
        few = self.scratch / "few"
        copy_pictures(self.args.data, few, 1, limit=16)
        batches, warm_up = (2, 1) if s is CPU else (16, 4)

        def ours(*more: str) -> dict:
            out = self.run(self.vs, "bench", "--model", model, "--data", few, "--repeat", s.repeat, "--format", "json", *self.options(precision), *more)
            stage = next(x for x in json.loads(out)["stages"] if x["name"] == "model only")
            return {"rate": stage["num_pictures"] / statistics.median(stage["seconds"])}

        name = self.timm_name(model)
        theirs = {
            v: lambda v=v: self.python("model", name, "--variant", v, "--precision", precision, "--batch", s.batch, "--repeat", s.repeat,
                                       "--batches", batches, "--warm-up", warm_up)
            for v in (s.variants[precision] if name else ())
        }
        row = Row(f"model only, {model.stem}, {precision}", "pictures/s")
        self.turns(row, "rate", ours, theirs)
        plain = [rate for variant, rate in row.python.items() if variant != "compile"]
        if plain:
            row.ratio = row.vs / max(plain)
            row.goal = "≥ 1.0 × not compiled"
            row.met = row.ratio >= 1
        if "compile" in row.python:
            compiled = row.vs / row.python["compile"]
            row.goal += f", ≥ 0.8 × compiled ({compiled:.2f})"
            row.met = row.met is not False and compiled >= 0.8
        self.add(row)
        if s is not CPU and model == self.models[0]:
            free = Row(f"{row.what}, --deterministic=false", "pictures/s")
            self.turns(free, "rate", lambda: ours("--deterministic=false"), {})
            free.remark(f"{free.vs / row.vs:.2f} × as many as with it")
            self.add(free)

    def from_files(self, model: Path, precision: str) -> None:
        s = self.sizes
        many = self.scratch / "many"
        count = copy_pictures(self.args.data, many, s.copies)
        most = max(s.loaders)

        def ours() -> dict:
            db = self.scratch / "files.db"
            db.unlink(missing_ok=True)
            with Busy(self.args.device) as busy:
                out = self.run(self.vs, "encode", "--profile", "--model", model, "--data", many, "--db", db, *self.options(precision))
            return {"rate": float(re.search(r"new pictures per second:\s+([0-9.]+)", out).group(1)), "busiest": busiest(out), "share": busy.share}

        name = self.timm_name(model)
        theirs = {f"{n} workers": lambda n=n, every=every: self.python(
            "files", name, many, "--loaders", n, "--every", every, "--precision", precision, "--batch", s.batch)
            for n, every in (s.loaders.items() if name else ())}
        row = Row(f"{count} files to embeddings, {model.stem}, {precision}", "pictures/s")
        last = self.turns(row, "rate", ours, theirs)
        row.remark(f"busiest: {last['busiest']}")
        if f"{most} workers" in row.python:
            row.ratio = row.vs / row.python[f"{most} workers"]
            row.goal = f"≥ 3 × Python with {most} workers"
            row.met = row.ratio >= 3
        self.add(row)
        if last["share"] is not None:
            self.add(Row(f"share of time that the GPU is busy in it, {model.stem}, {precision}", "%", last["share"]))

    def evaluation(self) -> None:
        model = self.models[0]

        def ours() -> dict:
            with tempfile.TemporaryDirectory(dir=self.scratch) as cache:
                start = time.perf_counter()
                self.run(self.vs, "eval", "--model", model, "--data", self.args.data, "--runs", 20, *self.options("fp32"), XDG_CACHE_HOME=cache)
                return {"seconds": time.perf_counter() - start}

        name = self.timm_name(model)
        loaders = max(self.sizes.loaders)

        def one_run() -> dict:
            return {"seconds": 20 * self.python("eval", name, self.args.data, "--loaders", loaders, "--batch", self.sizes.batch)["seconds"]}

        row = Row(f"eval --runs 20, {model.stem}, from the start of the process", "s")
        self.turns(row, "seconds", ours, {f"{loaders} workers, one run × 20": one_run} if name else {})
        if row.python:
            row.ratio, row.goal = min(row.python.values()) / row.vs, "≥ 50 ×"
            row.met = row.ratio >= 50
        self.add(row)

    def search(self) -> None:
        rows, dim, queries, k = self.sizes.search
        command = [self.args.binaries / "nearest", "-rows", rows, "-dim", dim, "-queries", queries, "-k", k, "-device", self.args.device]
        host = "rows on the host, as vs has them"
        theirs = {name: lambda place=place: self.python("search", rows, dim, queries, k, "--rows-on", place)
                  for name, place in ({host: "cpu", "rows on the device": self.args.device} if self.args.python else {}).items()}
        row = Row(f"{queries:,} queries in {rows:,} × {dim}, top {k}", "s")
        self.turns(row, "seconds", lambda: json.loads(self.run(*command)), theirs)
        if host in row.python:
            row.ratio = row.python[host] / row.vs
        self.add(row)

    def equality(self, model: Path) -> None:
        npy = [self.scratch / f"{model.stem}-{i}.npy" for i in range(2)]
        for file in npy:
            self.run(self.vs, "encode", "--model", model, "--data", self.args.data, "--db", file.with_suffix(".db"), "--npy", file, *self.options("fp32"))
        same = filecmp.cmp(*npy, shallow=False)
        self.add(Row(f"two runs have the same bits, {model.stem}", "", goal="yes", met=same))
        weights = model.with_suffix(".pth")
        if self.timm_name(model) and weights.exists():
            e = self.python("equal", self.timm_name(model), self.args.data, npy[0], "--weights", weights, "--batch", self.sizes.batch)
            self.add(Row(f"smallest cosine with timm, {model.stem}", "", e["min_cosine"], goal="≥ 0.99999", met=e["min_cosine"] >= 0.99999))
            self.add(Row(f"pictures with another prediction than timm, {model.stem}", "", e["other_predictions"], goal="0", met=e["other_predictions"] == 0))

    def jobs(self, part: str) -> list[Callable[[], None]]:
        each = [(model, precision) for model in self.models for precision in self.sizes.precisions]
        return {
            "model": [partial(self.model_only, *which) for which in each],
            "files": [partial(self.from_files, *which) for which in each],
            "eval": [self.evaluation],
            "search": [self.search],
            "equal": [partial(self.equality, model) for model in self.models],
        }[part]


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
            if self.samples:  # some machines tell none
                self.share = statistics.fmean(self.samples[used[0]:used[-1] + 1]) if used else 0.0


def busiest(out: str) -> str:
    """The stage of encode --profile that was busy for the largest share of the time: what bounds the rate."""
    stages = re.findall(r"^(\S[^\n]*?)\s{2,}\d+\s+[0-9.]+\s+[0-9.]+\s+\S+\s+([0-9.]+) %", out, re.MULTILINE)
    name, share = max(stages, key=lambda s: float(s[1]))
    return f"{name}, {share} % of its workers' time"


def copy_pictures(source: Path, target: Path, copies: int, limit: int | None = None) -> int:
    """Copies of the pictures that differ in bytes after the picture's end, so that none is taken for another; made once."""
    if target.exists():
        return sum(1 for _ in target.glob("*/*"))
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


HEADER = "| what | unit | vs | Python | vs better by | goal | met | note |\n|---|---|---|---|---|---|---|---|"


def line(row: Row) -> str:
    python = ", ".join(f"{name} {number(value)}" for name, value in row.python.items()) or "–"
    met = "–" if row.met is None else "yes" if row.met else "NO"
    return f"| {row.what} | {row.unit} | {number(row.vs)} | {python} | {number(row.ratio)} | {row.goal or '–'} | {met} | {row.note} |"


def markdown(report: Report) -> str:
    about = report.about
    doctor = about["doctor"]
    gpu = doctor.get({"cuda": "cuda:0"}.get(about["device"], about["device"]))
    machine = f"{gpu}, {about['cores']} cores" if gpu else doctor["CPU"]
    python = ", ".join(f"{name} {version}" for name, version in about["python"].items() if name != "device") or "no torch and timm"
    title = f"{about['date']}, vs {about['vs']}, libtorch {doctor['libtorch']}, {machine}; Python: {python}"
    return "\n".join([title, "", HEADER] + [line(row) for row in report.rows.values()]) + "\n"


PARTS = ("model", "files", "eval", "search", "equal")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--binaries", type=Path, required=True)
    parser.add_argument("--device", required=True)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--model", action="append", required=True, help="a model file, beside it its weights as .pth")
    parser.add_argument("--python", help="an interpreter with torch and timm; without, that side has dashes")
    parser.add_argument("--parts", default=",".join(PARTS))
    parser.add_argument("--json", type=Path, required=True, help="results; the table goes beside it, as .md")
    args = parser.parse_args()
    parts = args.parts.split(",")
    if unknown := set(parts) - set(PARTS):
        parser.error(f"--parts {args.parts}: {', '.join(sorted(unknown))} is none of {', '.join(PARTS)}")
    with tempfile.TemporaryDirectory() as scratch:
        try:
            check = Check(args, Path(scratch))
        except Failed as error:
            sys.exit(f"gpu_check: {error}")
        print(HEADER, flush=True)
        failed = False
        for job in (job for part in parts for job in check.jobs(part)):
            try:
                job()
            except Failed as error:
                failed = True
                print(f"gpu_check: {error}", file=sys.stderr)
        report = check.report
    args.json.with_suffix(".md").write_text(markdown(report))
    if missed := [row.what for row in report.rows.values() if row.met is False]:
        sys.exit(f"gpu_check: goals not met: {'; '.join(missed)}")
    if failed:
        sys.exit(1)


if __name__ == "__main__":
    main()
