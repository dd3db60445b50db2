package torchscript

import (
	"archive/zip"
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
)

// pickle steps, as torch.jit.save writes them.
func text(s string) string {
	return "X" + string(binary.LittleEndian.AppendUint32(nil, uint32(len(s)))) + s
}

func number(n int64) string {
	return "\x8a\x08" + string(binary.LittleEndian.AppendUint64(nil, uint64(n)))
}

func numbers(n ...int64) string {
	s := "("
	for _, n := range n {
		s += number(n)
	}
	return s + "t"
}

func storageOf(typeName, key string, elements int64) string {
	return "(" + text("storage") + "ctorch\n" + typeName + "Storage\n" + text(key) + text("cpu") + number(elements) + "tQ"
}

func tensorOf(storage string, offset int64, sizes, strides string) string {
	return "ctorch._utils\n_rebuild_tensor_v2\n(" + storage + number(offset) + sizes + strides + "\x89ccollections\nOrderedDict\n)RtR"
}

// module is a module with one attribute a.
func module(value string) string {
	return "\x80\x02c__torch__\nNet\n)\x81}(" + text("a") + value + "ub."
}

const noConstants = "\x80\x02)."

type item struct{ name, content string }

func packed(t testing.TB, method uint16, items ...item) []byte {
	t.Helper()
	var file bytes.Buffer
	w := zip.NewWriter(&file)
	for _, i := range items {
		f, err := w.CreateHeader(&zip.FileHeader{Name: "net/" + i.name, Method: method})
		if err == nil {
			_, err = io.WriteString(f, i.content)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return file.Bytes()
}

func withData(t testing.TB, data string, more ...item) []byte {
	return packed(t, zip.Deflate, append([]item{{"data.pkl", data}, {"constants.pkl", noConstants}, {"version", "3\n"}}, more...)...)
}

func TestPicklesThatAreTaken(t *testing.T) {
	floats := item{"data/0", string(make([]byte, 24))}
	storage := storageOf("Float", "0", 6)
	tests := []struct{ name, value string }{
		{"a tensor", tensorOf(storage, 0, numbers(2, 3), numbers(3, 1))},
		{"a part of a storage", tensorOf(storage, 5, numbers(1, 1), numbers(3, 1))},
		{"a tensor of one number", tensorOf(storage, 5, ")", ")")},
		{"a tensor of none", tensorOf(storageOf("Float", "1", 0), 0, numbers(0, 3), numbers(3, 1))},
		{"a number many times", tensorOf(storage, 1, numbers(1000, 1000), numbers(0, 0))},
		{"a list of tensors", "ctorch.jit._pickle\nbuild_tensorlist\n(](" + tensorOf(storage, 0, ")", ")") + "etR"},
		{"a list of numbers", "ctorch.jit._pickle\nbuild_intlist\n(](" + number(1) + "K\x02M\x00\x01J\xff\xff\xff\xffetR"},
		{"an empty list", "ctorch.jit._pickle\nbuild_doublelist\n(](etR"},
		{"a dictionary with its type", "ctorch.jit._pickle\nrestore_type_tag\n(}(" + text("k") + "G?\xf0\x00\x00\x00\x00\x00\x00u" + text("Dict[str, float]") + "tR"},
		{"a device", "ctorch\ndevice\n" + text("cuda:1") + "\x85R"},
		{"a module within", "c__torch__.a.b\nC\n)\x81}(" + text("n") + "Nub"},
		{"a value twice", "c__torch__.a\nC\nq\x00)\x81}(" + text("n") + "Nubq\x01h\x01\x86"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			m, err := Check(withData(t, module(tt.value), floats), false)
			if err != nil {
				t.Fatal(err)
			}
			again := slices.Concat(m.Spans...)
			if _, err := Check(again, false); err != nil {
				t.Errorf("what libtorch gets: %v", err)
			}
		})
	}
}

func TestPicklesThatAreRefused(t *testing.T) {
	floats := item{"data/0", string(make([]byte, 24))}
	storage := storageOf("Float", "0", 6)
	tests := []struct{ name, value, want string }{
		{"a tensor beyond its storage", tensorOf(storage, 0, numbers(2, 3), numbers(4, 1)), "reaches beyond"},
		{"an offset beyond it", tensorOf(storage, 6, ")", ")"), "reaches beyond"},
		{"a negative offset", tensorOf(storage, -1, ")", ")"), "damaged"},
		{"a negative stride", tensorOf(storage, 5, numbers(2), numbers(-1)), "damaged"},
		{"sizes whose product overflows", tensorOf(storage, 0, numbers(1<<32, 1<<32), numbers(0, 0)), "damaged"},
		{"strides whose product overflows", tensorOf(storage, 0, numbers(1<<33), numbers(1<<33)), "damaged"},
		{"more strides than sizes", tensorOf(storage, 0, numbers(1), numbers(1, 1)), "damaged"},
		{"more elements than bytes", tensorOf(storageOf("Float", "0", 7), 0, ")", ")"), "24 bytes, but should have 7 elements"},
		{"another type", tensorOf(storageOf("Double", "0", 6), 0, ")", ")"), "24 bytes, but should have 6 elements of 8"},
		{"a number of bytes that overflows", tensorOf(storageOf("Float", "0", 1<<62+6), 0, ")", ")"), "but should have"},
		{"an entry that is not there", tensorOf(storageOf("Float", "7", 6), 0, ")", ")"), "lacks \"data/7\""},
		{"truth values of 2", tensorOf(storageOf("Bool", "b", 1), 0, ")", ")"), "a truth value of 2"},
		{"a list of tensors that are numbers", "ctorch.jit._pickle\nbuild_tensorlist\n(](K\x01etR", "damaged"},
		{"a call of a number", "K\x00)R", "damaged"},
		{"a step below the mark", "K\x01(\x85t", "damaged"},
		{"a tuple from nothing", "\x87", "damaged"},
		{"a place in memory far away", "Nr\xff\xff\xff\x7f", "damaged"},
		{"a value that is not remembered", "h\x09", "damaged"},
		{"text longer than the file", "X\xff\xff\xff\x7f", "damaged"},
		{"a list within itself", "]q\x00(h\x00e", "damaged"},
		{"lists that double", "]" + strings.Repeat("q\x00h\x00\x86", 60), "too many"},
		{"lists that nest", "]" + strings.Repeat("\x85", 1000), "nested too deep"},
		{"a step that is not written", "(o", "a step (0x6f)"},
		{"an object of C++", "c__torch__.torch.classes.quantized\nLinearPackedParamsBase\n)\x81}b", "sets itself up"},
		{"a state of its own", "c__torch__\nB\n)\x81K\x01b", "sets itself up"},
		{"a sparse tensor", "ctorch._utils\n_rebuild_sparse_tensor\n)R", "not trusted"},
		{"a remote reference", "ctorch.distributed.rpc\nrref\n)R", "not trusted"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := Check(withData(t, module(tt.value), floats, item{"data/b", "\x02"}), false)
			if err == nil || !strings.Contains(err.Error(), tt.want) || strings.Contains(err.Error(), "\n") {
				t.Fatalf("error %v lacks %q", err, tt.want)
			}
			if untrusted := strings.Contains(err.Error(), "--trust-model"); untrusted != errors.Is(err, ErrUntrusted) {
				t.Errorf("error %v", err)
			}
		})
	}
}

