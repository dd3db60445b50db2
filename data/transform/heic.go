package transform

import (
	"encoding/binary"
	"errors"
)

// openHEIC reads a HEIC. libheif 1.15 follows references from item to item without an end, until
// the stack overflows: a file in which they lead round, or further than in any real one, is refused
// before.
func openHEIC(file []byte) (Info, picture, error) {
	if !soundReferences(file) {
		return Info{}, nil, errors.New("corrupt HEIC: its items refer to each other")
	}
	return openLibrary("heic", file)
}

// deepestReference is how many items may refer to each other in a row: a rotated picture to a grid,
// that to its tiles, those to their alpha channels.
const deepestReference = 8

// soundReferences reports whether no item of the file leads through its parts and alpha channels to
// itself.
func soundReferences(file []byte) bool {
	parts := map[uint32][]uint32{} // of an item, what is decoded with it
	eachBox(file, func(name string, body []byte) {
		if name == "meta" && len(body) >= 4 {
			eachBox(body[4:], func(name string, body []byte) {
				if name == "iref" && len(body) >= 4 {
					readReferences(parts, body[4:], body[0] != 0)
				}
			})
		}
	})
	depth := map[uint32]int{}
	for range deepestReference + 1 { // one to see that nothing changes any more
		deeper := false
		for item, all := range parts {
			for _, part := range all {
				if depth[item] <= depth[part] {
					depth[item], deeper = depth[part]+1, true
				}
				if depth[item] > deepestReference {
					return false
				}
			}
		}
		if !deeper {
			return true
		}
	}
	return false
}

// readReferences reads the boxes of an iref box. IDs have 2 bytes, or 4 if wide.
func readReferences(parts map[uint32][]uint32, body []byte, wide bool) {
	n := 2
	if wide {
		n = 4
	}
	id := func(b []byte) uint32 {
		if wide {
			return binary.BigEndian.Uint32(b)
		}
		return uint32(binary.BigEndian.Uint16(b))
	}
	eachBox(body, func(name string, body []byte) {
		if len(body) < n+2 {
			return
		}
		from, others := id(body), body[n+2:]
		for range binary.BigEndian.Uint16(body[n:]) {
			if len(others) < n {
				return
			}
			to := id(others)
			others = others[n:]
			switch name {
			case "dimg": // from is derived from to
				parts[from] = append(parts[from], to)
			case "auxl": // from is the alpha channel of to
				parts[to] = append(parts[to], from)
			}
		}
	})
}

// eachBox calls f for each box of an ISO media file, or of what is in a box.
func eachBox(data []byte, f func(name string, body []byte)) {
	for len(data) >= 8 {
		size, header := uint64(binary.BigEndian.Uint32(data)), uint64(8)
		switch {
		case size == 0:
			size = uint64(len(data))
		case size == 1 && len(data) >= 16:
			size, header = binary.BigEndian.Uint64(data[8:]), 16
		}
		if size < header {
			return
		}
		size = min(size, uint64(len(data)))
		if size >= header {
			f(string(data[4:8]), data[header:size])
		}
		data = data[size:]
	}
}
