#!/usr/bin/env python3
"""Makes the tiny TorchScript modules of torch/testdata and encoder/testdata, which the Go tests load.

    python3 scripts/make_test_modules.py
"""

import json
import zipfile
from pathlib import Path

import torch
from torch import Tensor, nn

import torchscript_file

ROOT = Path(__file__).resolve().parent.parent

# The metadata that scripts/trace_timm.py would write for ChannelMeans.
METADATA = {
    "format": 1,
    "model_name": "channel_means",
    "num_params": 0,
    "embedding_dim": 6,
    "input_size": [3, 32, 32],
    "interpolation": "bicubic",
    "mean": [0.5, 0.5, 0.5],
    "std": [0.25, 0.25, 0.25],
    "crop_pct": 1.0,
    "crop_mode": "center",
    "note": "unknown keys are kept",
}


class Affine(nn.Module):
    """y = x W^T + b, with small whole numbers, so that every result is exact."""

    def __init__(self) -> None:
        super().__init__()
        self.linear = nn.Linear(3, 2)
        with torch.no_grad():
            self.linear.weight.copy_(torch.tensor([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]))
            self.linear.bias.copy_(torch.tensor([10.0, 20.0]))

    def forward(self, x: Tensor) -> Tensor:
        return self.linear(x)


class Pair(nn.Module):
    """Returns a tuple, which is not an embedding."""

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        return x, x


class Itself(nn.Module):
    """Returns what it was given: shows what reaches a model."""

    def forward(self, x: Tensor) -> Tensor:
        return x


class Raises(nn.Module):
    """Fails while it runs."""

    def forward(self, x: Tensor) -> Tensor:
        if x.numel() >= 0:
            raise RuntimeError("this module always fails")
        return x


class ChannelMeans(nn.Module):
    """Mean and mean square of each colour: the smallest encoder that tells pictures apart."""

    def forward(self, x: Tensor) -> Tensor:
        return torch.cat([x.mean(dim=(2, 3)), (x * x).mean(dim=(2, 3))], dim=1)


class RowMeans(nn.Module):
    """Mean of each row of each colour: an encoder that tells height from width."""

    def forward(self, x: Tensor) -> Tensor:
        return x.mean(dim=3).flatten(1)


class NotANumber(nn.Module):
    """An encoder whose embeddings are NaN, as a half-precision overflow makes them."""

    def forward(self, x: Tensor) -> Tensor:
        return torch.cat([x.mean(dim=(2, 3)), x.mean(dim=(2, 3))], dim=1) / 0.0 * 0.0


class Endless(nn.Module):
    """An encoder that computes forever, in one call."""

    def forward(self, x: Tensor) -> Tensor:
        while bool((x == x).all()):
            x = x * 1.0
        return torch.cat([x.mean(dim=(2, 3)), x.mean(dim=(2, 3))], dim=1)


class Dropped(nn.Module):
    """Leaves its input as it is in eval mode alone."""

    def __init__(self, p: float) -> None:
        super().__init__()
        self.p = p

    def forward(self, x: Tensor) -> Tensor:
        return nn.functional.dropout(x, self.p, self.training)


class DropPath(nn.Module):
    """Leaves out a whole sample now and then, in training, as timm's does."""

    def forward(self, x: Tensor) -> Tensor:
        return x * x.new_empty((x.shape[0], 1)).bernoulli_(0.9)


class Counts(nn.Module):
    """Keeps from pass to pass how many there were."""

    def __init__(self) -> None:
        super().__init__()
        self.register_buffer("passes", torch.zeros(()))

    def forward(self, x: Tensor) -> Tensor:
        self.passes.add_(1)
        return torch.cat([x.mean((2, 3)), x.square().mean((2, 3)) + self.passes], 1)


