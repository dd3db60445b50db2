package torch

import (
	"cmp"
	"errors"
	"math"
	"os"
	"path/filepath"
	"reflect"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
)

// must returns v, or ends the test.
func must[T any](t *testing.T) func(v T, err error) T {
	return func(v T, err error) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

// testDevice is where the tests compute: the CPU, or what $VS_TEST_DEVICE names.
func testDevice(t *testing.T) Device {
	t.Helper()
	name := os.Getenv("VS_TEST_DEVICE")
	if name == "" {
		return CPU
	}
	return must[Device](t)(ParseDevice(name))
}

// onDevice makes a tensor on the device of the tests that is closed at the end of the test.
func onDevice[T Element](t *testing.T, data []T, shape ...int) *Tensor {
	t.Helper()
	host := must[*Tensor](t)(FromSlice(data, shape...))
	defer host.Close()
	x := must[*Tensor](t)(host.To(testDevice(t)))
	t.Cleanup(func() { x.Close() })
	return x
}

// tensorOf is onDevice for float32.
func tensorOf(t *testing.T, data []float32, shape ...int) *Tensor {
	t.Helper()
	return onDevice(t, data, shape...)
}

func wantFloats(t *testing.T, got *Tensor, want []float32, shape ...int) {
	t.Helper()
	defer got.Close()
	if s := got.Shape(); !reflect.DeepEqual(s, shape) {
		t.Fatalf("shape %v, want %v", s, shape)
	}
	if v := must[[]float32](t)(ToSlice[float32](got)); !reflect.DeepEqual(v, want) {
		t.Fatalf("got %v, want %v", v, want)
	}
}

func roundTrip[T Element](t *testing.T, data []T, dtype DType) {
	t.Helper()
	x := must[*Tensor](t)(FromSlice(data, len(data)/2, 2))
	defer x.Close()
	if got := must[DType](t)(x.DType()); got != dtype {
		t.Errorf("dtype %v, want %v", got, dtype)
	}
	if got := must[[]T](t)(ToSlice[T](x)); !reflect.DeepEqual(got, data) {
		t.Errorf("got %v, want %v", got, data)
	}
}

func TestSlicesComeBackAsTheyWere(t *testing.T) {
	roundTrip(t, []float32{1, -2.5, 3, 1e-30}, Float32)
	roundTrip(t, []float64{1, -2.5, 3, 1e-300}, Float64)
	roundTrip(t, []int64{1, -2, 1 << 62, 0}, Int64)
	roundTrip(t, []uint8{1, 2, 255, 0}, Uint8)
}

func TestTensorsOwnTheirMemory(t *testing.T) {
	data := []float32{1, 2}
	x := tensorOf(t, data, 2)
	data[0] = 9
	wantFloats(t, x, []float32{1, 2}, 2)
}

func TestOperations(t *testing.T) {
	a := tensorOf(t, []float32{1, 2, 3, 4, 5, 6}, 2, 3)
	tensor := must[*Tensor](t)

	t.Run("a transpose swaps rows and columns", func(t *testing.T) {
		wantFloats(t, tensor(a.Transpose(0, 1)), []float32{1, 4, 2, 5, 3, 6}, 3, 2)
	})
	t.Run("a matrix product with its transpose is the Gram matrix", func(t *testing.T) {
		at := tensor(a.Transpose(0, 1))
		defer at.Close()
		wantFloats(t, tensor(MatMul(a, at)), []float32{14, 32, 32, 77}, 2, 2)
	})
	t.Run("stacked matrices are multiplied pair by pair", func(t *testing.T) {
		x := tensorOf(t, []float32{1, 0, 0, 1, 2, 0, 0, 2}, 2, 2, 2)
		y := tensorOf(t, []float32{1, 2, 3, 4, 1, 2, 3, 4}, 2, 2, 2)
		wantFloats(t, tensor(MatMul(x, y)), []float32{1, 2, 3, 4, 2, 4, 6, 8}, 2, 2, 2)
	})
	t.Run("rows are selected in the order asked for, repeats included", func(t *testing.T) {
		index := onDevice(t, []int64{1, 0, 1}, 3)
		wantFloats(t, tensor(a.IndexSelect(index)), []float32{4, 5, 6, 1, 2, 3, 4, 5, 6}, 3, 3)
	})
	t.Run("a normalised vector has length one, a zero vector stays zero", func(t *testing.T) {
		x := tensorOf(t, []float32{3, 4, 0, 0}, 2, 2)
		wantFloats(t, tensor(x.Normalize()), []float32{0.6, 0.8, 0, 0}, 2, 2)
	})
	t.Run("the top values descend and ties go to the lower index", func(t *testing.T) {
		x := tensorOf(t, []float32{1, 7, 7, 0, 5, 5, 5, 5}, 2, 4)
		values, indices, err := x.TopK(3)
		if err != nil {
			t.Fatal(err)
		}
		defer indices.Close()
		if got, want := must[[]int64](t)(ToSlice[int64](indices)), []int64{1, 2, 0, 0, 1, 2}; !reflect.DeepEqual(got, want) {
			t.Errorf("indices %v, want %v", got, want)
		}
		wantFloats(t, values, []float32{7, 7, 1, 5, 5, 5}, 2, 3)
	})
	t.Run("moving to a device, to the same one as well, keeps the values", func(t *testing.T) {
		for _, device := range []Device{CPU, testDevice(t)} {
			moved := tensor(a.To(device))
			if got := must[Device](t)(moved.Device()); got != device {
				t.Errorf("moved to %v, it is on %v", device, got)
			}
			wantFloats(t, moved, []float32{1, 2, 3, 4, 5, 6}, 2, 3)
		}
	})
}

// The places are those of sorting by value, stable and descending.
func TestTopKOrder(t *testing.T) {
	nan, inf := float32(math.NaN()), float32(math.Inf(1))
	zero := float32(math.Copysign(0, -1))
	otherNaN := math.Float32frombits(0xffc00123)
	tests := []struct {
		name    string
		values  []float32
		k       int
		indices []int64
	}{
		{"ascending values", []float32{-3, -2, -1, 0, 1, 2, 3}, 7, []int64{6, 5, 4, 3, 2, 1, 0}},
		{"values that are all the same", []float32{-2, -2, -2, -2}, 3, []int64{0, 1, 2}},
		{"−0 and 0 are the same", []float32{zero, 0, zero, -1, 0}, 4, []int64{0, 1, 2, 4}},
		{"NaN of either sign, in the order of the indices, above all", []float32{1, otherNaN, inf, nan, -inf}, 5, []int64{1, 3, 2, 0, 4}},
		{"the largest and the smallest numbers", []float32{math.SmallestNonzeroFloat32, -math.MaxFloat32, math.MaxFloat32, -math.SmallestNonzeroFloat32, 0, inf, -inf}, 7,
			[]int64{5, 2, 0, 4, 3, 1, 6}},
		{"one value", []float32{4}, 1, []int64{0}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			checkTopK(t, tensorOf(t, tt.values, len(tt.values)), tt.values, tt.k, tt.indices)
		})
	}
	t.Run("many values of which many are the same", func(t *testing.T) {
		const n, k = 5000, 300
		values := make([]float32, n)
		order := make([]int64, n)
		state := uint32(1)
		for i := range values {
			state = state*1664525 + 1013904223
			values[i] = float32(int(state>>20)%400-200) / 7
			order[i] = int64(i)
		}
		slices.SortStableFunc(order, func(a, b int64) int { return cmp.Compare(values[b], values[a]) })
		checkTopK(t, tensorOf(t, values, n), values, k, order[:k])
	})
	t.Run("columns, which are not one after another in memory", func(t *testing.T) {
		rows := tensorOf(t, []float32{1, 4, 5, 4, 5, 6, 0, 9}, 4, 2)
		columns := must[*Tensor](t)(rows.Transpose(0, 1))
		defer columns.Close()
		checkTopK(t, columns, []float32{1, 5, 5, 0}, 2, []int64{1, 2, 3, 2})
	})
	t.Run("another type", func(t *testing.T) {
		x := onDevice(t, []int64{1, 2}, 2)
		if _, _, err := x.TopK(1); err == nil || !strings.Contains(err.Error(), "only float32 works") {
			t.Errorf("error %v", err)
		}
	})
}

