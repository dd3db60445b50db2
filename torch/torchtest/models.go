package torchtest

import (
	"os"
	"path/filepath"
	"testing"
)

// ModelFiles lists the traced models that $VS_MODELS holds: none where it is not set.
func ModelFiles(t testing.TB) []string {
	t.Helper()
	dir := os.Getenv("VS_MODELS")
	if dir == "" {
		return nil
	}
	files, err := filepath.Glob(filepath.Join(dir, "*.pt"))
	if err != nil {
		t.Fatal(err)
	}
	return files
}
