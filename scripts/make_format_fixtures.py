#!/usr/bin/env python3
"""Makes data/transform/testdata/formats: pictures in the formats that libraries of the system decode, and BMP and TIFF of
all kinds; formats.json says what Python makes of them.

Of formats that Pillow does not read, what the library's own tool makes of the file is the reference. Run it with the
Pillow that the package is measured against, after make_transform_fixtures.py, on Debian with libheif-examples,
libavif-bin, libjxl-tools and libtiff-tools:

    python3 scripts/make_format_fixtures.py

The pictures are synthetic and the same on every run with the same tools.
"""

import io
import json
import pathlib
import shutil
import struct
import subprocess
import tempfile
import zlib

import numpy as np
from make_transform_fixtures import HERE, SPEC, SPECS, picture, reference, saved
from PIL import Image, ImageOps, features

OUT = HERE / "formats"
II, MM = "<", ">"


def run(*command):
    return subprocess.run(command, check=True, capture_output=True, text=True)


def tiff(strips, w, h, bits, photometric, order=II, big=False, tiles=None, rows=None, **more):
    """A TIFF of these strips or tiles. `more` are tags t123=[...], of 16 bits each."""
    short, long, word = ("H", 3), ("I", 4), ("Q", 16) if big else ("I", 4)
    tags = {256: (long, [w]), 257: (long, [h]), 258: (short, list(bits)), 259: (short, [1]), 262: (short, [photometric]),
            277: (short, [len(bits)])}
    if tiles:
        tags.update({322: (long, [tiles[0]]), 323: (long, [tiles[1]]), 324: (word, None), 325: (word, [len(s) for s in strips])})
    else:
        tags.update({273: (word, None), 278: (long, [rows or h]), 279: (word, [len(s) for s in strips])})
    tags.update({int(tag[1:]): (short, values) for tag, values in more.items()})
    at = 16 if big else 8
    offsets = []
    data = b""
    for strip in strips:
        offsets.append(at + len(data))
        data += strip + bytes(len(strip) % 2)
    for tag in 273, 324:
        if tag in tags:
            tags[tag] = (tags[tag][0], offsets)
    entries, values = b"", b""
    inline = 8 if big else 4
    directory = at + len(data)
    after = directory + (8 + 20 * len(tags) + 8 if big else 2 + 12 * len(tags) + 4)
    for tag, ((letter, kind), numbers) in sorted(tags.items()):
        packed = struct.pack(order + letter * len(numbers), *numbers)
        if len(packed) > inline:
            place = struct.pack(order + ("Q" if big else "I"), after + len(values))
            values += packed + bytes(len(packed) % 2)
        else:
            place = packed.ljust(inline, b"\0")
        entries += struct.pack(order + ("HHQ" if big else "HHI"), tag, kind, len(numbers)) + place
    magic = (b"II" if order == II else b"MM") + struct.pack(order + "H", 43 if big else 42)
    if big:
        header = magic + struct.pack(order + "HHQ", 8, 0, directory)
        count, end = struct.pack(order + "Q", len(tags)), bytes(8)
    else:
        header = magic + struct.pack(order + "I", directory)
        count, end = struct.pack(order + "H", len(tags)), bytes(4)
    return header + data + count + entries + end + values


def noise(*shape, seed=7, high=256):
    return np.random.default_rng(seed).integers(0, high, shape)


