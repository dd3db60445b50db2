package exchange

import (
	"bytes"
	"compress/gzip"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"sync"

	"github.com/klauspost/compress/snappy"
	"github.com/klauspost/compress/zstd"
)

// The numbers of Parquet's metadata that are understood here.
// Source: https://github.com/apache/parquet-format/blob/master/src/main/thrift/parquet.thrift
const (
	pageData       = 0
	pageDictionary = 2
	pageDataV2     = 3

	encodingPlain           = 0
	encodingPlainDictionary = 2 // the older name of encodingRLEDictionary
	encodingRLE             = 3
	encodingRLEDictionary   = 8

	codecNone   = 0
	codecSnappy = 1
	codecGzip   = 2
	codecZstd   = 6
)

// Bounds on pages. Most writers make pages of about a megabyte, DuckDB of up to a hundred. Those of
// a file may unpack to that many bytes for each of its own, plus a slack for small files that hold
// the same value many times: embeddings hardly compress.
const (
	maxPage           = 128 << 20
	maxPageHeader     = 1 << 16
	maxBytesPerByte   = 64
	unpackedSlack     = 16 << 20
	maxSnappyExpanded = 22 // bytes that one of snappy can become: 64 of 3
)

// chunkReader reads the pages of a column within a row group, which follow each other in the file.
type chunkReader struct {
	r          io.ReaderAt
	at, end    int64 // what is left of the chunk
	column     *parquetColumn
	codec      int64
	remaining  int64         // values that are still to come, nulls among them
	budget     *int64        // bytes that pages of the file may still unpack to
	dictionary parquetValues // of the pages that follow it
	out        *parquetValues
}

// read reads all pages.
func (c *chunkReader) read() error {
	for c.remaining > 0 {
		header, size, err := c.header()
		if err != nil {
			return err
		}
		c.at += int64(size)
		packed, unpacked := header.field(3).number, header.field(2).number
		if packed < 0 || packed > min(c.end-c.at, maxPage) || unpacked < 0 || unpacked > maxPage {
			return fmt.Errorf("a page of %d bytes, unpacked %d, does not fit into the column or is too large", packed, unpacked)
		}
		if *c.budget -= unpacked; *c.budget < 0 {
			return errors.New("its pages unpack to more than a file of its size can hold")
		}
		page := make([]byte, packed)
		if _, err := c.r.ReadAt(page, c.at); err != nil && !(err == io.EOF && packed == 0) {
			return err
		}
		c.at += packed
		if header.has(4) && uint32(header.field(4).number) != crc32.ChecksumIEEE(page) {
			return errors.New("the checksum of a page is wrong")
		}
		if err := c.page(&header, page, int(unpacked)); err != nil {
			return err
		}
	}
	return nil
}

// header reads the header of the next page and returns how many bytes it has.
func (c *chunkReader) header() (header thriftValue, size int, err error) {
	// Most have less than a hundred bytes; statistics may make them longer.
	for _, length := range []int64{1 << 10, maxPageHeader} {
		window := make([]byte, min(c.end-c.at, length))
		if _, err := c.r.ReadAt(window, c.at); err != nil {
			return header, 0, err
		}
		if header, size, err = readThrift(window); err == nil {
			break
		}
	}
	return header, size, err
}

func (c *chunkReader) page(header *thriftValue, page []byte, unpacked int) error {
	switch header.field(1).number {
	case pageDictionary:
		h := header.field(7)
		if e := h.field(2).number; e != encodingPlain && e != encodingPlainDictionary {
			return fmt.Errorf("its dictionary has encoding %d; write it plain", e)
		}
		text, err := unpack(c.codec, page, unpacked)
		if err != nil {
			return err
		}
		c.dictionary = parquetValues{}
		return c.dictionary.appendPlain(c.column, text, h.field(1).number)
	case pageData:
		return c.dataPage(header.field(5), page, unpacked)
	case pageDataV2:
		return c.dataPageV2(header.field(8), page, unpacked)
	}
	return nil // pages of other types may be skipped
}

// count takes a page's values from the remaining ones.
func (c *chunkReader) count(values int64) (int, error) {
	if values < 0 || values > c.remaining {
		return 0, fmt.Errorf("a page claims %d values, and the column has %d left", values, c.remaining)
	}
	c.remaining -= values
	return int(values), nil
}

