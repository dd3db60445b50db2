#!/usr/bin/env python3
"""The Python way of doing what vs does, for comparison: one measurement a call, seconds on stdout as JSON.

    python_way.py preprocess DIR             Pillow, torchvision and timm's evaluation transform up to the crop, one core
    python_way.py encode DIR --threads N     timm eager, batches of 32, DataLoader without workers (0: PyTorch's own choice)
    python_way.py eval DIR --runs N          the protocol of N runs, each of which encodes its pictures again
    python_way.py query DIR                  one picture, in a process that starts for it
    python_way.py faiss ROWS DIM QUERIES K   IndexFlatIP on random vectors

Needs torch, torchvision and timm (faiss for the last). The weights are random: speed does not depend on them.
"""

from __future__ import annotations

import argparse
import json
import time
from pathlib import Path

BATCH = 32


def pictures(folder: str) -> list[Path]:
    return sorted(p for p in Path(folder).glob("*/*") if p.suffix.lower() in {".jpg", ".jpeg", ".png"})


def load(path: Path):
    from PIL import Image

    return Image.open(path).convert("RGB")


def model_and_transform(name: str):
    import timm

    model = timm.create_model(name, num_classes=0).eval()
    return model, timm.data.create_transform(**timm.data.resolve_model_data_config(model))


def encode_all(model, transform, paths: list[Path]):
    """Embeddings [N, D], as a DataLoader without workers feeds them."""
    import torch

    class Pictures(torch.utils.data.Dataset):
        def __len__(self) -> int:
            return len(paths)

        def __getitem__(self, i: int):
            return transform(load(paths[i]))

    with torch.no_grad():
        return torch.cat([model(batch) for batch in torch.utils.data.DataLoader(Pictures(), batch_size=BATCH)])


def preprocess(args: argparse.Namespace) -> float:
    import torch

    torch.set_num_threads(1)
    _, transform = model_and_transform(args.model)
    resize, crop, *_ = transform.transforms  # then ToTensor and Normalize
    paths = pictures(args.folder)
    crop(resize(load(paths[0])))
    start = time.perf_counter()
    for path in paths:
        crop(resize(load(path)))
    return time.perf_counter() - start


def encode(args: argparse.Namespace) -> float:
    import torch

    if args.threads:
        torch.set_num_threads(args.threads)
    model, transform = model_and_transform(args.model)
    paths = pictures(args.folder)
    encode_all(model, transform, paths[:BATCH])
    start = time.perf_counter()
    encode_all(model, transform, paths)
    return time.perf_counter() - start


def evaluate(args: argparse.Namespace) -> float:
    import torch

    model, transform = model_and_transform(args.model)
    paths = pictures(args.folder)
    labels = sorted({p.parent.name for p in paths})
    start = time.perf_counter()
    torch.manual_seed(17)
    for _ in range(args.runs):
        means, valid = [], []
        for c, label in enumerate(labels):
            own = [p for p in paths if p.parent.name == label]
            own = [own[i] for i in torch.randperm(len(own))]
            cut = len(own) - int(len(own) * 0.2)
            means.append(encode_all(model, transform, own[:cut]).mean(dim=0))
            valid += [(p, c) for p in own[cut:]]
        unit = torch.nn.functional.normalize(torch.stack(means))
        queries = torch.nn.functional.normalize(encode_all(model, transform, [p for p, _ in valid]))
        best = (queries @ unit.T).argmax(dim=1)
        (best == torch.tensor([c for _, c in valid])).float().mean().item()
    return time.perf_counter() - start


def query(args: argparse.Namespace) -> float:
    """The time from the start of the process, which the kernel keeps."""
    import torch

    model, transform = model_and_transform(args.model)
    if args.weights:
        model.load_state_dict(torch.load(args.weights))
    with torch.no_grad():
        embedding = torch.nn.functional.normalize(model(transform(load(pictures(args.folder)[0]))[None]))
    means = torch.nn.functional.normalize(torch.randn(20, embedding.shape[1]))
    (embedding @ means.T).topk(4)
    ticks = int(Path("/proc/self/stat").read_text().rsplit(")", 1)[1].split()[19])
    import os

    return time.clock_gettime(time.CLOCK_BOOTTIME) - ticks / os.sysconf("SC_CLK_TCK")


def faiss_search(args: argparse.Namespace) -> float:
    import faiss
    import numpy

    random = numpy.random.default_rng(1)
    rows = random.standard_normal((args.rows, args.dim), dtype=numpy.float32)
    queries = random.standard_normal((args.queries, args.dim), dtype=numpy.float32)
    faiss.normalize_L2(rows)
    faiss.normalize_L2(queries)
    if args.threads:
        faiss.omp_set_num_threads(args.threads)
    index = faiss.IndexFlatIP(args.dim)
    index.add(rows)
    index.search(queries[:1], args.k)
    start = time.perf_counter()
    index.search(queries, args.k)
    return time.perf_counter() - start


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(required=True)
    for name, run in (("preprocess", preprocess), ("encode", encode), ("eval", evaluate), ("query", query)):
        command = commands.add_parser(name)
        command.add_argument("folder")
        command.add_argument("--model", default="tiny_vit_5m_224")
        command.add_argument("--threads", type=int, default=0)
        command.add_argument("--runs", type=int, default=20)
        command.add_argument("--weights", help="for query: a state dict to load, as a real query does")
        command.set_defaults(run=run)
    command = commands.add_parser("faiss")
    for name in ("rows", "dim", "queries", "k"):
        command.add_argument(name, type=int)
    command.add_argument("--threads", type=int, default=0)
    command.set_defaults(run=faiss_search)
    args = parser.parse_args()
    print(json.dumps({"seconds": args.run(args)}))


if __name__ == "__main__":
    main()
