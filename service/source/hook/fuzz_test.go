package hook

import (
	"testing"

	"sallyport/pure/legacy"
)

// FuzzAnswer: what counts as an answer has the id of its question, one of three
// words, and a record that is one JSON object, beside a match alone.
func FuzzAnswer(f *testing.F) {
	for _, seed := range []string{
		`{"id":"q","answer":"match","record":{"a":1},"second_factor":true}`, `{"id":"q","answer":"no_match"}`, `{"ID":"q","answer":"match"}`,
		`{"id":"q","id":"r","answer":"match"}`, `{"id":"q","answer":"match","record":null}`, `[]`, ``,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		s, err := judge(body, "q")
		if err != nil {
			return
		}
		if s.verdict != "match" && (s.verdict != "no_match" && s.verdict != "unavailable" || s.record != nil || s.second) {
			t.Errorf("%q became %+v", body, s)
		}
		var whole map[string]any
		if legacy.Decode(body, &whole) != nil {
			t.Errorf("%q was taken, and is no object that can be read", body)
		}
	})
}