func (c *chunkReader) dataPage(h *thriftValue, page []byte, unpacked int) error {
	n, err := c.count(h.field(1).number)
	if err != nil {
		return err
	}
	data, err := unpack(c.codec, page, unpacked)
	if err != nil {
		return err
	}
	levels := func(highest int, encoding int64) ([]uint32, error) {
		if highest == 0 {
			return nil, nil
		}
		if encoding != encodingRLE {
			return nil, fmt.Errorf("its levels have encoding %d; write them with run lengths", encoding)
		}
		if len(data) < 4 || int64(binary.LittleEndian.Uint32(data)) > int64(len(data)-4) {
			return nil, errShortPage
		}
		end := 4 + int(binary.LittleEndian.Uint32(data))
		values, err := decodeLevels(data[4:end], highest, n)
		data = data[end:]
		return values, err
	}
	repetitions, err := levels(c.column.maxRepetition, h.field(4).number)
	if err != nil {
		return err
	}
	definitions, err := levels(c.column.maxDefinition, h.field(3).number)
	if err != nil {
		return err
	}
	return c.values(n, repetitions, definitions, data, h.field(2).number)
}

func (c *chunkReader) dataPageV2(h *thriftValue, page []byte, unpacked int) error {
	n, err := c.count(h.field(1).number)
	if err != nil {
		return err
	}
	repetitionBytes, definitionBytes := h.field(6).number, h.field(5).number
	if repetitionBytes < 0 || definitionBytes < 0 || repetitionBytes > int64(len(page)) || definitionBytes > int64(len(page))-repetitionBytes {
		return errShortPage
	}
	levelBytes := int(repetitionBytes + definitionBytes)
	repetitions, err := decodeLevels(page[:repetitionBytes], c.column.maxRepetition, n)
	if err != nil {
		return err
	}
	definitions, err := decodeLevels(page[repetitionBytes:levelBytes], c.column.maxDefinition, n)
	if err != nil {
		return err
	}
	codec := c.codec
	if h.has(7) && h.field(7).number == 0 {
		codec = codecNone
	}
	data, err := unpack(codec, page[levelBytes:], unpacked-levelBytes)
	if err != nil {
		return err
	}
	return c.values(n, repetitions, definitions, data, h.field(4).number)
}

// values appends a page's values: n with the nulls.
func (c *chunkReader) values(n int, repetitions, definitions []uint32, data []byte, encoding int64) error {
	present := n
	if definitions != nil {
		present = 0
		for _, d := range definitions {
			if int(d) == c.column.maxDefinition {
				present++
			}
		}
	}
	var values parquetValues
	switch encoding {
	case encodingPlain:
		if err := values.appendPlain(c.column, data, int64(present)); err != nil {
			return err
		}
	case encodingPlainDictionary, encodingRLEDictionary:
		if present > 0 && len(data) == 0 {
			return errShortPage
		}
		if present > 0 {
			indices, err := decodeRLE(data[1:], int(data[0]), present)
			if err != nil {
				return err
			}
			if err := values.appendIndexed(&c.dictionary, indices); err != nil {
				return err
			}
		}
	default:
		return fmt.Errorf("it has encoding %d; write it plain or with a dictionary", encoding)
	}
	return c.out.add(c.column, n, repetitions, definitions, &values)
}

var (
	errShortPage    = errors.New("a page ends too early")
	errUnpackedSize = errors.New("a page unpacks to another size than it says")
)

// zstdDecoder is made once, since that takes more time than to unpack a page. It unpacks no more
// than there is room for.
var zstdDecoder = sync.OnceValues(func() (*zstd.Decoder, error) {
	return zstd.NewReader(nil, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxMemory(maxPage), zstd.WithDecodeAllCapLimit(true))
})

// unpack decompresses a page to exactly size bytes.
func unpack(codec int64, page []byte, size int) ([]byte, error) {
	if size < 0 {
		return nil, errShortPage
	}
	var from io.Reader
	switch codec {
	case codecNone:
		from = bytes.NewReader(page)
	case codecSnappy:
		// It makes room before it reads.
		if n, err := snappy.DecodedLen(page); err != nil || n != size || n/maxSnappyExpanded > len(page) {
			return nil, errUnpackedSize
		}
		return snappy.Decode(nil, page)
	case codecGzip:
		unzip, err := gzip.NewReader(bytes.NewReader(page))
		if err != nil {
			return nil, err
		}
		from = unzip
	case codecZstd:
		decoder, err := zstdDecoder()
		if err != nil {
			return nil, err
		}
		out, err := decoder.DecodeAll(page, make([]byte, 0, size))
		if err == nil && len(out) != size {
			err = errUnpackedSize
		}
		return out, err
	default:
		return nil, fmt.Errorf("it is compressed by method %d; use snappy, gzip, zstd or none", codec)
	}
	// The buffer grows with what comes, not with what the page says.
	var out bytes.Buffer
	n, err := io.Copy(&out, io.LimitReader(from, int64(size)+1))
	if err != nil {
		return nil, err
	}
	if n != int64(size) {
		return nil, errUnpackedSize
	}
	return out.Bytes(), nil
}
