#!/usr/bin/env python3
"""Trace timm models to TorchScript encoders for vs.

Each model loses its classification head, so that it turns a batch of pictures
[N, C, H, W] into embeddings [N, D] for any N. The preprocessing that timm
states for its weights travels inside the file, as the extra file vs.json.
"""

from __future__ import annotations

import argparse
import difflib
import hashlib
import json
import math
import os
import signal
import subprocess
import sys
import warnings
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Callable, Iterator, NamedTuple

import checkpoint_file

# --help works without torch and timm; run names the remedy. Builds of torch and torchvision that do
# not fit each other raise RuntimeError or OSError.
IMPORT_ERROR: Exception | None = None
try:
    import torch
    import torchscript_file
    from torch.utils._python_dispatch import TorchDispatchMode
except Exception as error:
    IMPORT_ERROR = error
    torch = None
    TorchDispatchMode = object
try:
    import timm
    from timm.data import resolve_model_data_config
    from timm.layers import set_fused_attn
    from timm.models import load_state_dict
except Exception as error:
    IMPORT_ERROR = IMPORT_ERROR or error

SHORT_NAMES = {size: f"tiny_vit_{size}_224.dist_in22k_ft_in1k" for size in ("5m", "11m", "21m")}

TRACE_BATCH = 2
CHECK_BATCHES = (1, 5)
# Largest difference between traced and eager embeddings, as a share of the
# largest eager value. float32 kernels that differ between batch sizes stay
# below 1e-5; a batch size or position frozen by the trace is off by far more.
TOLERANCE = 1e-4

EXAMPLES = """examples:
  trace_timm.py --model 5m 11m 21m                      the three TinyViTs, weights from the hub
  trace_timm.py --model mobilenetv3_small_100.lamb_in1k
  trace_timm.py --model 5m --checkpoint model.safetensors --out models
  trace_timm.py --model 5m --random-weights --seed 0    no network; for tests and speed only
"""


class TraceError(Exception):
    """A failure that the user can mend; its message is one line."""


class Weights(NamedTuple):
    """Where the weights come from: a checkpoint file, a seed, or (neither) timm's hub."""

    checkpoint: Path | None = None
    seed: int | None = None


class Measured(NamedTuple):
    """Work for one picture, and the length of its embedding."""

    macs: float
    activations: float
    embedding_dim: int


def one_line(error: BaseException, limit: int = 240) -> str:
    text = " ".join(str(error).split()).rstrip(".") or type(error).__name__
    return text if len(text) <= limit else text[: limit - 1] + "…"


def warn(message: str) -> None:
    print(f"trace_timm: warning: {message}", file=sys.stderr)


# --- names -------------------------------------------------------------------


def resolve_name(name: str) -> str:
    """The timm name with its tag, e.g. resnet18 → resnet18.a1_in1k."""
    name = SHORT_NAMES.get(name, name)
    architecture, _, tag = name.partition(".")
    if not timm.is_model(architecture):
        close = difflib.get_close_matches(architecture, timm.list_models(), n=3)
        hint = f"did you mean {', '.join(close)}?" if close else "timm.list_models() lists all"
        raise TraceError(f"find model {name}: timm {timm.__version__} has no such architecture; {hint}")
    default_tag = timm.get_pretrained_cfg(architecture).tag
    tagged = timm.list_models(f"{architecture}.*", pretrained=True)
    if tag and tag != default_tag and name not in tagged:
        hint = f"it has {', '.join(tagged)}" if tagged else "it has none; leave the tag out"
        raise TraceError(f"find model {name}: timm {timm.__version__} has no such weights; {hint}")
    return ".".join(filter(None, (architecture, tag or default_tag)))


def output_path(folder: Path, name: str) -> Path:
    return folder / f"{name.partition('.')[0]}.pt"


def plan_outputs(names: list[str], folder: Path) -> dict[str, Path]:
    """Model names to files; two models never share one."""
    outputs: dict[str, Path] = {}
    for name in names:
        path = output_path(folder, name)
        if name not in outputs and path in outputs.values():
            raise TraceError(f"plan {name}: another --model writes {path} too; trace it apart, with its own --out")
        outputs[name] = path
    return outputs


