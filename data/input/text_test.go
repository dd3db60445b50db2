package input

import (
	"io"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/iotest"
	"unicode/utf8"
)

func TestLines(t *testing.T) {
	tests := []struct {
		name, text string
		want       []string
		err        string
	}{
		{"nothing", "", nil, ""},
		{"lines of Unix", "a\nb é\n", []string{"a", "b é"}, ""},
		{"lines of Windows, with a byte-order mark", "\ufeffa\r\nb\r\n", []string{"a", "b"}, ""},
		{"a byte-order mark alone", "\ufeff", nil, ""},
		{"files with marks that were put together", "\ufeffa\r\nb\r\n\ufeffb\r\n", []string{"a", "b", "b"}, ""},
		{"two marks", "\ufeff\ufeffa", []string{"a"}, ""},
		{"within a line it is no mark", "a\ufeffb\n", []string{"a\ufeffb"}, ""},
		{"no line end at the end", "a\n犬", []string{"a", "犬"}, ""},
		{"empty lines at the end and in between", "a\n\nb\n\r\n\n", []string{"a", "", "b"}, ""},
		{"blanks are part of a line", " a \n\tb", []string{" a ", "\tb"}, ""},
		{"a carriage return within a line stays", "a\rb\n", []string{"a\rb"}, ""},
		{"UTF-16, little endian", "\xff\xfea\x00\n\x00", nil, "it is UTF-16 text; save it as UTF-8"},
		{"UTF-16, big endian", "\xfe\xff\x00a\x00\n", nil, "it is UTF-16 text; save it as UTF-8"},
		{"UTF-16 without a mark", "a\x00\n\x00", nil, "line 1 holds a NUL byte; is it UTF-16? save it as UTF-8"},
		{"a NUL byte", "a\nb\nc\x00d\n", nil, "line 3 holds a NUL byte"},
		{"Latin-1", "a\nb\xe9\n\x00", nil, "line 2 is not valid UTF-8; save it as UTF-8"},
		{"a character that is cut", "a\n\xe7\x8a", nil, "line 2 is not valid UTF-8"},
		{"a replacement character is one", "\ufffd", []string{"\ufffd"}, ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			for _, r := range []io.Reader{
				strings.NewReader(test.text), iotest.OneByteReader(strings.NewReader(test.text)), iotest.DataErrReader(strings.NewReader(test.text)),
			} {
				got, err := Lines(r)
				if test.err != "" {
					if err == nil || !strings.Contains(err.Error(), test.err) || strings.Contains(err.Error(), "\n") {
						t.Errorf("error %v, want one with %q", err, test.err)
					}
				} else if err != nil || !slices.Equal(got, test.want) {
					t.Errorf("got %q, %v; want %q", got, err, test.want)
				}
			}
		})
	}
}

func TestTextHandsOutWhatIsSoundBeforeAFault(t *testing.T) {
	r := Text(iotest.OneByteReader(strings.NewReader("\ufeffgood é\nbad \xff")))
	got, err := io.ReadAll(r)
	if string(got) != "good é\nbad " || err == nil || !strings.Contains(err.Error(), "line 2") {
		t.Errorf("got %q, %v", got, err)
	}
	if _, again := r.Read(make([]byte, 9)); again != err {
		t.Errorf("then %v, want %v again", again, err)
	}
}

// However it is cut up, text comes out without its marks or ends in an error.
func FuzzText(f *testing.F) {
	marks := regexp.MustCompile("(?m)^" + byteOrderMark + "+")
	f.Add("\ufeffa\r\nb", 1)
	f.Add("犬\xe7\x8a", 2)
	f.Add("\xff\xfea\x00", 3)
	f.Add("a\nb\x00", 7)
	f.Add("\n\ufeff", 4)
	f.Fuzz(func(t *testing.T, text string, size int) {
		var got strings.Builder
		r := Text(iotest.HalfReader(strings.NewReader(text)))
		buffer := make([]byte, 1+uint(size)%9)
		var err error
		for err == nil {
			var n int
			n, err = r.Read(buffer)
			got.Write(buffer[:n])
		}
		whole := marks.ReplaceAllString(text, "")
		sound := utf8.ValidString(whole) && !strings.Contains(whole, "\x00")
		if sound != (err == io.EOF) {
			t.Fatalf("%q: %v", text, err)
		}
		if sound && got.String() != whole || !strings.HasPrefix(whole, got.String()) {
			t.Fatalf("%q became %q", text, got.String())
		}
	})
}
