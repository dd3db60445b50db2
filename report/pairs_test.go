package report

import (
	"errors"
	"io"
	"strings"
	"testing"
)

var somePairs = &Pairs{
	Threshold: 0.98, Total: 4, Across: 2,
	Pairs: []Pair{
		{"lynx/1.jpg", "ocelot/9.jpg", 1, true, true},
		{"lynx/2|3.jpg", "ocelot/\x1b[31m.jpg", 0.98765432, false, true},
		{"lynx/4.jpg", "lynx/5.jpg", 0.99999, false, false},
	},
}

func TestPairsTable(t *testing.T) {
	const want = `Pictures that are equal or alike, similarity 0.98 and more

Picture       Is like              Similarity  Classes
────────────  ───────────────────  ──────────  ─────────
lynx/1.jpg    ocelot/9.jpg              equal  different
lynx/2|3.jpg  ocelot/\x1b[31m.jpg      0.9877  different
lynx/4.jpg    lynx/5.jpg               1.0000  the same

4 pairs, 2 across classes. These are the first 3: those across classes, then the
most similar.
`
	var got strings.Builder
	if err := WritePairsTable(&got, somePairs, Terminal); err != nil {
		t.Fatal(err)
	}
	if strings.ReplaceAll(got.String(), " \n", "\n") != strings.ReplaceAll(want, " \n", "\n") {
		t.Errorf("got\n%s\nwant\n%s", got.String(), want)
	}
	got.Reset()
	if err := WritePairsTable(&got, somePairs, Markdown); err != nil || !strings.Contains(got.String(), `| lynx/2\|3.jpg |`) {
		t.Errorf("%v, got\n%s", err, got.String())
	}
	got.Reset()
	if err := WritePairsTable(&got, &Pairs{Threshold: 1}, Terminal); err != nil || !strings.HasSuffix(got.String(), "similarity 1 and more\n\nNone.\n") {
		t.Errorf("%v, got\n%s", err, got.String())
	}
}

func TestPairsForPrograms(t *testing.T) {
	var csv, json, none strings.Builder
	if err := errors.Join(WritePairsCSV(&csv, somePairs), WritePairsJSON(&json, somePairs), WritePairsJSON(&none, &Pairs{Threshold: 1})); err != nil {
		t.Fatal(err)
	}
	if want := "first,second,similarity,equal,across\nlynx/1.jpg,ocelot/9.jpg,1,true,true\nlynx/2|3.jpg,ocelot/\x1b[31m.jpg,0.98765432,false,true\n" +
		"lynx/4.jpg,lynx/5.jpg,0.99999,false,false\n"; csv.String() != want {
		t.Errorf("CSV %q", csv.String())
	}
	if want := `{"schema":2,"threshold":0.98,"total":4,"across":2,"pairs":[{"first":"lynx/1.jpg","second":"ocelot/9.jpg","similarity":1,"equal":true,"across":true},`; !strings.HasPrefix(json.String(), want) {
		t.Errorf("JSON %s", json.String())
	}
	if want := `{"schema":2,"threshold":1,"total":0,"across":0,"pairs":[]}` + "\n"; none.String() != want {
		t.Errorf("JSON of none %s", none.String())
	}
}

func TestPairsReportAFullDisk(t *testing.T) {
	for name, write := range map[string]func(io.Writer, *Pairs) error{
		"table": func(w io.Writer, p *Pairs) error { return WritePairsTable(w, p, Terminal) }, "CSV": WritePairsCSV, "JSON": WritePairsJSON,
	} {
		if err := write(fullDisk{}, somePairs); !errors.Is(err, errFull) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
