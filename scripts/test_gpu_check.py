"""Tests of scripts/bench/gpu_check.py: what of a report is kept, and what a side that fails costs. Run with

python3 -m unittest scripts/test_gpu_check.py
"""

from __future__ import annotations

import contextlib
import io
import sys
import tempfile
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent / "bench"))

import gpu_check  # noqa: E402
from gpu_check import Check, Failed, Report, Row, Sizes  # noqa: E402

ABOUT = {"date": "2026-01-01", "vs": "a", "build": "1", "cores": 2, "device": "cuda", "doctor": {"libtorch": "2.6.0", "CPU": "two"}, "python": {}}


class ReportTest(unittest.TestCase):
    def setUp(self) -> None:
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.path = Path(folder.name) / "report.json"

    def reopened(self, **other: object) -> Report:
        report = Report(self.path, dict(ABOUT))
        report.measure("rate", "eager", 0, lambda: {"rate": 1.0})
        report.add(Row("rate", "pictures/s", 2.0))
        with contextlib.redirect_stderr(io.StringIO()):
            return Report(self.path, ABOUT | other)

    def test_what_was_measured_is_not_measured_again(self) -> None:
        report = self.reopened(date="2026-01-02")
        self.assertEqual(report.measure("rate", "eager", 0, self.fail), {"rate": 1.0})
        self.assertEqual(report.measure("rate", "eager", 1, lambda: {"rate": 3.0}), {"rate": 3.0})
        self.assertEqual(report.rows["rate"].vs, 2.0)

    def test_another_build_keeps_python_s_measurements_but_no_rows(self) -> None:
        report = self.reopened(vs="b", build="2")
        self.assertEqual(report.measure("rate", "eager", 0, self.fail), {"rate": 1.0})
        self.assertEqual(report.rows, {})

    def test_another_machine_keeps_nothing(self) -> None:
        report = self.reopened(cores=4)
        self.assertEqual((report.measured, report.rows), ({}, {}))

    def test_the_table_names_what_computed(self) -> None:
        on_cpu = gpu_check.markdown(Report(self.path, dict(ABOUT)))
        on_gpu = gpu_check.markdown(Report(self.path, ABOUT | {"doctor": ABOUT["doctor"] | {"cuda:0": "a GPU"}}))
        self.assertIn("libtorch 2.6.0, two; Python: no torch and timm", on_cpu)
        self.assertIn("libtorch 2.6.0, a GPU, 2 cores; Python: no torch and timm", on_gpu)


class TurnsTest(unittest.TestCase):
    def setUp(self) -> None:
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.check = Check.__new__(Check)  # without the programs that it would ask about themselves
        self.check.sizes = Sizes((), 1, 1, {}, (1, 1, 1, 1), 2, 1, {})
        self.check.report = Report(Path(folder.name) / "report.json", dict(ABOUT))
        self.calls: list[str] = []

    def side(self, name: str, *values: float):
        left = list(values)

        def f() -> dict:
            self.calls.append(name)
            if not left:
                raise Failed(f"{name} broke")
            return {"rate": left.pop(0)}

        return f

    def turns(self, ours, theirs) -> Row:
        row = Row("rate", "pictures/s")
        with contextlib.redirect_stderr(io.StringIO()):
            self.check.turns(row, "rate", ours, theirs)
        return row

    def test_sides_take_turns_and_medians_count(self) -> None:
        row = self.turns(self.side("vs", 1, 3), {"eager": self.side("eager", 5, 7), "compile": self.side("compile", 9)})
        self.assertEqual(self.calls, ["vs", "eager", "compile", "vs", "eager"])
        self.assertEqual((row.vs, row.python), (2, {"eager": 6, "compile": 9}))

    def test_a_side_of_python_that_fails_is_left_out(self) -> None:
        row = self.turns(self.side("vs", 1, 3), {"compile": self.side("compile"), "eager": self.side("eager", 5)})
        self.assertEqual((row.vs, row.python, row.note), (2, {}, "compile failed; eager failed"))

    def test_vs_that_fails_fails(self) -> None:
        with self.assertRaisesRegex(Failed, "vs broke"):
            self.turns(self.side("vs"), {})


if __name__ == "__main__":
    unittest.main()