# --- weights -----------------------------------------------------------------


def file_sha256(path: Path) -> str:
    digest = hashlib.sha256()
    with open(path, "rb") as file:
        for block in iter(lambda: file.read(1 << 20), b""):
            digest.update(block)
    return digest.hexdigest()


def encoder(name: str, pretrained: bool) -> torch.nn.Module:
    # Fused attention becomes an operator that libtorch before 2.0 cannot load.
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        set_fused_attn(False)
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Initializing zero-element tensors")
        model = timm.create_model(name, pretrained=pretrained, num_classes=0)
    if any(parameter.numel() == 0 for parameter in model.parameters()):
        model.reset_classifier(0)  # InceptionNeXt is made with a last layer of 0 classes
    return model.eval()


def hub_encoder(name: str) -> torch.nn.Module:
    cfg = timm.get_pretrained_cfg(name)
    if not (cfg.hf_hub_id or cfg.url):
        raise TraceError(f"load weights of {name}: timm has none; pass --checkpoint FILE with your own")
    try:
        return encoder(name, pretrained=True)
    except Exception as error:
        file = f"model.safetensors of hub id {cfg.hf_hub_id}" if cfg.hf_hub_id else cfg.url
        raise TraceError(
            f"load weights of {name}: {one_line(error)}; "
            f"without a network, fetch {file} elsewhere and pass --checkpoint FILE"
        ) from error


def untrained_encoder(name: str) -> torch.nn.Module:
    try:
        return encoder(name, pretrained=False)
    except Exception as error:
        raise TraceError(f"build {name}: {one_line(error)}; choose another model") from error


def head_prefixes(model: torch.nn.Module) -> tuple[str, ...]:
    """Key prefixes of the classifier that num_classes=0 leaves out, e.g. ("head.fc.",)."""
    classifiers = model.pretrained_cfg.get("classifier") or ()
    if isinstance(classifiers, str):
        classifiers = (classifiers,)
    return tuple(f"{classifier}." for classifier in classifiers)


def without_head(name: str, state: dict[str, torch.Tensor], model: torch.nn.Module) -> dict[str, torch.Tensor]:
    """The state dict without what belongs to the classifier."""
    kept = set(model.state_dict())
    dropped = head_prefixes(model)
    state = {key: value for key, value in state.items() if key in kept or not key.startswith(dropped)}
    if state.keys() <= kept:
        return state
    # More may belong to the head than its last layer, such as EfficientViT's batch norm.
    with suppress(Exception):  # of models that never have a head
        head = timm.create_model(name, pretrained=False, num_classes=2).state_dict().keys() - kept
        state = {key: value for key, value in state.items() if key not in head}
    return state


def read_checkpoint(name: str, path: Path, model: torch.nn.Module) -> dict[str, torch.Tensor]:
    """The state dict in path, in timm's key names, without classifier keys."""
    state = load_state_dict(str(path), weights_only=True)
    # timm keeps the translation from a model's original key names beside the model.
    translate = getattr(sys.modules[type(model).__module__], "checkpoint_filter_fn", None)
    if translate is not None:
        # It fails obscurely on another model's weights; loading them untranslated names what does
        # not fit.
        with suppress(Exception):
            state = translate(state, model)
    return without_head(name, state, model)


def quantized_keys(state: dict[str, torch.Tensor], model: torch.nn.Module) -> list[str]:
    """Keys whose numbers would lose their scale in the model's; halves and doubles do not."""
    return [
        key for key, own in model.state_dict().items()
        if own.is_floating_point() and key in state and not state[key].is_floating_point()
    ]


def some_keys(keys: list[str], limit: int = 3) -> str:
    more = f" and {len(keys) - limit} more" if len(keys) > limit else ""
    return ", ".join(keys[:limit]) + more


