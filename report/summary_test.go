package report

import (
	"errors"
	"strings"
	"testing"
)

func TestWriteSummary(t *testing.T) {
	for _, row := range []struct {
		name  string
		pairs [][2]string
		want  string
	}{
		{"nothing", nil, ""},
		{"values in one column", [][2]string{{"model", "vit"}, {"pictures", "400"}}, "model:     vit\npictures:  400\n"},
		{"wide characters", [][2]string{{"犬", "1"}, {"naïve", "2"}}, "犬:     1\nnaïve:  2\n"},
		{"an empty value", [][2]string{{"skipped", ""}}, "skipped:\n"},
		{"a name from the file system", [][2]string{{"data", "a\x1b[0m\nb"}}, `data:  a\x1b[0m\nb` + "\n"},
	} {
		var text strings.Builder
		if err := WriteSummary(&text, row.pairs); err != nil {
			t.Fatal(err)
		}
		if text.String() != row.want {
			t.Errorf("%s: got\n%swant\n%s", row.name, text.String(), row.want)
		}
	}
}

func TestWriteSummaryReportsAFailedWrite(t *testing.T) {
	if err := WriteSummary(fullDisk{}, [][2]string{{"a", "b"}}); !errors.Is(err, errFull) {
		t.Errorf("error %v, want %v", err, errFull)
	}
}
