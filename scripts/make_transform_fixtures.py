#!/usr/bin/env python3
"""Makes the pictures of data/transform/testdata and fixtures.json, what Python makes of them.

Run with the Pillow and torchvision that the package is measured against (Pillow 9.4 on
libjpeg-turbo 2.1, torchvision 0.14, torch 1.13):

    python3 scripts/make_transform_fixtures.py

The pictures are synthetic and the same on every run.
"""

import hashlib
import io
import json
import math
import pathlib
import struct
import zlib

import numpy as np
import torch
from PIL import Image
from torchvision import transforms
from torchvision.transforms import InterpolationMode

HERE = pathlib.Path(__file__).resolve().parent.parent / "data" / "transform" / "testdata"
SPEC, BIG, HALF, PADDED = "small", "imagenet", "bilinear", "padded"
SMALL = dict(size=48, interpolation="bicubic", crop_pct=0.95,
             mean=[0.485, 0.456, 0.406], std=[0.229, 0.224, 0.225])
SPECS = {
    SPEC: SMALL,
    BIG: dict(SMALL, size=224),
    HALF: dict(SMALL, size=32, crop_pct=0.875, interpolation="bilinear", mean=[0.5] * 3, std=[0.5] * 3),
    PADDED: dict(SMALL, size=45, crop_pct=1.3),
}


def picture(w, h, channels=3):
    """Waves and noise: edges everywhere, so that each filter tap and each chroma sample shows."""
    rng = np.random.default_rng(w * 1000 + h)
    y, x = np.mgrid[0:h, 0:w]
    planes = [127 + 100 * np.sin(x / (3 + c) + y / (7 - c)) + rng.normal(0, 3, (h, w)) for c in range(channels)]
    return np.clip(np.stack(planes, -1), 0, 255).astype(np.uint8)


def saved(image, kind, **options):
    out = io.BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


def jpeg(w, h, mode="RGB", **options):
    options.setdefault("quality", 25)
    image = Image.fromarray(picture(w, h, 4 if mode == "CMYK" else 3), mode if mode == "CMYK" else "RGB")
    return saved(image.convert(mode), "JPEG", **options)


def segment(data, marker):
    """Start and end of the first segment with this marker."""
    start = data.index(b"\xff" + bytes([marker]))
    return start, start + 2 + struct.unpack(">H", data[start + 2:start + 4])[0]


def resampled(data, factors, w, h):
    """Another sampling of the luma and another size, for as many blocks in as many MCUs: a valid file of
    a scrambled picture, of a kind that Pillow does not write."""
    marker = 0xC2 if b"\xff\xc2" in data else 0xC0
    start, _ = segment(data, marker)
    data = bytearray(data)
    data[start + 5:start + 9] = struct.pack(">HH", h, w)
    data[start + 11] = factors
    return bytes(data)


def adobe(transform):
    return b"\xff\xee\x00\x0eAdobe\x00\x64\x00\x00\x00\x00" + bytes([transform])


def without(data, marker):
    start, end = segment(data, marker)
    return data[:start] + data[end:]


