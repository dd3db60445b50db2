#!/usr/bin/env python3
"""Makes data/transform/testdata/augment.json: what Pillow and torchvision make of training instances of
the pictures that make_transform_fixtures.py has made.

Run with the Pillow and torchvision that the package is measured against, after that script:

    python3 scripts/make_augment_fixtures.py

The generator of the draws is written down here a second time, so that it is a check of the documented one.
"""

import hashlib
import io
import itertools
import json
import math
import pathlib

import numpy as np
import torch
from PIL import Image
from torchvision import transforms
from torchvision.transforms import InterpolationMode
from torchvision.transforms import functional as F

HERE = pathlib.Path(__file__).resolve().parent.parent / "data" / "transform" / "testdata"
SPECS = json.loads((HERE / "fixtures.json").read_text())["specs"]
# crop_pct 1 and 0.875 resize to other sides than the augmentation, and bilinear in another way.
SPECS["whole"] = dict(SPECS["imagenet"], size=96, crop_pct=1.0)
ENHANCEMENTS = ("brightness", "contrast", "saturation")
ENHANCE = dict(brightness=F.adjust_brightness, contrast=F.adjust_contrast, saturation=F.adjust_saturation)
ORDERS = list(itertools.permutations(ENHANCEMENTS))
DEFAULT = dict(instances=3, resize=1.05, flip=0.5, brightness=0.4, contrast=0.4, saturation=0.4)


def sha256(array):
    """The first quarter of the digest, which is enough to tell that two arrays are the same."""
    return hashlib.sha256(np.ascontiguousarray(array).tobytes()).hexdigest()[:16]


def crop(data, size, short, interpolation):
    image = Image.open(io.BytesIO(data)).convert("RGB")
    return transforms.CenterCrop(size)(transforms.Resize(short, InterpolationMode(interpolation))(image))


def tensor(image, spec):
    normalize = transforms.Normalize(mean=torch.tensor(spec["mean"]), std=torch.tensor(spec["std"]))
    return normalize(transforms.ToTensor()(image)).numpy().astype("<f4")


def vary(image, flip, order, factors):
    if flip:
        image = F.hflip(image)
    for name in order:
        image = ENHANCE[name](image, factors[name])
    return image


def pcg_dxsm(seed):
    """PCG-DXSM of 128 bits: https://dotat.at/@/2023-06-21-pcg64-dxsm.html"""
    mask64, mask128 = (1 << 64) - 1, (1 << 128) - 1
    multiplier = 2549297995355413924 << 64 | 4865540595714422341
    increment = 6364136223846793005 << 64 | 1442695040888963407
    state = seed
    while True:
        state = (state * multiplier + increment) & mask128
        high, low = state >> 64, state & mask64
        high ^= high >> 32
        high = high * 0xda942042e4dd58b5 & mask64
        high ^= high >> 48
        yield high * (low | 1) & mask64


def draw(augmentation, content_hash, instance):
    seed = hashlib.sha256(content_hash + instance.to_bytes(8, "little")).digest()
    numbers = (x / 2**53 for x in (bits >> 11 for bits in pcg_dxsm(int.from_bytes(seed[:16], "big"))))
    flip = next(numbers) < augmentation["flip"]
    order = ORDERS[int(6 * next(numbers))]
    factors = {}
    for name in ENHANCEMENTS:
        low, high = 1 - augmentation[name], 1 + augmentation[name]
        factors[name] = low + (high - low) * next(numbers)
    return flip, order, factors


def variations():
    """Instances of one picture with given parameters."""
    plain = dict.fromkeys(ENHANCEMENTS, 1.0)
    cases = [(True, ENHANCEMENTS, plain)]
    for name in ENHANCEMENTS:
        for factor in 0.0, 0.3, 0.6, 0.8123456789, 0.99, 1.01, 1.25, 1.4, 2.0:
            cases.append((False, ENHANCEMENTS, dict(plain, **{name: factor})))
    for flip in False, True:
        for order in ORDERS:
            cases.append((flip, order, dict(brightness=1.37, contrast=0.71, saturation=1.29)))
            cases.append((flip, order, dict(brightness=0.65, contrast=1.33, saturation=0.62)))
    for picture in "jpeg_420_big.jpg", "png_rgb_8.png":
        data = (HERE / picture).read_bytes()
        for spec in "small", "imagenet":
            size = SPECS[spec]["size"]
            image = crop(data, size, int(1.05 * size), "bicubic")
            for flip, order, factors in cases:
                made = vary(image, flip, order, factors)
                yield dict(picture=picture, spec=spec, flip=flip, order=order, factors=[factors[n] for n in ENHANCEMENTS],
                           crop_sha256=sha256(np.asarray(made)), tensor_sha256=sha256(tensor(made, SPECS[spec])))


def draws():
    for i in range(60):
        content_hash = hashlib.sha256(b"picture %d" % (i // 3)).digest()
        augmentation = dict(DEFAULT, brightness=1.0, contrast=0.25, flip=0.3) if i % 2 else DEFAULT
        flip, order, factors = draw(augmentation, content_hash, 1 + i % 3)
        yield dict(hash=content_hash.hex(), instance=1 + i % 3, augmentation=form(augmentation), flip=flip, order=order,
                   factors=[factors[n] for n in ENHANCEMENTS])


def form(augmentation):
    return " ".join(f"{name}={float(x):g}" for name, x in augmentation.items())


PICTURES = (
    "jpeg_420.jpg", "jpeg_420_big.jpg", "jpeg_420_progressive.jpg", "jpeg_420_tall.jpg", "jpeg_420_wide.jpg", "jpeg_420_needle.jpg",
    "jpeg_420_enlarged.jpg", "jpeg_420_padded.jpg", "jpeg_422.jpg", "jpeg_cmyk.jpg", "jpeg_grey.jpg", "jpeg_one_pixel.jpg",
    "jpeg_damaged_scan.jpg", "jpeg_progressive_1_scans.jpg", "png_rgb_8.png", "png_palette_4_interlaced.png", "png_grey_16.png",
    "png_deep_crop.png", "gif_interlaced.gif", "bmp_RGB.bmp", "tiff_RGB_tiff_lzw.tif", "webp_lossy_rgb.webp", "webp_lossless_wide.webp",
)


def chains(pictures=PICTURES):
    """Whole files: the plain tensor, then those of the instances."""
    other = dict(DEFAULT, instances=2, resize=1.3, flip=1, saturation=0)
    for spec_name, spec in SPECS.items():
        size = spec["size"]
        for picture in pictures:
            data = (HERE / picture).read_bytes()
            content_hash = hashlib.sha256(data).digest()
            plain = crop(data, size, math.floor(size / spec["crop_pct"]), spec["interpolation"])
            for augmentation in DEFAULT, other:
                image = crop(data, size, int(augmentation["resize"] * size), "bicubic")
                made = [vary(image, *draw(augmentation, content_hash, i + 1)) for i in range(augmentation["instances"])]
                yield dict(picture=picture, spec=spec_name, augmentation=form(augmentation),
                           tensors_sha256=[sha256(tensor(m, spec)) for m in [plain] + made])


def main():
    parts = dict(specs=[dict(name=name, **spec) for name, spec in SPECS.items()], variations=variations(), draws=draws(), chains=chains())
    text = ",\n".join(f'"{name}": [\n  ' + ",\n  ".join(json.dumps(x) for x in part) + "]" for name, part in parts.items())
    (HERE / "augment.json").write_text("{" + text + "}\n")


if __name__ == "__main__":
    main()
