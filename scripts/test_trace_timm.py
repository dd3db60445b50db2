"""Tests of trace_timm.py: python3 -m unittest scripts/test_trace_timm.py, no network needed."""

from __future__ import annotations

import contextlib
import hashlib
import io
import json
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path
from unittest import mock

sys.path.insert(0, str(Path(__file__).resolve().parent))

import trace_timm

if trace_timm.IMPORT_ERROR is None:
    import timm
    import torch

TINY = "tiny_vit_5m_224.dist_in22k_ft_in1k"
SMALL = "mobilenetv3_small_050"  # 1.6 M parameters with its head: quick to trace
WITHOUT_TIMM = f"torch and timm are needed: {trace_timm.IMPORT_ERROR}"


def run(*argv: object) -> tuple[int, str, str]:
    """Exit code, stdout and stderr of a command line."""
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        try:
            code = trace_timm.main([str(arg) for arg in argv])
        except SystemExit as stop:
            code = stop.code
    return code, out.getvalue(), err.getvalue()


def load(path: Path) -> tuple[torch.jit.ScriptModule, dict]:
    extra = {"vs.json": ""}
    module = torch.jit.load(str(path), _extra_files=extra)
    return module, json.loads(extra["vs.json"])


class InFolder(unittest.TestCase):
    def setUp(self) -> None:
        temporary = tempfile.TemporaryDirectory()
        self.addCleanup(temporary.cleanup)
        self.folder = Path(temporary.name)

    def names(self) -> list[str]:
        return sorted(path.name for path in self.folder.iterdir())


class CommandLine(unittest.TestCase):
    def test_wrong_usage_exits_with_2(self) -> None:
        rows = {
            "no model": [],
            "an unknown flag": ["--model", "5m", "--device", "cuda"],
            "a checkpoint for two models": ["--model", "5m", "11m", "--checkpoint", "f.pth"],
            "a checkpoint and random weights": ["--model", "5m", "--checkpoint", "f.pth", "--random-weights"],
            "a seed for trained weights": ["--model", "5m", "--seed", "1"],
        }
        for name, argv in rows.items():
            with self.subTest(name):
                self.assertEqual(run(*argv)[0], 2)

    def test_models_are_repeatable_and_several_a_flag(self) -> None:
        args = trace_timm.parse_arguments(["--model", "5m", "11m", "--model", "21m"])
        self.assertEqual(args.model, ["5m", "11m", "21m"])

    def test_missing_packages_are_named_with_the_remedy(self) -> None:
        with mock.patch.object(trace_timm, "IMPORT_ERROR", ImportError("No module named 'timm'")):
            code, _, err = run("--model", "5m")
        self.assertEqual(code, 1)
        self.assertRegex(err, r"No module named 'timm'.*-m pip install -r .*requirements\.txt")
        self.assertEqual(err.count("\n"), 1)

    def test_packages_that_break_while_importing_are_told_in_one_line(self) -> None:
        with tempfile.TemporaryDirectory() as folder:
            for package in ("timm", "torch"):
                Path(folder, f"{package}.py").write_text("raise RuntimeError('built for another version')")
            command = [sys.executable, trace_timm.__file__, "--model", "5m"]
            done = subprocess.run(command, env={"PYTHONPATH": folder}, capture_output=True, text=True)
        self.assertEqual((done.returncode, done.stdout, done.stderr.count("\n")), (1, "", 1))
        self.assertRegex(done.stderr, r"built for another version; install them with")


class AtomicFile(InFolder):
    def test_replaces_the_old_file_when_the_block_ends_well(self) -> None:
        path = self.folder / "m.pt"
        path.write_text("old")
        with trace_timm.atomic_file(path) as temporary:
            temporary.write_text("new")
            self.assertEqual(path.read_text(), "old")
        self.assertEqual((self.names(), path.read_text()), (["m.pt"], "new"))

    def test_keeps_the_old_file_and_no_other_when_it_fails(self) -> None:
        path = self.folder / "m.pt"
        path.write_text("old")
        for stop in (ValueError, KeyboardInterrupt, SystemExit):
            with self.subTest(stop.__name__), self.assertRaises(stop):
                with trace_timm.atomic_file(path) as temporary:
                    temporary.write_text("half")
                    raise stop
            self.assertEqual((self.names(), path.read_text()), (["m.pt"], "old"))


