package exchange

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
)

// safeTensors is a file of a header and data.
func safeTensors(header, data string) []byte {
	file := binary.LittleEndian.AppendUint64(nil, uint64(len(header)))
	return append(append(file, header...), data...)
}

func readSafeTensors(file []byte) (*Table, error) {
	return ReadSafeTensors(bytes.NewReader(file), int64(len(file)))
}

func TestSafeTensorsLayout(t *testing.T) {
	var file bytes.Buffer
	if err := WriteSafeTensors(&file, classes()); err != nil {
		t.Fatal(err)
	}
	length := binary.LittleEndian.Uint64(file.Bytes())
	if length%8 != 0 {
		t.Errorf("the header has %d bytes, no multiple of 8", length)
	}
	var header map[string]json.RawMessage
	if err := json.Unmarshal(file.Bytes()[8:8+length], &header); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{
		"counts":     `{"dtype":"I64","shape":[3],"data_offsets":[0,24]}`,
		"embeddings": `{"dtype":"F32","shape":[3,3],"data_offsets":[24,60]}`,
	} {
		if string(header[name]) != want {
			t.Errorf("%s: %s, want %s", name, header[name], want)
		}
	}
	if n := file.Len(); n != 8+int(length)+60 {
		t.Errorf("%d bytes behind the header, want 60", n-8-int(length))
	}
}

// What Python's safetensors.numpy.save_file({"embeddings": x}, FILE, {"labels":
// json.dumps(labels)}) makes has this form.
func TestReadSafeTensorsOfOthers(t *testing.T) {
	const data = "\x00\x00\x80\x3f\x00\x00\x00\x40\x00\x00\x40\x40\x00\x00\x80\x40"
	tests := []struct {
		name, metadata string
		want           Table
	}{
		{"classes", `{"labels":"[\"ash\", \"birch\"]"}`, Table{What: Classes, Labels: []string{"ash", "birch"}}},
		{"pictures", `{"labels":"[\"ash\", \"\\u00e4\"]","files":"[\"ash/1\", \"\\u00e4/1\"]","format":"np"}`,
			Table{What: Pictures, Labels: []string{"ash", "ä"}, Files: []string{"ash/1", "ä/1"}}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			header := `{"__metadata__":` + tt.metadata + `,"embeddings":{"dtype":"F32","shape":[2,2],"data_offsets":[0,16]}}     `
			got, err := readSafeTensors(safeTensors(header, data))
			if err != nil {
				t.Fatal(err)
			}
			tt.want.Dim, tt.want.Rows = 2, []float32{1, 2, 3, 4}
			if !got.Equal(&tt.want) {
				t.Errorf("%+v", got)
			}
		})
	}
}

