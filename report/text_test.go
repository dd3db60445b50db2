package report

import (
	"math"
	"testing"
)

func TestPrintable(t *testing.T) {
	for _, row := range []struct{ name, in, want string }{
		{"words of any script stay", "grey fox, 犬, naïve, ١", "grey fox, 犬, naïve, ١"},
		{"joined emoji stay", "👩\u200d🌾", "👩\u200d🌾"},
		{"a colour is shown, not obeyed", "\x1b[31mred", `\x1b[31mred`},
		{"a line break", "a\r\nb", `a\r\nb`},
		{"a tab", "a\tb", `a\tb`},
		{"a C1 control", "a\u009bb", `a\u009bb`},
		{"a direction override", "a\u202eb", `a\u202eb`},
		{"a line separator", "a\u2028b", `a\u2028b`},
		{"bytes that are not UTF-8", "a\xffb", `a\xffb`},
		{"the replacement character itself", "a\ufffdb", "a\ufffdb"},
		{"a character that XML forbids", "a\uffffb", `a\uffffb`},
		{"nothing", "", ""},
	} {
		if got := Printable(row.in); got != row.want {
			t.Errorf("%s: got %q, want %q", row.name, got, row.want)
		}
	}
}

func TestEscapeMarkdown(t *testing.T) {
	for _, row := range []struct{ name, in, want string }{
		{"a model name stays readable", "tiny_vit_5m_224.dist_in22k", "tiny_vit_5m_224.dist_in22k"},
		{"a pipe ends no cell", "a|b", `a\|b`},
		{"nor does one after a backslash", `a\|b`, `a\\\|b`},
		{"emphasis with underscores", "_a_", `\_a\_`},
		{"an underscore after punctuation", "a._b", `a.\_b`},
		{"emphasis with stars", "*a*", `\*a\*`},
		{"code, tag, link, strike, entity, formula", "`<[~&$", "\\`\\<\\[\\~\\&\\$"},
	} {
		if got := escapeMarkdown(row.in); got != row.want {
			t.Errorf("%s: got %q, want %q", row.name, got, row.want)
		}
	}
}

func TestEstimateAsText(t *testing.T) {
	nan := math.NaN()
	for _, row := range []struct {
		name                string
		estimate            Estimate
		interval, corrected string
	}{
		{"three decimals", Estimate{Mean: 0.478125, HalfWidth: 0.0256675, CorrectedHalfWidth: 0.0628722}, "0.478 ± 0.026", "± 0.063"},
		{"more where the half-width is small", Estimate{Mean: 0.97345678, HalfWidth: 0.000042, CorrectedHalfWidth: 0.000103}, "0.97346 ± 0.00004", "± 0.00010"},
		{"a half-width that rounds up is no smaller", Estimate{Mean: 0.5, HalfWidth: 0.0005, CorrectedHalfWidth: 0.0012}, "0.500 ± 0.001", "± 0.001"},
		{"no spread", Estimate{Mean: 1, HalfWidth: 0, CorrectedHalfWidth: 0}, "1.000 ± 0.000", "± 0.000"},
		{"spread of rounding errors", Estimate{Mean: 0.3, HalfWidth: 1e-17, CorrectedHalfWidth: 2e-17}, "0.300 ± 0.000", "± 0.000"},
		{"a single run", Estimate{Mean: 0.5, HalfWidth: nan, CorrectedHalfWidth: nan}, "0.500", "–"},
		{"no correction", Estimate{Mean: 0.5, HalfWidth: 0.1, CorrectedHalfWidth: nan}, "0.500 ± 0.100", "–"},
	} {
		if got := row.estimate.interval(); got != row.interval {
			t.Errorf("%s: interval %q, want %q", row.name, got, row.interval)
		}
		if got := row.estimate.corrected(); got != row.corrected {
			t.Errorf("%s: corrected %q, want %q", row.name, got, row.corrected)
		}
	}
}

func TestDifferenceAsText(t *testing.T) {
	nan := math.NaN()
	for _, row := range []struct {
		name           string
		estimate       Estimate
		signed, bounds string
	}{
		{"better", Estimate{Mean: 0.0478, HalfWidth: 0.02, Low: 0.0278, High: 0.0678}, "+0.048 ± 0.020", "[0.028, 0.068]"},
		{"worse", Estimate{Mean: -0.0478, HalfWidth: 0.02, Low: -0.0678, High: -0.0278}, "-0.048 ± 0.020", "[-0.068, -0.028]"},
		{"what rounds to 0 has no sign", Estimate{Mean: -0.0004, HalfWidth: 0.02, Low: -0.0204, High: 0.0196}, "0.000 ± 0.020", "[-0.020, 0.020]"},
		{"nor from above", Estimate{Mean: 0.0004, HalfWidth: 0.02, Low: -0.0004, High: 0.0204}, "0.000 ± 0.020", "[0.000, 0.020]"},
		{"a narrow interval that is not symmetric", Estimate{Mean: 0.12345, HalfWidth: nan, Low: 0.12341, High: 0.12349}, "+0.12345", "[0.12341, 0.12349]"},
		{"no interval", Estimate{Mean: 0.1, HalfWidth: nan, Low: nan, High: nan}, "+0.100", "–"},
	} {
		if got := row.estimate.signed(); got != row.signed {
			t.Errorf("%s: %q, want %q", row.name, got, row.signed)
		}
		if got := row.estimate.bounds(); got != row.bounds {
			t.Errorf("%s: bounds %q, want %q", row.name, got, row.bounds)
		}
	}
}

func TestMillionsHaveThreeDigits(t *testing.T) {
	for n, want := range map[int64]string{5_071_764: "5.07", 10_547_972: "10.5", 20_621_568: "20.6", 123_456_789: "123", 2359: "0.00236", 0: undefined} {
		if got := Millions(n); got != want {
			t.Errorf("%d is %s, want %s", n, got, want)
		}
	}
}
