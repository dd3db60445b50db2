package data

import (
	"errors"
	"fmt"
)

// BadPicture is a picture that cannot be used: read, decoded, or kept under its name.
type BadPicture struct {
	File string // "label/name"
	Err  error
}

// ErrBadPictures is wrapped by the error of whatever met more bad pictures than allowed.
var ErrBadPictures = errors.New("too many bad pictures")

// CheckBad returns an error that wraps [ErrBadPictures] when more than a share of n pictures is
// bad. Exactly the share is allowed, to the last digit in which it is written, such as 29 of 100 at
// a share of 0.29. What, such as "pictures on the sheets", says which pictures are counted.
func CheckBad(bad, n int, share float64, what string) error {
	// The quotient of two whole numbers is rounded as the text of the share was. A product is not:
	// 0.29 × 100 is below 29.
	if bad == 0 || float64(bad)/float64(n) <= share {
		return nil
	}
	return fmt.Errorf("%w: %d of %d %s cannot be used, allowed is a share of %v; repair or remove them, or allow more with --max-bad-share",
		ErrBadPictures, bad, n, what, share)
}
