package encoder

import (
	"context"
	"errors"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"vs/torch"
	"vs/torch/torchtest"
)

// loadFor loads a model for the duration of a test, to embed many pictures.
func loadFor(t testing.TB, path string, workers int) *Encoder {
	t.Helper()
	e, err := Load(path, Options{Device: torchtest.Device(t), Workers: workers, BatchSize: 10, Optimize: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { e.Close() })
	return e
}

// modelFiles lists [Builtin] and the traced models that there are.
func modelFiles(t testing.TB) []string {
	t.Helper()
	return append([]string{Builtin}, torchtest.ModelFiles(t)...)
}

// pictures makes n different pictures of the size that the encoder takes, of half the contrast
// there can be, the same in every call.
func pictures(e *Encoder, n int) [][]uint8 {
	m := e.Metadata()
	list := make([][]uint8, n)
	state := uint32(1)
	for i := range list {
		list[i] = make([]uint8, 3*m.InputSize[1]*m.InputSize[2])
		for j := range list[i] {
			state = state*1664525 + 1013904223
			list[i][j] = 64 + uint8(state>>25)
		}
	}
	return list
}

func TestEmbedComputesWhatTheModelDoes(t *testing.T) {
	e := loadFor(t, "testdata/channel_means.pt", 2)
	list := pictures(e, 5)
	got, err := e.Embed(context.Background(), list)
	if err != nil {
		t.Fatal(err)
	}
	for i, picture := range list {
		for c := range 3 {
			var mean, square float64
			plane := picture[c*32*32 : (c+1)*32*32]
			for _, level := range plane {
				v := (float64(level)/255 - 0.5) / 0.25 // by the mean and deviation in its metadata
				mean += v / (32 * 32)
				square += v * v / (32 * 32)
			}
			for k, want := range map[int]float64{c: mean, c + 3: square} {
				if diff := math.Abs(float64(got[i*6+k]) - want); diff > 1e-6 {
					t.Errorf("picture %d, element %d: %v, want %v", i, k, got[i*6+k], want)
				}
			}
		}
	}
}

func TestEmbeddingsDependOnThePictureAlone(t *testing.T) {
	one := loadFor(t, Builtin, 1)
	list := pictures(one, 9)
	want, err := one.Embed(context.Background(), list)
	if err != nil {
		t.Fatal(err)
	}
	four := loadFor(t, Builtin, 4)
	got, err := four.Embed(context.Background(), list)
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(got, want) {
		t.Error("4 workers give other bits than 1")
	}
	alone, err := four.Embed(context.Background(), list[7:8])
	if err != nil {
		t.Fatal(err)
	}
	d := one.Dim()
	among := want[7*d : 8*d]
	// CUDA promises the same bits for the same place in a batch only.
	if same := slices.Equal(alone, among); !same && torchtest.Device(t) == torch.CPU || cosine(alone, among) < 0.999999 {
		t.Error("a picture alone gives another embedding than among others")
	}
}

func TestNoPicturesGiveNoEmbeddings(t *testing.T) {
	e := loadFor(t, "testdata/channel_means.pt", 1)
	got, err := e.Embed(context.Background(), nil)
	if err != nil || len(got) != 0 {
		t.Errorf("%v, %v", got, err)
	}
}

func TestMetadata(t *testing.T) {
	e := loadFor(t, "testdata/channel_means.pt", 1)
	m := e.Metadata()
	if m.ModelName != "channel_means" || e.Dim() != 6 || m.InputSize != [3]int{3, 32, 32} {
		t.Errorf("metadata %+v", m)
	}
	if !strings.Contains(m.Raw(), `"unknown keys are kept"`) {
		t.Errorf("raw metadata %s lacks the unknown key", m.Raw())
	}
	if s := e.Transform(); s.Height != 32 || s.Mean != [3]float64{0.5, 0.5, 0.5} || s.CropPct != 1 {
		t.Errorf("transform %+v", s)
	}
	if len(e.Hash()) != 64 {
		t.Errorf("hash %q", e.Hash())
	}
}

func TestModelsThatAreRefused(t *testing.T) {
	text := filepath.Join(t.TempDir(), "text.pt")
	if err := os.WriteFile(text, []byte("not a model"), 0o644); err != nil {
		t.Fatal(err)
	}
	tests := []struct{ name, path, want string }{
		{"a file that is not there", "testdata/nowhere.pt", "scripts/trace_timm.py"},
		{"a folder", "testdata", "testdata"},
		{"a file that is not TorchScript", text, "is it a TorchScript file?"},
		{"a TorchScript file without metadata", "testdata/no_metadata.pt", "it has no vs.json"},
		{"a model that was traced in training mode", "testdata/training.pt", "trace the model in eval mode"},
	}
	before := torch.LiveHandles()
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := Load(tt.path, Options{})
			if err == nil {
				t.Fatal("it loads")
			}
			for _, want := range []string{tt.want, tt.path} {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("error %q lacks %q", err, want)
				}
			}
			if strings.Contains(err.Error(), "\n") {
				t.Errorf("error %q has more than one line", err)
			}
		})
	}
	if after := torch.LiveHandles(); after != before {
		t.Errorf("%d handles live, %d before", after, before)
	}
}

