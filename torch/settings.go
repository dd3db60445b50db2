package torch

// #include "bridge.h"
import "C"

import "fmt"

// SetNumThreads sets the intra-op threads of the calling OS thread; see the package documentation.
func SetNumThreads(n int) error {
	if err := Load(); err != nil {
		return err
	}
	if err := goError(C.vst_set_num_threads(C.int(n))); err != nil {
		return fmt.Errorf("set %d intra-op threads: %w", n, err)
	}
	return nil
}

// UseStream makes the device and a stream of its own current for the calling OS thread, so that
// what several threads launch overlaps on the device. On the CPU it does nothing. See the package
// documentation.
func UseStream(d Device) error {
	if err := Load(); err != nil {
		return err
	}
	if err := goError(C.vst_use_stream(d.c())); err != nil {
		return fmt.Errorf("make a stream on %v: %w", d, err)
	}
	return nil
}

// SetDeterministic says whether cuDNN may use only algorithms that give the same bits each time,
// and must not choose among them by trying which is fastest. It is on at first.
func SetDeterministic(on bool) error {
	if err := Load(); err != nil {
		return err
	}
	if err := goError(C.vst_set_deterministic(cBool(on))); err != nil {
		return fmt.Errorf("choose deterministic algorithms: %w", err)
	}
	return nil
}

func cBool(b bool) C.int {
	if b {
		return 1
	}
	return 0
}
