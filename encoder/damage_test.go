package encoder

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"vs/torch/torchtest"
)

// mutantsVariable tells a test binary to load as many mutated models, and to print what comes of
// each.
const mutantsVariable = "VS_TEST_MUTANTS"

// A mutated model, in a sound archive, ends in an error of one line or gives embeddings of its own
// numbers: it never ends the process, and never computes from what lies beyond its tensors. For
// that the memory that is handed out holds something else in the second process.
func TestMutatedModelsAreRefusedOrSound(t *testing.T) {
	if n, err := strconv.Atoi(os.Getenv(mutantsVariable)); err == nil {
		loadMutants(t, n)
		return
	}
	n := 1000
	if testing.Short() {
		n = 60
	}
	var results [2][]byte
	for i, fill := range []string{"85", "170"} {
		cmd := exec.Command(os.Args[0], "-test.run=^"+t.Name()+"$")
		cmd.Env = append(os.Environ(), mutantsVariable+"="+strconv.Itoa(n), "MALLOC_PERTURB_="+fill)
		var stderr bytes.Buffer
		cmd.Stderr = &stderr
		out, err := cmd.Output()
		out, done := bytes.CutSuffix(out, []byte("PASS\n"))
		if err != nil || !done {
			lines := strings.Split(strings.TrimSpace(string(out)), "\n")
			t.Fatalf("%v after: %s\n%.2000s", err, lines[len(lines)-1], &stderr)
		}
		results[i] = out
	}
	first, second := strings.Split(string(results[0]), "\n"), strings.Split(string(results[1]), "\n")
	for i := range first {
		if i >= len(second) || first[i] != second[i] {
			t.Fatalf("results differ:\n%s\n%s", first[i], second[min(i, len(second)-1)])
		}
	}
	if sound := strings.Count(string(results[0]), "sound"); sound == 0 || sound == n {
		t.Errorf("%d of %d mutated models are loaded: the test says nothing", sound, n)
	}
}

func loadMutants(t *testing.T, n int) {
	models := [][]byte{builtinArchive, torchtest.ReadFile(t, "testdata/channel_means.pt"), torchtest.ReadFile(t, "testdata/gpu.pt")}
	path := filepath.Join(t.TempDir(), "mutant.pt")
	for seed := range n {
		random := rand.New(rand.NewPCG(uint64(seed), 0))
		what, model := mutate(t, random, models[seed%len(models)])
		fmt.Printf("%d, %s: ", seed, what) // before it is loaded, to be the last line after a crash
		if err := os.WriteFile(path, model, 0o644); err != nil {
			t.Fatal(err)
		}
		fmt.Println(strings.ReplaceAll(loadMutant(t, path), path, "PATH"))
	}
}

func loadMutant(t *testing.T, path string) string {
	e, err := Load(path, Options{Workers: 1})
	if err != nil {
		return err.Error()
	}
	defer e.Close()
	if e.Metadata().elements() > 1<<20 {
		return "sound, and large"
	}
	picture := make([]uint8, e.Metadata().elements())
	for i := range picture {
		picture[i] = uint8(i * 7)
	}
	embedding, err := e.Embed(t.Context(), [][]uint8{picture})
	if err != nil {
		return err.Error()
	}
	return fmt.Sprint("sound ", embedding[:min(3, len(embedding))])
}

// mutate changes one entry of a model: its bytes, its length, or, of code, a number or a line.
func mutate(t *testing.T, random *rand.Rand, model []byte) (what string, mutant []byte) {
	var names []string
	torchtest.Repack(t, model, func(name string, content []byte) []byte {
		if !strings.HasPrefix(name, "extra/") {
			names = append(names, name)
		}
		return content
	})
	chosen := names[random.IntN(len(names))]
	return chosen, torchtest.Repack(t, model, func(name string, content []byte) []byte {
		if name != chosen || len(content) == 0 {
			return content
		}
		at := random.IntN(len(content))
		switch random.IntN(7) {
		case 0:
			return content[:at]
		case 1:
			return []byte{}
		case 2:
			return append(content[:at:at], append([]byte{byte(random.Uint32())}, content[at:]...)...)
		case 3:
			content[at] ^= 1 << random.IntN(8)
		case 4:
			content[at] = byte(random.Uint32())
		case 5: // a number
			for range content {
				if at = (at + 1) % len(content); '0' <= content[at] && content[at] <= '9' {
					content[at] = '0' + byte(random.IntN(10))
					break
				}
			}
		case 6: // a line
			lines := bytes.SplitAfter(content, []byte("\n"))
			i, j := random.IntN(len(lines)), random.IntN(len(lines))
			lines[i], lines[j] = lines[j], lines[i]
			return bytes.Join(lines, nil)
		}
		return content
	})
}

// What was found in the wild: storages in a sound archive that are shorter than the pickle says.
func TestStoragesOfAnotherLengthAreRefused(t *testing.T) {
	for _, length := range []func(n int) int{
		func(int) int { return 0 }, func(n int) int { return n / 2 }, func(n int) int { return n - 1 }, func(n int) int { return n + 1 },
	} {
		for _, entry := range []string{"data/2", "constants/2"} {
			path := filepath.Join(t.TempDir(), "net.pt")
			model := torchtest.Repack(t, builtinArchive, func(name string, content []byte) []byte {
				if name == entry {
					return append(content, 0)[:length(len(content))]
				}
				return content
			})
			if err := os.WriteFile(path, model, 0o644); err != nil {
				t.Fatal(err)
			}
			e, err := Load(path, Options{})
			if err == nil {
				e.Close()
			}
			if err == nil || !strings.Contains(err.Error(), entry) || !strings.Contains(err.Error(), "bytes, but should have") {
				t.Errorf("%s: error %v", entry, err)
			}
		}
	}
}
