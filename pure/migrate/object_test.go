package migrate

import (
	"encoding/json"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"sallyport/pure/object"
)

func TestPickTakesValuesByTheirPaths(t *testing.T) {
	tests := map[string]struct {
		path, text, want string
	}{
		"a name":                                 {"email", `{"email":"a@x.test"}`, "a@x.test"},
		"a name within an object":                {"a.b.c", `{"a":{"x":1,"b":{"c":"v"}}}`, "v"},
		"a name with dots, by a pointer":         {"/a/https:~1~1x.test~1b", `{"a":{"https://x.test/b":"v"}}`, "v"},
		"a place in a list":                      {"ids.1.p", `{"ids":[{"p":"no"},{"p":"v"}]}`, "v"},
		"a number is kept as it is written":      {"n", `{"n":-1.50e+3}`, "-1.50e+3"},
		"true is a word":                         {"b", `{"b": true }`, "true"},
		"null is nothing":                        {"b", `{"b":null}`, ""},
		"what is absent is nothing":              {"b", `{"a":1}`, ""},
		"escapes are undone":                     {"e", `{"\u0065":"\u00e4\ud83d\ude00\n\/\"\\"}`, "ä😀\n/\"\\"},
		"an object is no value":                  {"e", `{"e":{"f":1}}`, notScalar},
		"a list is no value":                     {"e", `{"e":["f"]}`, notScalar},
		"an empty list is nothing":               {"e", `{"e":[ ]}`, ""},
		"the same name in other objects is fine": {"a.e", `{"e":1,"a":{"e":"v"},"b":{"e":2}}`, "v"},
		"names are told apart by case":           {"e", `{"E":1,"e":"v"}`, "v"},
		"space around everything":                {"e", " \t{ \"e\" :\r [ ] , \"f\" : { } } ", ""},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			var out picked
			if fault := pick(branches(test.path), []byte(test.text), &out); fault != "" {
				t.Fatal(fault)
			}
			if out.values[0] != test.want {
				t.Errorf("got %q", out.values[0])
			}
		})
	}
}

func TestPickKeepsListsOfValues(t *testing.T) {
	var out picked
	if fault := pick(branches("roles"), []byte(`{"roles":["a",2,null,{"x":[]},[1]]}`), &out); fault != "" {
		t.Fatal(fault)
	}
	want := picked{values: []string{notScalar}, lists: map[int][]string{0: {"a", "2", "", notScalar, notScalar}}}
	if diff := cmp.Diff(want, out, cmp.AllowUnexported(picked{})); diff != "" {
		t.Error(diff)
	}
}

func TestPickRefuses(t *testing.T) {
	many := func(n int) string {
		var names []string
		for i := range n {
			names = append(names, `"`+strings.Repeat("n", i+1)+`":0`)
		}
		return strings.Join(names, ",")
	}
	tests := map[string]struct {
		text string
		want object.Fault
	}{
		"half a line":                            {`{"a":"b","c":{"d`, object.Ends},
		"a line that ends before its brace":      {`{"a":1`, object.Ends},
		"nothing":                                {``, object.Syntax},
		"a list":                                 {`[{}]`, object.Syntax},
		"a name that occurs twice":               {`{"a":1,"b":{"c":2,"c":3}}`, object.Twice},
		"a name that occurs twice, once escaped": {`{"a":1,"\u0061":2}`, object.Twice},
		"the hundredth name again":               {`{` + many(100) + `,"nnn":1}`, object.Twice},
		"deep objects":                           {strings.Repeat(`{"a":`, 100_000), object.Deep},
		"deep lists":                             {`{"a":` + strings.Repeat(`[`, 100_000), object.Deep},
		"a second object":                        {`{} {}`, object.Behind},
		"a bare word":                            {`{"a":yes}`, object.Syntax},
		"a number with a leading zero":           {`{"a":01}`, object.Syntax},
		"a number that is not one":               {`{"a":NaN}`, object.Syntax},
		"half a pair of surrogates":              {`{"a":"\ud83d"}`, object.Escape},
		"a pair of surrogates in disorder":       {`{"a":"\ude00\ud83d"}`, object.Escape},
		"a raw NUL":                              {"{\"a\":\"\x00\"}", object.Syntax},
		"an escape that is none":                 {`{"a":"\x"}`, object.Syntax},
		"a comma too many":                       {`{"a":1,}`, object.Syntax},
		"a list with a comma too many":           {`{"a":[1,]}`, object.Syntax},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			if got := pick(branches("a"), []byte(test.text), &picked{}); got != test.want {
				t.Errorf("got %q", got)
			}
		})
	}
}

func TestAThousandNamesAreReadOnce(t *testing.T) {
	var text strings.Builder
	text.WriteString("{")
	for i := range 60_000 {
		text.WriteString(`"` + string(rune('a'+i%26)) + strings.Repeat("x", i%7) + string(rune(0x4e00+i/7)) + `":1,`)
	}
	text.WriteString(`"e":"v"}`)
	var out picked
	if fault := pick(branches("e"), []byte(text.String()), &out); fault != "" || out.values[0] != "v" {
		t.Errorf("%q, %q", fault, out.values)
	}
}

// Where the standard library reads a record in just one way, so do we; what it
// refuses, we refuse.
func FuzzPickAgreesWithTheStandardLibrary(f *testing.F) {
	f.Add([]byte(`{"email":"a@x.test","a":{"b":["1",{"c":null}]},"n":1e3}`))
	f.Add([]byte(`{"email":"\ud83d\ude00","email":1}`))
	f.Add([]byte("{\"a\":{\"b\":[\"\\u0000\",true,{}]},\"email\":\"\xff\"}"))
	f.Fuzz(func(t *testing.T, line []byte) {
		if !utf8.Valid(line) {
			return
		}
		var out picked
		fault := pick(branches("email", "a.b", "a.b.1.c"), line, &out)
		var standard struct {
			object map[string]any
		}
		decoder := json.NewDecoder(strings.NewReader(string(line)))
		decoder.UseNumber()
		err := decoder.Decode(&standard.object)
		if !json.Valid(line) || err != nil || standard.object == nil {
			if fault == "" {
				t.Fatalf("taken: %q", line)
			}
			return
		}
		if fault != "" {
			if fault != object.Twice && fault != object.Deep && fault != object.Escape {
				t.Fatalf("%q refused: %q", fault, line)
			}
			return
		}
		if got, want := out.values[0], expected(standard.object["email"]); got != want {
			t.Fatalf("%q gives %q, want %q", line, got, want)
		}
		inner, _ := standard.object["a"].(map[string]any)
		if got, want := out.values[1], expected(inner["b"]); got != want {
			t.Fatalf("%q gives %q, want %q", line, got, want)
		}
	})
}

func expected(v any) string {
	switch v := v.(type) {
	case nil:
		return ""
	case string:
		return v
	case json.Number:
		return v.String()
	case bool:
		if v {
			return "true"
		}
		return "false"
	case []any:
		if len(v) == 0 {
			return ""
		}
	}
	return notScalar
}

func BenchmarkReadUsers(b *testing.B) {
	line := orchardUser(nil) + "\n"
	plan := compiled(b, orchard())
	text := strings.Repeat(line, 1000)
	b.SetBytes(int64(len(line)))
	rows, err := plan.Read(strings.NewReader(text))
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		record, err := rows.Next()
		if err != nil {
			rows, _ = plan.Read(strings.NewReader(text))
			continue
		}
		if record.Fault != nil {
			b.Fatal(record.Fault)
		}
	}
}
