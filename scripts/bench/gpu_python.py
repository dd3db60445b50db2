#!/usr/bin/env python3
"""The Python side of scripts/gpu_check.sh: one measurement a call, JSON on stdout.

    gpu_python.py info                                  versions, and what computes
    gpu_python.py weights MODEL FILE                    a state dict of random weights, for both sides
    gpu_python.py model MODEL --variant V               pictures a second on a batch that is on the device already
    gpu_python.py files MODEL DIR --loaders N           pictures a second from files, with N DataLoader workers [--every K]
    gpu_python.py eval MODEL DIR --loaders N            seconds of one run of the protocol, which encodes its pictures
    gpu_python.py search ROWS DIM QUERIES K             seconds of a search in random vectors [--rows-on cpu]
    gpu_python.py equal MODEL DIR NPY --weights FILE    embeddings of NPY (as vs encode --npy writes them) beside timm's

Variants: eager; channels_last; autocast (with channels_last); half (the model cast as a whole, with channels_last); compile (the
same, compiled).
Needs torch and timm.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import time
from pathlib import Path

import torch

ENDINGS = {".jpg", ".jpeg", ".png"}
DTYPES = {"fp32": torch.float32, "fp16": torch.float16, "bf16": torch.bfloat16}


def pictures(folder: str) -> list[Path]:
    return sorted(p for p in Path(folder).glob("*/*") if p.suffix.lower() in ENDINGS)


def settle(device: str) -> None:
    if device.startswith("cuda"):
        torch.cuda.synchronize()


def prepare(args: argparse.Namespace, variant: str = "eager"):
    """The model, its transform, and a function that embeds a batch on the device."""
    import timm

    torch.backends.cuda.matmul.allow_tf32 = torch.backends.cudnn.allow_tf32 = False
    model = timm.create_model(args.model, num_classes=0)
    if args.weights:
        model.load_state_dict(torch.load(args.weights, map_location="cpu"))
    model = model.eval().to(args.device)
    transform = timm.data.create_transform(**timm.data.resolve_model_data_config(model))
    dtype = DTYPES[args.precision]
    whole = variant in ("half", "compile")  # cast once, in place of autocast
    last = variant != "eager"
    if whole:
        model = model.to(dtype)
    if last:
        model = model.to(memory_format=torch.channels_last)
    if variant == "compile":
        with torch.inference_mode():  # timm keeps biases of the first call, and what is compiled before that is compiled again
            model(torch.zeros(1, 3, 224, 224, device=args.device, dtype=dtype))
        model = torch.compile(model)

    def embed(batch: torch.Tensor) -> torch.Tensor:
        if whole:
            batch = batch.to(dtype)
        if last:
            batch = batch.contiguous(memory_format=torch.channels_last)
        cast = dtype != torch.float32 and not whole
        with torch.inference_mode(), torch.autocast(args.device.partition(":")[0], dtype=dtype) if cast else contextlib.nullcontext():
            return model(batch)

    return model, transform, embed


class Pictures(torch.utils.data.Dataset):
    def __init__(self, paths: list[Path], transform) -> None:
        self.paths, self.transform = paths, transform

    def __len__(self) -> int:
        return len(self.paths)

    def __getitem__(self, i: int):
        from PIL import Image

        return self.transform(Image.open(self.paths[i]).convert("RGB"))


def embed_files(args: argparse.Namespace, transform, embed, paths: list[Path]) -> torch.Tensor:
    """Embeddings [N, D] on the device, float32."""
    loader = torch.utils.data.DataLoader(
        Pictures(paths, transform), batch_size=args.batch, num_workers=args.loaders, pin_memory=args.device.startswith("cuda"))
    return torch.cat([embed(batch.to(args.device, non_blocking=True)).float() for batch in loader])


def info(args: argparse.Namespace) -> dict:
    import timm

    name = torch.cuda.get_device_name() if args.device.startswith("cuda") else "CPU"
    return {"torch": torch.__version__, "timm": timm.__version__, "device": name}


def weights(args: argparse.Namespace) -> dict:
    import timm

    torch.manual_seed(0)
    torch.save(timm.create_model(args.model, num_classes=0).state_dict(), args.file)
    return {}


def model_only(args: argparse.Namespace) -> dict:
    _, _, embed = prepare(args, args.variant)
    batch = torch.rand(args.batch, 3, 224, 224, device=args.device)
    for _ in range(args.warm_up):
        embed(batch)
    settle(args.device)
    rates = []
    for _ in range(args.repeat):
        start = time.perf_counter()
        for _ in range(args.batches):
            output = embed(batch)
        output.float().cpu()
        rates.append(args.batches * args.batch / (time.perf_counter() - start))
    return {"rate": sorted(rates)[len(rates) // 2]}


def files(args: argparse.Namespace) -> dict:
    _, transform, embed = prepare(args, "autocast" if args.precision != "fp32" else "eager")
    embed(torch.rand(args.batch, 3, 224, 224, device=args.device))
    settle(args.device)
    paths = pictures(args.folder)[:: args.every]
    start = time.perf_counter()
    embed_files(args, transform, embed, paths).cpu()
    return {"rate": len(paths) / (time.perf_counter() - start)}


def evaluate(args: argparse.Namespace) -> dict:
    _, transform, embed = prepare(args)
    paths = pictures(args.folder)
    labels = sorted({p.parent.name for p in paths})
    start = time.perf_counter()
    torch.manual_seed(17)
    means, valid = [], []
    for c, label in enumerate(labels):
        own = [p for p in paths if p.parent.name == label]
        own = [own[i] for i in torch.randperm(len(own))]
        cut = len(own) - int(len(own) * 0.2)
        means.append(embed_files(args, transform, embed, own[:cut]).mean(dim=0))
        valid += [(p, c) for p in own[cut:]]
    unit = torch.nn.functional.normalize(torch.stack(means))
    queries = torch.nn.functional.normalize(embed_files(args, transform, embed, [p for p, _ in valid]))
    best = (queries @ unit.T).argmax(dim=1).cpu()
    accuracy = (best == torch.tensor([c for _, c in valid])).float().mean().item()
    return {"seconds": time.perf_counter() - start, "accuracy": accuracy}


def search(args: argparse.Namespace) -> dict:
    torch.backends.cuda.matmul.allow_tf32 = False
    rows = torch.nn.functional.normalize(torch.randn(args.rows, args.dim)).to(args.rows_on)
    queries = torch.nn.functional.normalize(torch.randn(args.queries, args.dim))
    (queries[:1].to(args.device) @ rows.to(args.device).T).topk(args.k)
    settle(args.device)
    start = time.perf_counter()
    (queries.to(args.device) @ rows.to(args.device).T).topk(args.k).indices.cpu()
    return {"seconds": time.perf_counter() - start}


def equal(args: argparse.Namespace) -> dict:
    """The smallest cosine, and for how many pictures both sides name another class by class means."""
    import numpy

    _, transform, embed = prepare(args)
    names = Path(f"{args.npy}.txt").read_text().splitlines()
    ours = torch.from_numpy(numpy.load(args.npy)).to(args.device)
    theirs = embed_files(args, transform, embed, [Path(args.folder) / name for name in names])
    labels = sorted({name.split("/")[0] for name in names})
    target = torch.tensor([labels.index(name.split("/")[0]) for name in names], device=args.device)

    def predictions(embeddings: torch.Tensor) -> torch.Tensor:
        means = torch.stack([embeddings[target == c].mean(dim=0) for c in range(len(labels))])
        return (torch.nn.functional.normalize(embeddings) @ torch.nn.functional.normalize(means).T).argmax(dim=1)

    return {
        "min_cosine": torch.nn.functional.cosine_similarity(ours.double(), theirs.double()).min().item(),
        "other_predictions": int((predictions(ours) != predictions(theirs)).sum()),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(required=True)
    for name, run, positional in (
        ("info", info, ()), ("weights", weights, ("model", "file")), ("model", model_only, ("model",)), ("files", files, ("model", "folder")),
        ("eval", evaluate, ("model", "folder")), ("search", search, ("rows", "dim", "queries", "k")), ("equal", equal, ("model", "folder", "npy")),
    ):
        command = commands.add_parser(name)
        for argument in positional:
            command.add_argument(argument, type=int if name == "search" else str)
        command.add_argument("--device", default="cuda")
        command.add_argument("--precision", default="fp32", choices=DTYPES)
        command.add_argument("--variant", default="eager", choices=["eager", "channels_last", "autocast", "half", "compile"])
        command.add_argument("--batch", type=int, default=256)
        command.add_argument("--batches", type=int, default=16)
        command.add_argument("--warm-up", type=int, default=4)
        command.add_argument("--repeat", type=int, default=5)
        command.add_argument("--loaders", type=int, default=0)
        command.add_argument("--every", type=int, default=1, help="of so many pictures one is read")
        command.add_argument("--rows-on", help="device of the rows before the search (default: --device)")
        command.add_argument("--weights")
        command.set_defaults(run=run)
    args = parser.parse_args()
    args.rows_on = args.rows_on or args.device
    print(json.dumps(args.run(args)))


if __name__ == "__main__":
    main()