// checkTopK compares indices, and the values of the first row to the bit.
func checkTopK(t *testing.T, x *Tensor, first []float32, k int, want []int64) {
	t.Helper()
	values, indices, err := x.TopK(k)
	if err != nil {
		t.Fatal(err)
	}
	defer values.Close()
	defer indices.Close()
	if got := must[[]int64](t)(ToSlice[int64](indices)); !slices.Equal(got, want) {
		t.Errorf("indices %v, want %v", got, want)
	}
	for j, got := range must[[]float32](t)(ToSlice[float32](values))[:k] {
		if want := first[want[j]]; math.Float32bits(got) != math.Float32bits(want) {
			t.Errorf("value %d is %v, want %v", j, got, want)
		}
	}
}

func TestErrorsAreOneLine(t *testing.T) {
	a := tensorOf(t, []float32{1, 2, 3, 4, 5, 6}, 2, 3)
	closed := must[*Tensor](t)(FromSlice([]float32{1}, 1))
	closed.Close()
	affine := loadModule(t, "affine.pt")
	raises := loadModule(t, "raises.pt")
	pair := loadModule(t, "pair.pt")

	tests := []struct {
		name string
		call func() error
		want string
	}{
		{"a slice that does not fit its shape", func() error { _, err := FromSlice([]float32{1, 2}, 3); return err }, "it has 3 elements, the slice 2"},
		{"a negative size", func() error { _, err := FromSlice([]float32{}, -1, 0); return err }, "negative size"},
		{"reading another type", func() error { _, err := ToSlice[int64](a); return err }, "it holds float32, not int64"},
		{"reading into a shorter slice", func() error { return CopyTo(make([]float32, 2), a) }, "it has 6 elements, the slice 2"},
		{"matrices that do not fit", func() error { _, err := MatMul(a, a); return err }, "matrix product: mat1 and mat2 shapes cannot be multiplied"},
		{"more than there are", func() error { _, _, err := a.TopK(4); return err }, "top 4 of a last dimension of 3"},
		// On the CPU: CUDA would end the process.
		{"a row that is not there", func() error {
			rows := must[*Tensor](t)(FromSlice([]float32{1, 2, 3}, 3, 1))
			defer rows.Close()
			index := must[*Tensor](t)(FromSlice([]int64{5}, 1))
			defer index.Close()
			_, err := rows.IndexSelect(index)
			return err
		}, "select rows: index out of range"},
		{"writing another type", func() error { return WriteAt(closedStaging(t, false), 0, []int64{1}) }, "it holds float32, not int64"},
		{"writing behind the end", func() error { return WriteAt(closedStaging(t, false), 3, []float32{1, 2}) }, "2 elements from 3 on do not fit"},
		{"writing before the beginning", func() error { return WriteAt(closedStaging(t, false), -1, []float32{1}) }, "1 elements from -1 on do not fit"},
		{"writing to a closed tensor", func() error { return WriteAt(closedStaging(t, true), 0, []float32{1}) }, "write tensor: already closed"},
		{"a negative size to fill later", func() error { _, err := NewStaging[float32](CPU, -1); return err }, "negative size"},
		{"a closed tensor", func() error { _, err := closed.Normalize(); return err }, "normalize: already closed"},
		{"a module fed the wrong shape", func() error { _, err := affine.Forward(tensorOf(t, []float32{1}, 1, 1)); return err }, "forward: mat1 and mat2 shapes cannot be multiplied"},
		{"a module that raises", func() error { _, err := raises.Forward(a); return err }, "forward: "},
		{"a module that returns a tuple", func() error { _, err := pair.Forward(a); return err }, "the module returns (Tensor, Tensor), not a tensor; trace one"},
		{"a file that is not an archive", func() error { _, _, err := LoadModule([]byte("hello"), CPU, LoadOptions{}); return err }, "load TorchScript module: "},
		{"an empty file", func() error { _, _, err := LoadModule(nil, CPU, LoadOptions{}); return err }, "the file is empty"},
		{"a negative permutation", func() error {
			g := must[*Generator](t)(NewGenerator(1))
			defer g.Close()
			_, err := g.RandPerm(-1)
			return err
		}, "negative"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			err := tt.call()
			if err == nil {
				t.Fatal("no error")
			}
			if s := err.Error(); !strings.Contains(s, tt.want) || strings.Contains(s, "\n") {
				t.Errorf("error %q, want one line with %q", s, tt.want)
			}
		})
	}
	if _, err := closed.Normalize(); !errors.Is(err, ErrClosed) {
		t.Errorf("error %v does not wrap ErrClosed", err)
	}
}

