package transform

import (
	"errors"
	"fmt"
	"runtime"
)

// Info is what a file says of its picture.
type Info struct {
	Format        string  // "jpeg", "png", "gif", "bmp", "tiff", "webp", "heic", "avif" or "jp2"
	Mode          string  // Pillow's name of the pixel format: RGB, L, CMYK, P, LA, RGBA, 1, I ...
	Width, Height int     // in pixels, before the transform and before it is turned
	Decoder       Library // of the system, that decoded it; zero for none
	Orientation   int     // 1 to 8, how the file asks to be turned; not what its decoder does by itself
}

// Decoder decodes pictures under one Spec. It keeps its memory from picture to picture, so it
// serves one goroutine at a time; make one for each.
type Decoder struct {
	spec    Spec
	layouts []layout // of the crop, and where there is one of another crop
	core    core
	cleanup runtime.Cleanup
	closed  bool
	row     []byte // RGBX of one row
}

// NewDecoder makes a Decoder. Close frees its memory.
func NewDecoder(s Spec) (*Decoder, error) { return newDecoder(s, 0) }

// newDecoder makes a Decoder with the kernel at this place of kernels.
func newDecoder(s Spec, kernel int) (*Decoder, error) {
	if err := s.Validate(); err != nil {
		return nil, err
	}
	c, err := newCore(kernel)
	if err != nil {
		return nil, fmt.Errorf("transform: %w", err)
	}
	d := &Decoder{spec: s, layouts: []layout{s.layout()}, core: c}
	d.cleanup = runtime.AddCleanup(d, core.free, c)
	return d, nil
}

// Close frees the Decoder's memory. It may be called more than once; nothing else may be called
// after it.
func (d *Decoder) Close() {
	if d.closed {
		return
	}
	d.closed = true
	d.cleanup.Stop()
	d.core.free()
}

// Crop writes the resized and cropped picture to dst: [3][Height][Width], red, green and blue. It
// panics when dst has another length; after an error dst holds nothing of use.
func (d *Decoder) Crop(dst []uint8, file []byte) (Info, error) {
	if want := 3 * d.spec.Height * d.spec.Width; len(dst) != want {
		panic(fmt.Sprintf("transform: destination of length %d, want %d", len(dst), want))
	}
	return d.decode(target{pixels: dst}, file)
}

func (d *Decoder) decode(t target, file []byte) (Info, error) {
	defer runtime.KeepAlive(d)
	switch f := format(file); {
	case d.closed:
		return Info{}, errors.New("transform: decoder is closed")
	case len(file) == 0:
		return Info{}, errors.New("empty file")
	case f == "jpeg":
		return d.decodeJPEG(t, file)
	default:
		info, p, err := open(f, file)
		if err != nil {
			return Info{}, err
		}
		defer release(p)
		if d.spec.ExifRotate && info.Orientation != upright {
			if p, err = turn(p, info.Orientation, f); err != nil {
				return Info{}, err
			}
		}
		return info, d.resample(t, p, f)
	}
}

func (d *Decoder) decodeJPEG(t target, file []byte) (Info, error) {
	width, height, components, err := d.core.openJPEG(file)
	if err != nil {
		return Info{}, err
	}
	info := Info{Format: "jpeg", Width: width, Height: height, Orientation: orientation("jpeg", file)}
	switch components {
	case 1:
		info.Mode = "L"
	case 3:
		info.Mode = "RGB"
	case 4:
		info.Mode = "CMYK"
	default:
		return Info{}, fmt.Errorf("unsupported JPEG of %d components", components)
	}
	if d.spec.ExifRotate && info.Orientation != upright {
		m, err := jpegImage(file, func(_, _ int) int { return 1 })
		if err != nil {
			return Info{}, err
		}
		p, err := turn(&rgbx{width, height, m.Pix}, info.Orientation, "jpeg")
		if err != nil {
			return Info{}, err
		}
		return info, d.resample(t, p, "jpeg")
	}
	if err := d.begin(width, height); err != nil {
		return Info{}, err
	}
	return info, d.core.decodeJPEG(file, t)
}

// begin tells the resampler of a picture of this size.
func (d *Decoder) begin(width, height int) error {
	if err := checkSize(width, height); err != nil {
		return err
	}
	return d.core.begin(width, height, d.layouts...)
}

// resample sends the rows of an opened picture through the resampler.
func (d *Decoder) resample(t target, p picture, format string) (err error) {
	defer recoverTo(&err, format)
	if err := d.begin(p.size()); err != nil {
		return err
	}
	if err := d.core.start(t); err != nil {
		return err
	}
	x0, x1, y0, y1 := d.core.wanted()
	if n := 4 * (x1 - x0); n > cap(d.row) {
		d.row = make([]byte, n)
	}
	row := d.row[:4*(x1-x0)]
	for y := y0; y < y1; y++ {
		if err := p.row(row, y, x0); err != nil {
			return err
		}
		d.core.push(row, t)
	}
	return p.finish()
}
