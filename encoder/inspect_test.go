package encoder

import (
	"archive/zip"
	"bytes"
	"encoding/binary"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"testing"

	"vs/torch"
	"vs/torch/torchtest"
)

func TestInspectSaysWhatLoadDoes(t *testing.T) {
	paths := append(modelFiles(t), "testdata/channel_means.pt", "testdata/wrong_dim.pt")
	for _, path := range paths {
		t.Run(filepath.Base(path), func(t *testing.T) {
			m, err := Inspect(path)
			if err != nil {
				t.Fatal(err)
			}
			e := loadFor(t, path, 1)
			if m.Metadata != e.Metadata() || m.Raw() == "" {
				t.Errorf("metadata %+v, want %+v", m.Metadata, e.Metadata())
			}
			if m.Hash != e.Hash() {
				t.Errorf("hash %s, want %s", m.Hash, e.Hash())
			}
			size := int64(len(builtinArchive))
			if info, err := os.Stat(path); err == nil {
				size = info.Size()
			}
			if m.Size != size {
				t.Errorf("size %d, want %d", m.Size, size)
			}
		})
	}
}

// entry is a file of an archive.
type entry struct{ name, content string }

// archive makes a zip file.
func archive(t testing.TB, entries ...entry) []byte {
	t.Helper()
	var file bytes.Buffer
	w := zip.NewWriter(&file)
	for _, e := range entries {
		f, err := w.Create(e.name) // compressed
		if err == nil {
			_, err = io.WriteString(f, e.content)
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

const goodMetadata = `{"format":1,"model_name":"m","num_params":1,"embedding_dim":8,"input_size":[3,32,32],"interpolation":"bicubic","mean":[0,0,0],"std":[1,1,1],"crop_pct":0.9,"crop_mode":"center"}`

func TestInspectAnArchive(t *testing.T) {
	file := archive(t, entry{"net/data.pkl", ""}, entry{"net/constants.pkl", ""}, entry{"other/extra/vs.json", "{}"}, entry{"net/extra/vs.json", goodMetadata})
	for name, content := range map[string][]byte{"as it is": file, "behind something else": append([]byte("#!/bin/sh\n"), file...)} {
		path := filepath.Join(t.TempDir(), "net.pt")
		if err := os.WriteFile(path, content, 0o644); err != nil {
			t.Fatal(err)
		}
		if m, err := Inspect(path); err != nil || m.ModelName != "m" || m.Size != int64(len(content)) {
			t.Errorf("%s: %+v, %v", name, m, err)
		}
	}
}

func TestFilesThatInspectRefuses(t *testing.T) {
	script, data := entry{"net/constants.pkl", "x"}, entry{"net/data.pkl", "x"}
	good := archive(t, script, data, entry{"net/extra/vs.json", goodMetadata})
	flipped := bytes.Clone(good)
	flipped[bytes.Index(good, []byte("vs.json"))+len("vs.json")+3] ^= 0x10
	many := make([]entry, 0, 300)
	for i := range 300 {
		many = append(many, entry{"net/" + strings.Repeat("x", 50_000) + strconv.Itoa(i), ""})
	}
	tests := []struct {
		name    string
		content []byte
		want    string
	}{
		{"an empty file", nil, "is it a TorchScript file?"},
		{"text", []byte("not a model"), "is it a TorchScript file?"},
		{"a file that is cut off", good[:len(good)-30], "ends too early"},
		{"an archive without files", archive(t), "the archive is empty"},
		{"an archive of something else", archive(t, entry{"net/photo.jpg", "x"}, entry{"net/extra/vs.json", goodMetadata}), "no constants.pkl"},
		{"weights that torch.save has written", archive(t, data, entry{"net/data/0", "x"}, entry{"net/version", "3"}), "a checkpoint that torch.save has written"},
		{"weights that an old torch.save has written", []byte("\x80\x02\x8a\nl\xfc\x9cF\xf9 j\xa8P\x19."), "a checkpoint that torch.save has written"},
		{"safetensors", []byte("\x40\x00\x00\x00\x00\x00\x00\x00{\"__metadata__\":{}}"), "a safetensors file"},
		{"a program of torch.export", archive(t, entry{"m/archive_format", "pt2"}, entry{"m/models/model.json", "{}"}, entry{"m/data/weights/0", ""}), "a program of torch.export"},
		{"an old program of torch.export", archive(t, entry{"serialized_exported_program.json", "{}"}, entry{"version", "7"}), "a program of torch.export"},
		{"a pointer of Git LFS", []byte("version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 12345\n"), "git lfs pull"},
		{"a web page", []byte("\n<!DOCTYPE html><html><body>Not found</body></html>"), "a web page"},
		{"a model without metadata", archive(t, script, data), "it has no vs.json"},
		{"metadata in another folder", archive(t, script, entry{"other/extra/vs.json", goodMetadata}), "it has no vs.json"},
		{"metadata twice", archive(t, script, entry{"net/extra/vs.json", goodMetadata}, entry{"net/extra/vs.json", "{}"}), "vs.json twice"},
		{"metadata that is refused", archive(t, script, entry{"net/extra/vs.json", `{"format":2}`}), "update vs"},
		{"metadata that is damaged", flipped, "vs.json: "},
		{"metadata that unpacks to very much", archive(t, script, entry{"net/extra/vs.json", strings.Repeat(" ", 20<<20)}), "more than 1048576 bytes"},
		{"a directory that is very long", archive(t, many...), "the archive's directory has more than"},
		{"a directory that says it is very long", manyEntries(1 << 40), "says that it has 1099511627776 entries"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "net.pt")
			if err := os.WriteFile(path, tt.content, 0o644); err != nil {
				t.Fatal(err)
			}
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			_, err := Inspect(path)
			runtime.ReadMemStats(&after)
			if err == nil {
				t.Fatal("it is accepted")
			}
			for _, want := range []string{tt.want, path} {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("error %q lacks %q", err, want)
				}
			}
			if strings.Contains(err.Error(), "\n") {
				t.Errorf("error %q has more than one line", err)
			}
			if used := after.TotalAlloc - before.TotalAlloc; used > 64<<20 {
				t.Errorf("it took %d MB of memory", used/1e6)
			}
		})
	}
	for path, want := range map[string]string{"testdata": "it is a folder, not a file", "testdata/nowhere.pt": "no such file"} {
		if _, err := Inspect(path); err == nil || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), path) {
			t.Errorf("%s: error %v, want %q", path, err, want)
		}
	}
}