def checkpoint_encoder(name: str, path: Path) -> torch.nn.Module:
    if not path.is_file():
        raise TraceError(f"load checkpoint {path}: no such file; check --checkpoint")
    try:
        what = checkpoint_file.not_weights(path)
    except OSError as error:
        raise TraceError(f"load checkpoint {path}: {one_line(error)}; check --checkpoint") from error
    if what:
        raise TraceError(
            f"load checkpoint {path}: it is {what}, not weights; "
            "pass a .safetensors file or what torch.save(model.state_dict(), FILE) wrote"
        )
    model = untrained_encoder(name)
    try:
        state = read_checkpoint(name, path, model)
        quantized = quantized_keys(state, model)
        missing, unexpected = model.load_state_dict(state, strict=False)
    except Exception as error:
        raise TraceError(
            f"load checkpoint {path} into {name}: {one_line(error)}; "
            "it must be a .safetensors file (pip install safetensors) or a PyTorch state dict of this model"
        ) from error
    if missing or unexpected:
        wrong = {"missing": missing, "unexpected": unexpected}
        found = "; ".join(f"{kind} keys {some_keys(keys)}" for kind, keys in wrong.items() if keys)
        raise TraceError(f"load checkpoint {path} into {name}: {found}; choose the --model that it was trained as")
    if quantized:
        kind = state[quantized[0]].dtype
        raise TraceError(
            f"load checkpoint {path} into {name}: {some_keys(quantized)} hold {kind}, not floating-point numbers; "
            "pass the weights from before they were quantized"
        )
    return model


def build(name: str, weights: Weights) -> tuple[torch.nn.Module, str]:
    """The model in eval mode without its head, and a line on where its weights are from."""
    if weights.checkpoint is not None:
        model = checkpoint_encoder(name, weights.checkpoint)
        return model, f"file {weights.checkpoint.name} sha256 {file_sha256(weights.checkpoint)}"
    if weights.seed is not None:
        torch.manual_seed(weights.seed)
        return untrained_encoder(name), f"random, seed {weights.seed}, for tests only"
    model = hub_encoder(name)
    return model, f"timm pretrained {model.pretrained_cfg.get('hf_hub_id') or model.pretrained_cfg['url']}"


# --- cost --------------------------------------------------------------------


class CostCounter(TorchDispatchMode):
    """Counts multiply-accumulates and activations of what runs under it.

    The convention is that of timm's benchmark tables and model cards since torch 2
    (fvcore's counters under fused attention): MACs of convolution, linear layers and
    matrix products, and the arithmetic of normalisation (2 per element for batch norm
    in eval mode, 5 for layer and group norm); activations are the outputs of
    convolution, linear layers and products. Queries by keys, and the product with the
    values, are hidden from fvcore where timm fuses attention (TinyViT, ViT) and count
    elsewhere (EfficientViT, LeViT). Attention that timm fuses on request alone (Swin,
    XCiT, MaxViT, Visformer) cannot be told from fused: up to a quarter below the tables.
    TinyViT 5M, 11M, 21M: 1.2, 1.9, 4.1 GMACs; 9.3, 10.7, 15.9 M activations.
    """

    NORM_COST = {"batch_norm": 2, "layer_norm": 5, "group_norm": 5}

    def __init__(self) -> None:
        super().__init__()
        self.macs = 0
        self.activations = 0
        self.fused_depth = 0

    @contextmanager
    def watching(self, model: torch.nn.Module) -> Iterator[None]:
        """Marks the parts of model whose attention timm fuses; they carry the flag fused_attn."""

        def enter(*_: Any) -> None:
            self.fused_depth += 1

        def leave(*_: Any) -> None:
            self.fused_depth -= 1

        hooks = []
        for module in model.modules():
            if hasattr(module, "fused_attn"):
                hooks += [module.register_forward_pre_hook(enter), module.register_forward_hook(leave)]
        try:
            yield
        finally:
            for hook in hooks:
                hook.remove()

    def __torch_dispatch__(self, func: Any, types: Any, args: tuple = (), kwargs: dict | None = None) -> Any:
        result = func(*args, **(kwargs or {}))
        self.count(str(func.overloadpacket), args, result)
        return result

    def count(self, op: str, args: tuple, result: Any) -> None:
        if op == "aten.convolution":
            picture, weight, transposed = args[0], args[1], args[6]
            per_element = math.prod(weight.shape[1:])
            self.macs += (picture if transposed else result).numel() * per_element
            self.activations += result.numel()
        elif op in ("aten.mm", "aten.addmm"):
            self.product(result, inner=args[-1].shape[0])
        elif op in ("aten.bmm", "aten.baddbmm"):
            # Stride 0 is one weight for the whole batch: a linear layer on a strided input.
            if not self.fused_depth or 0 in (args[-1].stride(0), args[-2].stride(0)):
                self.product(result, inner=args[-1].shape[1])
        else:
            for norm, cost in self.NORM_COST.items():
                if norm in op:
                    self.macs += cost * result[0].numel()

    def product(self, result: torch.Tensor, inner: int) -> None:
        self.macs += result.numel() * inner
        self.activations += result.numel()