@unittest.skipIf(trace_timm.IMPORT_ERROR, WITHOUT_TIMM)
class Names(unittest.TestCase):
    def test_names_resolve_to_timm_names_with_tag(self) -> None:
        rows = {
            "5m": TINY,
            "11m": "tiny_vit_11m_224.dist_in22k_ft_in1k",
            "21m": "tiny_vit_21m_224.dist_in22k_ft_in1k",
            "tiny_vit_5m_224.in1k": "tiny_vit_5m_224.in1k",
            "resnet18": "resnet18.a1_in1k",
            "mixer_s32_224": "mixer_s32_224.untrained",
            "mixer_s32_224.untrained": "mixer_s32_224.untrained",
        }
        for name, want in rows.items():
            with self.subTest(name):
                self.assertEqual(trace_timm.resolve_name(name), want)

    def test_unknown_names_are_refused_with_a_suggestion(self) -> None:
        rows = {
            "tinyvit_5m_224": "did you mean tiny_vit_5m_224",
            "tiny_vit_5m_224.in2k": "it has .*tiny_vit_5m_224.in1k",
            "????": "timm.list_models",
        }
        for name, want in rows.items():
            with self.subTest(name):
                code, out, err = run("--model", name)
                self.assertEqual((code, out, err.count("\n")), (1, "", 1))
                self.assertRegex(err, want)

    def test_two_tags_of_one_architecture_do_not_share_a_file(self) -> None:
        code, _, err = run("--model", "5m", "tiny_vit_5m_224.in1k", "--random-weights")
        self.assertEqual(code, 1)
        self.assertRegex(err, r"another --model writes models.tiny_vit_5m_224\.pt too")

    def test_a_model_named_twice_is_traced_once(self) -> None:
        self.assertEqual(list(trace_timm.plan_outputs([TINY, TINY], Path("out"))), [TINY])


@unittest.skipIf(trace_timm.IMPORT_ERROR, WITHOUT_TIMM)
class TinyViT(unittest.TestCase):
    """One trace of TinyViT 5M with random weights, looked at from all sides."""

    @classmethod
    def setUpClass(cls) -> None:
        temporary = tempfile.TemporaryDirectory()
        cls.addClassCleanup(temporary.cleanup)
        cls.folder = Path(temporary.name) / "made" / "models"
        cls.code, cls.out, cls.err = run("--model", "5m", "--random-weights", "--seed", 3, "--out", cls.folder)
        cls.module, cls.meta = load(cls.folder / "tiny_vit_5m_224.pt")

    def test_leaves_one_file_and_one_line(self) -> None:
        self.assertEqual(self.code, 0)
        self.assertEqual([path.name for path in self.folder.iterdir()], ["tiny_vit_5m_224.pt"])
        file = self.folder / "tiny_vit_5m_224.pt"
        cost = "5.07 M parameters, 1.17 GMACs, 9.3 M activations"
        digest = hashlib.sha256(file.read_bytes()).hexdigest()[:16]
        self.assertEqual(self.out, f"{TINY}: {cost}, embedding 320, {file}, sha256 {digest}\n")

    def test_says_on_stderr_that_weights_are_random(self) -> None:
        self.assertRegex(self.err, r"random weights \(seed 3\): for tests and speed measurements only")

    def test_vs_json_states_transform_size_and_origin(self) -> None:
        rows = {
            "format": 1,
            "model_name": TINY,
            "num_params": 5071764,
            "embedding_dim": 320,
            "input_size": [3, 224, 224],
            "interpolation": "bicubic",
            "mean": [0.485, 0.456, 0.406],
            "std": [0.229, 0.224, 0.225],
            "crop_pct": 0.95,
            "crop_mode": "center",
            "hf_hub_id": f"timm/{TINY}",
            "timm_version": timm.__version__,
            "torch_version": torch.__version__,
            "weights": "random, seed 3, for tests only",
        }
        for key, want in rows.items():
            with self.subTest(key):
                self.assertEqual(self.meta[key], want)
        self.assertEqual(set(self.meta), set(rows) | {"gmacs", "mactivations"})

    def test_cost_agrees_with_the_published_card(self) -> None:
        self.assertEqual((round(self.meta["gmacs"], 1), round(self.meta["mactivations"], 1)), (1.2, 9.3))

    def test_any_batch_size_gives_the_eager_embeddings(self) -> None:
        torch.manual_seed(3)
        eager = timm.create_model(TINY, num_classes=0).eval()
        for batch in (1, 3):
            with self.subTest(batch=batch), torch.no_grad(), torch.jit.optimized_execution(False):
                pictures = torch.randn(batch, 3, 224, 224)
                want, got = eager(pictures), self.module(pictures)
                self.assertEqual(got.shape, (batch, 320))
                self.assertLess((want - got).abs().max(), 1e-4 * want.abs().max())