func TestModelsThatMisbehave(t *testing.T) {
	tests := []struct{ name, path, want string }{
		{"embeddings of another size than vs.json says", "testdata/wrong_dim.pt", "embedding_dim 7; trace it again"},
		{"embeddings that are not numbers", "testdata/nan.pt", "picture 0 of 3 gives NaN"},
		{"embeddings that depend on how many there were", "testdata/counts.pt", "gives the same picture different embeddings"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			// Trusted, since one that counts changes itself, and is not loaded otherwise.
			e, err := Load(tt.path, Options{Device: torchtest.Device(t), Workers: 2, BatchSize: 10, Optimize: true, TrustModel: true})
			if err != nil {
				t.Fatal(err)
			}
			defer e.Close()
			if _, err := e.Embed(context.Background(), pictures(e, 3)); err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("error %v, want %q", err, tt.want)
			}
		})
	}
}

// A query loads a model for few pictures; a wrong answer is as bad there.
func TestModelsForFewPicturesAreCheckedToo(t *testing.T) {
	e, err := Load("testdata/counts.pt", Options{Device: torchtest.Device(t), BatchSize: 2, TrustModel: true})
	if err != nil {
		t.Fatal(err)
	}
	defer e.Close()
	for range 2 {
		if _, err := e.Embed(context.Background(), pictures(e, 1)); err == nil || !strings.Contains(err.Error(), "trace it in eval mode") {
			t.Errorf("error %v", err)
		}
	}
}

func TestRelativeDifference(t *testing.T) {
	nan := float32(math.NaN())
	tests := []struct {
		name string
		a, b []float32
		want float64
	}{
		{"the same", []float32{1, -2, 0}, []float32{1, -2, 0}, 0},
		{"half as long", []float32{2, 0}, []float32{1, 0}, 0.5},
		{"at a right angle", []float32{3, 0}, []float32{3, 4}, 4. / 3},
		{"no numbers in both", []float32{nan, 1}, []float32{nan, 1}, 0},
		{"something from nothing", []float32{0}, []float32{1}, math.Inf(1)},
		{"a number that was none", []float32{nan, 1}, []float32{1, 1}, math.NaN()},
	}
	for _, tt := range tests {
		if got := relativeDifference(tt.a, tt.b); got != tt.want && !(math.IsNaN(got) && math.IsNaN(tt.want)) {
			t.Errorf("%s: %v, want %v", tt.name, got, tt.want)
		}
	}
}

func TestMetadataThatIsRefused(t *testing.T) {
	const good = `{"format":1,"model_name":"m","num_params":1,"embedding_dim":8,"input_size":[3,32,32],"interpolation":"bicubic","mean":[0,0,0],"std":[1,1,1],"crop_pct":0.9,"crop_mode":"center"}`
	if _, err := ParseMetadata(good); err != nil {
		t.Fatal(err)
	}
	tests := []struct{ name, old, new, want string }{
		{"no JSON", good, "{", "vs.json: "},
		{"a newer format", `"format":1`, `"format":2`, "update vs"},
		{"no format", `"format":1,`, "", "format 0 is unknown"},
		{"no name", `"model_name":"m",`, "", "model_name is missing"},
		{"a name that colours a terminal", `"model_name":"m"`, `"model_name":"\u001b[31m"`, "control character"},
		{"a name of two lines", `"model_name":"m"`, `"model_name":"m\nvs: done"`, "line end"},
		{"no embedding size", `"embedding_dim":8,`, "", "embedding_dim is 0"},
		{"an embedding size that takes all memory", `"embedding_dim":8`, `"embedding_dim":1000000000000`, "embedding_dim is 1000000000000; 1 to 65536 work"},
		{"no mean", `"mean":[0,0,0],`, "", "mean does not have three numbers"},
		{"a mean of one channel", `"mean":[0,0,0]`, `"mean":[0.5]`, "mean does not have three numbers"},
		{"no deviation", `"std":[1,1,1],`, "", "std does not have three numbers"},
		{"a size without width", `[3,32,32]`, `[3,32]`, "input_size does not have three numbers"},
		{"a crop that is a number", `"center"`, `7`, "crop_mode is a JSON number, which it cannot be"},
		{"grey input", `[3,32,32]`, `[1,32,32]`, "1 channels"},
		{"negative parameters", `"num_params":1`, `"num_params":-1`, "num_params is -1"},
		{"an unknown interpolation", "bicubic", "cubist", "cubist"},
		{"an unknown crop", `"center"`, `"zoom"`, "zoom"},
		{"a mean of levels", `"mean":[0,0,0]`, `"mean":[123.675,116.28,103.53]`, "divide both by 255"},
		{"a deviation of levels", `"std":[1,1,1]`, `"std":[58.395,57.12,57.375]`, "divide both by 255"},
		{"a deviation of zero", `"std":[1,1,1]`, `"std":[1,0,1]`, "std"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := ParseMetadata(strings.Replace(good, tt.old, tt.new, 1))
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("error %v, want %q", err, tt.want)
			}
		})
	}
}