def measure(name: str, model: torch.nn.Module, input_size: tuple[int, int, int]) -> Measured:
    # Two pictures, since a weight shared by a batch of one looks like any tensor.
    counter = CostCounter()
    try:
        with torch.no_grad(), counter.watching(model), counter:
            output = model(torch.zeros(2, *input_size))
    except Exception as error:
        size = list(input_size)
        raise TraceError(f"run {name} on a picture {size}: {one_line(error)}; choose another model") from error
    shape = list(getattr(output, "shape", []))
    if len(shape) != 2:
        raise TraceError(f"run {name}: gives shape {shape} for 2 pictures, not a vector each; choose another model")
    if shape[1] == 0:
        raise TraceError(f"run {name}: gives embeddings of 0 elements; choose another model")
    return Measured(counter.macs / 2, counter.activations / 2, shape[1])


# --- tracing -----------------------------------------------------------------


def random_pictures(batch: int, input_size: tuple[int, int, int]) -> torch.Tensor:
    return torch.randn(batch, *input_size, generator=torch.Generator().manual_seed(batch))


def check_settled(name: str, model: torch.nn.Module, input_size: tuple[int, int, int]) -> None:
    """A picture has one embedding: no part of the model trains or draws random numbers."""
    training = [part or "the model" for part, module in model.named_modules() if module.training]
    if training:
        raise TraceError(f"check {name}: {some_keys(training)} in training mode; call eval() before it is traced")
    pictures = random_pictures(TRACE_BATCH, input_size)
    try:
        with torch.no_grad():
            first, second = model(pictures), model(pictures)
    except Exception as error:
        raise TraceError(f"run {name} on a batch of {TRACE_BATCH}: {one_line(error)}; choose another model") from error
    if not torch.isfinite(first).all():
        raise TraceError(f"check {name}: its embeddings are not finite numbers; check the weights")
    difference = relative_difference(first, second)
    if not difference <= TOLERANCE:
        raise TraceError(
            f"check {name}: two embeddings of the same picture differ by {difference:.1e} of their largest value; "
            "choose a model that is settled in eval mode"
        )


def relative_difference(want: torch.Tensor, got: torch.Tensor) -> float:
    """The largest difference as a share of the largest wanted value; NaN if either has one."""
    return (want - got).abs().max().item() / max(want.abs().max().item(), 1e-12)


def trace(name: str, model: torch.nn.Module, input_size: tuple[int, int, int]) -> torch.jit.ScriptModule:
    # The tracer warns of each shape that it reads; check_same finds out whether that matters.
    try:
        with torch.no_grad(), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            traced = torch.jit.trace(model, random_pictures(TRACE_BATCH, input_size), check_trace=False)
            # Folds batch norms now, so that vs, which would do it at each start, starts faster.
            return torch.jit.freeze(traced)
    except Exception as error:
        raise TraceError(f"trace {name}: {one_line(error)}; choose another model") from error


Encode = Callable[["torch.Tensor"], "torch.Tensor"]


def check_same(what: str, eager: Encode, traced: Encode, input_size: tuple[int, int, int]) -> None:
    for batch in CHECK_BATCHES:
        pictures = random_pictures(batch, input_size)
        try:
            # As vs runs it; torch 2.6 never comes to an end with the fusion of some frozen models.
            with torch.no_grad(), torch.jit.optimized_execution(False):
                want, got = eager(pictures), traced(pictures)
        except Exception as error:
            raise TraceError(f"check {what} on a batch of {batch}: {one_line(error)}; nothing was saved") from error
        if want.shape != got.shape:
            shapes = f"shape {list(got.shape)} is not {list(want.shape)}"
            raise TraceError(f"check {what} on a batch of {batch}: {shapes}; nothing was saved")
        difference = relative_difference(want, got)
        if not difference <= TOLERANCE:  # also true of NaN
            raise TraceError(
                f"check {what} on a batch of {batch}: differs from the eager model by {difference:.1e} "
                f"of its largest value, more than {TOLERANCE:.0e}; nothing was saved"
            )


