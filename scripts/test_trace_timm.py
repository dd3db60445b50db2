"""Tests of trace_timm.py: python3 -m unittest scripts/test_trace_timm.py, no network needed."""

from __future__ import annotations

import contextlib
import hashlib
import io
import json
import subprocess
import sys
import tempfile
import types
import unittest
import warnings
import zipfile
from pathlib import Path
from typing import Callable
from unittest import mock

sys.path.insert(0, str(Path(__file__).resolve().parent))

import trace_timm

if trace_timm.torch is not None:
    import torch
    from torch import nn
if trace_timm.IMPORT_ERROR is None:
    import list_timm_models
    import timm

TINY = "tiny_vit_5m_224.dist_in22k_ft_in1k"
SMALL = "mobilenetv3_small_050"  # 1.6 M parameters with its head: quick to trace
WITHOUT_TORCH = f"torch is needed: {trace_timm.IMPORT_ERROR}"
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


if trace_timm.torch is not None:

    class NormHead(nn.Module):
        """A classifier of more than a last layer, such as EfficientViT's."""

        def __init__(self, classes: int) -> None:
            super().__init__()
            self.bn = nn.BatchNorm1d(4)
            self.linear = nn.Linear(4, classes)

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            return self.linear(self.bn(x))

    class Small(nn.Module):
        """A stand-in for timm's models: pictures [N, 3, 8, 6] become embeddings [N, 4]."""

        def __init__(self, num_classes: int) -> None:
            super().__init__()
            self.stem = nn.Conv2d(3, 4, 3)
            self.norm = nn.BatchNorm2d(4)
            self.head = NormHead(num_classes) if num_classes else nn.Identity()
            self.pretrained_cfg = {"classifier": "head.linear", "hf_hub_id": "timm/small"}

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            return self.head(self.norm(self.stem(x)).mean((2, 3)))

    class Unsettled(Small):
        """Dropout stays, whatever eval() says."""

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            return nn.functional.dropout(super().forward(x), training=True)

    class Stubborn(Small):
        """A part stays in training mode."""

        def train(self, mode: bool = True) -> nn.Module:
            super().train(mode)
            self.norm.training = True
            return self


    class NoClasses(Small):
        """Made without classes, it keeps a last layer, of 0 outputs, as InceptionNeXt does."""

        def __init__(self, num_classes: int) -> None:
            super().__init__(num_classes)
            if num_classes == 0:
                self.head = nn.Linear(4, 0)

    class Resettable(NoClasses):
        def reset_classifier(self, num_classes: int) -> None:
            self.head = nn.Identity()

    class Empty(NoClasses):
        """It keeps even that."""

        def reset_classifier(self, num_classes: int) -> None:
            pass


def fake_timm(architecture: type) -> dict:
    """What trace_timm uses of timm, for a timm that has one model."""
    def create_model(name: str, pretrained: bool = False, num_classes: int = 7) -> nn.Module:
        return architecture(num_classes)

    configuration = {
        "input_size": (3, 8, 6), "interpolation": "lanczos", "mean": (0.5, 0.5, 0.5), "std": (0.5, 0.5, 0.5),
        "crop_pct": 1.0, "crop_mode": "squash",
    }
    return {
        "IMPORT_ERROR": None,
        "timm": types.SimpleNamespace(
            __version__="1.0", is_model=lambda name: name == "small", create_model=create_model,
            list_models=lambda *_, **__: ["small.a"], get_pretrained_cfg=lambda _: types.SimpleNamespace(tag="a")),
        "resolve_model_data_config": lambda model: configuration,
        "set_fused_attn": lambda _: None,
        "load_state_dict": lambda path, weights_only: torch.load(path, map_location="cpu"),
    }


