package transform

import (
	"encoding/binary"
	"os"
	"runtime"
	"slices"
	"strings"
	"testing"
)

func TestErrorsSayWhatIsWrong(t *testing.T) {
	for name, want := range map[string]string{
		"empty":                          "empty file",
		"text":                           "not a picture in a known format (JPEG, PNG, GIF, BMP, TIFF, WebP, HEIC, AVIF, JPEG 2000)",
		"jpeg_magic_only.jpg":            "truncated JPEG: data ends in the header",
		"jpeg_truncated_header.jpg":      "truncated JPEG: data ends in the header",
		"jpeg_truncated_above_crop.jpg":  "truncated JPEG: data ends in row 48 of 300",
		"jpeg_truncated_crop.jpg":        "truncated JPEG: data ends in row 144 of 300",
		"jpeg_truncated_below_crop.jpg":  "truncated JPEG: data ends in row 272 of 300",
		"jpeg_truncated_no_eoi.jpg":      "truncated JPEG: data ends in row 288 of 300",
		"jpeg_progressive_truncated.jpg": "truncated JPEG: data ends before the last scan",
		"jpeg_quantization_missing.jpg":  "corrupt JPEG: quantization table 0x00 was not defined",
		"jpeg_two_components.jpg":        "corrupt JPEG: bogus marker length",
		"png_truncated.png":              "truncated PNG",
		"png_truncated_header.png":       "truncated PNG",
		"png_wrong_header_crc.png":       `corrupt PNG: wrong checksum of chunk "IHDR"`,
		"png_wrong_adler.png":            "corrupt PNG: incorrect data check",
		"png_unknown_filter.png":         "corrupt PNG: unknown filter",
		"png_bomb.png":                   "picture of 20000x20000 pixels: more than 178956970, taken for a decompression bomb",
		"gif_truncated.gif":              "truncated GIF",
		"gif_no_frame.gif":               "GIF without a picture",
		"bmp_truncated.bmp":              "truncated BMP",
		"tiff_truncated.tif":             "truncated TIFF",
		"webp_truncated.webp":            "truncated WebP",
	} {
		t.Run(name, func(t *testing.T) {
			file, err := os.ReadFile("testdata/" + name)
			if err != nil {
				t.Fatal(err)
			}
			d := mustDecoder(t, imageNet)
			if _, err := d.Crop(make([]uint8, 3*224*224), file); err == nil || err.Error() != want {
				t.Errorf("error %v, want %s", err, want)
			}
		})
	}
}

func TestBombsAreRefusedFromTheHeader(t *testing.T) {
	const side = 16000 // squared, more than the limit
	read := func(name string) []byte {
		file, err := os.ReadFile("testdata/" + name)
		if err != nil {
			t.Fatal(err)
		}
		return file
	}
	patch := func(name, after string, offset int, value ...byte) []byte {
		file := read(name)
		copy(file[strings.Index(string(file), after)+offset:], value)
		return file
	}
	little := binary.LittleEndian.AppendUint16(nil, side)
	big := binary.BigEndian.AppendUint16(nil, side)
	tiff := patch("tiff_RGB_raw.tif", "\x00\x01\x04\x00\x01\x00\x00\x00", 8, little...)
	height := strings.Index(string(tiff), "\x01\x01\x04\x00\x01\x00\x00\x00")
	copy(tiff[height+8:], little)
	four := binary.BigEndian.AppendUint32(nil, side)
	lossless := uint32(side-1) | (side-1)<<14
	for name, file := range map[string][]byte{
		"baseline JPEG":    patch("jpeg_420.jpg", "\xff\xc0", 5, append(big, big...)...),
		"progressive JPEG": patch("jpeg_420_progressive.jpg", "\xff\xc2", 5, append(big, big...)...),
		"PNG":              read("png_bomb.png"),
		"GIF":              read("gif_bomb.gif"),
		"BMP":              read("bmp_bomb.bmp"),
		"TIFF":             tiff,
		"lossy WebP":       patch("webp_lossy_rgb.webp", "\x9d\x01\x2a", 3, append(little, little...)...),
		"lossless WebP":    patch("webp_lossless_rgb.webp", "VP8L", 9, binary.LittleEndian.AppendUint32(nil, lossless)...),
		"HEIC":             patch("formats/heic_rgb.heic", "ispe\x00\x00\x00\x00\x00\x00\x00\x40\x00\x00\x00\x30", 8, append(four, four...)...),
		"AVIF":             patch("formats/avif_rgb.avif", "ispe", 8, append(four, four...)...),
		"JPEG 2000":        patch("formats/jp2_RGB.j2k", "\xff\x51", 6, slices.Concat(four, four, make([]byte, 8), four, four)...),
		"compressed TIFF":  patch("formats/tiff_zip_rows_missing.tif", "\x01\x01\x04\x00\x01\x00\x00\x00", 8, 0xff, 0xff, 0xff, 0x7f),
		"RLE BMP":          patch("formats/bmp_rle8.bmp", "BM", 18, 0x80, 0x3e, 0, 0, 0x80, 0x3e, 0, 0),
		"WebP canvas":      patch("webp_icc.webp", "VP8X", 12, 0x7f, 0x3e, 0, 0x7f, 0x3e, 0),
	} {
		t.Run(name, func(t *testing.T) {
			d := mustDecoder(t, imageNet)
			dst := make([]uint8, 3*224*224)
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			_, err := d.Crop(dst, file)
			runtime.ReadMemStats(&after)
			if err == nil || !strings.Contains(err.Error(), "decompression bomb") {
				t.Errorf("error %v, want one about a decompression bomb", err)
			}
			if n := after.TotalAlloc - before.TotalAlloc; n > 2<<20 {
				t.Errorf("%d bytes allocated", n)
			}
		})
	}
}

func TestCloseMayBeCalledTwice(t *testing.T) {
	d := mustDecoder(t, imageNet)
	d.Close()
	d.Close()
	if _, err := d.Crop(make([]uint8, 3*224*224), []byte("x")); err == nil {
		t.Error("a closed decoder decodes")
	}
}

func TestDestinationOfWrongLengthPanics(t *testing.T) {
	d := mustDecoder(t, imageNet)
	defer func() {
		if recover() == nil {
			t.Error("no panic")
		}
	}()
	d.Crop(make([]uint8, 10), nil)
}

// brokenPicture panics like a decoder that meets data which it does not expect.
type brokenPicture struct{ rgbx }

func (brokenPicture) row([]byte, int, int) error { panic("index out of range") }

func TestPanicOfADecoderIsAnErrorOfTheFile(t *testing.T) {
	d := mustDecoder(t, imageNet)
	err := d.resample(target{pixels: make([]byte, 3*224*224)}, &brokenPicture{*newRGBX(9, 9)}, "tiff")
	if want := "corrupt tiff: index out of range"; err == nil || err.Error() != want {
		t.Errorf("error %v, want %s", err, want)
	}
}