def describe(name: str, model: torch.nn.Module, weights: str) -> dict[str, Any]:
    """The contents of vs.json."""
    data = resolve_model_data_config(model)
    measured = measure(name, model, data["input_size"])
    meta = {
        "format": 1,
        "model_name": name,
        "num_params": sum(parameter.numel() for parameter in model.parameters()),
        "embedding_dim": measured.embedding_dim,
        "input_size": list(data["input_size"]),
        "interpolation": data["interpolation"],
        "mean": list(data["mean"]),
        "std": list(data["std"]),
        "crop_pct": data["crop_pct"],
        "crop_mode": data["crop_mode"],
        "gmacs": round(measured.macs / 1e9, 4),
        "mactivations": round(measured.activations / 1e6, 4),
        "timm_version": timm.__version__,
        "torch_version": str(torch.__version__),
        "weights": weights,
    }
    hub_id = model.pretrained_cfg.get("hf_hub_id")
    if hub_id:
        meta["hf_hub_id"] = hub_id
    return meta


INTERPOLATIONS = ("nearest", "box", "bilinear", "hamming", "bicubic", "lanczos")
CROP_MODES = ("center", "squash", "border")
MAX_SIDE = 8192  # of the crop, and of what a picture is resized to
MAX_SHIFT = 2  # of mean and std; those of values from 0 to 255 are beyond it


def unsupported(meta: dict[str, Any]) -> list[str]:
    """What of vs.json vs refuses, as data/transform/spec.go says, one per line."""
    channels, *sides = meta["input_size"]
    possible = all(1 <= side <= MAX_SIDE for side in sides)
    resized = [math.floor(side / meta["crop_pct"]) for side in sides]
    shifts = [abs(shift) for shift in (*meta["mean"], *meta["std"])]
    remarks = {
        f"input_size {list(meta['input_size'])}": channels == 3 and possible,
        f"interpolation {meta['interpolation']}": meta["interpolation"] in INTERPOLATIONS,
        f"crop_mode {meta['crop_mode']}": meta["crop_mode"] in CROP_MODES,
        f"crop_pct {meta['crop_pct']}": not possible or all(1 <= side <= MAX_SIDE for side in resized),
        f"mean {list(meta['mean'])} and std {list(meta['std'])}, which are not of values from 0 to 1":
            max(shifts) <= MAX_SHIFT,
    }
    return [what for what, ok in remarks.items() if not ok]


def warn_unsupported(meta: dict[str, Any]) -> None:
    """Warns of what vs refuses, so that nobody learns it from the first run."""
    for what in unsupported(meta):
        warn(f"{meta['model_name']}: vs does not support its {what}")


# --- saving ------------------------------------------------------------------