@unittest.skipIf(trace_timm.IMPORT_ERROR, WITHOUT_TIMM)
class Cost(unittest.TestCase):
    def test_each_layer_counts_by_hand(self) -> None:
        class Product(torch.nn.Module):
            def forward(self, x: torch.Tensor) -> torch.Tensor:
                flat = x.flatten(2)
                return (flat @ flat.transpose(1, 2)).flatten(1)

        class FusedByTimm(Product):
            fused_attn = False

        class OnColumns(torch.nn.Module):  # a linear layer over a strided input
            def __init__(self) -> None:
                super().__init__()
                self.layer = torch.nn.Linear(16, 5, bias=False)

            def forward(self, x: torch.Tensor) -> torch.Tensor:
                return self.layer(x.flatten(2, 3).transpose(1, 2)[:, :, :1].expand(-1, -1, 16)).flatten(1)

        nn = torch.nn
        rows = {
            "a convolution": (nn.Conv2d(4, 6, 3, padding=1), 6 * 16 * 4 * 9, 6 * 16),
            "a depthwise convolution": (nn.Conv2d(4, 4, 3, padding=1, groups=4), 4 * 16 * 9, 4 * 16),
            "a transposed convolution": (nn.ConvTranspose2d(4, 6, 2, stride=2), 4 * 16 * 6 * 4, 6 * 64),
            "a linear layer with bias": (nn.Linear(4, 5), 4 * 4 * 4 * 5, 4 * 4 * 5),
            "a linear layer without bias": (nn.Linear(4, 5, bias=False), 4 * 4 * 4 * 5, 4 * 4 * 5),
            "a linear layer on a strided input": (OnColumns(), 16 * 16 * 5, 16 * 5),
            "a product of activations": (Product(), 4 * 4 * 16, 4 * 4),
            "a product in attention that timm fuses": (FusedByTimm(), 0, 0),
            "a product after attention that timm fuses": (
                nn.Sequential(FusedByTimm(), nn.Unflatten(1, (4, 2, 2)), Product()), 4 * 4 * 4, 4 * 4),
            "a batch norm": (nn.BatchNorm2d(4), 2 * 64, 0),
            "a layer norm": (nn.LayerNorm(4), 5 * 64, 0),
            "a group norm": (nn.GroupNorm(2, 4), 5 * 64, 0),
        }
        for name, (layer, macs, activations) in rows.items():
            with self.subTest(name):
                model = nn.Sequential(layer, nn.Flatten()).eval()
                measured = trace_timm.measure(name, model, (4, 4, 4))
                self.assertEqual((measured.macs, measured.activations), (macs, activations))


    def test_whole_models_cost_what_timm_publishes(self) -> None:
        # timm's benchmark table for torch 2.1: GMACs and M activations at 224 pixels, head included.
        published = {
            "efficientvit_m0": (0.08, 0.91),
            "levit_128s": (0.31, 1.88),
            "mobilenetv3_small_100": (0.06, 1.42),
            "convnext_atto": (0.55, 3.81),
            "vit_tiny_patch16_224": (1.08, 4.12),
        }
        for name, want in published.items():
            with self.subTest(name):
                measured = trace_timm.measure(name, timm.create_model(name).eval(), (3, 224, 224))
                self.assertEqual((round(measured.macs / 1e9, 2), round(measured.activations / 1e6, 2)), want)


