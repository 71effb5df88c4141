package legacy_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"sallyport/pure/legacy"
)

type account struct {
	ID     string              `json:"id"`
	Profil profile             `json:"profile"`
	More   map[string][]string `json:"attributes"`
	List   []profile           `json:"list"`
	Raw    json.RawMessage     `json:"raw"`
}

type profile struct {
	Mail string `json:"mail"`
}

func TestNamesThatDifferByCaseAloneAreReadInOneWay(t *testing.T) {
	many := strings.Builder{}
	for i := range 100 {
		fmt.Fprintf(&many, `"x%d":%d,`, i, i)
	}
	tests := map[string]struct {
		text string
		ok   bool
	}{
		"of an object":                      {`{"id":"1","ID":"2"}`, false},
		"of an object within":               {`{"profile":{"mail":"a","Mail":"b"}}`, false},
		"of an object of a list":            {`{"list":[{"mail":"a"},{"mail":"a","mAil":"b"}]}`, false},
		"with the long s and the Kelvin":    {`{"list":[],"li\u017ft":[]}`, false},
		"beside many others":                {`{` + many.String() + `"id":"1","Id":"2"}`, false},
		"many, all of them different":       {`{` + many.String() + `"id":"1"}`, true},
		"of a table":                        {`{"attributes":{"dept":["a"],"Dept":["b"]}}`, true},
		"of what is read elsewhere":         {`{"raw":{"a":1,"A":2}}`, true},
		"of what nobody reads":              {`{"other":1,"Other":2}`, true},
		"in two objects":                    {`{"profile":{"mail":"a"},"list":[{"MAIL":"b"}]}`, true},
		"and of several objects of a table": {`{"attributes":{"a":[],"A":[]},"profile":{"mail":"x"}}`, true},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			var a account
			err := legacy.Decode([]byte(test.text), &a)
			var fault *legacy.Fault
			if test.ok != (err == nil) || !test.ok && !errors.As(err, &fault) {
				t.Errorf("%v", err)
			}
		})
	}
}

func TestAFaultNamesTheFieldAndNoValue(t *testing.T) {
	err := legacy.Decode([]byte(`{"profile":{"mail":{"secret":1}}}`), new(account))
	if err == nil || !strings.HasPrefix(err.Error(), "profile.mail") || strings.Contains(err.Error(), "secret") {
		t.Errorf("%v", err)
	}
}

func FuzzDecodeAndFlatten(f *testing.F) {
	f.Add(`{"id":"1","profile":{"mail":"a"},"attributes":{"x":["y",null]},"list":[{"mail":"b"},[1]],"raw":1.5e3}`)
	f.Add(`{"a":{"b.c":"\ud83d\ude00"},"":1}`)
	f.Fuzz(func(t *testing.T, text string) {
		fields, err := legacy.Flatten([]byte(text))
		again, _ := legacy.Flatten([]byte(text))
		if diff := cmp.Diff(fields, again); diff != "" {
			t.Fatal(diff)
		}
		if err == nil && !json.Valid([]byte(text)) {
			t.Fatalf("%q is no JSON", text)
		}
		seen := map[string]bool{}
		for _, field := range fields {
			if seen[field.Name] || len(field.Values) == 0 {
				t.Fatalf("field %q", field.Name)
			}
			seen[field.Name] = true
		}
		var any map[string]any
		if decoded := legacy.Decode([]byte(text), &any); (err == nil) != (decoded == nil) && len(fields) < legacy.MaxFields && err == nil {
			t.Fatalf("flattened, and not decoded: %v", decoded)
		}
	})
}

func ExampleDecode() {
	var person struct {
		ID   string `json:"id"`
		Mail string `json:"mail"`
	}
	fmt.Println(legacy.Decode([]byte(`{"id":"7","mail":"ana@harbour.test"}`), &person), person.Mail)
	fmt.Println(legacy.Decode([]byte(`{"id":"7","id":"8"}`), &person))
	// Output:
	// <nil> ana@harbour.test
	// a name occurs twice in an object
}