// A sparse file of 1 TiB costs nothing on the disk, but its entries could fill any memory.
func TestInspectBoundsTheEntriesOfAHugeFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "net.pt")
	file, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	const size = 1 << 40
	end := manyEntries(1 << 35)
	binary.LittleEndian.PutUint64(end[len(end)-22-20+8:], size) // where the 64-bit end record is now
	if _, err := file.WriteAt(end, size); err != nil {
		t.Skipf("no sparse file of 1 TiB here: %v", err)
	}
	if _, err := Inspect(path); err == nil || !strings.Contains(err.Error(), "says that it has") {
		t.Errorf("error %v", err)
	}
}

// manyEntries makes an archive whose 64-bit end record says that it has n entries, with none.
func manyEntries(n uint64) []byte {
	record := make([]byte, 56)
	copy(record, "PK\x06\x06")
	binary.LittleEndian.PutUint64(record[4:], 44)
	binary.LittleEndian.PutUint64(record[24:], n)
	binary.LittleEndian.PutUint64(record[32:], n)
	locator := make([]byte, 20)
	copy(locator, "PK\x06\x07")
	locator[16] = 1 // disks
	end := make([]byte, 22)
	copy(end, "PK\x05\x06")
	for i := 4; i < 20; i++ {
		end[i] = 0xff
	}
	return bytes.Join([][]byte{record, locator, end}, nil)
}

// Whatever the file, Inspect ends without a panic, and what it accepts is a model's metadata.
func FuzzInspect(f *testing.F) {
	model, err := os.ReadFile("testdata/channel_means.pt")
	if err != nil {
		f.Fatal(err)
	}
	f.Add(model)
	f.Add(archive(f, entry{"net/constants.pkl", ""}, entry{"net/extra/vs.json", goodMetadata}))
	f.Add(manyEntries(3))
	f.Add([]byte("PK\x05\x06"))
	f.Fuzz(func(t *testing.T, file []byte) {
		m, err := inspect(bytes.NewReader(file), int64(len(file)))
		if err == nil && (m.EmbeddingDim <= 0 || len(m.Hash) != 64 || m.Transform().Validate() != nil) {
			t.Errorf("accepted %+v", m)
		}
	})
}

// A model that libtorch cannot run fails with one line that says what it is, and how to make the
// right one.
func TestModelsThatWereTracedOtherwise(t *testing.T) {
	for name, want := range map[string]string{
		"half":   "its weights are float16 and its input is float32: trace the model after model.float()",
		"double": "its weights are float64 and its input is float32: trace the model after model.float()",
		"gpu":    "it was traced on cuda:0: trace the model on the CPU, after model.cpu()",
	} {
		if torchtest.Device(t).Type != torch.CPUType {
			t.Skip("on CUDA the types differ later, and cuda:0 is there")
		}
		e, err := Load("testdata/"+name+".pt", Options{Workers: 1})
		if err == nil {
			_, err = e.Embed(t.Context(), [][]uint8{make([]uint8, 3*32*32)})
			e.Close()
		}
		if err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: error %v", name, err)
		}
	}
}

func TestAFlippedBitInAModelIsAnError(t *testing.T) {
	model := torchtest.ReadFile(t, "testdata/half.pt")
	at := bytes.Index(model, []byte("archive/data/0")) + len("archive/data/0") // the first weight
	for _, offset := range []int{0, 10, 17} {
		damaged := bytes.Clone(model)
		damaged[at+offset] ^= 0x40
		path := filepath.Join(t.TempDir(), "net.pt")
		if err := os.WriteFile(path, damaged, 0o644); err != nil {
			t.Fatal(err)
		}
		e, err := Load(path, Options{})
		if err == nil {
			e.Close()
		}
		if err == nil || !strings.Contains(err.Error(), "its CRC-32 is") || !strings.Contains(err.Error(), "data/0") {
			t.Errorf("byte %d: error %v", offset, err)
		}
		if _, err := Inspect(path); err == nil || !strings.Contains(err.Error(), `entry "data/0": its CRC-32 is`) || strings.Contains(err.Error(), "\n") {
			t.Errorf("byte %d: inspected with error %v", offset, err)
		}
	}
}
