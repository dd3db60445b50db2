package report

import (
	"bytes"
	"testing"
)

// The cells are those of OWASP's page on CSV injection, and names that are none of them.
func TestSafeCSV(t *testing.T) {
	tests := []struct{ cell, want string }{
		{`=1+2";=1+2`, `"'=1+2"";=1+2"`},
		{`=cmd|' /C calc'!A0`, `'=cmd|' /C calc'!A0`},
		{"+1+2", "'+1+2"},
		{"-1+2", "'-1+2"},
		{"@SUM(1)", "'@SUM(1)"},
		{"\t=1", `"'` + "\t" + `=1"`},
		{"\r=1", `"'` + "\r" + `=1"`},
		{"＝1", "'＝1"},
		{"-", "'-"},
		{"-0x1p-2", "'-0x1p-2"},
		{"-Inf", "'-Inf"},
		{"-1.5", "-1.5"},
		{"-1e-07", "-1e-07"},
		{"+3", "+3"},
		{"a=1", "a=1"},
		{"'=1", "'=1"},
		{"犬", "犬"},
		{"", ""},
	}
	for _, tt := range tests {
		var plain, safe bytes.Buffer
		records := [][]string{{"x", tt.cell}}
		if err := WriteRecords(&plain, records); err != nil {
			t.Fatal(err)
		}
		if err := WriteRecords(SafeCSV(&safe), records); err != nil {
			t.Fatal(err)
		}
		if want := "x," + tt.want + "\n"; tt.cell != "\t=1" && tt.cell != "\r=1" && safe.String() != want {
			t.Errorf("%q: %q, want %q", tt.cell, safe.String(), want)
		}
		if changed := safe.String() != plain.String(); changed != (safeCell(tt.cell) != tt.cell) {
			t.Errorf("%q: plain %q, safe %q", tt.cell, plain.String(), safe.String())
		}
		if records[0][1] != tt.cell {
			t.Errorf("the record that was given is changed to %q", records[0][1])
		}
	}
	if got := safeCell("\t=1"); got != "'\t=1" {
		t.Errorf("%q", got)
	}
	if got := safeCell("\r=1"); got != "'\r=1" {
		t.Errorf("%q", got)
	}
}
