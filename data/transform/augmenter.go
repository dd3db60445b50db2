package transform

import (
	"fmt"
	"slices"
)

// Augmenter makes of each picture the crop of a Decoder, and those of its training instances. The
// file is decoded once. Like a Decoder it keeps its memory, and serves one goroutine at a time.
type Augmenter struct {
	decoder      *Decoder
	augmentation Augmentation
	other        []uint8 // the crop of which the instances are made; nil: the plain one
	grey         []uint8 // see vs_augment
}

// NewAugmenter makes an Augmenter. Close frees its memory.
func NewAugmenter(s Spec, a Augmentation) (*Augmenter, error) {
	if err := a.Validate(); err != nil {
		return nil, err
	}
	d, err := NewDecoder(s)
	if err != nil {
		return nil, err
	}
	m := &Augmenter{decoder: d, augmentation: a}
	if a.Instances == 0 {
		return m, nil
	}
	other, err := a.layout(s)
	if err == nil && other != d.layouts[0] {
		d.layouts = append(d.layouts, other)
		err = d.core.resizeAlso()
		m.other = make([]uint8, 3*s.Height*s.Width)
	}
	if err != nil {
		d.Close()
		return nil, fmt.Errorf("transform: %w", err)
	}
	m.grey = make([]uint8, s.Height*s.Width)
	return m, nil
}

// Close frees the Augmenter's memory. It may be called more than once; nothing else may be called
// after it.
func (m *Augmenter) Close() { m.decoder.Close() }

// Crops writes the picture and then its instances to dst: [1 + Instances][3][Height][Width]. The
// instances are drawn by the SHA-256 of the file, which the caller knows already. It panics when
// dst has another length; after an error dst holds nothing of use.
func (m *Augmenter) Crops(dst []uint8, file []byte, hash [32]byte) (Info, error) {
	d := m.decoder
	size := 3 * d.spec.Height * d.spec.Width
	if want := (1 + m.augmentation.Instances) * size; len(dst) != want {
		panic(fmt.Sprintf("transform: destination of length %d, want %d", len(dst), want))
	}
	info, err := d.decode(target{pixels: dst[:size], other: m.other}, file)
	if err != nil || m.augmentation.Instances == 0 {
		return info, err
	}
	crop := m.origin(dst[:size])
	instance := 1
	for pixels := range slices.Chunk(dst[size:], size) {
		augment(crop, d.spec.Width, m.augmentation.draw(hash, instance), m.grey, pixels)
		instance++
	}
	return info, nil
}

// origin is the crop that the instances of the picture decoded last are made of, given its plain
// one.
func (m *Augmenter) origin(plain []uint8) []uint8 {
	if m.other != nil {
		return m.other
	}
	return plain
}