@unittest.skipIf(trace_timm.torch is None, WITHOUT_TORCH)
class WithoutTimm(InFolder):
    """What holds for any model, on a small one."""

    def use(self, architecture: type) -> None:
        patch = mock.patch.multiple(trace_timm, create=True, **fake_timm(architecture))
        patch.start()
        self.addCleanup(patch.stop)

    def setUp(self) -> None:
        super().setUp()
        self.use(Small)
        torch.manual_seed(5)
        self.trained = Small(7).eval()
        for norm in self.trained.norm, self.trained.head.bn:  # as training leaves them
            norm.running_mean.uniform_(-1, 1)
            norm.running_var.uniform_(0.5, 2)

    def trace(self, checkpoint: Path) -> tuple[int, str, str]:
        return run("--model", "small", "--checkpoint", checkpoint, "--out", self.folder / "out")

    def saved(self, state: object, name: str = "weights.pth") -> Path:
        torch.save(state, self.folder / name)
        return self.folder / name

    def assert_traced(self, checkpoint: Path, tolerance: float = 1e-5) -> None:
        self.assertEqual((*self.trace(checkpoint)[::2], ), (0, ""))
        module, _ = load(self.folder / "out" / "small.pt")
        pictures = torch.randn(3, 3, 8, 6)
        with torch.no_grad(), torch.jit.optimized_execution(False):
            want, got = self.trained.norm(self.trained.stem(pictures)).mean((2, 3)), module(pictures)
        self.assertEqual(got.dtype, torch.float32)
        self.assertLess((want - got).abs().max(), tolerance * want.abs().max())

    def assert_refused(self, checkpoint: Path, message: str) -> None:
        code, out, err = self.trace(checkpoint)
        self.assertEqual((code, out, err.count("\n")), (1, "", 1))
        self.assertRegex(err, message)
        self.assertFalse((self.folder / "out").exists())

    def test_all_of_the_head_is_dropped(self) -> None:
        self.assert_traced(self.saved(self.trained.state_dict()))

    def test_a_checkpoint_without_a_head_is_whole(self) -> None:
        state = {key: value for key, value in self.trained.state_dict().items() if not key.startswith("head.")}
        self.assert_traced(self.saved(state))

    def test_what_is_neither_the_models_nor_its_heads_is_refused(self) -> None:
        state = {**self.trained.state_dict(), "neck.weight": torch.zeros(1)}
        self.assert_refused(self.saved(state), "unexpected keys neck.weight; choose the --model")

    def test_weights_of_other_precisions_become_those_of_float32(self) -> None:
        rows = {torch.float16: 1e-2, torch.bfloat16: 1e-1, torch.float64: 1e-5}
        for dtype, tolerance in rows.items():
            with self.subTest(str(dtype)):
                state = {key: value.to(dtype) for key, value in self.trained.state_dict().items()}
                self.assert_traced(self.saved(state), tolerance)

    def test_quantized_weights_are_refused(self) -> None:
        state = self.trained.state_dict()
        state["stem.weight"] = state["stem.weight"].to(torch.int8)
        self.assert_refused(self.saved(state), "stem.weight hold torch.int8, not floating-point numbers; pass")

    def test_weights_of_a_gpu_are_read_where_there_is_none(self) -> None:
        on_cpu = self.saved(self.trained.state_dict())
        on_gpu = self.folder / "gpu.pth"
        with zipfile.ZipFile(on_cpu) as old, zipfile.ZipFile(on_gpu, "w") as new:
            for entry in old.namelist():
                place, gpu = b"X\x03\0\0\0cpu", b"X\x06\0\0\0cuda:0"
                new.writestr(entry, old.read(entry).replace(place, gpu))
        with self.assertRaises(RuntimeError):
            torch.load(on_gpu)
        self.assert_traced(on_gpu)

    def test_files_that_are_no_weights_are_named_for_what_they_are(self) -> None:
        def archive(*entries: str) -> Callable[[Path], None]:
            def write(path: Path) -> None:
                with zipfile.ZipFile(path, "w") as file:
                    for entry in entries:
                        file.writestr(entry, "")
            return write

        def traced(path: Path) -> None:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                torch.jit.save(torch.jit.trace(self.trained, torch.zeros(1, 3, 8, 6)), path)

        rows = {
            "a pointer of git lfs": (
                lambda path: path.write_text("version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 9\n"),
                "it is the pointer to a file that git lfs pull has yet to fetch, not weights; pass"),
            "an empty file": (Path.touch, "it is an empty file, not weights"),
            "a page that says that there is no file": (
                lambda path: path.write_text("<!DOCTYPE html>\n<html>404"), "it is a web page"),
            "a traced model": (traced, "it is a TorchScript module, not weights; pass .* torch.save"),
            "an exported program": (archive("model/archive_format", "model/data.pkl"), r"an exported program \(.pt2\)"),
            "an older exported program": (archive("serialized_exported_program.json"), r"an exported program \(.pt2\)"),
            "weights of another library": (archive("a.npy"), "it is an archive that PyTorch did not write"),
            "a whole model": (lambda path: torch.save(self.trained.norm, path), "a PyTorch state dict of this model"),
            "no weights at all": (lambda path: torch.save([1, 2], path), "a PyTorch state dict of this model"),
            "a cut file": (
                lambda path: path.write_bytes(self.saved(self.trained.state_dict()).read_bytes()[:900]),
                "it is a damaged archive, perhaps cut short, not weights"),
        }
        for name, (write, want) in rows.items():
            with self.subTest(name):
                path = self.folder / "file.pth"
                path.unlink(missing_ok=True)
                write(path)
                self.assert_refused(path, want)

    def test_a_last_layer_of_no_classes_goes(self) -> None:
        self.use(Resettable)
        self.assert_traced(self.saved(self.trained.state_dict()))

    def test_embeddings_of_no_elements_are_refused(self) -> None:
        self.use(Empty)
        code, _, err = run("--model", "small", "--random-weights", "--out", self.folder / "out")
        self.assertEqual(code, 1)
        self.assertRegex(err, "run small.a: gives embeddings of 0 elements; choose another model\n$")

    def test_a_model_that_is_not_settled_is_not_traced(self) -> None:
        rows = {
            Unsettled: r"check small.a: two embeddings of the same picture differ by \S+ of their largest value; choose",
            Stubborn: r"check small.a: norm in training mode; call eval\(\) before it is traced",
        }
        for architecture, want in rows.items():
            with self.subTest(architecture.__name__):
                self.use(architecture)
                self.assert_refused(self.saved(self.trained.state_dict()), want)

    def test_weights_that_are_not_finite_are_refused(self) -> None:
        state = self.trained.state_dict()
        state["stem.bias"][0] = float("nan")
        self.assert_refused(self.saved(state), "check small.a: its embeddings are not finite numbers; check the weights")

    def test_a_file_that_cannot_be_read_is_told(self) -> None:
        path = self.saved(self.trained.state_dict())
        with mock.patch.object(trace_timm.checkpoint_file, "open", side_effect=PermissionError("no"), create=True):
            self.assert_refused(path, r"load checkpoint \S+weights.pth: no; check --checkpoint")

    def test_a_torch_without_torchscript_is_told(self) -> None:
        with mock.patch.object(trace_timm, "torch", types.SimpleNamespace(__version__="3.0")):
            code, _, err = run("--model", "small", "--random-weights")
        self.assertEqual((code, err.count("\n")), (1, 1))
        self.assertRegex(err, r"torch 3.0: it has no torch.jit.trace.*; install .*requirements\.txt")

    def test_newer_torch_may_call_torchscript_deprecated(self) -> None:
        for kind in DeprecationWarning, FutureWarning, UserWarning:
            with self.subTest(kind.__name__), warnings.catch_warnings(record=True) as seen:
                warnings.simplefilter("always")
                with trace_timm.torchscript_file.not_deprecated():
                    warnings.warn("`torch.jit.load` is deprecated. Please switch to `torch.export`.", kind)
                    warnings.warn("another matter", kind)
                self.assertEqual([str(warning.message) for warning in seen], ["another matter"])


