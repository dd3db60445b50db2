package input

import (
	"errors"
	"fmt"
	"syscall"
)

// Exhausted reports whether an error says that the process or the machine has run out of something
// that reading takes. It says nothing about the file: the next one would fail in the same way. An
// input/output error or a stale handle, on the other hand, may concern one file alone.
func Exhausted(err error) bool {
	for _, short := range []error{syscall.EMFILE, syscall.ENFILE, syscall.ENOMEM} {
		if errors.Is(err, short) {
			return true
		}
	}
	return false
}

// WithRemedy adds to an [Exhausted] error what helps against it, and returns every other as it is.
func WithRemedy(err error) error {
	switch {
	case errors.Is(err, syscall.EMFILE):
		return fmt.Errorf("%w; raise the limit with ulimit -n, or use fewer --workers", err)
	case errors.Is(err, syscall.ENFILE):
		return fmt.Errorf("%w; all programs of this machine together have too many: end some", err)
	case errors.Is(err, syscall.ENOMEM):
		return fmt.Errorf("%w; end other programs, or use fewer --workers", err)
	}
	return err
}
