package data

import (
	"bytes"
	"reflect"
	"strings"
	"testing"
)

// What is read can be written, and comes back the same. The files stay in memory, so that a fuzzer
// gets through thousands in a second.
func FuzzReadSplit(f *testing.F) {
	const split = `{"format":1,"seed":7,"shares":{"valid":0.5,"test":0},"labels":["a","b"],"active":[{"label":"a","pictures":[` +
		`{"name":"1","sha256":"0200000000000000000000000000000000000000000000000000000000000000","part":"train"},` +
		`{"name":"x/2","sha256":"01000000000000000000000000000000000000000000000000000000000000ff","part":"valid"}]}]}`
	f.Add([]byte(split))
	f.Add([]byte("\ufeff" + strings.Replace(split, `"format":1`, `"format":2`, 1)))
	f.Add([]byte(`{"format":1,"labels":["a"],"active":[{"label":"a","pictures":null}]}`))
	f.Add([]byte(`{"format":1}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		split, err := parseSplit(text)
		if err != nil {
			if strings.ContainsAny(err.Error(), "\n\r") {
				t.Errorf("error %q is more than one line", err)
			}
			return
		}
		first, err := split.encode()
		if err != nil {
			t.Fatal(err)
		}
		again, err := parseSplit(first)
		if err != nil {
			t.Fatal(err)
		}
		if !reflect.DeepEqual(again, split) {
			t.Fatalf("read %+v, then %+v", split, again)
		}
		if second, err := again.encode(); err != nil || !bytes.Equal(second, first) {
			t.Fatalf("wrote other bytes: %v", err)
		}
	})
}
