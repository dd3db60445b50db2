#!/usr/bin/env python3
"""Checks vs against timm, model by model: the same pictures, the same weights, the same embeddings.

For each model a checkpoint is made as training leaves it: the full model with a classifier of its own, weights
random. trace_timm.py turns it into a model file, `vs encode` embeds the pictures with that, and timm does so
from the files on, with the transform that it has for the model and its classifier reset.

    python3 scripts/check_timm_models.py --vs bin/vs --data DIR            the models below
    python3 scripts/check_timm_models.py --vs bin/vs --data DIR NAME...    others

DIR holds one folder of pictures per class, a few in all. Needs timm; no network.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
from pathlib import Path

import trace_timm

if trace_timm.IMPORT_ERROR is None:
    import numpy as np
    import timm
    import torch
    from PIL import Image
    from timm.data import create_transform, resolve_model_data_config

# Largest difference between two embeddings as a share of the largest value. Both sides are float32
# and sum in other orders, in up to a hundred layers; another transform or lost weights are off by
# far more.
TOLERANCE = 1e-4

MODELS = (
    "efficientvit_m0", "efficientvit_m1", "efficientvit_m2", "efficientvit_m3", "efficientvit_m4",
    "mobilenetv3_small_100", "mobilenetv4_conv_small", "tiny_vit_5m_224", "tiny_vit_11m_224", "tiny_vit_21m_224",
    "convnext_atto", "swin_tiny_patch4_window7_224", "vit_small_patch14_dinov2", "vit_xsmall_patch16_clip_224",
    "vit_base_patch16_siglip_224", "efficientnet_b0", "regnety_002", "eva02_tiny_patch14_224",
    "deit_tiny_patch16_224", "deit_tiny_distilled_patch16_224", "beit_base_patch16_224", "resnet18",
    "naflexvit_base_patch16_gap", "levit_128s", "efficientvit_b0", "fastvit_t8", "repvit_m0_9", "mobilevit_xxs",
    "inception_next_atto",
)


def trained(name: str, seed: int) -> torch.nn.Module:
    """A full model whose every weight and statistic matters, as none does at its initial 0 or 1."""
    torch.manual_seed(seed)
    model = timm.create_model(name, num_classes=7).eval()
    with torch.no_grad():
        for parameter in model.parameters():
            if parameter.ndim < 2:
                parameter += 0.1 * torch.randn_like(parameter)
        for key, buffer in model.named_buffers():
            if key.endswith("running_mean"):
                buffer.normal_(0, 0.1)
            elif key.endswith("running_var"):
                buffer.uniform_(0.5, 1.5)
    return model


def embeddings_of_timm(model: torch.nn.Module, data: Path, names: list[str]) -> np.ndarray:
    model.reset_classifier(0)
    transform = create_transform(**resolve_model_data_config(model))
    rows = []
    with torch.no_grad():
        for name in names:
            picture = Image.open(data / name).convert("RGB")
            rows.append(model(transform(picture)[None])[0].numpy())
    return np.stack(rows)


def one_line_of(command: list[object]) -> None:
    done = subprocess.run([str(word) for word in command], capture_output=True, text=True)
    if done.returncode != 0:
        raise trace_timm.TraceError(" ".join(done.stderr.split()) or f"exit code {done.returncode}")


def check(name: str, vs: Path, data: Path, folder: Path) -> str:
    """One line on a model."""
    model = trained(name, seed=1)
    checkpoint, file, array = folder / "checkpoint.pth", folder / f"{name}.pt", folder / "embeddings.npy"
    torch.save({"state_dict": model.state_dict(), "epoch": 3}, checkpoint)
    one_line_of([sys.executable, trace_timm.__file__, "--model", name, "--checkpoint", checkpoint, "--out", folder])
    one_line_of([vs, "encode", "--quiet", "--device", "cpu", "--model", file, "--data", data,
                 "--db", folder / "m.db", "--npy", array])
    got = np.load(array)
    want = embeddings_of_timm(model, data, (folder / "embeddings.npy.txt").read_text().splitlines())
    if got.shape != want.shape:
        raise trace_timm.TraceError(f"embeddings {list(got.shape)}, timm's are {list(want.shape)}")
    difference = np.abs(got - want).max() / np.abs(want).max()
    if not difference <= TOLERANCE:
        raise trace_timm.TraceError(f"embeddings differ by {difference:.1e} of the largest value")
    config = resolve_model_data_config(model)
    size = "×".join(str(side) for side in config["input_size"][1:])
    return f"{size} {config['crop_mode']} {config['interpolation']}, {got.shape[1]} elements, difference {difference:.1e}"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--vs", type=Path, required=True, help="the program")
    parser.add_argument("--data", type=Path, required=True, metavar="DIR", help="folders of pictures")
    parser.add_argument("--keep", type=Path, metavar="DIR", help="keep the model files in DIR")
    parser.add_argument("names", nargs="*", metavar="NAME", help="timm's name of a model (default: a list of families)")
    args = parser.parse_args()
    if trace_timm.IMPORT_ERROR is not None:
        print(f"check_timm_models: skipped: import torch and timm: {trace_timm.IMPORT_ERROR}")
        return 0
    failed = 0
    for name in args.names or MODELS:
        with tempfile.TemporaryDirectory() as folder:
            try:
                print(f"ok      {name}: {check(name, args.vs, args.data, Path(folder))}", flush=True)
                if args.keep:
                    (args.keep / f"{name}.pt").write_bytes((Path(folder) / f"{name}.pt").read_bytes())
            except Exception as error:
                failed += 1
                print(f"FAILED  {name}: {trace_timm.one_line(error)}", flush=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