func TestBrokenSafeTensors(t *testing.T) {
	const labels = `"__metadata__":{"labels":"[\"a\",\"b\"]"}`
	embeddings := func(dtype, shape, offsets string) string {
		return fmt.Sprintf(`"embeddings":{"dtype":%q,"shape":%s,"data_offsets":%s}`, dtype, shape, offsets)
	}
	good := embeddings("F32", "[2,1]", "[0,8]")
	data := strings.Repeat("\x00", 24)
	tests := []struct {
		name, header string
		data         int
		want         string
	}{
		{"no JSON", `text`, 0, "not JSON"},
		{"an empty header", ``, 0, "not JSON"},
		{"JSON cut off", `{"embeddings":`, 0, "header"},
		{"a list for an object", `{"__metadata__":[]}`, 0, "object is missing"},
		{"something behind the object", `{` + labels + `,` + good + `} x`, 8, "something follows"},
		{"an entry twice", `{` + labels + `,` + good + `,` + good + `}`, 8, `"embeddings" occurs twice`},
		{"a metadata key twice", `{"__metadata__":{"labels":"[]","labels":"[]"},` + good + `}`, 8, `"labels" occurs twice`},
		{"no embeddings", `{` + labels + `}`, 0, "no tensor embeddings"},
		{"no labels", `{"__metadata__":{},` + good + `}`, 8, "lacks labels"},
		{"no metadata", `{` + good + `}`, 8, "lacks labels"},
		{"labels that are no list", `{"__metadata__":{"labels":"a"},` + good + `}`, 8, "not a JSON list"},
		{"too few labels", `{"__metadata__":{"labels":"[\"a\"]"},` + good + `}`, 8, "for 1 labels it must be F32 [1 1]"},
		{"an unknown tensor", `{` + labels + `,` + good + `,"weight":{"dtype":"F32","shape":[2],"data_offsets":[8,16]}}`, 16, `"weight"`},
		{"an unknown entry of a tensor", `{` + labels + `,"embeddings":{"x":1}}`, 0, "unknown field"},
		{"half precision", `{` + labels + `,` + embeddings("F16", "[2,2]", "[0,8]") + `}`, 8, `"F16"`},
		{"whole numbers", `{` + labels + `,` + embeddings("I64", "[2,1]", "[0,16]") + `}`, 16, "no tensor embeddings of type F32"},
		{"one dimension", `{` + labels + `,` + embeddings("F32", "[2]", "[0,8]") + `}`, 8, "shape [rows, elements]"},
		{"too many elements", `{` + labels + `,` + embeddings("F32", "[0,70000]", "[0,0]") + `}`, 0, "shape [rows, elements]"},
		{"a negative size", `{` + labels + `,` + embeddings("F32", "[-2,-1]", "[0,8]") + `}`, 8, "cannot be"},
		{"a size that overflows", `{` + labels + `,` + embeddings("F32", "[4611686018427387904,4]", "[0,0]") + `}`, 0, "cannot be"},
		{"a shape larger than its bytes", `{` + labels + `,` + embeddings("F32", "[2,2]", "[0,8]") + `}`, 8, "needs 16 bytes"},
		{"offsets beyond the end", `{` + labels + `,` + good + `}`, 4, "needs 8 bytes"},
		{"offsets in the wrong order", `{` + labels + `,` + embeddings("F32", "[2,1]", "[8,0]") + `}`, 8, "needs 8 bytes"},
		{"negative offsets", `{` + labels + `,` + embeddings("F32", "[2,1]", "[-8,0]") + `}`, 8, "needs 8 bytes"},
		{"one offset", `{` + labels + `,` + embeddings("F32", "[2,1]", "[8]") + `}`, 8, "needs 8 bytes"},
		{"a gap before the data", `{` + labels + `,` + embeddings("F32", "[2,1]", "[8,16]") + `}`, 16, "begins at byte 8"},
		{"a gap behind the data", `{` + labels + `,` + good + `}`, 16, "its tensors have 8 bytes, its data 16"},
		{"overlaps", `{` + labels + `,` + good + `,"counts":{"dtype":"I64","shape":[2],"data_offsets":[0,16]}}`, 16, "begins at byte 0"},
		{"counts of another type", `{` + labels + `,` + good + `,"counts":{"dtype":"F32","shape":[2],"data_offsets":[8,16]}}`, 16, "must be I64 [2]"},
		{"counts of nothing", `{` + labels + `,` + good + `,"counts":{"dtype":"I64","shape":[2],"data_offsets":[8,24]}}`, 24, "0 pictures"},
		{"a newer schema", `{"__metadata__":{"schema":"2","labels":"[\"a\",\"b\"]"},` + good + `}`, 8, "update vs"},
		{"half a model", `{"__metadata__":{"model_hash":"1","vs.json":"{}","labels":"[\"a\",\"b\"]"},` + good + `}`, 8, "lacks model_name, transform, num_params"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := readSafeTensors(safeTensors(tt.header, data[:tt.data]))
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("error %v, want one with %q", err, tt.want)
			}
		})
	}
	for name, file := range map[string][]byte{
		"an empty file":             nil,
		"a header longer than it":   safeTensors("{}", "")[:9],
		"a header of 2⁶³ bytes":     slices.Repeat([]byte{0xff}, 100),
		"a header that is not text": safeTensors("{\xff}", ""),
	} {
		if _, err := readSafeTensors(file); err == nil || !strings.Contains(err.Error(), "safetensors") {
			t.Errorf("%s: error %v, want one that says what it is not", name, err)
		}
	}
}
