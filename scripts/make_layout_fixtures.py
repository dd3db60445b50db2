#!/usr/bin/env python3
"""Makes data/transform/testdata/layouts.json: what timm's evaluation transform makes of pictures of
make_transform_fixtures.py under all its crop modes and interpolations, and for crops that are not square.

Run with timm and the Pillow and torchvision that the package is measured against, after that script:

    python3 scripts/make_layout_fixtures.py
"""

import hashlib
import json
import pathlib

import numpy as np
from PIL import Image
from timm.data.transforms_factory import transforms_imagenet_eval

HERE = pathlib.Path(__file__).resolve().parent.parent / "data" / "transform" / "testdata"
MEAN, STD = [0.485, 0.456, 0.406], [0.229, 0.224, 0.225]
FILTERS = ("nearest", "box", "bilinear", "hamming", "bicubic", "lanczos")
PICTURES = (
    "jpeg_420.jpg", "jpeg_420_big.jpg", "jpeg_420_progressive.jpg", "jpeg_420_tall.jpg", "jpeg_420_wide.jpg", "jpeg_420_needle.jpg",
    "jpeg_420_enlarged.jpg", "jpeg_420_padded.jpg", "jpeg_420_same_size.jpg", "jpeg_420_half_even.jpg", "jpeg_420_half_even_down.jpg",
    "jpeg_cmyk.jpg", "jpeg_one_pixel.jpg", "jpeg_damaged_scan.jpg", "png_rgb_8.png", "png_palette_4_interlaced.png",
    "png_deep_crop.png", "gif_interlaced.gif", "tiff_RGB_tiff_lzw.tif", "webp_lossy_wide.webp",
)


def spec(crop_mode, height, width, crop_pct, interpolation="bicubic", mean=MEAN):
    return dict(crop_mode=crop_mode, input_size=[3, height, width], crop_pct=crop_pct, interpolation=interpolation, mean=mean, std=STD)


def specs():
    for interpolation in FILTERS:
        yield spec("center", 48, 48, 0.9, interpolation)
        yield spec("squash", 48, 48, 1.0, interpolation)
        yield spec("border", 48, 48, 1.0, interpolation)
    for crop_mode in "center", "squash", "border":
        yield spec(crop_mode, 60, 40, 0.875)
        yield spec(crop_mode, 33, 70, 1.0, "lanczos")
        yield spec(crop_mode, 45, 46, 1.3)  # the boxes have sides of 34 and 35
        yield spec(crop_mode, 45, 44, 2.0)  # and of 22 both
        yield spec(crop_mode, 51, 51, 0.8, "bilinear")
    yield spec("squash", 224, 224, 1.0, mean=[0.5] * 3)
    yield spec("border", 50, 50, 0.95, mean=[0.5, 1.5, -0.2])


def transform(s):
    return transforms_imagenet_eval(
        s["input_size"][1:], crop_pct=s["crop_pct"], crop_mode=s["crop_mode"], interpolation=s["interpolation"],
        mean=s["mean"], std=s["std"])


def sha256(array):
    """The first quarter of the digest, which is enough to tell that two arrays are the same."""
    return hashlib.sha256(np.ascontiguousarray(array).tobytes()).hexdigest()[:16]


def whole_files():
    for s in specs():
        of_timm = transform(s)
        made = {}
        for picture in PICTURES:
            image = Image.open(HERE / picture).convert("RGB")
            try:
                made[picture] = sha256(of_timm(image).numpy().astype("<f4"))
            except ValueError:  # a side of 0 pixels
                made[picture] = "error"
        yield dict(spec=s, tensors_sha256=made)


def pattern(width, height):
    y, x = np.mgrid[0:height, 0:width]
    return np.stack([(3 * x * x + 5 * y * y + x * y + 97 * c) % 256 for c in range(3)], -1).astype(np.uint8)


def sizes():
    """All sides of up to 64 pixels to all others: one digest for each new size."""
    for interpolation in FILTERS:
        digests = []
        for out in range(1, 65):
            resize = transform(spec("squash", out, 65 - out, 1.0, interpolation)).transforms[0]
            pixels = (resize(Image.fromarray(pattern(side, 1 + side * 7 % 64))) for side in range(1, 65))
            digests.append(hashlib.sha256(b"".join(np.asarray(p).tobytes() for p in pixels)).hexdigest()[:16])
        yield dict(interpolation=interpolation, crops_sha256=digests)


def main():
    parts = dict(files=whole_files(), sizes=sizes())
    text = ",\n".join(f'"{name}": [\n  ' + ",\n  ".join(json.dumps(x) for x in part) + "]" for name, part in parts.items())
    (HERE / "layouts.json").write_text("{" + text + "}\n")


if __name__ == "__main__":
    main()