def raw_tiffs():
    w, h = 25, 21
    rgb, four = picture(w, h), picture(w, h, 4)
    # Shallow and deep greys.
    for bits in 2, 4:
        row = (w * bits + 7) // 8
        for photometric in 0, 1, 3:
            colours = {"t320": [int(v) for v in noise(3 << bits, high=65536)]} if photometric == 3 else {}
            yield (f"tiff_{bits}_bit_{photometric}.tif",
                   tiff([noise(h, row).astype(np.uint8).tobytes()], w, h, [bits], photometric, **colours))
    yield "tiff_2_bit_reversed.tif", tiff([noise(h, 7).astype(np.uint8).tobytes()], w, h, [2], 1, t266=[2])
    yield "tiff_1_bit_reversed.tif", tiff([noise(h, 4).astype(np.uint8).tobytes()], w, h, [1], 0, t266=[2])
    yield "tiff_8_bit_reversed.tif", tiff([noise(h, w).astype(np.uint8).tobytes()], w, h, [8], 1, t266=[2])
    yield "tiff_rgb_reversed.tif", tiff([noise(h, 3 * w).astype(np.uint8).tobytes()], w, h, [8] * 3, 2, t266=[2])
    yield "tiff_12_bit.tif", tiff([(noise(h, 38) // 9).astype(np.uint8).tobytes()], w, h, [12], 1)
    yield "tiff_12_bit_odd.tif", tiff([(noise(h, 41, seed=8) // 11).astype(np.uint8).tobytes()], 27, h, [12], 1)
    for order, name in (II, "little"), (MM, "big"):
        deep = noise(h, w, high=300).astype(order + "u2").tobytes()
        yield f"tiff_16_bit_{name}.tif", tiff([deep], w, h, [16], 1, order)
        signed = (noise(h, w, high=400) - 100).astype(order + "i2").tobytes()
        yield f"tiff_16_bit_signed_{name}.tif", tiff([signed], w, h, [16], 1, order, t339=[2])
        signed = (noise(h, w, high=400) - 100).astype(order + "i4").tobytes()
        yield f"tiff_32_bit_signed_{name}.tif", tiff([signed], w, h, [32], 1, order, t339=[2])
        floats = (noise(h, w, high=4000) / 10 - 70).astype(order + "f4").tobytes()
        yield f"tiff_float_{name}.tif", tiff([floats], w, h, [32], 1, order, t339=[3])
        yield f"tiff_float_white_is_zero_{name}.tif", tiff([floats], w, h, [32], 0, order, t339=[3])
        for n, photometric, extra in ((3, 2, None), (4, 2, 0), (4, 2, 1), (4, 2, 2), (4, 2, None), (4, 5, None)):
            wide = noise(h, w, n, high=65536).astype(order + "u2").tobytes()
            more = {} if extra is None else {"t338": [extra]}
            yield f"tiff_16_bit_{n}_{photometric}_{extra}_{name}.tif", tiff([wide], w, h, [16] * n, photometric, order, **more)
    yield "tiff_32_bit_unsigned.tif", tiff([noise(h, w, high=400).astype("<u4").tobytes()], w, h, [32], 1)
    # More samples than colours.
    yield "tiff_grey_alpha.tif", tiff([noise(h, w, 2).astype(np.uint8).tobytes()], w, h, [8] * 2, 1, t338=[2])
    colours = [int(v) for v in noise(768, high=65536)]
    yield "tiff_palette_alpha.tif", tiff([noise(h, w, 2).astype(np.uint8).tobytes()], w, h, [8] * 2, 3, t338=[2], t320=colours)
    for n, extra in ((5, [0, 0]), (6, [0, 0, 0]), (5, [1, 0]), (6, [1, 0, 0]), (5, [2, 0]), (4, [999])):
        data = noise(h, w, n).astype(np.uint8).tobytes()
        yield f"tiff_{n}_samples_{extra[0]}.tif", tiff([data], w, h, [8] * n, 2, t338=extra)
    for n in 5, 6:
        yield f"tiff_cmyk_{n}.tif", tiff([noise(h, w, n).astype(np.uint8).tobytes()], w, h, [8] * n, 5, t338=[0] * (n - 4))
    yield "tiff_lab.tif", tiff([rgb.tobytes()], w, h, [8] * 3, 8)
    # Planes, strips, tiles.
    for n, photometric in ((3, 2), (4, 2), (4, 5)):
        planes = [four[..., c].tobytes() for c in range(n)]
        yield f"tiff_planar_{n}_{photometric}.tif", tiff(planes, w, h, [8] * n, photometric, t284=[2])
    yield "tiff_planar_lab.tif", tiff([rgb[..., c].tobytes() for c in range(3)], w, h, [8] * 3, 8, t284=[2])
    strips = [rgb[y:y + 4, :, c].tobytes() for c in range(3) for y in range(0, h, 4)]
    yield "tiff_planar_strips.tif", tiff(strips, w, h, [8] * 3, 2, rows=4, t284=[2])
    padded = np.zeros((32, 32, 3), np.uint8)
    padded[:h, :w] = rgb
    tiles = [padded[y:y + 16, x:x + 16].tobytes() for y in (0, 16) for x in (0, 16)]
    yield "tiff_tiles.tif", tiff(tiles, w, h, [8] * 3, 2, tiles=(16, 16))
    yield "tiff_tiles_missing.tif", tiff(tiles[:3], w, h, [8] * 3, 2, tiles=(16, 16))
    yield "tiff_one_bits_for_all.tif", tiff([rgb.tobytes()], w, h, [8] * 3, 2, t258=[8])
    yield "tiff_too_many_bits.tif", tiff([rgb.tobytes()], w, h, [8] * 3, 2, t258=[8] * 5)
    yield "tiff_bigtiff.tif", tiff([rgb.tobytes()], w, h, [8] * 3, 2, big=True)
    yield "tiff_header_mixed.tif", b"II\0*" + tiff([rgb.tobytes()], w, h, [8] * 3, 2)[4:]
    # What Pillow refuses.
    yield "tiff_3_bit.tif", tiff([bytes(10 * h)], w, h, [3], 1)
    yield "tiff_8_bit_reversed_inverted.tif", tiff([noise(h, w).astype(np.uint8).tobytes()], w, h, [8], 0, t266=[2])
    yield "tiff_rows_missing.tif", tiff([rgb.tobytes()], w, 4 * h, [8] * 3, 2)
    yield "tiff_unequal_bits.tif", tiff([rgb.tobytes()], w, h, [5, 6, 5], 2)


def packed_tiffs(folder):
    w, h = 50, 37
    image = Image.fromarray(picture(w, h))

    def tool(name, source, *options):
        path = folder / "in.tif"
        path.write_bytes(source)
        run("tiffcp", *options, path, folder / "out.tif")
        return f"tiff_{name}.tif", (folder / "out.tif").read_bytes(), SPEC

    rgb, rgba = saved(image, "TIFF"), saved(Image.fromarray(picture(w, h, 4), "RGBA"), "TIFF")
    cmyk = saved(Image.fromarray(picture(w, h, 4), "CMYK"), "TIFF")
    grey16 = saved(Image.fromarray((picture(w, h)[..., 0] * 3).astype(np.uint16)), "TIFF")
    wide = tiff([noise(h, w, 3, high=65536).astype("<u2").tobytes()], w, h, [16] * 3, 2)
    premultiplied = tiff([picture(w, h, 4).tobytes()], w, h, [8] * 4, 2, t338=[1])
    yield tool("lzw_planar", rgb, "-c", "lzw:2", "-p", "separate")
    yield tool("zip_planar_rgba", rgba, "-c", "zip", "-p", "separate")
    yield tool("zip_planar_premultiplied", premultiplied, "-c", "zip", "-p", "separate")
    planes = np.frombuffer(wide, "<u2", h * w * 3, 8).reshape(h, w, 3)
    packed = [zlib.compress(planes[..., c].tobytes()) for c in range(3)]
    yield "tiff_zip_planar_16.tif", tiff(packed, w, h, [16] * 3, 2, t259=[8], t284=[2]), SPEC
    yield tool("zip_planar_tiles", rgb, "-c", "zip", "-p", "separate", "-t", "-w", "16", "-l", "16")
    yield tool("lzw_cmyk", cmyk, "-c", "lzw")
    yield tool("lzw_cmyk_planar", cmyk, "-c", "lzw", "-p", "separate")
    yield tool("lzw_tiles", rgb, "-c", "lzw:2", "-t", "-w", "32", "-l", "16")
    yield tool("lzw_strips", rgb, "-c", "lzw", "-r", "5")
    yield tool("lzw_16_big", grey16, "-c", "lzw:2", "-B")
    yield tool("zip_16_rgb_big", wide, "-c", "zip:2", "-B")
    yield tool("packbits_bigtiff", rgb, "-c", "packbits", "-8")
    yield tool("jpeg_ycbcr", rgb, "-c", "jpeg:50")
    yield tool("jpeg_ycbcr_tiles", rgb, "-c", "jpeg:50", "-t", "-w", "32", "-l", "32")
    yield tool("jpeg_rgb", rgb, "-c", "jpeg:r:50")
    yield tool("jpeg_grey", saved(image.convert("L"), "TIFF"), "-c", "jpeg:50")
    for side in 1, 2:  # units of side * side of luma and one of each chroma
        unit = noise(-(-h // side), -(-w // side), side * side + 2).astype(np.uint8)
        yield (f"tiff_zip_ycbcr_{side}.tif",
               tiff([zlib.compress(unit.tobytes())], w, h, [8] * 3, 6, t259=[8], t530=[side, side]), SPEC)
    yield tool("lzma", rgb, "-c", "lzma")
    yield tool("zstd", rgb, "-c", "zstd")
    for fill in "lsb2msb", "msb2lsb":
        for kind in "g3:2d", "g3:1d", "g4":
            yield tool(f"fax_{kind.replace(':', '_')}_{fill}", saved(image.convert("1"), "TIFF"), "-c", kind, "-f", fill)
    yield tool("lzw_2_bit", tiff([noise(h, 13).astype(np.uint8).tobytes()], w, h, [2], 1), "-c", "lzw")
    yield tool("lzw_4_bit_tiles", tiff([noise(h, 25).astype(np.uint8).tobytes()], w, h, [4], 0), "-c", "lzw", "-t", "-w", "16", "-l", "16")
    yield tool("lzw_12_bit", tiff([(noise(h, 75) // 9).astype(np.uint8).tobytes()], w, h, [12], 1), "-c", "lzw")
    floats = tiff([(noise(h, w, high=400) - 70.5).astype("<f4").tobytes()], w, h, [32], 1, t339=[3])
    yield tool("zip_float", floats, "-c", "zip:3")
    yield tool("lzw_lab", tiff([picture(w, h).tobytes()], w, h, [8] * 3, 8), "-c", "lzw")
    damaged = bytearray(tool("x", rgb, "-c", "lzw", "-r", "5")[1])
    damaged[300:310] = bytes(10)
    yield "tiff_lzw_damaged.tif", bytes(damaged), SPEC
    yield "tiff_zip_truncated.tif", tiff([zlib.compress(picture(w, h).tobytes())[:-300]], w, h, [8] * 3, 2, t259=[8]), SPEC
    yield "tiff_zip_rows_missing.tif", tiff([zlib.compress(picture(w, h).tobytes())], w, 4 * h, [8] * 3, 2, t259=[8]), SPEC


def bmp(w, h, bits, data, compression=0, palette=b"", size=40, masks=b"", colours=0):
    if size == 12:
        fields = struct.pack("<HHHH", w, h, 1, bits)
    else:
        fields = struct.pack("<iiHHIIiiII", w, h, 1, bits, compression, len(data), 0, 0, colours, 0)
        fields += (masks if size > 40 else b"").ljust(size - 40, b"\0")
        masks = b"" if size > 40 else masks
    offset = 14 + size + len(masks) + len(palette)
    return b"BM" + struct.pack("<IHHI", offset + len(data), 0, 0, offset) + struct.pack("<I", size) + fields + masks + palette + data


def bmps():
    w, h = 25, 21

    def rows(bits):
        return noise(h, (w * bits + 31) // 32 * 4).astype(np.uint8).tobytes()

    colours = noise(256, 4).astype(np.uint8)
    ramp = np.repeat(np.arange(256, dtype=np.uint8)[:, None], 4, 1)
    for bits in 1, 4, 8:
        for name, palette in ("colours", colours), ("ramp", ramp):
            entries = palette[:1 << bits]
            yield f"bmp_{bits}_{name}.bmp", bmp(w, h, bits, rows(bits), palette=entries.tobytes())
            yield f"bmp_os2_{bits}_{name}.bmp", bmp(w, h, bits, rows(bits), palette=entries[:, :3].tobytes(), size=12)
    yield "bmp_os2_24.bmp", bmp(w, h, 24, rows(24), size=12)
    yield "bmp_os2_2.bmp", bmp(w, h, 24, rows(24), size=64)
    yield "bmp_black_white.bmp", bmp(w, h, 1, rows(1), palette=bytes(4) + b"\xff" * 4)
    yield "bmp_few_colours.bmp", bmp(w, h, 8, rows(8), palette=colours[:100].tobytes(), colours=100)
    yield "bmp_top_down.bmp", bmp(w, -h, 24, rows(24))
    yield "bmp_16.bmp", bmp(w, h, 16, rows(16))
    for name, masks in ("565", (0xF800, 0x7E0, 0x1F)), ("555", (0x7C00, 0x3E0, 0x1F)), ("444", (0xF00, 0xF0, 0xF)):
        yield f"bmp_16_{name}.bmp", bmp(w, h, 16, rows(16), 3, masks=struct.pack("<III", *masks))
    for i, masks in enumerate(((0xFF0000, 0xFF00, 0xFF, 0), (0xFF000000, 0xFF0000, 0xFF00, 0), (0xFF000000, 0xFF0000, 0xFF00, 0xFF),
                               (0xFF, 0xFF00, 0xFF0000, 0xFF000000), (0xFF0000, 0xFF00, 0xFF, 0xFF000000), (0, 0, 0, 0),
                               (0xFF, 0xFF00, 0xFF0000, 0))):
        yield f"bmp_32_masks_{i}.bmp", bmp(w, h, 32, rows(32), 3, size=124, masks=struct.pack("<IIII", *masks))
    yield "bmp_24_masks.bmp", bmp(w, h, 24, rows(24), 3, size=108, masks=struct.pack("<IIII", 0xFF0000, 0xFF00, 0xFF, 0))

    # Run lengths: every kind of code, lines that end early, jumps, too many pixels for a line.
    line8 = b"\x05\x11" + b"\x00\x04\x01\x02\x03\x04" + b"\x00\x05\x09\x08\x07\x06\x05\x00" + b"\x0b\x22" + b"\x00\x00"
    short8 = b"\x07\x33\x00\x00"
    long8 = b"\xff\x44\x00\x00"
    jump8 = b"\x03\x55\x00\x02\x02\x00\x01\x01" + b"\x04\x66\x00\x00"
    data8 = line8 * 5 + short8 * 3 + long8 * 3 + jump8 * 2 + line8 * 9
    line4 = b"\x05\x12" + b"\x00\x04\x34\x56" + b"\x00\x06\x78\x9a\xbc\x00" + b"\x0a\xde" + b"\x00\x00"
    odd4 = b"\x00\x05\x12\x34\x50\x00" + b"\x14\x77\x00\x00"
    data4 = line4 * 9 + odd4 * 3 + b"\x03\x99\x00\x00" + line4 * 9
    for kind, bits, data in (1, 8, data8), (2, 4, data4):
        palette = colours[:1 << bits].tobytes()
        yield f"bmp_rle{bits}.bmp", bmp(w, h, bits, data + b"\x00\x01", kind, palette)
        yield f"bmp_rle{bits}_top_down.bmp", bmp(w, -h, bits, data + b"\x00\x01", kind, palette)
        yield f"bmp_rle{bits}_ramp.bmp", bmp(w, h, bits, data + b"\x00\x01", kind, ramp[:1 << bits].tobytes())
        yield f"bmp_rle{bits}_truncated.bmp", bmp(w, h, bits, data[:60], kind, palette)
        yield f"bmp_rle{bits}_ends_early.bmp", bmp(w, h, bits, data[:60] + b"\x00\x01", kind, palette)
    yield "bmp_jpeg.bmp", bmp(w, h, 24, rows(24), 4)
    yield "bmp_header_unknown.bmp", bmp(w, h, 24, rows(24), size=52)
    yield "bmp_2_bits.bmp", bmp(w, h, 2, rows(2), palette=colours[:4].tobytes())


def libraries(folder):
    """Files of HEIC, AVIF and JPEG XL, each with the PNG that the library's tool makes of it."""
    for name, w, h, channels in ("rgb", 64, 48, 3), ("odd", 37, 23, 3), ("rgba", 64, 48, 4), ("grey", 40, 40, 1):
        pixels = picture(w, h, max(channels, 3))
        image = Image.fromarray(pixels[..., 0]) if channels == 1 else Image.fromarray(pixels)
        image.save(folder / f"{name}.png")

    def heic(name, source, *options):
        path = folder / f"heic_{name}.heic"
        run("heif-enc", "-q", "40", *options, folder / f"{source}.png", "-o", path)
        run("heif-convert", path, folder / "out.png")
        return path.name, path.read_bytes(), (folder / "out.png").read_bytes()

    yield heic("rgb", "rgb")
    yield heic("odd", "odd")
    yield heic("rgba", "rgba")
    yield heic("grey", "grey")
    yield heic("444", "rgb", "-p", "chroma=444")
    yield heic("10_bit", "rgb", "-b", "10")
    yield heic("lossless", "odd", "-L")
    name, file, _ = heic("rgb", "odd")
    turned = turn(file)
    (folder / "turned.heic").write_bytes(turned)
    run("heif-convert", folder / "turned.heic", folder / "out.png")
    yield "heic_turned.heic", turned, (folder / "out.png").read_bytes()

    def avif(name, source, *options):
        path = folder / f"avif_{name}.avif"
        run("avifenc", "-j", "1", "--min", "30", "--max", "40", *options, folder / f"{source}.png", path)
        run("avifdec", "-j", "1", "-d", "8", path, folder / "out.png")
        return path.name, path.read_bytes(), (folder / "out.png").read_bytes()

    yield avif("rgb", "rgb")
    yield avif("420", "odd", "-y", "420")
    yield avif("rgba", "rgba")
    yield avif("premultiplied", "rgba", "-p")
    yield avif("grey", "grey", "-y", "400")
    yield avif("10_bit", "rgb", "-d", "10", "-y", "422")
    yield avif("lossless", "odd", "--lossless")
    for rotation in range(4):
        for mirror in None, 0, 1:
            options = ["--irot", str(rotation)] + ([] if mirror is None else ["--imir", str(mirror)])
            yield avif(f"turned_{rotation}_{'n' if mirror is None else mirror}", "grey", "-y", "400", *options)


def turn_avif(name, png):
    """The PNG of an AVIF of that name turned as the file says: quarters anticlockwise, then top and bottom (0) or left and
    right (1) exchanged."""
    _, rotation, mirror = name.removesuffix(".avif").rsplit("_", 2)
    pixels = np.rot90(np.asarray(Image.open(io.BytesIO(png))), int(rotation))
    if mirror != "n":
        pixels = np.flip(pixels, int(mirror))
    return saved(Image.fromarray(np.ascontiguousarray(pixels)), "PNG")


def turn(heic):
    """The HEIC file turned by a quarter: the property irot stands in place of pixi, which decoders do without."""
    at = heic.index(b"pixi")
    return heic[:at] + b"irot\x01" + heic[at + 5:]


def jp2s():
    w, h = 50, 37
    rgb, four = Image.fromarray(picture(w, h)), Image.fromarray(picture(w, h, 4), "RGBA")
    for mode in "L", "LA", "RGB", "RGBA":
        source = four if mode == "RGBA" else rgb.convert(mode)
        for ending in "jp2", "j2k":
            yield (f"jp2_{mode}.{ending}",
                   saved(source, "JPEG2000", no_jp2=ending == "j2k", quality_mode="rates", quality_layers=[8], irreversible=True))
    rgb = rgb.crop((0, 0, 34, 30))
    whole = saved(rgb, "JPEG2000")
    yield "jp2_lossless.jp2", whole
    yield "jp2_tiles.jp2", saved(rgb, "JPEG2000", tile_size=(16, 16))
    yield "jp2_offset.jp2", saved(rgb, "JPEG2000", tile_size=(32, 32), offset=(5, 3), tile_offset=(0, 0))
    deep = Image.fromarray((picture(30, 20)[..., 0] * 3).astype(np.uint16))
    yield "jp2_16_bit.jp2", saved(deep, "JPEG2000")
    yield "jp2_16_bit.j2k", saved(deep, "JPEG2000", no_jp2=True)
    yield "jp2_truncated.jp2", whole[:200]


def turned():
    """Pictures that are to be turned, in each way, and what Python makes of them when they are and when they are not."""
    exif = Image.Exif()
    image = Image.fromarray(picture(50, 37))
    for orientation in range(1, 10):
        exif[0x0112] = orientation
        yield f"exif_{orientation}.jpg", saved(image, "JPEG", quality=40, exif=exif.tobytes())
    big = b"Exif\0\0MM\0*\0\0\0\x08\0\1\x01\x12\0\3\0\0\0\1\0\6\0\0\0\0\0\0"
    yield "exif_6_big.jpg", saved(image, "JPEG", quality=40, exif=big)
    yield "exif_6_progressive.jpg", saved(image, "JPEG", quality=40, progressive=True, exif=big)
    yield "exif_6.png", saved(image, "PNG", exif=big)
    yield "exif_6.webp", saved(image, "WEBP", quality=40, exif=big)
    yield "exif_6.tif", saved(image, "TIFF", tiffinfo={274: 6})
    yield "exif_cut.jpg", saved(image, "JPEG", quality=40, exif=big[:20])


def upright(data):
    """The file's picture as ImageOps.exif_transpose turns it, in PNG. Pillow has turned a TIFF already."""
    image = Image.open(io.BytesIO(data))
    return saved(image if image.format == "TIFF" else ImageOps.exif_transpose(image), "PNG")


def main():
    shutil.rmtree(OUT, ignore_errors=True)
    OUT.mkdir()
    fixtures, rotated = {}, {}

    def add(name, data, spec, seen=None):
        assert name not in fixtures, name
        (OUT / name).write_bytes(data)
        try:
            result = reference(data if seen is None else seen, SPECS[spec])
            if seen is not None:  # the tools write greys as greys, the libraries give colours
                result["mode"] = result["mode"].replace("L", "RGB")
        except Exception as error:
            result = dict(error=type(error).__name__)
        fixtures[name] = dict(spec=spec, **result)

    with tempfile.TemporaryDirectory() as scratch:
        folder = pathlib.Path(scratch)
        for group in raw_tiffs(), bmps(), jp2s():
            for name, data in group:
                add(name, data, SPEC)
        for name, data, spec in packed_tiffs(folder):
            add(name, data, spec)
        for name, data, png in libraries(folder):
            add(name, data, SPEC, png)
            if name.startswith("avif_turned"):
                rotated[name] = reference(turn_avif(name, png), SPECS[SPEC])["crop_sha256"]
    for name, data in turned():
        add(name, data, SPEC)
        try:
            rotated[name] = reference(upright(data), SPECS[SPEC])["crop_sha256"]
        except Exception:
            rotated[name] = fixtures[name]["crop_sha256"]  # EXIF data that are damaged turn nothing here
    versions = {
        "heic": run("dpkg-query", "-W", "-f", "${Version}", "libheif1").stdout.split("-")[0],
        "avif": run("dpkg-query", "-W", "-f", "${Version}", "libavif-bin").stdout.split("-")[0],
        "tiff": features.version("libtiff"),
    }
    lines = ",\n  ".join(f"{json.dumps(name)}: {json.dumps(fixture)}" for name, fixture in fixtures.items())
    turns = ",\n  ".join(f"{json.dumps(name)}: {json.dumps(sha256)}" for name, sha256 in rotated.items())
    (OUT / "formats.json").write_text(
        f'{{"libraries": {json.dumps(versions)},\n "rotated": {{\n  {turns}}},\n "pictures": {{\n  {lines}}}}}\n')


if __name__ == "__main__":
    main()