func TestArchivesThatAreRefused(t *testing.T) {
	data, constants := item{"data.pkl", module("N")}, item{"constants.pkl", noConstants}
	bomb := packed(t, zip.Deflate, data, constants, item{"other", strings.Repeat("\x00", 200<<20)})
	encrypted := packed(t, zip.Store, data, constants)
	for at := 0; ; at++ {
		i := bytes.Index(encrypted[at:], []byte("PK\x01\x02"))
		if i < 0 {
			break
		}
		at += i
		encrypted[at+8] |= 1
	}
	flipped := packed(t, zip.Store, data, constants)
	flipped[bytes.Index(flipped, []byte("__torch__"))] ^= 1
	squeezed := packed(t, zip.Deflate, data, constants)
	longer := bytes.Clone(squeezed)
	sizeAt := bytes.Index(longer, []byte("PK\x01\x02")) + 24 // of the first entry, unpacked
	binary.LittleEndian.PutUint32(longer[sizeAt:], binary.LittleEndian.Uint32(longer[sizeAt:])-1)
	shorter := bytes.Clone(squeezed)
	binary.LittleEndian.PutUint32(shorter[sizeAt:], binary.LittleEndian.Uint32(shorter[sizeAt:])+1)
	tests := []struct {
		name string
		file []byte
		sums bool // CheckSums refuses it as well
		want string
	}{
		{"an entry twice", packed(t, zip.Store, data, constants, data), true, `has "data.pkl" twice`},
		{"an entry twice but for case", packed(t, zip.Store, data, constants, item{"DATA.pkl", ""}), true, `has "DATA.pkl" twice`},
		{"no data.pkl", packed(t, zip.Store, constants), false, "data.pkl: the archive lacks it"},
		{"an entry that unpacks to very much", bomb, true, "unpacks to more than 64 times"},
		{"an encrypted entry", encrypted, true, "it is encrypted"},
		{"a flipped bit", flipped, true, "its CRC-32 is"},
		{"an entry that is too long", longer, true, "its length differs"},
		{"an entry that is too short", shorter, true, "its length differs"},
		{"another byte order", packed(t, zip.Store, data, constants, item{"byteorder", "big"}), false, "byte order"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			_, err := Check(tt.file, true)
			runtime.ReadMemStats(&after)
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("error %v lacks %q", err, tt.want)
			}
			if used := after.TotalAlloc - before.TotalAlloc; used > 32<<20 {
				t.Errorf("it took %d MB of memory", used/1e6)
			}
			if err == nil || !tt.sums {
				return
			}
			r, size := bytes.NewReader(tt.file), int64(len(tt.file))
			f, errOpen := Open(r, size)
			if errOpen != nil {
				t.Fatal(errOpen)
			}
			if errSums := f.CheckSums(r, size); errSums == nil || errSums.Error() != err.Error() {
				t.Errorf("CheckSums says %v, Check %v", errSums, err)
			}
		})
	}
}

