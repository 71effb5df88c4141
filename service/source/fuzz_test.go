package source_test

import (
	"bytes"
	"encoding/json"
	"testing"

	"sallyport/pure/config"
	"sallyport/service/source"
)

// FuzzElement: what a system says of somebody becomes an element or a fault, whatever
// it is; the same twice is the same element, and a line of it has no line break.
func FuzzElement(f *testing.F) {
	for _, seed := range []string{`{"sub":"1","a":{"b":[1,"x",null]}}`, `{"sub":{"sub":1},"a.b":2}`, `{"sub":1,"sub":2}`, "{\n\"a\":\"\\n\"}", `[]`} {
		f.Add([]byte(seed), true)
		f.Add([]byte(seed), false)
	}
	f.Fuzz(func(t *testing.T, raw []byte, rows bool) {
		spec := &source.Spec{Connection: &config.Connection{Record: map[string]string{"sub": "id", "a.b": "sub"}}, Rows: rows}
		one, err := source.ElementOf(spec, raw)
		if err != nil {
			return
		}
		again, err := source.ElementOf(spec, raw)
		if err != nil || len(one.Names) != len(again.Names) || len(one.Names) != len(one.Values) || rows != (one.Raw == nil) || !bytes.Equal(one.Raw, again.Raw) {
			t.Fatalf("%+v and %+v, %v", one, again, err)
		}
		if !rows && !json.Valid(one.Raw) {
			t.Errorf("%q is no JSON", one.Raw)
		}
		if line, err := source.LineOf(raw); err == nil && bytes.ContainsAny(line, "\r\n") {
			t.Errorf("a line has a break: %q", line)
		}
	})
}