// closedStaging makes a staging tensor of four float32, closed or not.
func closedStaging(t *testing.T, closed bool) *Tensor {
	t.Helper()
	x := must[*Tensor](t)(NewStaging[float32](CPU, 2, 2))
	t.Cleanup(func() { x.Close() })
	if closed {
		x.Close()
	}
	return x
}

func loadModule(t *testing.T, name string) *Module {
	t.Helper()
	m, _ := loadWithExtra(t, name, "note.txt")
	return m
}

// loadWithExtra loads a module for the duration of a test, and the extra file of that name.
func loadWithExtra(t *testing.T, name, extraName string) (*Module, string) {
	t.Helper()
	archive, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	m, extra, err := LoadModule(archive, testDevice(t), LoadOptions{Extra: extraName})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { m.Close() })
	return m, extra
}

func TestModule(t *testing.T) {
	m, note := loadWithExtra(t, "affine.pt", "note.txt")
	if note != "hello" {
		t.Errorf("extra file %q, want hello", note)
	}
	x := tensorOf(t, []float32{1, 0, 0, 1, 1, 1}, 2, 3)
	want := []float32{11, 24, 16, 35}
	wantFloats(t, must[*Tensor](t)(m.Forward(x)), want, 2, 2)
	if err := m.Freeze(FreezeOptions{}); err != nil {
		t.Fatal(err)
	}
	wantFloats(t, must[*Tensor](t)(m.Forward(x)), want, 2, 2)

	if _, note := loadWithExtra(t, "affine.pt", "absent.txt"); note != "" {
		t.Errorf("absent extra file: %q; want nothing", note)
	}
}