// libtorch gets what was checked, and of the file's own bytes no copy.
func TestWhatLibtorchGets(t *testing.T) {
	file, err := os.ReadFile(filepath.Join("..", "testdata", "affine.pt"))
	if err != nil {
		t.Fatal(err)
	}
	big := strings.Repeat("abcdefgh", 1<<17)
	pickle := module(tensorOf(storageOf("Float", "0", int64(len(big)/4)), 0, ")", ")"))
	for _, file := range [][]byte{file, packed(t, zip.Store, item{"data.pkl", pickle}, item{"constants.pkl", noConstants}, item{"data/0", big}, item{"x.debug_pkl", "x"})} {
		m, err := Check(file, false)
		if err != nil {
			t.Fatal(err)
		}
		for _, span := range m.Spans {
			if len(span) == len(big) && !bytes.Contains(file, span) {
				t.Error("a long entry is not there")
			}
		}
		again := slices.Concat(m.Spans...)
		archive, err := zip.NewReader(bytes.NewReader(again), int64(len(again)))
		if err != nil {
			t.Fatal(err)
		}
		for _, entry := range archive.File {
			r, err := entry.Open()
			if err != nil {
				t.Fatal(err)
			}
			if _, err := io.ReadAll(r); err != nil || entry.Method != zip.Store || strings.HasSuffix(entry.Name, "debug_pkl") {
				t.Errorf("%s: %v", entry.Name, err)
			}
		}
	}
}

func TestWhatMostWeightsAre(t *testing.T) {
	half, double := item{"data/0", string(make([]byte, 24))}, item{"data/1", string(make([]byte, 16))}
	file := withData(t, module(tensorOf(storageOf("Half", "0", 12), 0, ")", ")")+tensorOf(storageOf("Double", "1", 2), 0, ")", ")")+"\x86"), half, double)
	m, err := Check(file, false)
	if err != nil {
		t.Fatal(err)
	}
	if want := (Weights{"Half", "cpu"}); m.Weights != want {
		t.Errorf("%+v, want %+v", m.Weights, want)
	}
}

// Whatever the file, Check ends without a panic, and accepts what it has packed.
func FuzzCheck(f *testing.F) {
	for _, name := range []string{"affine.pt", "affine_frozen.pt", "pointwise.pt"} {
		file, err := os.ReadFile(filepath.Join("..", "testdata", name))
		if err != nil {
			f.Fatal(err)
		}
		f.Add(file)
	}
	f.Add(withData(f, module(tensorOf(storageOf("Float", "0", 6), 0, numbers(2, 3), numbers(3, 1))), item{"data/0", string(make([]byte, 24))}))
	f.Fuzz(func(t *testing.T, file []byte) {
		for _, trusted := range []bool{false, true} {
			m, err := Check(file, trusted)
			if err != nil {
				continue
			}
			again, err := Check(slices.Concat(m.Spans...), trusted)
			if err != nil || again.Weights != m.Weights {
				t.Errorf("%+v, %v; want %+v", again, err, m.Weights)
			}
		}
	})
}

// Pickles alone, which the archive's checksums keep from being changed.
func FuzzPickle(f *testing.F) {
	f.Add([]byte(module("N")), []byte("12345678"))
	f.Add([]byte(module(tensorOf(storageOf("Float", "0", 2), 0, numbers(2), numbers(1)))), []byte("12345678"))
	f.Add([]byte(module("ctorch.jit._pickle\nbuild_intlist\n(](K\x01etR")), []byte(""))
	f.Fuzz(func(t *testing.T, pickle, content []byte) {
		c := &entries{byName: map[string][]byte{"data.pkl": pickle, "data/0": content}}
		_ = checkPickle(c, "data", false, tally{})
		_ = checkPickle(c, "data", true, tally{})
	})
}