@contextmanager
def atomic_file(path: Path) -> Iterator[Path]:
    """A temporary file that becomes path when the block ends well, and is gone when not."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        yield temporary
        os.replace(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)


def check_saved(path: Path, model: torch.nn.Module, meta: dict[str, Any]) -> None:
    extra = {"vs.json": ""}
    with torchscript_file.not_deprecated():
        loaded = torch.jit.load(str(path), map_location="cpu", _extra_files=extra)
    if json.loads(extra["vs.json"]) != meta:
        raise TraceError("check vs.json as read back: it differs; nothing was saved")
    check_same("the file as read back", model, loaded, tuple(meta["input_size"]))


def save(path: Path, model: torch.nn.Module, traced: torch.jit.ScriptModule, meta: dict[str, Any]) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with atomic_file(path) as temporary:
            torchscript_file.write(traced, temporary, {"vs.json": json.dumps(meta)})
            check_saved(temporary, model, meta)
    except (OSError, RuntimeError) as error:
        raise TraceError(f"save {path}: {one_line(error)}; check --out, its permissions and the free space") from error


def trace_model(name: str, path: Path, weights: Weights) -> None:
    model, origin = build(name, weights)
    meta = describe(name, model, origin)
    warn_unsupported(meta)
    input_size = tuple(meta["input_size"])
    check_settled(name, model, input_size)
    traced = trace(name, model, input_size)
    check_same(f"the trace of {name}", model, traced, input_size)
    save(path, model, traced, meta)
    print(
        f"{name}: {meta['num_params'] / 1e6:.2f} M parameters, {meta['gmacs']:.2f} GMACs, "
        f"{meta['mactivations']:.1f} M activations, embedding {meta['embedding_dim']}, {path}, "
        f"sha256 {file_sha256(path)[:16]}",
        flush=True,
    )


# --- command line ------------------------------------------------------------


def parse_arguments(argv: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="trace_timm.py",
        description="Trace timm models, without their heads, to TorchScript encoders for vs.",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--model", action="extend", nargs="+", required=True, metavar="NAME",
                        help="timm name, with or without tag, or 5m, 11m, 21m for the TinyViTs; repeatable")
    parser.add_argument("--out", type=Path, default=Path("models"), metavar="DIR",
                        help="folder of the results, DIR/ARCHITECTURE.pt (default: models)")
    parser.add_argument("--checkpoint", type=Path, metavar="FILE",
                        help="weights from a .safetensors file or a PyTorch state dict; its head is dropped")
    parser.add_argument("--random-weights", action="store_true",
                        help="random weights: for tests and speed measurements only")
    parser.add_argument("--seed", type=int, metavar="N", help="seed of --random-weights (default: 0)")
    args = parser.parse_args(argv)
    if args.checkpoint and args.random_weights:
        parser.error("--checkpoint and --random-weights exclude each other")
    if args.checkpoint and len(args.model) > 1:
        parser.error("--checkpoint goes with exactly one --model")
    if args.seed is not None and not args.random_weights:
        parser.error("--seed goes with --random-weights")
    return args


def run(args: argparse.Namespace) -> None:
    if IMPORT_ERROR is not None:
        raise TraceError(
            f"import torch and timm: {one_line(IMPORT_ERROR)}; "
            f"install them with: {sys.executable} -m pip install -r {Path(__file__).with_name('requirements.txt')}"
        )
    if not hasattr(getattr(torch, "jit", None), "trace"):
        raise TraceError(
            f"trace with torch {torch.__version__}: it has no torch.jit.trace, which makes TorchScript; "
            f"install one that has it: {sys.executable} -m pip install -r {Path(__file__).with_name('requirements.txt')}"
        )
    outputs = plan_outputs([resolve_name(name) for name in args.model], args.out)
    if len(outputs) > 1:
        for name in outputs:
            trace_apart(name, args)
        return
    if args.random_weights:
        warn(f"random weights (seed {args.seed or 0}): for tests and speed measurements only")
    name, path = outputs.popitem()
    trace_model(name, path, Weights(args.checkpoint, (args.seed or 0) if args.random_weights else None))


def trace_apart(name: str, args: argparse.Namespace) -> None:
    """Traces one of several models by a run of its own; exits with its code if it fails.

    TorchScript numbers the classes that a process has traced and writes the numbers
    into the file: the bytes, and with them the model's identity for vs, would otherwise
    depend on the models traced before.
    """
    random = ["--random-weights", "--seed", str(args.seed or 0)] if args.random_weights else []
    command = [sys.executable, __file__, "--model", name, "--out", str(args.out), *random]
    with subprocess.Popen(command) as child:
        try:
            code = child.wait()
        except SystemExit:  # SIGTERM; Ctrl-C reaches the child by itself
            child.terminate()
            raise
    if code < 0:
        raise TraceError(f"trace {name}: stopped by signal {-code}; is there enough memory?")
    if code > 0:
        sys.exit(code)


def guarded(action: Callable[..., None], *args: Any) -> int:
    """The exit code of action; a failure is told in one line."""
    # SIGTERM unwinds like an error, so that no temporary file stays.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    try:
        action(*args)
    except TraceError as error:
        print(f"trace_timm: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    return 0


def main(argv: list[str] | None = None) -> int:
    return guarded(run, parse_arguments(argv))


if __name__ == "__main__":
    sys.exit(main())
