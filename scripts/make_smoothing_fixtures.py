#!/usr/bin/env python3
"""Makes data/transform/testdata/smoothing.json: what Python makes of progressive JPEGs that lack scans, on libjpeg-turbo 3.0.1 or newer.

Since that version their blocks are smoothed in another way; fixtures.json and augment.json hold what came of it before.
Run with a Pillow on the newer libjpeg-turbo, after the scripts that make those two:

    python3 scripts/make_smoothing_fixtures.py
"""

import json

import make_augment_fixtures as augment
from make_transform_fixtures import HERE, SPECS, reference
from PIL import features

PICTURES = [f"jpeg_progressive_{n}_scans.jpg" for n in (1, 2, 4, 7)]


def main():
    version = features.version("libjpeg_turbo")
    if tuple(map(int, version.split("."))) < (3, 0, 1):
        raise SystemExit(f"Pillow has libjpeg-turbo {version}; 3.0.1 or newer is needed")
    specs = {name: fixture["spec"] for name, fixture in json.loads((HERE / "fixtures.json").read_text())["pictures"].items()}
    fixtures = {name: dict(spec=specs[name], **reference((HERE / name).read_bytes(), SPECS[specs[name]])) for name in PICTURES}
    pictures = ",\n  ".join(f"{json.dumps(name)}: {json.dumps(fixture)}" for name, fixture in fixtures.items())
    instances = ",\n  ".join(json.dumps(chain) for chain in augment.chains([p for p in augment.PICTURES if p in PICTURES]))
    (HERE / "smoothing.json").write_text(f'{{"pictures": {{\n  {pictures}}},\n"chains": [\n  {instances}]}}\n')


if __name__ == "__main__":
    main()