@unittest.skipIf(trace_timm.IMPORT_ERROR, WITHOUT_TIMM)
class Checkpoint(InFolder):
    @classmethod
    def setUpClass(cls) -> None:
        torch.manual_seed(1)
        cls.trained = timm.create_model(SMALL, num_classes=7).eval()

    def trace(self, state: object) -> tuple[int, str, str]:
        file = self.folder / "weights.pth"
        torch.save(state, file)
        return run("--model", SMALL, "--checkpoint", file, "--out", self.folder / "out")

    def test_weights_come_back_whatever_wraps_them(self) -> None:
        state = self.trained.state_dict()
        rows = {
            "with a head": state,
            "without a head": {key: value for key, value in state.items() if not key.startswith("classifier.")},
            "under 'model'": {"model": state, "epoch": 3},
            "under 'state_dict'": {"state_dict": state},
            "from a parallel run": {f"module.{key}": value for key, value in state.items()},
        }
        pictures = torch.randn(2, 3, 224, 224)
        with torch.no_grad():
            want = self.trained.forward_head(self.trained.forward_features(pictures), pre_logits=True)
        for name, wrapped in rows.items():
            with self.subTest(name):
                code, _, err = self.trace(wrapped)
                self.assertEqual((code, err), (0, ""))
                module, meta = load(self.folder / "out" / f"{SMALL}.pt")
                self.assertRegex(meta["weights"], r"^file weights\.pth sha256 [0-9a-f]{64}$")
                with torch.no_grad(), torch.jit.optimized_execution(False):
                    got = module(pictures)
                self.assertLess((want - got).abs().max(), 1e-4 * want.abs().max())

    def test_wrong_weights_are_refused_in_one_line_and_leave_nothing(self) -> None:
        state = self.trained.state_dict()
        without_stem = {key: value for key, value in state.items() if key != "conv_stem.weight"}
        rows = {
            "a missing key": (without_stem, "missing keys conv_stem.weight; choose the --model"),
            "an unexpected key": ({**state, "extra.weight": torch.zeros(1)}, "unexpected keys extra.weight; choose"),
            "another shape": ({**state, "conv_stem.weight": torch.zeros(1, 3, 3, 3)}, "size mismatch"),
            "no state dict": ([1, 2, 3], "must be a .safetensors file .* or a PyTorch state dict"),
            "pickled code": ({"model": unittest.TestCase()}, "must be a .safetensors file .* or a PyTorch state dict"),
        }
        for name, (wrong, want) in rows.items():
            with self.subTest(name):
                code, out, err = self.trace(wrong)
                self.assertEqual((code, out, err.count("\n")), (1, "", 1))
                self.assertRegex(err, want)
                self.assertEqual(self.names(), ["weights.pth"])

    def test_weights_of_another_size_name_what_does_not_fit(self) -> None:
        file = self.folder / "weights.pth"
        torch.save(timm.create_model(TINY).state_dict(), file)
        code, out, err = run("--model", "11m", "--checkpoint", file, "--out", self.folder / "out")
        self.assertEqual((code, out, err.count("\n"), self.names()), (1, "", 1, [file.name]))
        self.assertRegex(err, r"into tiny_vit_11m_224\S*: .*size mismatch for stages\.2\.downsample\.")

    def test_a_file_that_is_not_there_is_named(self) -> None:
        code, _, err = run("--model", SMALL, "--checkpoint", self.folder / "none.pth", "--out", self.folder)
        self.assertEqual(code, 1)
        self.assertRegex(err, r"load checkpoint .*none\.pth: no such file")