class Supported(unittest.TestCase):
    def test_what_vs_does_not_support_is_told(self) -> None:
        meta = {
            "model_name": "m", "input_size": [3, 224, 224], "interpolation": "bilinear", "crop_mode": "center",
            "crop_pct": 0.9, "mean": [0.5, 0.5, 0.5], "std": [0.25, 0.25, 0.25],
        }
        rows = {
            "one channel": ("input_size", [1, 224, 224], "input_size [1, 224, 224]"),
            "a side beyond reason": ("input_size", [3, 224, 9000], "input_size [3, 224, 9000]"),
            "one interpolation or the other": ("interpolation", "random", "interpolation random"),
            "another crop mode": ("crop_mode", "zoom", "crop_mode zoom"),
            "a crop_pct beyond reason": ("crop_pct", 0.001, "crop_pct 0.001"),
            "a mean of levels": ("mean", [127, 127, 127],
                                 "mean [127, 127, 127] and std [0.25, 0.25, 0.25], which are not of values from 0 to 1"),
            "a std of levels": ("std", [57, 57, 57],
                                "mean [0.5, 0.5, 0.5] and std [57, 57, 57], which are not of values from 0 to 1"),
            "not square": ("input_size", [3, 224, 256], None),
            "nearest": ("interpolation", "nearest", None),
            "squash": ("crop_mode", "squash", None),
            "border": ("crop_mode", "border", None),
        }
        for name, (key, value, what) in rows.items():
            with self.subTest(name), contextlib.redirect_stderr(io.StringIO()) as err:
                trace_timm.warn_unsupported({**meta, key: value})
                want = f"trace_timm: warning: m: vs does not support its {what}\n" if what else ""
                self.assertEqual(err.getvalue(), want)


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
        # timm's benchmark table for torch 2.1: GMACs and M activations at 224 pixels, head
        # included.
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
        with mock.patch.multiple(trace_timm, TOLERANCE=-1.0, check_settled=mock.DEFAULT):
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
class Configurations(unittest.TestCase):
    def test_every_pretrained_model_of_three_channels_is_supported(self) -> None:
        configurations = list_timm_models.configurations()
        self.assertGreater(len(configurations), 1000)
        for name, configuration in configurations.items():
            if configuration["input_size"][0] == 3:
                self.assertEqual(trace_timm.unsupported(configuration), [], name)

    def test_the_list_has_a_line_a_model(self) -> None:
        given = list_timm_models.configurations()
        some = {name: given[name] for name in (TINY, "tiny_vit_5m_224.in1k")}
        some["tiny_vit_5m_224.in1k"] = {**some[TINY], "crop_mode": "zoom"}
        out, err = io.StringIO(), io.StringIO()
        with mock.patch.object(list_timm_models, "configurations", lambda: some):
            with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
                self.assertEqual(list_timm_models.main(), 0)
        self.assertEqual(out.getvalue().splitlines(), [
            f"supported      {TINY}: 224×224 center bicubic, crop_pct 0.95",
            "not supported  tiny_vit_5m_224.in1k: crop_mode zoom",
        ])
        self.assertEqual(err.getvalue().splitlines(), [
            f"timm {timm.__version__}: 1 supported, 1 not", "    1 center bicubic, square"])


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
