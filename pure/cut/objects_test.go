package cut_test

import (
	"fmt"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"sallyport/pure/cut"
)

// keycloak is where one system keeps its people.
var keycloak = cut.Layout{Members: []string{"users", "federatedUsers"}, Apart: []string{"realm"}}

// part is an object, or "!" and its fault, and the place behind it.
type part struct {
	text string
	at   cut.Place
}

func objects(t testing.TB, r io.Reader, layout cut.Layout, from cut.Place) (all []part) {
	t.Helper()
	o := cut.NewObjects(cut.New(r, cut.Options{Offset: from.Offset}), layout, from.Inside)
	for {
		row, err := o.Next()
		if err == io.EOF {
			return all
		}
		if err != nil {
			t.Fatal(err)
		}
		text := string(row.Raw)
		if row.Fault != "" {
			text = "!" + row.Fault
		}
		if len(all) > 100_000 {
			t.Fatal("there is no end")
		}
		all = append(all, part{text, o.Place()})
	}
}

func TestObjectsAreFoundWhereverAFileKeepsThem(t *testing.T) {
	long := `{"id":"` + strings.Repeat("x", cut.MaxRow) + `"}`
	const damaged, ends, list, odd = "!a damaged object", "!the file ends within an object", "!the file ends before its list does", "!not an object"
	tests := map[string]struct {
		text string
		want []string
	}{
		"nothing":                              {"", nil},
		"one on each line":                     {"{\"a\":1}\n{\"a\":2}\r\n\r\n{\"a\":3}", []string{`{"a":1}`, `{"a":2}`, `{"a":3}`}},
		"one behind the other":                 {`{"a":1}{"a":2} {"a":3}`, []string{`{"a":1}`, `{"a":2}`, `{"a":3}`}},
		"separated as RFC 7464 has it":         {"\x1e{\"a\":1}\n\x1e{\"a\":2}\n", []string{`{"a":1}`, `{"a":2}`}},
		"a list":                               {` [ {"a":1} , {"a":"]}"} ] `, []string{`{"a":1}`, `{"a":"]}"}`}},
		"two lists, with marks":                {"\xef\xbb\xbf[{\"a\":1}]\n\xef\xbb\xbf[{\"a\":2}]", []string{`{"a":1}`, `{"a":2}`}},
		"a list of a document":                 {`{"n":2,"clients":[{"c":1}],"users":[{"a":1},{"a":2}],"roles":[{"r":1}]}`, []string{`{"a":1}`, `{"a":2}`}},
		"two lists of a document":              {`{"users":[{"a":1}],"x":{},"federatedUsers":[{"a":2}]}`, []string{`{"a":1}`, `{"a":2}`}},
		"pages":                                {`{"users":[{"a":1}],"next":"x"}` + "\n" + `{"users":[],"next":null}` + "\n" + `{"users":[{"a":2}]}`, []string{`{"a":1}`, `{"a":2}`}},
		"a list of documents":                  {`[{"realm":"a","users":[{"a":1}]},{"realm":"b"},{"users":[{"a":2}],"realm":"c"}]`, []string{`{"a":1}`, `{"a":2}`}},
		"a document without people":            {`{"id":"r","realm":"r","roles":{}}{"users":[{"a":1}]}`, []string{`{"a":1}`}},
		"a list of the name that has words":    {`{"a":1,"users":["x","y"]}`, []string{`{"a":1,"users":["x","y"]}`}},
		"a list of the name further down":      {`{"a":{"users":[{"b":1}]}}`, []string{`{"a":{"users":[{"b":1}]}}`}},
		"a name within a text":                 {`{"a":"\"users\":[{","b":2}`, []string{`{"a":"\"users\":[{","b":2}`}},
		"half a line":                          {"{\"a\":1}\n{\"a\":2,\"b\":{\"c\":\"d\n{\"a\":3}\n", []string{`{"a":1}`, damaged, `{"a":3}`}},
		"a brace that is missing":              {"{\"a\":1}\n{\"a\":2,\"b\":{\"c\":3}\n{\"a\":3}\n{\"a\":4}", []string{`{"a":1}`, damaged, `{"a":3}`, `{"a":4}`}},
		"a line cut off within a list":         {"{\"a\":1}\n{\"a\":2,\"b\":[\n{\"a\":3}\n{\"a\":4}\n", []string{`{"a":1}`, damaged, `{"a":3}`, `{"a":4}`}},
		"the wrong bracket":                    {"{\"a\":[1}\n{\"a\":2}", []string{damaged, `{"a":2}`}},
		"text between lines":                   {"{\"a\":1}\nexported 2 users\n{\"a\":2}", []string{`{"a":1}`, odd, `{"a":2}`}},
		"a file that ends within its last":     {"{\"a\":1}\n{\"a\":2", []string{`{"a":1}`, ends}},
		"a list that ends within its last":     {`[{"a":1},{"a":2`, []string{`{"a":1}`, ends}},
		"a list that has no end":               {`{"users":[{"a":1},{"a":2},`, []string{`{"a":1}`, `{"a":2}`, list}},
		"a damaged one in a list on lines":     {"[\n  {\"a\":1},\n  {\"a\":2,{\"b\":\n  {\"a\":3}\n]\n{\"a\":4}", []string{`{"a":1}`, damaged, `{"a":3}`, `{"a":4}`}},
		"the last one of a list is damaged":    {"{\"users\":[\n    {\"a\":1},\n    {\"a\":2,,\n  ],\n  \"clients\":[\n    {\"c\":1}\n  ]\n}", []string{`{"a":1}`, damaged}},
		"a damaged one within one line":        {`[{"id":1,"n":1},{"id":2,"n":{"id":3,"x":1},{"id":4,"n":{}},{"id":5,"n":1}]`, []string{`{"id":1,"n":1}`, damaged, `{"id":4,"n":{}}`, `{"id":5,"n":1}`}},
		"a list of other things":               {`[1,"x",null,[{"b":1}],{"a":1},}]`, []string{odd, odd, odd, odd, `{"a":1}`, odd}},
		"one that is too long":                 {"[" + long + ",{\"a\":1}]", []string{"!" + cut.TooLong, `{"a":1}`}},
		"a document that is long":              {`{"x":` + long + `,"users":[{"a":1}]}`, []string{`{"a":1}`}},
		"brackets beyond all bounds":           {"[" + strings.Repeat("[", 9000) + strings.Repeat("]", 9000) + `,{"a":1}]`, []string{odd, `{"a":1}`}},
		"a document that is damaged behind":    {"{\"users\":[{\"a\":1}],{}\n{\"users\":[{\"a\":2}]}", []string{`{"a":1}`, "!the document around the list is damaged", `{"a":2}`}},
		"a member in the style of another one": {`{"users" : [ {"a":1} ] }`, []string{`{"a":1}`}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			all := objects(t, strings.NewReader(test.text), keycloak, cut.Place{})
			var got []string
			for _, p := range all {
				got = append(got, p.text)
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Fatal(diff)
			}
			resumes(t, test.text, all)
		})
	}
}