func FuzzParseMetadata(f *testing.F) {
	f.Add(`{"format":1,"model_name":"m","num_params":1,"embedding_dim":8,"input_size":[3,32,32],"interpolation":"bicubic","mean":[0,0,0],"std":[1,1,1],"crop_pct":0.9,"crop_mode":"center"}`)
	f.Add(`{"format":1,"input_size":[3,-1,1e9]}`)
	f.Fuzz(func(t *testing.T, text string) {
		m, err := ParseMetadata(text)
		if err == nil && (m.EmbeddingDim <= 0 || m.Transform().Validate() != nil) {
			t.Errorf("accepted %q", text)
		}
	})
}

func TestCancelledEmbedStops(t *testing.T) {
	e := loadFor(t, Builtin, 1)
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := e.Embed(ctx, pictures(e, 3)); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v, want context.Canceled", err)
	}
}

func TestEmbedAfterCloseIsAnError(t *testing.T) {
	for _, embedBefore := range []bool{false, true} {
		e, err := Load("testdata/channel_means.pt", Options{Workers: 2})
		if err != nil {
			t.Fatal(err)
		}
		list := pictures(e, 3)
		if embedBefore {
			if _, err := e.Embed(context.Background(), list); err != nil {
				t.Fatal(err)
			}
		}
		e.Close()
		for range 2 {
			if _, err := e.Embed(context.Background(), list); !errors.Is(err, torch.ErrClosed) {
				t.Errorf("Embed: error %v, want ErrClosed", err)
			}
			if _, err := e.ForwardOnly(context.Background(), 1); !errors.Is(err, torch.ErrClosed) {
				t.Errorf("ForwardOnly: error %v, want ErrClosed", err)
			}
		}
	}
}

// Under the race detector this also shows that an encoder may be asked while it embeds.
func TestCloseEndsEmbed(t *testing.T) {
	e, err := Load("testdata/channel_means.pt", Options{Workers: 2, Optimize: true})
	if err != nil {
		t.Fatal(err)
	}
	list := pictures(e, 20)
	var group sync.WaitGroup
	begun := make(chan struct{}, 3)
	for range 3 {
		group.Go(func() {
			for first := true; ; first = false {
				_, err := e.Embed(context.Background(), list)
				e.Optimized()
				if first {
					begun <- struct{}{}
				}
				if err != nil {
					if !errors.Is(err, torch.ErrClosed) {
						t.Errorf("error %v, want ErrClosed", err)
					}
					return
				}
			}
		})
	}
	<-begun
	if err := e.Close(); err != nil {
		t.Error(err)
	}
	group.Wait()
}

func TestCloseIsIdempotent(t *testing.T) {
	before := torch.LiveHandles()
	e, err := Load("testdata/channel_means.pt", Options{})
	if err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if err := e.Close(); err != nil {
			t.Fatal(err)
		}
	}
	if after := torch.LiveHandles(); after != before {
		t.Errorf("%d handles live, %d before", after, before)
	}
}

// Only CUDA is warmed up; what it does is the same elsewhere.
func TestAWarmUpEndsWithTheEncoder(t *testing.T) {
	before := torch.LiveHandles()
	for _, embed := range []bool{true, false} {
		e, err := Load("testdata/channel_means.pt", Options{Workers: 2})
		if err != nil {
			t.Fatal(err)
		}
		e.batch.size = 4
		e.warmUp()
		if embed {
			if _, err := e.Embed(context.Background(), pictures(e, 5)); err != nil {
				t.Error(err)
			}
		}
		for range 2 {
			if err := e.Close(); err != nil {
				t.Error(err)
			}
		}
	}
	if after := torch.LiveHandles(); after != before {
		t.Errorf("%d handles live, %d before", after, before)
	}
}

func BenchmarkEmbed(b *testing.B) {
	for _, path := range modelFiles(b) {
		b.Run(filepath.Base(path), func(b *testing.B) {
			e := loadFor(b, path, 0)
			list := pictures(e, 8)
			for b.Loop() {
				if _, err := e.Embed(context.Background(), list); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(b.N*len(list))/b.Elapsed().Seconds(), "pictures/s")
		})
	}
}
