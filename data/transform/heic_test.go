package transform

import (
	"bytes"
	"encoding/binary"
	"os"
	"testing"
)

// box makes a box of an ISO media file.
func box(name string, parts ...[]byte) []byte {
	body := bytes.Join(parts, nil)
	return append(binary.BigEndian.AppendUint32(nil, uint32(8+len(body))), append([]byte(name), body...)...)
}

// reference makes a reference between items.
func reference(kind string, from uint16, to ...uint16) []byte {
	numbers := append([]uint16{from, uint16(len(to))}, to...)
	var body []byte
	for _, n := range numbers {
		body = binary.BigEndian.AppendUint16(body, n)
	}
	return box(kind, body)
}

func TestItemsThatReferToEachOtherAreRefused(t *testing.T) {
	full := make([]byte, 4) // version and flags
	chain := func(n int) (all [][]byte) {
		for i := range n {
			all = append(all, reference("dimg", uint16(i), uint16(i+1)))
		}
		return all
	}
	for _, test := range []struct {
		name  string
		sound bool
		items [][]byte
	}{
		{"no references", true, nil},
		{"a grid of tiles with alpha", true, [][]byte{reference("dimg", 1, 2, 3, 3), reference("auxl", 4, 1), reference("auxl", 5, 2)}},
		{"an item that is its own part", false, [][]byte{reference("dimg", 1, 1)}},
		{"items that are each other's parts", false, [][]byte{reference("dimg", 1, 2), reference("dimg", 2, 1)}},
		{"an alpha channel made of its picture", false, [][]byte{reference("auxl", 2, 1), reference("dimg", 2, 1)}},
		{"thumbnails that lead round are not decoded", true, [][]byte{reference("thmb", 1, 2), reference("thmb", 2, 1)}},
		{"a chain of a few items", true, chain(5)},
		{"a chain that no real file has", false, chain(100)},
	} {
		t.Run(test.name, func(t *testing.T) {
			file := append(box("ftyp", []byte("heic\x00\x00\x00\x00mif1heic")),
				box("meta", full, box("iref", append([][]byte{full}, test.items...)...))...)
			if got := soundReferences(file); got != test.sound {
				t.Errorf("sound: %v, want %v", got, test.sound)
			}
			if _, _, err := open("heic", file); err == nil {
				t.Error("a file without a picture has no error")
			}
		})
	}
	file, err := os.ReadFile("testdata/formats/heic_rgba.heic")
	if err != nil || !soundReferences(file) {
		t.Errorf("a picture with alpha is refused (%v)", err)
	}
}