def jpegs():
    for name, number in ("444", 0), ("422", 1), ("420", 2):
        yield f"jpeg_{name}.jpg", jpeg(131, 97, subsampling=number), SPEC
        yield f"jpeg_{name}_progressive.jpg", jpeg(97, 131, subsampling=number, progressive=True), SPEC
        yield f"jpeg_{name}_bilinear.jpg", jpeg(90, 110, subsampling=number, quality=30), HALF
    yield "jpeg_440.jpg", resampled(jpeg(131, 89, subsampling=1), 0x12, 72, 144), SPEC
    yield "jpeg_440_progressive.jpg", resampled(jpeg(128, 128, subsampling=1, progressive=True), 0x12, 128, 128), SPEC
    yield "jpeg_411.jpg", resampled(jpeg(128, 128, subsampling=2), 0x41, 127, 126), SPEC
    yield "jpeg_420_wide.jpg", jpeg(500, 70, subsampling=2, quality=20), SPEC
    yield "jpeg_420_tall.jpg", jpeg(70, 500, subsampling=2, quality=20), SPEC
    yield "jpeg_420_needle.jpg", jpeg(900, 3, subsampling=2, quality=40), SPEC
    yield "jpeg_420_enlarged.jpg", jpeg(17, 23, subsampling=2), BIG
    yield "jpeg_420_padded.jpg", jpeg(61, 40, subsampling=2), PADDED
    yield "jpeg_420_padded_one_side.jpg", jpeg(120, 60, subsampling=2), PADDED
    yield "jpeg_420_same_size.jpg", jpeg(50, 50, subsampling=2), SPEC
    yield "jpeg_420_half_even.jpg", jpeg(50, 51, subsampling=2), SPEC
    yield "jpeg_420_half_even_down.jpg", jpeg(50, 53, subsampling=2), SPEC
    yield "jpeg_420_big.jpg", jpeg(317, 253, subsampling=2, quality=15), BIG
    yield "jpeg_one_pixel.jpg", jpeg(1, 1), SPEC
    yield "jpeg_optimized.jpg", jpeg(80, 64, optimize=True), SPEC
    yield "jpeg_grey.jpg", jpeg(101, 77, "L"), SPEC
    yield "jpeg_grey_progressive.jpg", jpeg(77, 101, "L", progressive=True), SPEC
    cmyk = jpeg(63, 51, "CMYK")
    yield "jpeg_cmyk.jpg", cmyk, SPEC
    yield "jpeg_cmyk_progressive.jpg", jpeg(51, 63, "CMYK", progressive=True), SPEC
    yield "jpeg_cmyk_without_adobe.jpg", without(cmyk, 0xEE), SPEC
    yield "jpeg_ycck.jpg", cmyk.replace(adobe(0), adobe(2)), SPEC
    full = jpeg(63, 51, subsampling=0)
    plain = without(full, 0xE0)
    yield "jpeg_rgb_adobe.jpg", plain[:2] + adobe(0) + plain[2:], SPEC
    letters = bytearray(plain)
    for start, step in (segment(plain, 0xC0)[0] + 10, 3), (segment(plain, 0xDA)[0] + 5, 2):
        letters[start:start + 3 * step:step] = b"RGB"
    yield "jpeg_rgb_letters.jpg", bytes(letters), SPEC
    exif = Image.Exif()
    exif[0x0112] = 6
    yield "jpeg_exif_rotated.jpg", jpeg(90, 60, exif=exif.tobytes()), SPEC
    yield "jpeg_comment_and_junk.jpg", full[:2] + b"\xff\xfe\x00\x07hello" + full[2:] + b"junk", SPEC

    # Damage. The crop of this picture leaves out most of its rows.
    tall = jpeg(40, 300, subsampling=2, quality=15)
    scan = segment(tall, 0xDA)[1]
    ends = len(tall) - 2
    for name, cut in (("header", scan - 30), ("scan_header", scan), ("above_crop", scan + (ends - scan) // 5),
                      ("crop", (scan + ends) // 2), ("below_crop", scan + (ends - scan) * 9 // 10),
                      ("last_row", ends - 20), ("last_byte", ends - 1), ("no_eoi", ends), ("half_eoi", ends + 1)):
        yield f"jpeg_truncated_{name}.jpg", tall[:cut], SPEC
    yield "jpeg_zeros_for_eoi.jpg", tall[:ends] + bytes(8), SPEC
    yield "jpeg_rows_missing_before_eoi.jpg", tall[:(scan + ends) // 2] + b"\xff\xd9", SPEC
    yield "jpeg_second_soi.jpg", tall[:ends] + b"\xff\xd8\xff\xd9", SPEC
    damaged = bytearray(tall)
    damaged[(scan + ends) // 2:(scan + ends) // 2 + 5] = b"\x12\x34\x56\x78\x9a"
    yield "jpeg_damaged_scan.jpg", bytes(damaged), SPEC
    slow = jpeg(90, 120, progressive=True)
    scans = [i for i in range(len(slow) - 1) if slow[i:i + 2] == b"\xff\xda"]
    yield "jpeg_progressive_truncated.jpg", slow[:scans[4] + 40], SPEC
    yield "jpeg_progressive_no_eoi.jpg", slow[:-2], SPEC
    for n in 1, 2, 4, 7:
        yield f"jpeg_progressive_{n}_scans.jpg", slow[:scans[n]] + b"\xff\xd9", SPEC
    start, end = segment(slow, 0xC4)
    yield "jpeg_progressive_table_missing.jpg", slow[:start] + slow[end:], SPEC
    yield "jpeg_quantization_missing.jpg", without(full, 0xDB), SPEC
    yield "jpeg_two_components.jpg", full.replace(b"\x03\x01\x11\x00\x02\x11\x01", b"\x02\x01\x11\x00\x02\x11\x01", 1), SPEC
    yield "jpeg_magic_only.jpg", b"\xff\xd8\xff", SPEC


def chunk(name, data):
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def png(w, h, depth, colour, rows, before=b"", interlaced=0, packed=None):
    header = struct.pack(">IIBBBBB", w, h, depth, colour, 0, 0, interlaced)
    packed = zlib.compress(rows) if packed is None else packed
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + before + chunk(b"IDAT", packed) + chunk(b"IEND", b"")


def png_rows(w, h, bits, filters=(0,)):
    """Random rows under the given filters in turn."""
    rng = np.random.default_rng(bits * w)
    n = (w * bits + 7) // 8
    return b"".join(bytes([filters[y % len(filters)]]) + rng.integers(0, 256, n, dtype=np.uint8).tobytes()
                    for y in range(h))


def interlaced_rows(w, h, bits):
    passes = (0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2)
    out = b""
    for x, y, dx, dy in passes:
        width, height = -(-(w - x) // dx), -(-(h - y) // dy)
        if width > 0 and height > 0:
            out += png_rows(width, height, bits, (0, 1, 2, 3, 4))
    return out


def pngs():
    kinds = [(0, 1, 1), (0, 2, 1), (0, 4, 1), (0, 8, 1), (0, 16, 1), (2, 8, 3), (2, 16, 3), (3, 1, 1), (3, 2, 1),
             (3, 4, 1), (3, 8, 1), (4, 8, 2), (4, 16, 2), (6, 8, 4), (6, 16, 4)]
    names = {0: "grey", 2: "rgb", 3: "palette", 4: "grey_alpha", 6: "rgba"}
    for colour, depth, channels in kinds:
        palette = bytes(np.random.default_rng(3).integers(0, 256, 3 << min(depth, 8), dtype=np.uint8))
        before = chunk(b"PLTE", palette) if colour == 3 else b""
        bits = depth * channels
        yield f"png_{names[colour]}_{depth}.png", png(19, 14, depth, colour, png_rows(19, 14, bits, (0, 1, 2, 3, 4)), before), SPEC
        yield (f"png_{names[colour]}_{depth}_interlaced.png",
               png(13, 11, depth, colour, interlaced_rows(13, 11, bits), before, 1), SPEC)
    rows = png_rows(20, 16, 24, (4,))
    yield "png_interlaced_tiny.png", png(2, 1, 8, 2, interlaced_rows(2, 1, 24), b"", 1), SPEC
    yield "png_deep_crop.png", png(7, 110, 8, 2, png_rows(7, 110, 24, (2,))), SPEC
    yield "png_saved_by_pillow.png", saved(Image.fromarray(picture(34, 30)), "PNG", optimize=True), SPEC
    yield "png_short_palette.png", png(19, 14, 8, 3, png_rows(19, 14, 8), chunk(b"PLTE", bytes(range(30)))), SPEC
    yield "png_without_palette.png", png(19, 14, 8, 3, png_rows(19, 14, 8)), SPEC
    yield "png_palette_transparent.png", png(
        19, 14, 8, 3, png_rows(19, 14, 8), chunk(b"PLTE", bytes(range(255, -1, -1)) * 3) + chunk(b"tRNS", bytes(200))), SPEC
    yield "png_rgb_transparent.png", png(20, 16, 8, 2, rows, chunk(b"tRNS", bytes(6))), SPEC
    yield "png_grey_transparent.png", png(19, 14, 8, 0, png_rows(19, 14, 8), chunk(b"tRNS", bytes(2))), SPEC
    whole = png(20, 16, 8, 2, rows)
    packed = zlib.compress(rows)
    yield "png_no_iend.png", whole[:-12], SPEC
    yield "png_no_checksum.png", whole[:-20], SPEC
    yield "png_truncated.png", whole[:-40], SPEC
    yield "png_truncated_header.png", whole[:20], SPEC
    yield "png_wrong_data_crc.png", whole[:-13] + b"x" + whole[-12:], SPEC
    yield "png_wrong_header_crc.png", whole[:29] + b"xxxx" + whole[33:], SPEC
    yield "png_wrong_adler.png", png(20, 16, 8, 2, b"", packed=packed[:-1] + bytes([packed[-1] ^ 1])), SPEC
    yield "png_too_many_rows.png", png(20, 16, 8, 2, rows + bytes(61)), SPEC
    yield "png_rows_missing.png", png(20, 16, 8, 2, rows[:61 * 10]), SPEC
    yield "png_bytes_missing.png", png(20, 16, 8, 2, rows[:61 * 10 + 7]), SPEC
    yield "png_no_rows.png", png(20, 16, 8, 2, b""), SPEC
    yield "png_unknown_filter.png", png(20, 16, 8, 2, b"\x05" + rows[1:]), SPEC
    yield "png_three_bits.png", png(20, 16, 3, 0, bytes(200)), SPEC
    yield "png_bomb.png", png(20000, 20000, 8, 2, b""), SPEC
    split = b"".join(chunk(b"IDAT", packed[i:i + 100]) for i in range(0, len(packed), 100))
    yield "png_many_chunks.png", whole[:33] + chunk(b"tEXt", b"a\0b") + chunk(b"IDAT", b"") + split + chunk(b"IEND", b""), SPEC


def gif(w, h, frame, flags=0, global_palette=b"", local_palette=b"", transparent=None, before=b"", cut=None):
    """A GIF of codes that are all literal: a clear code before the table could grow a code's length."""
    x, y, fw, fh = frame
    codes = []
    for i in range(fw * fh):
        if i % 200 == 0:
            codes.append(256)
        codes.append((7 * i + i // 13) % 256)
    codes.append(257)
    bits = sum(c << 9 * i for i, c in enumerate(codes))
    packed = bits.to_bytes((9 * len(codes) + 7) // 8, "little")
    out = b"GIF89a" + struct.pack("<HHBBB", w, h, 0x80 | 7 if global_palette else 0, 3, 0) + global_palette + before
    if transparent is not None:
        out += b"!\xf9\x04" + bytes([1, 0, 0, transparent, 0])
    out += b"," + struct.pack("<HHHHB", x, y, fw, fh, flags | (0x80 | 7 if local_palette else 0)) + local_palette + b"\x08"
    out += b"".join(bytes([len(packed[i:i + 255])]) + packed[i:i + 255] for i in range(0, len(packed), 255))
    return (out + b"\0;")[:cut]


def gifs():
    colours = np.random.default_rng(4).integers(0, 256, 768, dtype=np.uint8).tobytes()
    others = colours[::-1]
    ramp = bytes(i // 3 for i in range(768))
    yield "gif_plain.gif", gif(30, 20, (0, 0, 30, 20), global_palette=colours), SPEC
    yield "gif_interlaced.gif", gif(21, 29, (0, 0, 21, 29), 0x40, colours), SPEC
    yield "gif_offset_frame.gif", gif(33, 29, (5, 3, 20, 20), global_palette=colours), SPEC
    yield "gif_offset_transparent.gif", gif(33, 29, (5, 3, 20, 20), global_palette=colours, transparent=77), SPEC
    yield "gif_frame_beyond_screen.gif", gif(20, 20, (5, 3, 20, 20), global_palette=colours), SPEC
    yield "gif_local_palette.gif", gif(20, 20, (0, 0, 20, 20), 0, colours, others), SPEC
    yield "gif_grey_ramp.gif", gif(20, 20, (0, 0, 20, 20), global_palette=ramp), SPEC
    yield "gif_no_palette.gif", gif(20, 20, (0, 0, 20, 20)), SPEC
    yield "gif_local_ramp.gif", gif(20, 20, (0, 0, 20, 20), 0, colours, ramp), SPEC
    yield "gif_ramp_then_colours.gif", gif(20, 20, (0, 0, 20, 20), 0, ramp, colours), SPEC
    yield "gif_extensions.gif", gif(20, 20, (0, 0, 20, 20), 0, colours, before=b"!\xfe\x03abc\0!\xff\x0bNETSCAPE2.0\x03\1\0\0\0"), SPEC
    yield "gif_truncated.gif", gif(20, 20, (0, 0, 20, 20), 0, colours, cut=-100), SPEC
    yield "gif_no_trailer.gif", gif(20, 20, (0, 0, 20, 20), 0, colours, cut=-2), SPEC
    yield "gif_no_frame.gif", gif(20, 20, (0, 0, 20, 20), 0, colours)[:781] + b";", SPEC
    yield "gif_bomb.gif", gif(60000, 60000, (0, 0, 20, 20), 0, colours), SPEC
    a = Image.fromarray(picture(30, 20)).quantize(64)
    yield "gif_animated.gif", saved(a, "GIF", save_all=True, append_images=[a.rotate(180)]), SPEC


def others():
    image = Image.fromarray(picture(25, 21))
    rgba = Image.fromarray(picture(25, 21, 4), "RGBA")
    for mode in "RGB", "L", "1", "P":
        yield f"bmp_{mode}.bmp", saved(image.convert(mode), "BMP"), SPEC
    yield "bmp_RGBA.bmp", saved(rgba, "BMP"), SPEC
    yield "bmp_truncated.bmp", saved(image, "BMP")[:-30], SPEC
    yield "bmp_bomb.bmp", saved(image, "BMP")[:18] + struct.pack("<ii", 30000, 30000) + saved(image, "BMP")[26:], SPEC

    for mode in "RGB", "L", "1", "P", "RGBA":
        for compression in None, "tiff_lzw", "tiff_adobe_deflate", "packbits":
            if compression in (None, "tiff_lzw") or mode == "RGB":
                source = rgba if mode == "RGBA" else image.convert(mode)
                yield f"tiff_{mode}_{compression or 'raw'}.tif", saved(source, "TIFF", compression=compression), SPEC
    fax = saved(image.convert("1"), "TIFF", compression="group4")
    photometric = fax.index(struct.pack("<HHI", 262, 3, 1)) + 8
    for white in 0, 1:
        yield f"tiff_fax_photometric_{white}.tif", fax[:photometric] + bytes([white]) + fax[photometric + 1:], SPEC
    deep = Image.fromarray((picture(25, 21)[..., 0].astype(np.uint16) * 3))
    deep = saved(deep, "TIFF")
    photometric = deep.index(struct.pack("<HHI", 262, 3, 1)) + 8
    yield "tiff_grey_16.tif", deep, SPEC
    yield "tiff_grey_16_white_is_zero.tif", deep[:photometric] + b"\0" + deep[photometric + 1:], SPEC
    levels = saved(image.convert("L"), "TIFF")
    photometric = levels.index(struct.pack("<HHI", 262, 3, 1)) + 8
    yield "tiff_L_white_is_zero.tif", levels[:photometric] + b"\0" + levels[photometric + 1:], SPEC
    for orientation in range(2, 9):
        yield f"tiff_orientation_{orientation}.tif", saved(Image.fromarray(picture(25, 19)), "TIFF", tiffinfo={274: orientation}), SPEC
    premultiplied = saved(rgba, "TIFF")
    tag = premultiplied.index(struct.pack("<HHI", 338, 3, 1))
    yield "tiff_premultiplied.tif", premultiplied[:tag + 8] + b"\1\0" + premultiplied[tag + 10:], SPEC
    yield "tiff_truncated.tif", saved(image, "TIFF")[:-40], SPEC

    for name, source in ("rgb", image), ("rgba", rgba), ("odd", Image.fromarray(picture(37, 23))), \
            ("one_pixel", Image.fromarray(picture(1, 1))), ("wide", Image.fromarray(picture(90, 14))):
        yield f"webp_lossy_{name}.webp", saved(source, "WEBP", quality=70), SPEC
        yield f"webp_lossless_{name}.webp", saved(source, "WEBP", lossless=True), SPEC
    yield "webp_icc.webp", saved(image, "WEBP", quality=70, icc_profile=b"profile"), SPEC
    frames = dict(save_all=True, append_images=[image.rotate(180)], quality=70)
    yield "webp_animated.webp", saved(image, "WEBP", **frames), SPEC
    moved = bytearray(saved(image, "WEBP", **frames))
    moved[24:30] = struct.pack("<HBHB", image.width + 9, 0, image.height + 7, 0)
    frame = moved.index(b"ANMF")
    moved[frame + 8:frame + 14] = struct.pack("<HBHB", 3, 0, 2, 0)
    yield "webp_animated_offset.webp", bytes(moved), SPEC
    yield "webp_truncated.webp", saved(image, "WEBP", quality=70)[:-60], SPEC

    yield "empty", b"", SPEC
    yield "text", b"not a picture\n", SPEC
    yield "png_named.jpg", saved(image, "PNG"), SPEC


def reference(data, spec):
    """What timm's evaluation transform makes of the file."""
    image = Image.open(io.BytesIO(data))
    size, mode = list(image.size), image.mode
    resize = transforms.Resize(math.floor(spec["size"] / spec["crop_pct"]), InterpolationMode(spec["interpolation"]))
    crop = transforms.CenterCrop(spec["size"])(resize(image.convert("RGB")))
    tensor = transforms.Compose([
        transforms.ToTensor(),
        transforms.Normalize(mean=torch.tensor(spec["mean"]), std=torch.tensor(spec["std"])),
    ])(crop)
    return dict(size=size, mode=mode, crop_sha256=hashlib.sha256(np.asarray(crop).tobytes()).hexdigest(),
                tensor_sha256=hashlib.sha256(tensor.numpy().astype("<f4").tobytes()).hexdigest())


def main():
    for old in HERE.iterdir():
        if old.suffix not in (".py", ".json") and old.is_file():
            old.unlink()
    fixtures = {}
    for group in jpegs, pngs, gifs, others:
        for name, data, spec in group():
            assert name not in fixtures, name
            (HERE / name).write_bytes(data)
            try:
                result = reference(data, SPECS[spec])
            except Exception as error:
                result = dict(error=type(error).__name__)
            fixtures[name] = dict(spec=spec, **result)
    lines = ",\n".join(f"  {json.dumps(name)}: {json.dumps(fixture)}" for name, fixture in fixtures.items())
    specs = json.dumps(SPECS)
    (HERE / "fixtures.json").write_text(f'{{"specs": {specs},\n "pictures": {{\n{lines}\n}}}}\n')


if __name__ == "__main__":
    main()
