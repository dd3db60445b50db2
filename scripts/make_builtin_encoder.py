#!/usr/bin/env python3
"""Makes encoder/builtin.pt, the encoder that comes with vs and needs no download.

    python3 scripts/make_builtin_encoder.py

It describes a picture by the energy of oriented band-pass filters at four scales and by colour statistics. Nothing in it
is learned from pictures: the filters are formulas, and the values that features are centred and scaled with come
from noise with the spectrum of natural images. It is a baseline, and a means to try vs out.
"""

from __future__ import annotations

import argparse
import json
import math
from pathlib import Path

import torch
import torch.nn.functional as F
from torch import Tensor, nn

import torchscript_file

SIZE = 224
MEAN, STD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)
SCALES = 4  # 112, 56, 28 and 14 pixels a side
ORIENTATIONS = 8
KERNEL = 9
BINS = 8
GRID = 2
COLOUR_GRID = 4
# How much each group of features counts in a cosine, whatever its number of features; chosen by
# hand. What is measured over the whole picture counts most: where in the picture something lies
# says little about its class.
TEXTURE_GROUPS = {"share": 1.0, "correlation": 0.5, "energy": 0.5, "polarity": 0.5, "grid": 0.4}
WEIGHTS = TEXTURE_GROUPS | {"histogram": 0.7, "deviation": 0.3, "place": 0.4}
# Lightness, red-green and blue-yellow, as in opponent colour spaces.
OPPONENT = ((1 / 3, 1 / 3, 1 / 3), (0.5, -0.5, 0.0), (0.25, 0.25, -0.5))


def gabor_bank() -> Tensor:
    """Gabor filters [2 · orientations, 1, k, k]: all even ones, then all odd ones, each of mean 0 and norm 1.

    A Gabor filter is a sinusoid under a Gaussian (D. Gabor, Theory of communication, 1946); the root of the summed
    squares of an even and an odd one is the local energy of its band, whatever the phase.
    """
    wavelength, sigma = 5.0, 2.2
    radius = KERNEL // 2
    y, x = torch.meshgrid(
        torch.arange(-radius, radius + 1, dtype=torch.float64),
        torch.arange(-radius, radius + 1, dtype=torch.float64),
        indexing="ij",
    )
    window = torch.exp(-(x * x + y * y) / (2 * sigma * sigma))
    bank = []
    for phase in (0.0, math.pi / 2):
        for i in range(ORIENTATIONS):
            angle = math.pi * i / ORIENTATIONS
            wave = torch.cos(2 * math.pi / wavelength * (x * math.cos(angle) + y * math.sin(angle)) - phase)
            kernel = window * wave
            kernel = kernel - window * (kernel.sum() / window.sum())
            bank.append(kernel / kernel.norm())
    return torch.stack(bank)[:, None].float()


