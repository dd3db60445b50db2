package main

import (
	"bytes"
	"compress/gzip"
	"context"
	"fmt"
	"io"
	"os"
	"runtime/pprof"

	"vs/data/atomicfile"
)

// profileOutput is the file that --cpuprofile names.
func profileOutput(path string) outputFile {
	return outputFile{"--cpuprofile", path, "CPU profile", isCPUProfile}
}

// startCPUProfile begins a CPU profile and returns what ends it and puts it in its place. Without a
// path both do nothing.
func startCPUProfile(path string) (stop func() error, err error) {
	if path == "" {
		return func() error { return nil }, nil
	}
	// Not the command's context: a command that is interrupted has a profile too.
	group := atomicfile.NewGroup(context.Background())
	file, err := group.Create(path)
	if err != nil {
		return nil, err
	}
	if err := pprof.StartCPUProfile(file); err != nil {
		group.Discard()
		return nil, fmt.Errorf("write CPU profile %s: %w", path, err)
	}
	return func() error {
		defer group.Discard()
		pprof.StopCPUProfile()
		return group.Commit()
	}, nil
}

// isCPUProfile reports whether a file is a profile as Go's runtime writes it: compressed, with a
// table of strings among which the kind of the samples is.
func isCPUProfile(path string) bool {
	file, err := os.Open(path)
	if err != nil {
		return false
	}
	defer file.Close()
	unpacked, err := gzip.NewReader(file)
	if err != nil {
		return false
	}
	const most = 256 << 20
	text, err := io.ReadAll(io.LimitReader(unpacked, most))
	// Field 6 of the message is the strings, each with its length.
	return err == nil && bytes.Contains(text, []byte("\x32\x03cpu")) && bytes.Contains(text, []byte("\x32\x0bnanoseconds"))
}
