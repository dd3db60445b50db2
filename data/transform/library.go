package transform

import (
	"cmp"
	"encoding/binary"

	"vs/data/transform/internal/codec"
)

// libraries holds the formats that a library of the system decodes.
var libraries = map[string]*codec.Codec{
	"webp": codec.WebP,
	"heic": codec.HEIF,
	"avif": codec.AVIF,
	"jp2":  codec.JP2,
}

// Library is a library of the system that decodes pictures of a format. It is opened when it is
// first needed.
type Library struct {
	Name    string // libheif
	Version string // empty where it cannot be opened
	Format  string // of pictures, as people call it
	Package string // of Debian, which holds it
}

func libraryOf(l *codec.Library) Library {
	version, _ := l.Version()
	return Library{l.Name, version, l.Format, l.Package}
}

// Libraries opens all of them and says which there are. Where one is missing, pictures of its
// format are bad ones.
func Libraries() []Library {
	var all []Library
	for _, l := range []*codec.Library{&codec.Zlib, &codec.WebP.Library, &codec.TIFF, &codec.LCMS, &codec.HEIF.Library, &codec.AVIF.Library, &codec.JP2.Library} {
		all = append(all, libraryOf(l))
	}
	return all
}

// openLibrary decodes a picture by the library of its format.
func openLibrary(format string, file []byte) (Info, picture, error) {
	m, err := libraries[format].Decode(file, checkSize)
	if err != nil {
		return Info{}, nil, err
	}
	info := Info{
		Format: format, Mode: "RGB", Width: m.Width, Height: m.Height,
		Orientation: m.Orientation, Decoder: libraryOf(&libraries[format].Library),
	}
	if m.Alpha {
		info.Mode = "RGBA"
	}
	info.Mode = cmp.Or(m.Mode, info.Mode)
	return info, &rgbx{m.Width, m.Height, m.Pix}, nil
}

// isoFormat is the format of a file that begins with an ftyp box, "" for a film and others: the
// major brand decides, and where it is general, those that the file says it is compatible with.
func isoFormat(file []byte) string {
	if len(file) < 16 || string(file[4:8]) != "ftyp" {
		return ""
	}
	size := min(int(binary.BigEndian.Uint32(file)), len(file))
	found := ""
	for at := 8; at+4 <= size; at += 4 {
		if at == 12 {
			continue // the minor version
		}
		switch string(file[at : at+4]) {
		case "avif", "avis":
			return "avif"
		case "heic", "heix", "heim", "heis", "hevc", "hevx", "hevm", "hevs":
			return "heic"
		case "mif1", "msf1":
			found = "heic"
		}
	}
	return found
}
