package data

import (
	"sync/atomic"
	"time"
)

// LoaderStats says what a Loader has done so far. The times are sums over all workers.
type LoaderStats struct {
	Read     time.Duration // reading and hashing files
	Decode   time.Duration // decoding and transforming pictures
	Wait     time.Duration // workers waiting for Next to be called, as the window was full
	Pictures int64         // finished: decoded, known or faulty
	Bytes    int64         // read from files
}

type counters struct {
	read, decode, wait, pictures, bytes atomic.Int64
}

// Stats returns the counts and times up to now. Whatever Next has returned is in them.
func (l *Loader) Stats() LoaderStats {
	return LoaderStats{
		Read:     time.Duration(l.stats.read.Load()),
		Decode:   time.Duration(l.stats.decode.Load()),
		Wait:     time.Duration(l.stats.wait.Load()),
		Pictures: l.stats.pictures.Load(),
		Bytes:    l.stats.bytes.Load(),
	}
}