// resumes reads on from behind every part, and by crumbs.
func resumes(t testing.TB, text string, all []part) {
	t.Helper()
	for i, p := range all {
		got := objects(t, strings.NewReader(text[p.at.Offset:]), keycloak, p.at)
		if diff := cmp.Diff(all[i+1:], got, cmp.AllowUnexported(part{})); diff != "" && len(got)+len(all[i+1:]) > 0 {
			t.Fatalf("behind part %d at %+v: %s", i, p.at, diff)
		}
	}
	if len(text) > 10_000 {
		return
	}
	if diff := cmp.Diff(all, objects(t, iotest.OneByteReader(strings.NewReader(text)), keycloak, cut.Place{}), cmp.AllowUnexported(part{})); diff != "" {
		t.Fatalf("by single bytes: %s", diff)
	}
}

func TestReadingGoesOnFromEveryPlace(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		piece := rapid.SampledFrom([]string{
			"{", "}", "[", "]", ",", ":", `"`, "\n", "\n  ", "\r\n", `{"id":1,"n":2}`, `{"id":3,"n":{"id":4,"n":[]}}`, `"users":[`, `{"users":[`, `{"realm":"x"`,
			"\xef\xbb\xbf", "x", "1", "null", "\n{", "\n  {", `{"a":"\"}`, "\x1e", ",\n  ", strings.Repeat("[", 70),
		})
		text := strings.Join(rapid.SliceOfN(piece, 0, 40).Draw(rt, "text"), "")
		resumes(t, text, objects(t, strings.NewReader(text), keycloak, cut.Place{}))
	})
}

func FuzzObjects(f *testing.F) {
	f.Add([]byte(`{"users":[{"a":1},{"a":2]}` + "\n{\"a\":3}"))
	f.Add([]byte("[\n {\"a\":1},\n {\"a\":\"\n {\"a\":2}]"))
	f.Fuzz(func(t *testing.T, text []byte) {
		if len(text) > 1<<16 {
			return
		}
		resumes(t, string(text), objects(t, strings.NewReader(string(text)), keycloak, cut.Place{}))
	})
}

func ExampleObjects() {
	const pages = `{"users":[{"id":1},{"id":2}],"next":"p2"} {"users":[{"id":3}]}`
	o := cut.NewObjects(cut.New(strings.NewReader(pages), cut.Options{}), cut.Layout{Members: []string{"users"}}, 0)
	for {
		row, err := o.Next()
		if err != nil {
			break
		}
		fmt.Println(string(row.Raw))
	}
	// Output:
	// {"id":1}
	// {"id":2}
	// {"id":3}
}
