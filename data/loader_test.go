package data

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"runtime"
	"slices"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"

	"vs/data/transform"
)

// fakeDecoder fills the crops with the first byte of the file. It refuses files that begin with
// '!', and has no memory for "too large". It yields often, or as long as slow says, to shuffle the
// workers.
type fakeDecoder struct {
	open    *atomic.Int64 // decoders not yet closed
	decoded *atomic.Int64
	slow    func(file []byte)
}

func (d fakeDecoder) Crops(dst []uint8, file []byte, _ [32]byte) (transform.Info, error) {
	d.decoded.Add(1)
	if d.slow != nil {
		d.slow(file)
	}
	for i := range dst {
		dst[i] = file[0]
	}
	switch {
	case file[0] == '!':
		return transform.Info{}, errors.New("not a picture")
	case string(file) == "too large":
		return transform.Info{}, syscall.ENOMEM
	}
	return transform.Info{}, nil
}

func (d fakeDecoder) Close() { d.open.Add(-1) }

// fake holds what the loaders of one test share.
type fake struct {
	open, decoded atomic.Int64
	slow          func(file []byte)
}

func (f *fake) load(t *testing.T, ctx context.Context, paths []string, o LoaderOptions) *Loader {
	t.Helper()
	o.Spec.Height, o.Spec.Width = 2, 2
	l, err := newLoader(ctx, paths, o, func() (decoder, error) {
		f.open.Add(1)
		return fakeDecoder{&f.open, &f.decoded, f.slow}, nil
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		l.Close()
		if n := f.open.Load(); n != 0 {
			t.Errorf("%d decoders are open after Close", n)
		}
	})
	return l
}

// writeFiles writes one file for each content.
func writeFiles(t *testing.T, contents ...string) []string {
	t.Helper()
	dir := t.TempDir()
	var paths []string
	for i, content := range contents {
		path := filepath.Join(dir, fmt.Sprintf("%04d.jpg", i))
		if err := os.WriteFile(path, []byte(content), 0o644); err != nil {
			t.Fatal(err)
		}
		paths = append(paths, path)
	}
	return paths
}

func manyFiles(t *testing.T, n int) []string {
	var contents []string
	for i := range n {
		contents = append(contents, fmt.Sprintf("%c%d", '!'+i%90, i))
	}
	return writeFiles(t, contents...)
}

// drain takes all items, copies the pixels and releases them.
func drain(t *testing.T, l *Loader) []Item {
	t.Helper()
	var items []Item
	for {
		item, err := l.Next()
		if err == io.EOF {
			return items
		}
		if err != nil {
			t.Fatal(err)
		}
		pixels := item.Pixels
		item.Pixels = slices.Clone(pixels)
		l.Release(pixels)
		items = append(items, item)
	}
}

func TestLoaderDeliversTheSameForAnyNumberOfWorkers(t *testing.T) {
	paths := manyFiles(t, 200)
	paths[7] = filepath.Join(filepath.Dir(paths[7]), "gone.jpg")
	// Known to be in step with the index, so that it does not depend on timing.
	known := func(i int, _ [32]byte) bool { return i%5 == 3 }
	var want []Item
	for _, workers := range []int{1, 2, 7, 0} {
		for _, ahead := range []int{1, 3, 64, 1000, 0} {
			t.Run(fmt.Sprintf("%d workers, %d ahead", workers, ahead), func(t *testing.T) {
				f := &fake{slow: func(file []byte) {
					for range int(file[0]) % 7 {
						runtime.Gosched()
					}
				}}
				l := f.load(t, t.Context(), paths, LoaderOptions{Workers: workers, Ahead: ahead, Known: known})
				items := drain(t, l)
				if want == nil {
					want = items
					checkItems(t, paths, items)
				}
				if !reflect.DeepEqual(items, want) {
					t.Error("the items differ from those of one worker")
				}
				if _, err := l.Next(); err != io.EOF {
					t.Errorf("Next after the end gives %v, want io.EOF", err)
				}
				var bytes int64
				for _, item := range items {
					bytes += item.Size
				}
				if s := l.Stats(); s.Pictures != 200 || s.Bytes != bytes {
					t.Errorf("stats %+v, want 200 pictures and %d bytes", s, bytes)
				}
			})
		}
	}
}

