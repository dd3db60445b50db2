package text_test

import (
	"testing"

	"vs/data/text"
)

func TestCheck(t *testing.T) {
	for _, name := range []string{"", "ash", "Чёрная ольха", "a\u00a0b", "=1", "a\u200db"} {
		if err := text.Check(name); err != nil {
			t.Errorf("%q: %v", name, err)
		}
	}
	for _, name := range []string{"a\nb", "a\x1b[31mb", "a\x00", "a\u0085", "a\u2028b", "a\u2029b", "a\xff", "a\x7f"} {
		if text.Check(name) == nil {
			t.Errorf("%q is taken", name)
		}
	}
}
