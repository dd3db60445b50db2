#!/usr/bin/env python3
"""Tests of trace_timm.py. They need torch and timm, but no network and no weights.

    python3 -m unittest scripts/test_trace_timm.py
"""

from __future__ import annotations

import contextlib
import io
import json
import sys
import tempfile
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

import trace_timm  # noqa: E402

if trace_timm.IMPORT_ERROR is None:
    import timm
    import torch

TINY_VIT = "tiny_vit_5m_224.dist_in22k_ft_in1k"


def run(*arguments: str) -> tuple[int, str, str]:
    """Exit code, stdout and stderr of a command line."""
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        try:
            code = trace_timm.main(list(arguments))
        except SystemExit as stop:
            code = int(stop.code or 0)
    return code, out.getvalue(), err.getvalue()


def read(path: Path) -> tuple[torch.jit.ScriptModule, dict]:
    extra = {"vs.json": ""}
    module = torch.jit.load(str(path), _extra_files=extra)
    return module, json.loads(extra["vs.json"])


@unittest.skipIf(trace_timm.IMPORT_ERROR, f"torch and timm cannot be imported: {trace_timm.IMPORT_ERROR}")
class TraceTest(unittest.TestCase):
    def setUp(self) -> None:
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.out = Path(folder.name)

    def files(self) -> list[str]:
        return sorted(path.name for path in self.out.iterdir())

    def test_short_names(self) -> None:
        self.assertEqual(trace_timm.resolve_name("5m"), TINY_VIT)
        self.assertEqual(trace_timm.resolve_name("mobilenetv3_small_100"), "mobilenetv3_small_100.lamb_in1k")
        self.assertEqual(trace_timm.output_path(Path("models"), TINY_VIT), Path("models/tiny_vit_5m_224.pt"))

    def test_tiny_vit(self) -> None:
        code, out, err = run("--model", "5m", "--random-weights", "--seed", "3", "--out", str(self.out))
        self.assertEqual(code, 0, err)
        self.assertIn("5.07 M parameters", out)
        self.assertIn("random weights (seed 3)", err)
        self.assertEqual(self.files(), ["tiny_vit_5m_224.pt"])

        module, meta = read(self.out / "tiny_vit_5m_224.pt")
        expected = {
            "format": 1, "model_name": TINY_VIT, "num_params": 5_071_764, "embedding_dim": 320,
            "input_size": [3, 224, 224], "interpolation": "bicubic", "crop_pct": 0.95, "crop_mode": "center",
            "mean": [0.485, 0.456, 0.406], "std": [0.229, 0.224, 0.225], "weights": "random, seed 3, for tests only",
        }
        self.assertEqual({key: meta[key] for key in expected}, expected)
        # timm's published figures, to the digits that it gives.
        self.assertAlmostEqual(meta["gmacs"], 1.2, delta=0.05)
        self.assertAlmostEqual(meta["mactivations"], 9.3, delta=0.05)
        for batch in (1, 3):
            with torch.no_grad():
                self.assertEqual(module(torch.zeros(batch, 3, 224, 224)).shape, (batch, 320))

    def test_checkpoint_with_head_gives_the_same_encoder(self) -> None:
        torch.manual_seed(5)
        whole = timm.create_model("mobilenetv3_small_100", num_classes=7).eval()
        checkpoint = self.out / "whole.pth"
        torch.save({"state_dict": whole.state_dict()}, checkpoint)
        code, _, err = run("--model", "mobilenetv3_small_100", "--checkpoint", str(checkpoint), "--out", str(self.out / "models"))
        self.assertEqual(code, 0, err)
        module, meta = read(self.out / "models" / "mobilenetv3_small_100.pt")
        self.assertRegex(meta["weights"], "^file whole.pth sha256 [0-9a-f]{64}$")
        pictures = torch.rand(2, 3, 224, 224)
        with torch.no_grad():
            whole.reset_classifier(0)
            torch.testing.assert_close(module(pictures), whole(pictures), rtol=1e-4, atol=1e-5)

    def test_errors_are_one_line_and_leave_nothing_behind(self) -> None:
        wrong = self.out / "wrong.pth"
        torch.save({"some.weight": torch.zeros(1)}, wrong)
        text = self.out / "text.pth"
        text.write_text("text")
        before = self.files()
        model = ("--model", "mobilenetv3_small_100", "--out", str(self.out))
        for arguments, code, part in (
            (("--model", "mobilenetv3_smal_100", "--out", str(self.out)), 1, "did you mean"),
            (("--model", "mobilenetv3_small_100.nothing", "--out", str(self.out)), 1, "no such weights"),
            ((*model, "--checkpoint", str(wrong)), 1, "missing keys"),
            ((*model, "--checkpoint", str(text)), 1, "state dict"),
            ((*model, "--checkpoint", str(self.out / "nowhere.pth")), 1, "no such file"),
        ):
            with self.subTest(part):
                got, out, err = run(*arguments)
                self.assertEqual((got, out), (code, ""))
                self.assertIn(part, err)
                self.assertEqual(err.count("\n"), 1, err)
                self.assertEqual(self.files(), before)
        for arguments in (("--model", "5m", "11m", "--checkpoint", "x"), ("--model", "5m", "--seed", "1"), ()):
            with self.subTest(arguments):
                self.assertEqual(run(*arguments)[0], 2)

    def test_a_failed_write_keeps_the_old_file(self) -> None:
        path = self.out / "old.pt"
        path.write_text("old")
        with self.assertRaises(KeyError), trace_timm.atomic_file(path) as temporary:
            temporary.write_text("new")
            raise KeyError
        self.assertEqual(path.read_text(), "old")
        self.assertEqual(self.files(), ["old.pt"])


if __name__ == "__main__":
    unittest.main()
