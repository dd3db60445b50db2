package report

import (
	"bytes"
	"testing"
	"time"
)

func TestStages(t *testing.T) {
	var out bytes.Buffer
	err := WriteStages(&out, []Stage{
		{"decode", 2, 4 * time.Second, 1000},
		{"encode", 2, 19 * time.Second, 1000},
		{"store", 1, 50 * time.Millisecond, 0},
	}, 10*time.Second)
	if err != nil {
		t.Fatal(err)
	}
	want := "" +
		"Stage   Workers  Busy (s)  Waiting (s)  ms a picture  Busy share\n" +
		"──────  ───────  ────────  ───────────  ────────────  ──────────\n" +
		"decode        2      4.00        16.00          4.00      20.0 %\n" +
		"encode        2     19.00         1.00         19.00      95.0 %\n" +
		"store         1      0.05         9.95             –       0.5 %\n" +
		"\nBusiest: encode. Times include waiting for a core where stages share them.\n"
	if out.String() != want {
		t.Errorf("got\n%s\nwant\n%s", out.String(), want)
	}
}
