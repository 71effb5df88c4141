package object_test

import (
	"encoding/json"
	"fmt"
	"testing"

	"sallyport/pure/object"
)

func FuzzWhatPassesIsOneObject(f *testing.F) {
	f.Add([]byte(`{"a":[1,{"b":"\ud83d\ude00"}],"c":-1.5e3}`))
	f.Add([]byte(`{"a":1,"\u0061":2}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		if object.Check(text) != "" {
			return
		}
		var read map[string]json.RawMessage
		if err := json.Unmarshal(text, &read); err != nil {
			t.Fatalf("it passes, and is none: %v", err)
		}
		l := &object.Lexer{Data: text}
		n := 0
		if fault := l.Members(0, func([]byte) object.Fault { n++; return l.Skip(1) }); fault != "" || n != len(read) {
			t.Fatalf("%d names of %d: %q", n, len(read), fault)
		}
	})
}

func ExampleCheck() {
	fmt.Println(object.Check([]byte(`{"id":"7","id":"8"}`)))
	// Output: a name occurs twice in an object
}
