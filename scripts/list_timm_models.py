#!/usr/bin/env python3
"""Lists which of timm's pretrained models vs prepares pictures for as timm does, and which not and why.

    python3 scripts/list_timm_models.py

One line a model; at the end a summary on stderr. No weights are loaded: whether a model can be traced shows when
trace_timm.py traces it.
"""

from __future__ import annotations

import collections
import sys

import trace_timm

if trace_timm.IMPORT_ERROR is None:
    import timm
    from timm.data import resolve_data_config


def configurations() -> dict[str, dict]:
    """How pictures are prepared, by timm's name with its tag."""
    names = timm.list_models(pretrained=True)
    return {name: resolve_data_config(pretrained_cfg=timm.get_pretrained_cfg(name).to_dict()) for name in names}


def summary(ways: collections.Counter, refused: int) -> str:
    lines = [f"{count:5} {way}" for way, count in ways.most_common()]
    return "\n".join([f"timm {timm.__version__}: {ways.total()} supported, {refused} not", *lines])


def main() -> int:
    if trace_timm.IMPORT_ERROR is not None:
        print(f"list_timm_models: import torch and timm: {trace_timm.one_line(trace_timm.IMPORT_ERROR)}", file=sys.stderr)
        return 1
    ways: collections.Counter = collections.Counter()
    refused = 0
    for name, configuration in configurations().items():
        _, height, width = configuration["input_size"]
        reasons = trace_timm.unsupported(configuration)
        if reasons:
            refused += 1
            print(f"not supported  {name}: {'; '.join(reasons)}")
            continue
        way = f"{configuration['crop_mode']} {configuration['interpolation']}"
        ways[f"{way}, square" if height == width else f"{way}, not square"] += 1
        print(f"supported      {name}: {height}×{width} {way}, crop_pct {configuration['crop_pct']}")
    print(summary(ways, refused), file=sys.stderr)
    return 0


if __name__ == "__main__":
    sys.exit(main())
