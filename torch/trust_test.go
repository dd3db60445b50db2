package torch_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"vs/torch"
	"vs/torch/torchtest"
)

// withCode returns itself.pt with other code: text, in which FILE is the path of a file.
func withCode(t *testing.T, text, file string) []byte {
	text = strings.ReplaceAll(text, "FILE", file)
	return torchtest.Repack(t, torchtest.ReadFile(t, "testdata/itself.pt"), func(name string, content []byte) []byte {
		if name == "code/__torch__.py" {
			return []byte(text)
		}
		return content
	})
}

const class = `class Itself(Module):
  __parameters__ = []
  __buffers__ = []
  training : bool
  _is_full_backward_hook : Optional[bool]
`

const forward = class + "  def forward(self: __torch__.Itself,\n    x: Tensor) -> Tensor:\n"

// Each way in which a model file might do more than compute from its input: it is refused before
// any of it has run.
func TestAModelThatDoesMoreThanComputeIsRefused(t *testing.T) {
	const itself = forward + "    return x\n"
	tests := []struct{ name, code, want string }{
		{"writes a file", forward + "    torch.save(x, \"FILE\")\n    return x\n", "aten::save"},
		{"reads a file", forward + "    y = torch.from_file(\"FILE\", False, 4)\n    return torch.add(x, y)\n", "aten::from_file"},
		{"prints", forward + "    print(x)\n    return x\n", "prim::Print"},
		{"prints where it does not pass", forward + "    if torch.lt(torch.dim(x), 0):\n      for i in range(3):\n        print(1)\n    else:\n      pass\n    return x\n", "prim::Print"},
		{"writes a file in a loop", forward + "    for i in range(3):\n      torch.save(x, \"FILE\")\n    return x\n", "aten::save"},
		{"writes a file in another method", itself + "  def other(self: __torch__.Itself) -> None:\n    torch.save(1, \"FILE\")\n    return None\n", "aten::save"},
		{"writes a file in a function", forward + "    return __torch__.f(x)\ndef f(x: Tensor) -> Tensor:\n  torch.save(x, \"FILE\")\n  return x\n", "aten::save"},
		{"writes a file in a task", forward + "    y = fork(__torch__.f, x)\n    return torch.wait(y)\ndef f(x: Tensor) -> Tensor:\n  torch.save(x, \"FILE\")\n  return x\n", "aten::save"},
		{"writes a file through a name for the operator", forward + "    f = torch.save\n    f(x, \"FILE\")\n    return x\n", "aten::save"},
		{"writes a file through the table of operators", forward + "    ops.aten.save(x, \"FILE\")\n    return x\n", "aten::save"},
		{"seeds the process's random numbers", forward + "    torch.manual_seed(1)\n    return x\n", "aten::manual_seed"},
		{"measures the time", forward + "    ops.profiler._record_function_exit(ops.profiler._record_function_enter(\"x\", None))\n    return x\n", "profiler::"},
		{"calls an object of C++", forward + "    y = ops.quantized.linear_prepack(torch.quantize_per_tensor(x, 1., 0, 12), None)\n    return ops.quantized.linear_dynamic(x, y)\n", "quantized::linear_prepack"},
		{"changes the size of a weight", forward + "    y = torch.resize_(x, [1000])\n    return x\n", "aten::resize_"},
		{"changes itself", forward + "    self.training = True\n    return x\n", "prim::SetAttr"},
		{"computes a default value", class + "  def forward(self: __torch__.Itself,\n    x: Tensor,\n    n: int=torch.size(torch.from_file(\"FILE\", True, 4), 0)) -> Tensor:\n    return x\n", "the default value of n is computed"},
		{"computes a constant of its class", class + "  n : Final[Tensor] = torch.from_file(\"FILE\", True, 4)\n  def forward(self: __torch__.Itself,\n    x: Tensor) -> Tensor:\n    return x\n", "a value of the class Itself is computed"},
		{"sets itself up", itself + "  def __getstate__(self: __torch__.Itself) -> int:\n    return 1\n  def __setstate__(self: __torch__.Itself, state: Dict[str, bool]) -> None:\n    torch.save(1, \"FILE\")\n    return None\n", "__getstate__ runs while the model is loaded"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			file := filepath.Join(t.TempDir(), "file")
			m, _, err := torch.LoadModule(withCode(t, tt.code, file), torch.CPU, torch.LoadOptions{})
			if err == nil {
				m.Close()
				t.Fatal("it is loaded")
			}
			if !errors.Is(err, torch.ErrUntrusted) || !strings.Contains(err.Error(), tt.want) || !strings.Contains(err.Error(), "--trust-model") {
				t.Errorf("error %q lacks %q", err, tt.want)
			}
			if _, err := os.Stat(file); err == nil {
				t.Error("it has written the file")
			}
		})
	}
}

// What shows once all calls are inlined and all weights are constants.
func TestAModelThatChangesItselfIsNotFrozen(t *testing.T) {
	tests := []struct{ name, code, want string }{
		{"writes a result over its input", forward + "    y = torch.add(x, x, alpha=1, out=x)\n    return y\n", "writes over a tensor (aten::add.out)"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			m, _, err := torch.LoadModule(withCode(t, tt.code, ""), torch.CPU, torch.LoadOptions{})
			if err != nil {
				t.Fatal(err)
			}
			defer m.Close()
			if err := m.Freeze(torch.FreezeOptions{}); !errors.Is(err, torch.ErrUntrusted) || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("error %v lacks %q", err, tt.want)
			}
		})
	}
}