def circular_correlation(share: Tensor) -> Tensor:
    """Correlation over orientations of [N, O] with itself turned by 0…O/2 steps, [N, O/2 + 1]: the same for a turned picture."""
    centred = share - share.mean(dim=1, keepdim=True)
    return torch.stack([(centred * centred.roll(step, 1)).mean(dim=1) for step in range(ORIENTATIONS // 2 + 1)], dim=1)


class FilterBank(nn.Module):
    """Pictures [N, 3, 224, 224], normalised, to features [N, D]; each row depends on its own picture only."""

    def __init__(self) -> None:
        super().__init__()
        opponent = torch.tensor(OPPONENT)
        # One product undoes the normalisation and changes the colour space.
        self.register_buffer("colour_weight", (opponent * torch.tensor(STD))[:, :, None, None])
        self.register_buffer("colour_bias", opponent @ torch.tensor(MEAN))
        self.register_buffer("bank", gabor_bank())
        centres = (torch.arange(BINS) + 0.5) / BINS
        # Lightness lies in 0…1, the opponent colours mostly in −0.25…0.25.
        self.register_buffer("centres", torch.stack([centres, centres * 0.5 - 0.25, centres * 0.5 - 0.25])[None, :, :, None, None])
        self.register_buffer("sharpness", torch.tensor([BINS, 2 * BINS, 2 * BINS], dtype=torch.float32)[None, :, None, None, None])
        self.register_buffer("typical", torch.zeros(1))
        self.register_buffer("spread", torch.ones(1))
        self.register_buffer("weight", torch.ones(1))

    def texture(self, lightness: Tensor) -> list[list[Tensor]]:
        """Statistics of the bands, one list per group of WEIGHTS and in it one tensor a scale."""
        groups: list[list[Tensor]] = [[] for _ in TEXTURE_GROUPS]
        for _ in range(SCALES):
            lightness = F.avg_pool2d(lightness, 2)
            response = F.conv2d(lightness, self.bank)
            even, odd = response[:, :ORIENTATIONS], response[:, ORIENTATIONS:]
            energy = torch.sqrt(even * even + odd * odd + 1e-6)
            # Divided by the energy around it in all orientations, a band says which way a texture
            # runs whatever its contrast (divisive normalisation: D. J. Heeger, Visual Neuroscience
            # 9, 1992).
            total = energy.mean(dim=1, keepdim=True)
            share = energy / (total + 0.02)
            log_total = torch.log(total + 0.02)
            mean_share = share.mean(dim=(2, 3))
            bright = (even.clamp(min=0) ** 2).mean(dim=(2, 3))
            dark = ((-even).clamp(min=0) ** 2).mean(dim=(2, 3))
            mean_log = log_total.mean(dim=(2, 3))
            for group, values in zip(
                groups,
                (
                    [mean_share, share.std(dim=(2, 3))],
                    [circular_correlation(mean_share)],
                    [mean_log, log_total.std(dim=(2, 3))],
                    [torch.log1p(100 * bright) - torch.log1p(100 * dark)],
                    [F.adaptive_avg_pool2d(share, GRID).flatten(1), F.adaptive_avg_pool2d(log_total, GRID).flatten(1) - mean_log],
                ),
            ):
                group += values
        return groups

    def colour(self, opponent: Tensor) -> list[list[Tensor]]:
        """Soft histograms, deviations, and means over a grid, of each channel."""
        small = F.avg_pool2d(opponent, 4)
        distance = (small[:, :, None] - self.centres) * self.sharpness
        histogram = torch.clamp(1 - distance.abs(), min=0).mean(dim=(3, 4))
        deviation = small.std(dim=(2, 3))
        return [
            [torch.sqrt(histogram + 1e-4).flatten(1)],
            [torch.log(deviation + 0.01)],
            [F.adaptive_avg_pool2d(small, COLOUR_GRID).flatten(1)],
        ]

    def groups(self, pictures: Tensor) -> list[Tensor]:
        """Features by group, in the order of WEIGHTS."""
        opponent = F.conv2d(pictures, self.colour_weight, self.colour_bias)
        return [torch.cat(group, dim=1) for group in self.texture(opponent[:, :1]) + self.colour(opponent)]

    def forward(self, pictures: Tensor) -> Tensor:
        # All features are positive or nearly so: not centred, any two pictures would have a cosine
        # near 1.
        return self.weight * torch.tanh((torch.cat(self.groups(pictures), dim=1) - self.typical) / (2 * self.spread))


def natural_noise(n: int, seed: int) -> Tensor:
    """Noise pictures [n, 3, 224, 224] whose amplitude falls as 1/f, with random contrast, colour and lightness.

    Source of the spectrum: D. J. Field, Relations between the statistics of natural images..., JOSA A 4, 1987.
    """
    generator = torch.Generator().manual_seed(seed)
    frequency = torch.fft.fftfreq(SIZE)
    radius = torch.sqrt(frequency[:, None] ** 2 + frequency[None, :] ** 2)
    radius[0, 0] = 1.0
    white = torch.fft.fft2(torch.randn(n, 3, SIZE, SIZE, generator=generator))
    noise = torch.fft.ifft2(white / radius).real
    noise = noise - noise.mean(dim=(2, 3), keepdim=True)
    noise = noise / noise.std(dim=(2, 3), keepdim=True)
    common = noise[:, :1]
    mixed = common + 0.35 * noise
    contrast = 0.05 + 0.25 * torch.rand(n, 1, 1, 1, generator=generator)
    level = 0.25 + 0.5 * torch.rand(n, 1, 1, 1, generator=generator) + 0.12 * torch.randn(n, 3, 1, 1, generator=generator)
    pixels = torch.clamp(level + contrast * mixed, 0, 1)
    return (pixels - torch.tensor(MEAN)[:, None, None]) / torch.tensor(STD)[:, None, None]


def build() -> FilterBank:
    """Makes the encoder, centred and scaled by what noise gives."""
    model = FilterBank().eval()
    with torch.no_grad():
        groups = model.groups(natural_noise(256, seed=1))
        features = torch.cat(groups, dim=1)
        model.typical = features.mean(dim=0)
        model.spread = features.std(dim=0).clamp(min=1e-3)
        sizes = [group.shape[1] for group in groups]
        model.weight = torch.cat([torch.full((n,), w / math.sqrt(n)) for n, w in zip(sizes, WEIGHTS.values())])
    return model


def cost(model: FilterBank) -> tuple[float, float]:
    """Multiply-accumulates (1e9) and activations (1e6) of the convolutions for one picture."""
    macs = activations = 0
    side = SIZE
    macs += 9 * side * side
    activations += 3 * side * side
    for _ in range(SCALES):
        side //= 2
        out = (side - KERNEL + 1) ** 2
        macs += model.bank.numel() * out
        activations += model.bank.shape[0] * out
    return macs / 1e9, activations / 1e6


def save(model: FilterBank, path: Path) -> None:
    """Traces the encoder, checks the trace on another batch size and writes it."""
    with torch.no_grad():
        traced = torch.jit.trace(model, natural_noise(2, seed=2))
        probe = natural_noise(3, seed=3)
        torch.testing.assert_close(traced(probe), model(probe))
        dim = model(probe).shape[1]
    gmacs, mactivations = cost(model)
    metadata = {
        "format": 1,
        "model_name": "builtin_filterbank",
        # Elements of the filters and constants; none is learned.
        "num_params": sum(b.numel() for b in model.buffers()),
        "embedding_dim": dim,
        "input_size": [3, SIZE, SIZE],
        "interpolation": "bicubic",
        "mean": MEAN,
        "std": STD,
        "crop_pct": 0.95,
        "crop_mode": "center",
        "gmacs": round(gmacs, 4),
        "mactivations": round(mactivations, 3),
        "torch_version": torch.__version__,
        "weights": "none: fixed filters, a baseline without learned weights",
    }
    torchscript_file.save(traced, path, {"vs.json": json.dumps(metadata)})
    print(f"{path}: {dim} features, {metadata['num_params']} constants, {path.stat().st_size} bytes")


def main() -> None:
    root = Path(__file__).resolve().parent.parent
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, default=root / "encoder" / "builtin.pt")
    out = parser.parse_args().out
    torch.set_num_threads(1)  # sums in one order, so that the file is the same every time
    save(build(), out)


if __name__ == "__main__":
    main()
