package report

import (
	"bytes"
	"errors"
	"io"
	"strings"
	"testing"
)

var someModels = []ModelRow{
	{
		Model: "tiny_vit_5m_224.dist_in22k_ft_in1k", File: "models/a.pt", NumParams: 5_071_764, GMACs: 1.27, MActivations: 9.346,
		InputSize: [3]int{3, 224, 224}, EmbeddingDim: 320, Size: 22_562_764, SHA256: strings.Repeat("0123456789abcdef", 4),
	},
	{
		Model: "odd|\x1b", File: `a, "b".pt`, NumParams: 2364, MActivations: 0.0367,
		InputSize: [3]int{3, 96, 128}, EmbeddingDim: 6, Size: 1245, SHA256: strings.Repeat("f", 64),
	},
}

func TestModels(t *testing.T) {
	table := func(format Layout) func(io.Writer, []ModelRow) error {
		return func(w io.Writer, models []ModelRow) error { return WriteModelsTable(w, models, format) }
	}
	tests := []struct {
		name   string
		write  func(io.Writer, []ModelRow) error
		models []ModelRow
		want   string
	}{
		{"a table for the terminal", table(Terminal), someModels, "" +
			"Model                                  Encoder  GMACs  Activations    Input  Embedding     File  SHA-256\n" +
			"                                    parameters                 (M)                         (MB)\n" +
			"                                           (M)\n" +
			"──────────────────────────────────  ──────────  ─────  ───────────  ───────  ─────────  ───────  ────────────\n" +
			"tiny_vit_5m_224.dist_in22k_ft_in1k        5.07   1.27         9.35  224×224        320     22.6  0123456789ab\n" +
			"odd|\\x1b                               0.00236      –       0.0367   96×128          6  0.00125  ffffffffffff\n"},
		{"a table in Markdown", table(Markdown), someModels[1:], "" +
			"| Model      | Encoder parameters (M) | GMACs | Activations (M) |  Input | Embedding | File (MB) | SHA-256      |\n" +
			"|:-----------|-----------------------:|------:|----------------:|-------:|----------:|----------:|:-------------|\n" +
			"| odd\\|\\\\x1b |                0.00236 |     – |          0.0367 | 96×128 |         6 |   0.00125 | ffffffffffff |\n"},
		{"CSV", WriteModelsCSV, someModels, "" +
			"model,file,num_params,gmacs,mactivations,channels,height,width,embedding_dim,file_size,sha256\n" +
			"tiny_vit_5m_224.dist_in22k_ft_in1k,models/a.pt,5071764,1.27,9.346,3,224,224,320,22562764," + someModels[0].SHA256 + "\n" +
			"odd|\x1b,\"a, \"\"b\"\".pt\",2364,,0.0367,3,96,128,6,1245," + someModels[1].SHA256 + "\n"},
		{"JSON", WriteModelsJSON, someModels[1:], `{"schema":2,"models":[{"model":"odd|\u001b","file":"a, \"b\".pt","num_params":2364,"gmacs":null,` +
			`"mactivations":0.0367,"input_size":[3,96,128],"embedding_dim":6,"file_size":1245,"sha256":"` + someModels[1].SHA256 + `"}]}` + "\n"},
		{"JSON of no models", WriteModelsJSON, nil, `{"schema":2,"models":[]}` + "\n"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var text bytes.Buffer
			if err := tt.write(&text, tt.models); err != nil {
				t.Fatal(err)
			}
			if text.String() != tt.want {
				t.Errorf("got\n%s\nwant\n%s", text.String(), tt.want)
			}
			if err := tt.write(fullDisk{}, tt.models); !errors.Is(err, errFull) {
				t.Errorf("a full disk gives %v", err)
			}
		})
	}
}

func TestSignificant(t *testing.T) {
	for want, x := range map[string]float64{"1.27": 1.2688, "12.3": 12.345, "123": 123.4, "12346": 12345.6, "0.0180": 0.018, "–": 0} {
		if got := significant(x); got != want {
			t.Errorf("%v is written %s, want %s", x, got, want)
		}
	}
}
