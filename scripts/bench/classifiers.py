#!/usr/bin/env python3
"""Measures the fitting of classifiers beside scikit-learn and prints a table of ratios.

    scripts/bench/classifiers.py [--python /usr/bin/python3] [--rounds 5]

The two take turns, as in compare.py. PYTHON is one that has NumPy and scikit-learn (Debian: python3-sklearn). Both
compute on all cores: vs fits runs side by side, scikit-learn leaves it to BLAS. The discriminant chooses its power and
shrinkage; scikit-learn gets the least work that chooses from the same grid, one fit for each pair, without any picture
that is left out. Softmax regression has one penalty and power, and ends at the same gradient; the time of vs includes the
fits that find a temperature. One run of scikit-learn is measured and counted times the number of runs.
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

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
RUNS = 20
POWERS = (0.5, 1)
SHRINKAGES = (0.001, 0.003, 0.01, 0.03, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9)
# Of softmax regression: the weakest penalty that vs tries, and the largest component of the
# gradient at the end, per picture.
PENALTY, TOLERANCE = 0.03, 1e-6


def vectors(classes: int, per_class: int, dim: int):
    """Clouds of one shape, whose directions differ as much as those of embeddings do."""
    import numpy as np

    rng = np.random.default_rng(17)
    scales = np.arange(1, dim + 1) ** -0.6
    turn = np.linalg.qr(rng.standard_normal((dim, dim)))[0]
    centres = 0.6 * rng.standard_normal((classes, dim)) * scales**1.2
    x = (np.repeat(centres, per_class, 0) + 1.5 * rng.standard_normal((classes * per_class, dim)) * scales) @ turn
    return (x + 0.3).astype(np.float32), np.repeat(np.arange(classes), per_class)


def scikit_learn(args: argparse.Namespace) -> dict:
    """One run, in a process of its own."""
    import numpy as np
    from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
    from sklearn.linear_model import LogisticRegression

    x = np.fromfile(args.vectors, np.float32).reshape(-1, args.dim)
    y = np.repeat(np.arange(args.classes), len(x) // args.classes)
    place = np.arange(len(x)) % (len(x) // args.classes)
    order = np.random.default_rng(17).permutation(len(x) // args.classes)
    held = order[place] < len(order) // 5

    def features(power: float):
        t = np.sign(x) * np.abs(x.astype(float)) ** power
        return t / np.linalg.norm(t, axis=1, keepdims=True)

    start = time.perf_counter()
    if args.kind == "lda":
        for power in POWERS:
            t = features(power)
            for shrinkage in SHRINKAGES:
                model = LinearDiscriminantAnalysis(solver="lsqr", shrinkage=shrinkage).fit(t[~held], y[~held])
        right = model.predict(t[held]) == y[held]
    else:
        t = features(1)
        model = LogisticRegression(C=1 / PENALTY, tol=TOLERANCE * (~held).sum(), max_iter=10000).fit(t[~held], y[~held])
        right = model.predict(t[held]) == y[held]
    return {"seconds": time.perf_counter() - start, "accuracy": right.mean()}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--python", default=sys.executable)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--only", default="", help="measure only the rows whose name contains this")
    parser.add_argument("--device", default="cpu", help="of vs")
    for name in ("--vectors", "--kind"):
        parser.add_argument(name, help=argparse.SUPPRESS)
    for name in ("--classes", "--per-class", "--dim"):
        parser.add_argument(name, type=int, help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.kind:  # in PYTHON
        print(json.dumps(scikit_learn(args)))
        return
    if args.vectors:
        vectors(args.classes, args.per_class, args.dim)[0].tofile(args.vectors)
        return
    print(f"{platform.machine()}, {os.cpu_count()} cores, {time.strftime('%Y-%m-%d')}, rounds: {args.rounds}\n")
    with tempfile.TemporaryDirectory() as scratch:
        compare(args, Path(scratch))


def compare(args: argparse.Namespace, scratch: Path) -> None:
    ours = scratch / "classifiers"
    subprocess.run(["go", "build", "-o", ours, "./scripts/bench/classifiers"], check=True, cwd=ROOT)

    env = {"VS_LIBRARY_PATH": str(ROOT / "build" / "libvstorch.so")} | os.environ

    def call(command: list[object]) -> dict:
        return json.loads(subprocess.run([str(c) for c in command], check=True, capture_output=True, text=True, env=env).stdout or "{}")

    def shape(classes: int, per_class: int, dim: int) -> tuple[Path, list[object]]:
        file = scratch / f"{classes}-{per_class}-{dim}"
        options = ["--classes", classes, "--dim", dim, "--vectors", file]
        call([args.python, __file__, "--per-class", per_class, *options])
        return options

    def measured(what: str, kind: str, options: list[object]) -> float:
        return call([ours, "-device", args.device, "-what", what, "-kind", kind, *options])["seconds"]

    print("| what | vs (s) | scikit-learn (s) | scikit-learn / vs |\n|---|---|---|---|", flush=True)
    for kind, how, classes, per_class, dim in (
        ("lda", ["-parameter", "auto"], 90, 60, 576),
        ("logistic", ["-parameter", PENALTY], 10, 60, 343),
        ("logistic", ["-parameter", PENALTY], 90, 60, 576),
    ):
        chosen = f"penalty {PENALTY}" if kind == "logistic" else "parameters chosen"
        name = f"{kind}, {chosen}, {RUNS} runs of {classes * per_class:,} × {dim} in {classes} classes"
        if args.only not in name:
            continue
        options = shape(classes, per_class, dim)
        row(name, args.rounds, lambda: measured("runs", kind, [*how, *options]), lambda: RUNS * call([args.python, __file__, "--kind", kind, *options])["seconds"])
    print("\n| what | fit (s) | leave-one-out (s) | leave-one-out / fit |\n|---|---|---|---|", flush=True)
    name = "lda with one power and shrinkage, 5,400 × 576 in 90 classes"
    if args.only in name:
        options = [*shape(90, 60, 576), "-parameter", 0.3]
        row(name, args.rounds, lambda: measured("fit", "lda", options), lambda: measured("loo", "lda", options))


def row(name: str, rounds: int, first, second) -> None:
    pairs = [(first(), second()) for _ in range(rounds)]
    a, b = (statistics.median(p[i] for p in pairs) for i in (0, 1))
    ratios = sorted(y / x for x, y in pairs)
    print(f"| {name} | {a:.3g} | {b:.3g} | {statistics.median(ratios):.2f} ({ratios[0]:.2f}–{ratios[-1]:.2f}) |", flush=True)


if __name__ == "__main__":
    main()