class Attentions(nn.Module):
    """Attention written out, in the forms that are one operator, and in some that only look like it.

    Takes queries [B, 2, 3, 4], which are keys and values too. Returns [B, 12, 3, 4]: two heads of each way.
    """

    def __init__(self) -> None:
        super().__init__()
        self.register_buffer("bias", torch.arange(18.0).reshape(2, 3, 3) / 10)

    def forward(self, x: Tensor) -> Tensor:
        keys = x.flip(2).transpose(-2, -1)
        plain = (x @ x.transpose(-2, -1)).softmax(-1) @ x
        scaled = (x * 0.5 @ x.flip(2).transpose(-2, -1) + self.bias).softmax(-1) @ x.flip(3)
        columns = (x.flip(1) @ keys + self.bias).softmax(-2) @ x
        twice = torch.add(x @ keys, self.bias, alpha=2).softmax(-1) @ x
        shifted = (x @ keys + 0.5).softmax(-1) @ x
        weights = (x @ keys).softmax(-1)
        reused = weights @ x + weights.sum()
        return torch.cat([plain, scaled, columns, twice, shifted, reused], dim=1)


class Pointwise(nn.Module):
    """Convolutions with kernels of one pixel: those that are a matrix product for each pixel, and others.

    Takes whole numbers [B, 4, 3, 5], returns whole numbers [B, N].
    """

    def __init__(self) -> None:
        super().__init__()
        ways = [{}, {"stride": 2}, {"padding": 1}, {"padding": "same"}, {"groups": 2}, {"bias": False}]
        convolutions = [nn.Conv2d(4, 6, 1, **way) for way in ways] + [nn.ConvTranspose2d(4, 6, 1), nn.Conv2d(4, 6, 1)]
        with torch.no_grad():
            for i, parameter in enumerate(p for c in convolutions for p in c.parameters()):
                parameter.copy_((torch.arange(parameter.numel()) % (5 + i) - 3).reshape(parameter.shape))
        self.traced = torch.jit.trace(convolutions.pop(), torch.zeros(1, 4, 3, 5))
        self.transposed = torch.jit.trace(convolutions.pop(), torch.zeros(1, 4, 3, 5))
        self.convolutions = nn.ModuleList(convolutions)

    def forward(self, x: Tensor) -> Tensor:
        results = [self.traced(x), self.transposed(x)]
        for convolution in self.convolutions:
            results.append(convolution(x))
        # Each picture by itself, without the dimension that counts them.
        alone = [self.convolutions[0](x[i]) for i in range(x.size(0))]
        results.append(torch.stack(alone))
        return torch.cat([result.flatten(1) for result in results], dim=1)


class Weighted(nn.Module):
    """An encoder with weights, which makes a tensor on the device that it was traced on."""

    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv2d(3, 6, 1)
        with torch.no_grad():
            self.conv.weight.copy_(torch.arange(18.0).reshape(6, 3, 1, 1) / 8)
            self.conv.bias.zero_()

    def forward(self, x: Tensor) -> Tensor:
        return self.conv(x).mean(dim=(2, 3)) + torch.zeros(1, device=x.device, dtype=x.dtype)


def on_gpu(path: Path) -> None:
    """Changes a model file to what it would be, had it been traced on a GPU."""
    with zipfile.ZipFile(path) as old:
        entries = [(info, old.read(info)) for info in old.infolist()]
    with zipfile.ZipFile(path, "w") as new:
        for info, content in entries:
            if info.filename.endswith(".pkl"):
                content = content.replace(b"X\x03\x00\x00\x00cpu", b"X\x06\x00\x00\x00cuda:0")
            elif info.filename.endswith(".py"):
                content = content.replace(b'torch.device("cpu")', b'torch.device("cuda:0")')
            new.writestr(info, content)


def save(module: nn.Module, path: str, extra: dict[str, str], frozen: bool = False) -> None:
    scripted = torch.jit.script(module.eval())
    torchscript_file.save(torch.jit.freeze(scripted) if frozen else scripted, ROOT / path, extra)