@unittest.skipIf(trace_timm.IMPORT_ERROR, WITHOUT_TIMM)
class Refusals(InFolder):
    def small(self) -> tuple[int, str, str]:
        return run("--model", SMALL, "--random-weights", "--out", self.folder)

    def test_a_trace_that_differs_is_not_saved(self) -> None:
        # Too strict a tolerance stands in for a model that the tracer gets wrong.
        with mock.patch.object(trace_timm, "TOLERANCE", -1.0):
            code, out, err = self.small()
        self.assertEqual((code, out, self.names()), (1, "", []))
        self.assertRegex(err, "check the trace of mobilenetv3_small_050.* differs from the eager model")

    def test_a_trace_that_fixes_the_batch_size_is_not_accepted(self) -> None:
        example = torch.zeros(2, 3)
        fixed = torch.jit.trace(lambda x: x + torch.ones(2, 3), example)
        with self.assertRaisesRegex(trace_timm.TraceError, "on a batch of 1: shape"):
            trace_timm.check_same("it", lambda x: x + 1, fixed, (3,))

    def test_embeddings_that_are_not_finite_are_not_accepted(self) -> None:
        def bad(x: torch.Tensor) -> torch.Tensor:
            return x / 0 * 0

        with self.assertRaisesRegex(trace_timm.TraceError, "by nan of its largest value"):
            trace_timm.check_same("it", bad, bad, (3,))

    def test_a_failed_write_leaves_the_old_file_alone(self) -> None:
        old = self.folder / f"{SMALL}.pt"
        old.write_text("old")
        with mock.patch.object(trace_timm.os, "fsync", side_effect=OSError("no space left on device")):
            code, out, err = self.small()
        self.assertEqual((code, out, self.names(), old.read_text()), (1, "", [old.name], "old"))
        self.assertRegex(err, r"save .*: no space left on device; check --out")

    def test_a_file_in_place_of_the_folder_is_named(self) -> None:
        file = self.folder / "file"
        file.touch()
        code, _, err = run("--model", SMALL, "--random-weights", "--out", file)
        self.assertEqual(code, 1)
        self.assertRegex(err, r"save .*file.*; check --out")

    def test_weights_out_of_reach_name_the_hub_id_and_the_offline_way(self) -> None:
        with mock.patch.object(timm, "create_model", side_effect=OSError("name resolution\nfailed")):
            code, _, err = run("--model", "5m", "--out", self.folder)
        self.assertEqual((code, err.count("\n"), self.names()), (1, 1, []))
        self.assertRegex(err, rf"name resolution failed; .* hub id timm/{TINY} .*--checkpoint FILE")

    def test_what_vs_does_not_support_is_told(self) -> None:
        meta = {"model_name": "m", "input_size": [3, 224, 224], "interpolation": "bilinear", "crop_mode": "center"}
        rows = {
            "one channel": {"input_size": [1, 224, 224]},
            "not square": {"input_size": [3, 224, 256]},
            "another interpolation": {"interpolation": "nearest"},
            "another crop mode": {"crop_mode": "squash"},
        }
        for name, change in rows.items():
            (key, value), = change.items()
            with self.subTest(name), contextlib.redirect_stderr(io.StringIO()) as err:
                trace_timm.warn_unsupported({**meta, **change})
                self.assertEqual(err.getvalue(), f"trace_timm: warning: m: vs does not support its {key} {value}\n")

    def test_a_file_that_reads_back_different_is_not_kept(self) -> None:
        dumps = json.dumps
        with mock.patch.object(trace_timm.json, "dumps", lambda meta: dumps({**meta, "embedding_dim": 1})):
            code, _, err = self.small()
        self.assertEqual((code, self.names()), (1, []))
        self.assertRegex(err, "check vs.json as read back: it differs; nothing was saved")

    def test_a_model_without_weights_is_told(self) -> None:
        trained = {name.partition(".")[0] for name in timm.list_models(pretrained=True)}
        untrained = next(name for name in timm.list_models() if name not in trained)
        code, _, err = run("--model", untrained, "--out", self.folder)
        self.assertEqual((code, self.names()), (1, []))
        self.assertRegex(err, rf"load weights of {untrained}.*: timm has none; pass --checkpoint FILE")


@unittest.skipIf(trace_timm.IMPORT_ERROR, WITHOUT_TIMM)
class Several(InFolder):
    def trace(self, out: Path, *models: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, trace_timm.__file__, "--random-weights", "--out", str(out), "--model", *models]
        return subprocess.run(command, capture_output=True, text=True)

    def test_a_file_does_not_depend_on_the_models_traced_with_it(self) -> None:
        contents = []
        for folder, models in (("alone", [SMALL]), ("along", ["mixer_s32_224", SMALL])):
            done = self.trace(self.folder / folder, *models)
            self.assertEqual((done.returncode, done.stdout.count("\n")), (0, len(models)), done.stderr)
            contents.append((self.folder / folder / f"{SMALL}.pt").read_bytes())
        self.assertTrue(contents[0] == contents[1])

    def test_the_first_that_fails_ends_the_run(self) -> None:
        file = self.folder / "file"
        file.touch()
        done = self.trace(file, SMALL, "resnet10t")
        self.assertEqual((done.returncode, done.stdout), (1, ""))
        self.assertEqual(done.stderr.count("check --out"), 1, done.stderr)


if __name__ == "__main__":
    unittest.main()
