package main

import (
	"errors"
	"fmt"
	"io"
	"syscall"
)

// results is stdout. It remembers the first error, since not all who print, such as the help, look
// at theirs.
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

// check is the error of a command whose own is given.
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

// errNobodyReads says that the reader of stdout, such as head, has gone. That needs no words.
var errNobodyReads = errors.New("nobody reads the results")