// affine_frozen.pt was frozen before it was saved.
func TestFreeze(t *testing.T) {
	x := tensorOf(t, []float32{1, 0, 0, 1, 1, 1}, 2, 3)
	for _, name := range []string{"affine.pt", "affine_frozen.pt"} {
		for _, dtype := range []DType{Float32, BFloat16} {
			m := loadModule(t, name)
			if err := m.Freeze(FreezeOptions{DType: dtype}); err != nil {
				t.Fatalf("%s in %v: %v", name, dtype, err)
			}
			wantFloats(t, must[*Tensor](t)(m.Forward(x)), []float32{11, 24, 16, 35}, 2, 2)
		}
	}
}

func TestATruncatedArchiveIsAnError(t *testing.T) {
	archive, err := os.ReadFile("testdata/affine.pt")
	if err != nil {
		t.Fatal(err)
	}
	for n := 1; n < len(archive); n += 97 {
		m, _, err := LoadModule(archive[:n], CPU, LoadOptions{Extra: "note.txt"})
		if err == nil {
			m.Close()
			t.Errorf("the first %d of %d bytes load as a module", n, len(archive))
		}
	}
}

// The numbers are those of Python: torch.manual_seed(seed), then torch.randperm(n) for each n in
// turn.
func TestPermutationsAreThoseOfPython(t *testing.T) {
	tests := []struct {
		seed uint64
		want [][]int64
	}{
		{0, [][]int64{{4, 0, 1, 3, 2}, {0}, {}, {7, 4, 9, 1, 5, 10, 11, 8, 0, 2, 3, 6}}},
		{17, [][]int64{{4, 2, 0, 3, 1}, {0}, {}, {2, 11, 10, 0, 3, 4, 8, 1, 6, 7, 9, 5}}},
		{3, [][]int64{{1, 0, 3, 4, 2}, {0}, {}, {4, 7, 2, 5, 9, 3, 10, 8, 0, 11, 6, 1}}},
	}
	for _, tt := range tests {
		g := must[*Generator](t)(NewGenerator(tt.seed))
		for _, want := range tt.want {
			if got := must[[]int64](t)(g.RandPerm(len(want))); !reflect.DeepEqual(got, want) {
				t.Errorf("seed %d: %v, want %v", tt.seed, got, want)
			}
		}
		g.Close()
	}
}

// The numbers are those of Python: torch.manual_seed(17), then torch.empty((),
// dtype=torch.int64).random_().
func TestRandomNumbersAreThoseOfPython(t *testing.T) {
	g := must[*Generator](t)(NewGenerator(17))
	defer g.Close()
	for _, want := range []int64{5435609932269944049, 564226004715812230} {
		if got := must[int64](t)(g.Random()); got != want {
			t.Errorf("%d, want %d", got, want)
		}
	}
	if got, want := must[[]int64](t)(g.RandPerm(4)), []int64{2, 0, 1, 3}; !reflect.DeepEqual(got, want) {
		t.Errorf("after them %v, want %v", got, want)
	}
}

