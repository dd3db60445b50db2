package report

import (
	"strings"
	"testing"
)

// copied has three pictures of class a with one content, which one of class b has, too.
func copied(policy string) Setup {
	return Setup{Duplicates: Duplicates{Policy: policy, Copies: map[string]string{"a/2.jpg": "a/1.jpg", "a/3.jpg": "a/1.jpg", "b/1.jpg": "a/1.jpg"}}}
}

func TestCopiesAreNoDifferentPictures(t *testing.T) {
	perfect := []string{"a1>a a2>a b1>b", "a3>a b2>b b1>b"}
	e := answered(t, copied("keep"), perfect...)
	// a/1 with its copies, and b/2.
	if low, _ := wilson(1, 2, 0.95); e.Accuracy.Low != low || e.Accuracy.Interval != WilsonScore {
		t.Errorf("%+v, want %v to 1", e.Accuracy, low)
	}
	for c, want := range []int{1, 2, 0} {
		if got := e.ClassStats()[c].NumPictures; got != want {
			t.Errorf("class %d has %d different pictures, want %d", c, got, want)
		}
	}
	setup := copied("keep")
	setup.Protocol = LeaveOneOut
	if text := answered(t, setup, "a1>a a2>b b2>b").IntervalText(); !strings.Contains(text, "among 2 different pictures.") {
		t.Errorf("%q", text)
	}
}

func TestDuplicatesAreCountedWithinAndAcrossClasses(t *testing.T) {
	for _, row := range []struct {
		name           string
		copies         map[string]string
		within, across int
	}{
		{"none", nil, 0, 0},
		{"two of a class", map[string]string{"a/2.jpg": "a/1.jpg"}, 2, 0},
		{"one of each class", map[string]string{"b/1.jpg": "a/1.jpg"}, 0, 2},
		{"three of a class, one of another", copied("").Duplicates.Copies, 3, 4},
		{"in folders below a class", map[string]string{"a/x/2.jpg": "a/1.jpg"}, 2, 0},
	} {
		d := Duplicates{Copies: row.copies}
		if within, across := d.Counts(); within != row.within || across != row.across {
			t.Errorf("%s: %d and %d, want %d and %d", row.name, within, across, row.within, row.across)
		}
	}
}

func TestTableSaysWhatBecameOfDuplicates(t *testing.T) {
	crossing := copied("keep")
	crossing.Duplicates.Crossing = 1.5
	for _, row := range []struct {
		name  string
		setup Setup
		want  string
	}{
		{"none", Setup{}, ""},
		{"kept", crossing, "Equal content: 3 pictures equal another of their class, 4 one of another class. " +
			"Of 3 evaluated per run, 1.5 have a content that is trained on as well: accuracy looks better than it is."},
		{"kept, but on one side by chance", copied("keep"), "Equal content: 3 pictures equal another of their class, 4 one of another class."},
		{"grouped", copied("group"), "Equal content: 3 pictures equal another of their class, 4 one of another class. Equal pictures stay on one side of each split."},
		{"dropped", Setup{Duplicates: Duplicates{Policy: "drop", LeftOut: 1, Contradictory: 2}},
			"Left out: 1 picture whose content an earlier one of the class has, 2 whose content stands in several classes."},
	} {
		e := answered(t, row.setup, "a1>a a2>b b1>b", "a1>a a3>a b1>a")
		if got := e.DuplicatesText(); got != row.want {
			t.Errorf("%s: %q, want %q", row.name, got, row.want)
		}
		table := strings.Join(strings.Fields(tableText(t, Terminal, e)), " ")
		if !strings.Contains(table, row.want) || row.want == "" && strings.Contains(table, "Equal") {
			t.Errorf("%s: the table is %s", row.name, table)
		}
	}
}

func TestDuplicatesComeBackFromJSON(t *testing.T) {
	setup := copied("keep")
	setup.Duplicates.Crossing = 1.5
	e := answered(t, setup, "a1>a a2>a b1>b", "a3>a b2>b b1>b")
	text := jsonText(t, []*Evaluation{e})
	if want := `"duplicates":{"policy":"keep","within":3,"across":4,"left_out":0,"contradictory":0,"crossing":1.5,"copies":{"a/2.jpg":"a/1.jpg",`; !strings.Contains(text, want) {
		t.Errorf("no %s in %s", want, text)
	}
	read, err := ReadJSON(strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	if again := jsonText(t, read); again != text {
		t.Errorf("read and written again:\n%s\nwant\n%s", again, text)
	}
	if _, err := ReadJSON(strings.NewReader(strings.Replace(text, `"b/1.jpg":"a/1.jpg"`, `"b/1.jpg":"a/3.jpg"`, 1))); err == nil ||
		!strings.Contains(err.Error(), "b/1.jpg is said to be a copy of a/3.jpg, which is not the first of its content") {
		t.Errorf("a copy of a copy: %v", err)
	}
}

func TestPoliciesDoNotCompare(t *testing.T) {
	a, b := answered(t, copied(""), "a1>a b1>b"), answered(t, copied("group"), "a1>a b1>b")
	if err := CheckComparable([]*Evaluation{a, b}); err == nil || !strings.Contains(err.Error(), "treatments of duplicates") {
		t.Errorf("error %v", err)
	}
	if err := CheckComparable([]*Evaluation{a, answered(t, copied("keep"), "a1>a b1>b")}); err != nil {
		t.Errorf("nothing is to keep, but: %v", err)
	}
}