func TestATrustedModelMayWriteFiles(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	code := forward + "    torch.save(x, \"FILE\")\n    return x\n"
	m, _, err := torch.LoadModule(withCode(t, code, file), torch.CPU, torch.LoadOptions{Trusted: true})
	if err != nil {
		t.Fatal(err)
	}
	defer m.Close()
	x, err := torch.FromSlice([]float32{1}, 1)
	if err != nil {
		t.Fatal(err)
	}
	defer x.Close()
	y, err := m.Forward(x)
	if err != nil {
		t.Fatal(err)
	}
	y.Close()
	if _, err := os.Stat(file); err != nil {
		t.Error(err)
	}
}

// Code that libtorch's parser or compiler would run out of stack on, never come to an end of, or
// read beyond.
func TestCodeThatLibtorchTripsOverIsRefused(t *testing.T) {
	body := func(expression string) string { return forward + "    y = " + expression + "\n    return x\n" }
	tests := []struct{ name, code, want string }{
		{"brackets", body(strings.Repeat("(", 100_000) + "1" + strings.Repeat(")", 100_000)), "nests deeper"},
		{"brackets hidden by text", body(strings.Repeat("torch.len(\")\", (", 50_000)), "nests deeper"},
		{"signs", body(strings.Repeat("-", 100_000) + "1"), "operators"},
		{"nots", body(strings.Repeat("not ", 100_000) + "True"), "operators"},
		{"a sum", body("1" + strings.Repeat("+1", 100_000)), "operators"},
		{"calls", body("torch" + strings.Repeat(".neg(x)", 100_000)), "operators"},
		{"choices", body(strings.Repeat("1 if True else ", 100_000) + "1"), "operators"},
		{"elif", forward + "    if True:\n      pass\n" + strings.Repeat("    elif True:\n      pass\n", 50_000) + "    return x\n", "elif"},
		{"comments", forward + strings.Repeat("    # nothing\n", 200_000) + "    return x\n", "empty lines"},
		{"blocks", forward + func() string {
			var text strings.Builder
			for i := range 2000 {
				text.WriteString(strings.Repeat(" ", 4+i) + "if True:\n")
			}
			return text.String()
		}() + strings.Repeat(" ", 2004) + "return x\n", "nests deeper"},
		{"a version that goes on forever", "op_version_set = 1", "expected newline"},
		{"an attribute without a type", class + "  n = 1\n" + forward[len(class):] + "    return x\n", "without a type"},
		{"parameters without a value", "class Itself(Module):\n  __parameters__ : List[str]\n" + forward[len(class):] + "    return x\n", "without a type"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			for _, trusted := range []bool{false, true} {
				m, _, err := torch.LoadModule(withCode(t, tt.code, ""), torch.CPU, torch.LoadOptions{Trusted: trusted})
				if err == nil {
					m.Close()
					t.Fatal("it is loaded")
				}
				if !strings.Contains(err.Error(), tt.want) || len(err.Error()) > 500 {
					t.Errorf("error %.500q lacks %q", err, tt.want)
				}
			}
		})
	}
}

// What scripted models of torch.nn are made of, some of which looks like more than computing.
func TestCodeThatOnlyComputesIsLoaded(t *testing.T) {
	tests := []struct{ name, code string }{
		{"a warning", forward + "    torch.warn(\"hello\", 2)\n    return x\n"},
		{"an error that is not raised", forward + "    if torch.lt(torch.dim(x), 0):\n      ops.prim.RaiseException(\"no\", \"builtins.ValueError\")\n    else:\n      pass\n    return x\n"},
		{"default values", class + "  def forward(self: __torch__.Itself,\n    x: Tensor,\n    a: int=-1,\n    b: Optional[float]=None,\n    c: List[int]=[1, 2],\n    d: float=inf,\n    e: List[float]=annotate(List[float], []),\n    f: str=\"x\") -> Tensor:\n    return x\n"},
		{"constants of the class", class + "  size : Final[Tuple[int, int]] = (3, -3)\n  name : Final[str] = \"x\"\n  def forward(self: __torch__.Itself,\n    x: Tensor) -> Tensor:\n    return x\n"},
		{"lists that grow", forward + "    y = annotate(List[Tensor], [])\n    _0 = torch.append(y, x)\n    return torch.cat(y, 0)\n"},
		{"in place", forward + "    return torch.sub_(torch.add_(torch.clone(x), 1), 1)\n"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			m, _, err := torch.LoadModule(withCode(t, tt.code, ""), torch.CPU, torch.LoadOptions{})
			if err != nil {
				t.Fatal(err)
			}
			defer m.Close()
			if err := m.Freeze(torch.FreezeOptions{}); err != nil {
				t.Fatal(err)
			}
			x, err := torch.FromSlice([]float32{1, 2}, 2)
			if err != nil {
				t.Fatal(err)
			}
			defer x.Close()
			y, err := m.Forward(x)
			if err != nil {
				t.Fatal(err)
			}
			defer y.Close()
			if got, err := torch.ToSlice[float32](y); err != nil || got[1] != 2 {
				t.Errorf("%v, %v", got, err)
			}
		})
	}
}