func TestParseDevice(t *testing.T) {
	info := must[Info](t)(GetInfo())
	if d := must[Device](t)(ParseDevice("cpu")); d != CPU {
		t.Errorf("cpu is %v", d)
	}
	auto := must[Device](t)(ParseDevice("auto"))
	if want := info.CUDACount > 0; (auto.Type == CUDAType) != want {
		t.Errorf("auto is %v with %d CUDA devices", auto, info.CUDACount)
	}
	for _, name := range []string{"", "gpu", "cuda:", "cuda:-1", "cuda:x", "CPU"} {
		if _, err := ParseDevice(name); err == nil || errors.Is(err, ErrNoDevice) {
			t.Errorf("device %q: error %v, want one about its form", name, err)
		}
	}
	if _, err := ParseDevice("cuda:4096"); !errors.Is(err, ErrNoDevice) {
		t.Errorf("cuda:4096: error %v, want ErrNoDevice", err)
	}
	if _, err := GetCUDAInfo(4096); err == nil {
		t.Error("there is a CUDA device 4096")
	}
}

func TestInfo(t *testing.T) {
	info := must[Info](t)(GetInfo())
	if info.Threads < 1 {
		t.Errorf("%d threads", info.Threads)
	}
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	if err := SetNumThreads(1); err != nil {
		t.Fatal(err)
	}
	if n := must[Info](t)(GetInfo()).Threads; n != 1 {
		t.Errorf("%d threads after SetNumThreads(1)", n)
	}
}

func TestLiveHandlesStayFlat(t *testing.T) {
	archive, err := os.ReadFile("testdata/affine.pt")
	if err != nil {
		t.Fatal(err)
	}
	before := LiveHandles()
	for range 20 { // one lost handle would show
		x := must[*Tensor](t)(FromSlice([]float32{1, 2, 3}, 1, 3))
		m, _, err := LoadModule(archive, CPU, LoadOptions{Extra: "note.txt"})
		if err != nil {
			t.Fatal(err)
		}
		if err := m.Freeze(FreezeOptions{}); err != nil {
			t.Fatal(err)
		}
		optimized := must[*Module](t)(m.Optimized(x, 1e-4))
		if other := must[*Module](t)(m.Optimized(x, -1)); other != nil {
			t.Fatal("outputs differ by less than nothing")
		}
		y := must[*Tensor](t)(m.Forward(x))
		values, indices, err := y.TopK(2)
		if err != nil {
			t.Fatal(err)
		}
		g := must[*Generator](t)(NewGenerator(1))
		// Errors must not leave half-made handles behind.
		if _, _, err := y.TopK(9); err == nil {
			t.Fatal("top 9 of 2")
		}
		if _, err := MatMul(x, x); err == nil {
			t.Fatal("[1, 3] × [1, 3]")
		}
		if _, _, err := LoadModule(archive[:100], CPU, LoadOptions{Extra: "note.txt"}); err == nil {
			t.Fatal("a truncated module loads")
		}
		for _, c := range []interface{ Close() error }{x, m, optimized, y, values, indices, g, x, m, optimized, y, values, indices, g} {
			if err := c.Close(); err != nil {
				t.Fatal(err)
			}
		}
	}
	// The garbage collector may have closed handles of other tests meanwhile.
	if after := LiveHandles(); after > before {
		t.Errorf("%d handles live, %d before", after, before)
	}
	var nothing *Tensor
	if err := nothing.Close(); err != nil {
		t.Error(err)
	}
}

func TestLostHandlesAreFreedInTheEnd(t *testing.T) {
	before := LiveHandles()
	for range 10 {
		must[*Tensor](t)(FromSlice([]float32{1}, 1))
	}
	for range 100 {
		runtime.GC()
		if LiveHandles() <= before {
			return
		}
		runtime.Gosched()
	}
	t.Errorf("%d handles live, %d before", LiveHandles(), before)
}

func TestATensorServesManyGoroutines(t *testing.T) {
	a := tensorOf(t, []float32{1, 2, 3, 4}, 2, 2)
	var group sync.WaitGroup
	for range 8 {
		group.Go(func() {
			for range 50 {
				y, err := MatMul(a, a)
				if err != nil {
					t.Error(err)
					return
				}
				got, err := ToSlice[float32](y)
				y.Close()
				if want := []float32{7, 10, 15, 22}; err != nil || !slices.Equal(got, want) {
					t.Errorf("%v, %v; want %v", got, err, want)
				}
			}
		})
	}
	group.Wait()
}
