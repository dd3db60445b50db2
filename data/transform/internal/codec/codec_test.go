package codec

import (
	"errors"
	"testing"
)

func TestAMissingLibraryIsNamedWithItsPackage(t *testing.T) {
	why := errors.New("libheif.so.1: cannot open shared object file: No such file or directory")
	c := &Codec{Library: Library{Format: "HEIC", Name: "libheif", Package: "libheif1", load: func() (string, error) { return "", why }}}
	_, err := c.Decode([]byte("x"), nil)
	const want = "HEIC needs libheif, which cannot be opened (libheif.so.1: cannot open shared object file: No such file or directory); install Debian's libheif1"
	if err == nil || err.Error() != want || !errors.Is(err, why) {
		t.Errorf("error %v, want %s", err, want)
	}
}

func TestLibrariesHaveVersions(t *testing.T) {
	for _, l := range []*Library{&Zlib, &TIFF, &LCMS, &WebP.Library, &HEIF.Library, &AVIF.Library, &JP2.Library} {
		if version, err := l.Version(); err != nil || version == "" || version[0] < '0' || version[0] > '9' {
			t.Errorf("%s: version %q, error %v; scripts/setup.sh installs it", l.Name, version, err)
		}
	}
}

func TestDamagedPicturesAreErrorsOfOneLine(t *testing.T) {
	check := func(_, _ int) error { return nil }
	for _, c := range []*Codec{WebP, HEIF, AVIF, JP2} {
		for _, file := range [][]byte{nil, {}, []byte("x"), make([]byte, 100)} {
			if m, err := c.Decode(file, check); err == nil || m != nil {
				t.Errorf("%s of %d bytes: %v, error %v", c.Name, len(file), m, err)
			}
		}
	}
}

func TestInflaterIsClosedOnce(t *testing.T) {
	i, err := NewInflater()
	if err != nil {
		t.Fatal(err)
	}
	i.Close()
	i.Close()
}