// checkItems compares the items of known = i%5 == 3 with the files.
func checkItems(t *testing.T, paths []string, items []Item) {
	t.Helper()
	if len(items) != len(paths) {
		t.Fatalf("%d items, want %d", len(items), len(paths))
	}
	for i, item := range items {
		content, readErr := os.ReadFile(paths[i])
		var pathErr *fs.PathError
		switch {
		case item.Index != i:
			t.Errorf("item %d has index %d", i, item.Index)
		case readErr != nil:
			if !errors.Is(item.Err, fs.ErrNotExist) || item.Pixels != nil || item.Hash != [32]byte{} {
				t.Errorf("item %d of a missing file is %+v", i, item)
			}
		case item.Hash != sha256.Sum256(content) || item.Size != int64(len(content)):
			t.Errorf("item %d has the wrong hash or size %d", i, item.Size)
		case item.Known != (i%5 == 3):
			t.Errorf("item %d: known is %v", i, item.Known)
		case item.Known:
			if item.Pixels != nil || item.Err != nil {
				t.Errorf("known item %d has pixels or an error: %+v", i, item)
			}
		case content[0] == '!':
			if !errors.As(item.Err, &pathErr) || pathErr.Op != "decode" || pathErr.Path != paths[i] || item.Pixels != nil {
				t.Errorf("faulty item %d is %+v", i, item)
			}
		default:
			if item.Err != nil || len(item.Pixels) != 12 || item.Pixels[0] != content[0] || item.Pixels[11] != content[0] {
				t.Errorf("item %d is %+v", i, item)
			}
		}
	}
}

func TestLoaderDecodesNothingThatIsKnown(t *testing.T) {
	f := &fake{}
	paths := manyFiles(t, 20)
	var calls atomic.Int64
	l := f.load(t, t.Context(), paths, LoaderOptions{Known: func(i int, hash [32]byte) bool {
		calls.Add(1)
		content, err := os.ReadFile(paths[i])
		return err == nil && hash == sha256.Sum256(content)
	}})
	for _, item := range drain(t, l) {
		if !item.Known || item.Pixels != nil || item.Err != nil {
			t.Errorf("item %+v is not known", item)
		}
	}
	if f.decoded.Load() != 0 || calls.Load() != 20 {
		t.Errorf("%d decoded, %d asked, want 0 and 20", f.decoded.Load(), calls.Load())
	}
}

// A window of four pictures means that four are decoded and the fifth waits until one is taken.
func TestLoaderStaysInItsWindow(t *testing.T) {
	f := &fake{}
	var taken atomic.Int64
	f.slow = func([]byte) {
		if n := f.decoded.Load() - taken.Load(); n > 4 {
			t.Errorf("%d pictures are in the window, want 4 at most", n)
		}
	}
	l := f.load(t, t.Context(), manyFiles(t, 60), LoaderOptions{Workers: 3, Ahead: 4})
	buffers := map[*uint8]bool{}
	for {
		// Counted before it is taken, lest the worker that follows finds one too many.
		taken.Add(1)
		item, err := l.Next()
		if err == io.EOF {
			break
		}
		if item.Pixels != nil {
			buffers[&item.Pixels[0]] = true
		}
		l.Release(item.Pixels)
		runtime.Gosched()
	}
	// One more, as the window moves on before the caller releases what it took.
	if len(buffers) > 5 {
		t.Errorf("%d buffers were made, want 5 at most", len(buffers))
	}
}

func TestLoaderReusesOnlyBuffersThatFit(t *testing.T) {
	f := &fake{}
	l := f.load(t, t.Context(), manyFiles(t, 1), LoaderOptions{})
	drain(t, l)
	for len(l.free) > 0 {
		<-l.free
	}
	l.Release(nil)
	l.Release(make([]uint8, 11))
	if len(l.free) != 0 {
		t.Error("a buffer of another length was kept")
	}
	for range 5 {
		l.Release(make([]uint8, 12))
	}
	if len(l.free) != 1 {
		t.Errorf("%d buffers are kept for a window of 1", len(l.free))
	}
}

func TestNewLoaderErrors(t *testing.T) {
	paths := manyFiles(t, 9)
	for _, o := range []LoaderOptions{{Workers: -1}, {Ahead: -1}} {
		if _, err := NewLoader(t.Context(), paths, o); err == nil || !strings.Contains(err.Error(), "-1") {
			t.Errorf("%+v gives %v", o, err)
		}
	}
	for _, paths := range [][]string{paths, nil} {
		if _, err := NewLoader(t.Context(), paths, LoaderOptions{}); err == nil || !strings.HasPrefix(err.Error(), "load pictures: ") {
			t.Errorf("an empty spec for %d pictures gives %v", len(paths), err)
		}
	}

	f := &fake{}
	_, err := newLoader(t.Context(), paths, LoaderOptions{Workers: 3}, func() (decoder, error) {
		if f.open.Add(1) == 3 {
			f.open.Add(-1)
			return nil, errors.New("no memory")
		}
		return fakeDecoder{open: &f.open}, nil
	})
	if err == nil || !strings.Contains(err.Error(), "no memory") || f.open.Load() != 0 {
		t.Errorf("a decoder that fails gives %v and leaves %d open", err, f.open.Load())
	}
}

func TestLoaderOfNothing(t *testing.T) {
	f := &fake{}
	if items := drain(t, f.load(t, t.Context(), nil, LoaderOptions{})); items != nil {
		t.Errorf("got %v", items)
	}
}
