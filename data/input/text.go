package input

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"
)

const byteOrderMark = "\ufeff"

// Text returns a reader of the same text without byte-order marks, which begin a file, and a line
// where files were put together. What is not UTF-8 text is an error: UTF-16 and UTF-32, NUL bytes,
// and bytes of another encoding, with the line where it is known.
func Text(r io.Reader) io.Reader { return &text{r: r, line: 1, start: true} }

// text checks what it reads before it hands it out.
type text struct {
	r       io.Reader
	start   bool   // nothing has been read yet
	inLine  bool   // the last byte was not a line end
	line    int    // of the first byte of pending
	pending []byte // read and checked, not yet handed out
	cut     []byte // beginning of a character whose end has not been read
	err     error  // what comes after pending
}

func (t *text) Read(p []byte) (int, error) {
	for len(t.pending) == 0 {
		if t.err != nil {
			return 0, t.err
		}
		if len(p) == 0 {
			return 0, nil
		}
		t.fill(len(p))
	}
	n := copy(p, t.pending)
	t.pending = t.pending[n:]
	return n, nil
}

// fill reads some more text and checks it.
func (t *text) fill(size int) {
	kept := len(t.cut)
	chunk := append(t.cut, make([]byte, max(size, utf8.UTFMax))...)
	var n int
	if t.start { // enough to see a byte-order mark
		n, t.err = io.ReadAtLeast(t.r, chunk[kept:], len(byteOrderMark))
		if t.err == io.ErrUnexpectedEOF {
			t.err = io.EOF
		}
	} else {
		n, t.err = t.r.Read(chunk[kept:])
	}
	chunk = chunk[:kept+n]
	if t.start {
		t.start = false
		if bytes.HasPrefix(chunk, []byte("\xff\xfe")) || bytes.HasPrefix(chunk, []byte("\xfe\xff")) {
			t.err = errors.New("it is UTF-16 text; save it as UTF-8")
			return
		}
	}
	t.cut = nil
	if t.err == nil { // more may follow
		if whole := wholeRunes(chunk); whole < len(chunk) {
			t.cut = bytes.Clone(chunk[whole:])
			chunk = chunk[:whole]
		}
	}
	chunk = t.withoutMarks(chunk)
	if i, what := firstFault(chunk); i >= 0 {
		line := t.line + bytes.Count(chunk[:i], []byte("\n"))
		chunk, t.err = chunk[:i], fmt.Errorf("line %d %s", line, what)
	}
	t.line += bytes.Count(chunk, []byte("\n"))
	t.pending = chunk
}

// withoutMarks leaves out the byte-order marks at the beginning of lines.
func (t *text) withoutMarks(chunk []byte) []byte {
	mark := []byte(byteOrderMark)
	out := chunk[:0]
	for len(chunk) > 0 {
		if !t.inLine && bytes.HasPrefix(chunk, mark) {
			chunk = chunk[len(mark):]
			continue
		}
		end := bytes.IndexByte(chunk, '\n') + 1
		if t.inLine = end == 0; t.inLine {
			end = len(chunk)
		}
		out = append(out, chunk[:end]...)
		chunk = chunk[end:]
	}
	return out
}

// wholeRunes returns the length of the text without a character at its end that has only begun.
func wholeRunes(chunk []byte) int {
	for i := len(chunk) - 1; i >= max(0, len(chunk)-utf8.UTFMax); i-- {
		if utf8.RuneStart(chunk[i]) {
			if utf8.FullRune(chunk[i:]) {
				break
			}
			return i
		}
	}
	return len(chunk)
}

// firstFault returns where the first byte lies that is not text, and what is wrong with it; −1 for
// none.
func firstFault(chunk []byte) (at int, what string) {
	if utf8.Valid(chunk) && bytes.IndexByte(chunk, 0) < 0 {
		return -1, ""
	}
	for at < len(chunk) {
		r, size := utf8.DecodeRune(chunk[at:])
		switch {
		case r == 0:
			return at, "holds a NUL byte; is it UTF-16? save it as UTF-8"
		case r == utf8.RuneError && size == 1:
			return at, "is not valid UTF-8; save it as UTF-8"
		}
		at += size
	}
	return -1, ""
}

// DecodeText returns the text of a whole file without its byte-order mark, under the rules of
// [Text].
func DecodeText(content []byte) ([]byte, error) {
	return io.ReadAll(Text(bytes.NewReader(content)))
}

// Lines returns the lines of a text, under the rules of [Text], without their ends, whether those
// of Unix or of Windows. Empty lines at the end are left out.
func Lines(r io.Reader) ([]string, error) {
	content, err := io.ReadAll(Text(r))
	if err != nil {
		return nil, err
	}
	var lines []string
	for line := range strings.Lines(string(content)) {
		lines = append(lines, strings.TrimSuffix(strings.TrimSuffix(line, "\n"), "\r"))
	}
	for len(lines) > 0 && lines[len(lines)-1] == "" {
		lines = lines[:len(lines)-1]
	}
	return lines, nil
}
