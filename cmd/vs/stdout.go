package main

import (
	"errors"
	"fmt"
	"io"
	"syscall"
)

// results is stdout. It remembers the first error, since not every caller that prints, such as the
// help, checks its own.
type results struct {
	w   io.Writer
	err error
}

func (r *results) Write(p []byte) (int, error) {
	if r.err != nil {
		return 0, r.err
	}
	n, err := r.w.Write(p)
	r.err = err
	return n, err
}

// check returns the error of a command: its own, or else that of stdout.
func (r *results) check(err error) error {
	switch {
	case r.err == nil:
		return err
	case errors.Is(r.err, syscall.EPIPE):
		return errNobodyReads
	case err == nil || errors.Is(err, r.err):
		return fmt.Errorf("write results: %w", r.err)
	}
	return err
}

// errNobodyReads says that the reader of stdout, such as head, has gone. It is not printed.
var errNobodyReads = errors.New("nobody reads the results")
