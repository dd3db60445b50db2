package text

import "fmt"

// Count is a number with its noun: "1 class", "2 classes". The plural is the noun with an s, unless
// it is given.
func Count(n int, noun string, plural ...string) string {
	switch {
	case n == 1:
	case len(plural) > 0:
		noun = plural[0]
	default:
		noun += "s"
	}
	return fmt.Sprintf("%d %s", n, noun)
}