def save_traced(module: nn.Module, example: Tensor, path: str, extra: dict[str, str]) -> None:
    """Traces a module in the mode that it is in."""
    traced = torch.jit.trace(module, example, check_trace=False)
    torchscript_file.save(traced, ROOT / path, extra)


def main() -> None:
    save(Affine(), "torch/testdata/affine.pt", {"note.txt": "hello"})
    save(Affine(), "torch/testdata/affine_frozen.pt", {"note.txt": "hello"}, frozen=True)
    queries = (torch.arange(48.0) % 7 - 3).reshape(2, 2, 3, 4) / 4
    save(Attentions(), "torch/testdata/attentions.pt", {"note.txt": json.dumps(Attentions()(queries).flatten().tolist())})
    pixels = (torch.arange(120.0) % 11 - 5).reshape(2, 4, 3, 5)
    note = {"note.txt": json.dumps(Pointwise()(pixels).flatten().tolist())}
    save(Pointwise(), "torch/testdata/pointwise.pt", note, frozen=True)
    save(Itself(), "torch/testdata/itself.pt", {})
    save(Pair(), "torch/testdata/pair.pt", {})
    save(Raises(), "torch/testdata/raises.pt", {})
    vectors, images = torch.ones(2, 3), torch.ones(2, 3, 4, 4)
    save_traced(Dropped(0.5).train(), vectors, "torch/testdata/dropout_in_training.pt", {})
    save_traced(Dropped(0.0).train(), vectors, "torch/testdata/no_dropout_in_training.pt", {})
    save_traced(Dropped(0.5).eval(), vectors, "torch/testdata/dropout_in_eval.pt", {})
    save_traced(DropPath(), vectors, "torch/testdata/drop_path.pt", {})
    save_traced(nn.BatchNorm2d(3).train(), images, "torch/testdata/batch_norm_in_training.pt", {})
    save_traced(nn.BatchNorm2d(3).eval(), images, "torch/testdata/batch_norm_in_eval.pt", {})
    torchscript_file.save(torch.jit.script(Dropped(0.5).train()), ROOT / "torch/testdata/scripted_dropout.pt", {})
    metadata = json.dumps(METADATA)
    save(ChannelMeans(), "encoder/testdata/channel_means.pt", {"vs.json": metadata})
    rectangle = METADATA | {"model_name": "row_means", "embedding_dim": 12, "input_size": [3, 4, 6]}
    rectangle |= {"interpolation": "lanczos", "crop_mode": "border"}
    save(RowMeans(), "encoder/testdata/row_means.pt", {"vs.json": json.dumps(rectangle)})
    save(ChannelMeans(), "encoder/testdata/no_metadata.pt", {})
    save(ChannelMeans(), "encoder/testdata/wrong_dim.pt", {"vs.json": json.dumps(METADATA | {"embedding_dim": 7})})
    save(NotANumber(), "encoder/testdata/nan.pt", {"vs.json": metadata})
    save(Endless(), "encoder/testdata/endless.pt", {"vs.json": metadata})
    save(Counts(), "encoder/testdata/counts.pt", {"vs.json": metadata})
    training = nn.Sequential(ChannelMeans(), Dropped(0.5)).train()
    save_traced(training, torch.ones(1, 3, 32, 32), "encoder/testdata/training.pt", {"vs.json": metadata})
    pictures = torch.zeros(1, 3, 32, 32)
    for name, dtype in {"half": torch.float16, "double": torch.float64, "gpu": torch.float32}.items():
        # libtorch 1.13 has no convolution of float16 on the CPU to trace, so the model becomes one
        # afterwards.
        traced = torch.jit.trace(Weighted().eval(), pictures).to(dtype)
        path = ROOT / f"encoder/testdata/{name}.pt"
        torchscript_file.save(traced, path, {"vs.json": metadata})
        if name == "gpu":
            on_gpu(path)


if __name__ == "__main__":
    main()
