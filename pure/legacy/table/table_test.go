package table_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"sallyport/pure/legacy"
	"sallyport/pure/legacy/table"
)

func row(t *testing.T, names, values []string, known ...string) *table.Row {
	t.Helper()
	r, err := table.Read(legacy.Element{Names: names, Values: values}, known...)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestColumnsAreFoundInAnyCase(t *testing.T) {
	r := row(t, []string{"ID", "Pass_Word"}, []string{"7", "secret"}, "id", "password")
	if r.Text("id") != "7" || r.Text("PASS_word") != "secret" || !r.Has("iD") || r.Has("password") {
		t.Errorf("%+v", r)
	}
	var p legacy.Person
	r.Tell(&p, []string{"pass_word"}, nil)
	if len(p.Fields) != 1 || p.Fields[0].Name != "id" {
		t.Errorf("%+v", p.Fields)
	}
}

func TestWhatIsNoRowIsAFault(t *testing.T) {
	for name, e := range map[string]legacy.Element{
		"a column twice, in another case": {Names: []string{"a", "A"}},
		"more values than columns":        {Names: []string{"a"}, Values: []string{"1", "2"}},
		"broken characters":               {Names: []string{"a"}, Values: []string{"\xff"}},
		"too many columns":                {Names: make([]string, table.MaxColumns+1)},
		"too long":                        {Names: []string{"a", "b"}, Values: []string{strings.Repeat("x", legacy.MaxElement), "y"}},
	} {
		var fault *legacy.Fault
		if _, err := table.Read(e); !errors.As(err, &fault) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestValuesMayBeMissingOrEmptyBeyondTheEnd(t *testing.T) {
	if r := row(t, []string{"a", "b"}, []string{"1"}); r.Text("b") != "" || !r.Has("b") {
		t.Errorf("%+v", r)
	}
	if r := row(t, []string{"a"}, []string{"1", "", ""}); r.Text("a") != "1" {
		t.Errorf("%+v", r)
	}
}

func TestInstantsAreReadAsDatabasesPrintThem(t *testing.T) {
	for text, want := range map[string]string{
		"2024-01-05T10:00:00Z":               "2024-01-05 10:00:00 UTC",
		"2024-01-05 10:00:00.123+00":         "2024-01-05 10:00:00.123 UTC", // PostgreSQL
		"2024-01-05 10:00:00+02:00":          "2024-01-05 08:00:00 UTC",
		"2024-01-05 10:00:00":                "2024-01-05 10:00:00 UTC", // MySQL, SQLite
		"2024-01-05 10:00:00.0000000 +01:00": "2024-01-05 09:00:00 UTC", // SQL Server
		"2024-01-05":                         "2024-01-05 00:00:00 UTC",
		"0000-00-00 00:00:00":                "",
		"infinity":                           "",
		"":                                   "",
		strings.Repeat("2", 100):             "",
	} {
		at, said := row(t, []string{"at"}, []string{text}).Instant("at")
		if said != (want != "") || said && at.Format("2006-01-02 15:04:05.999 MST") != want {
			t.Errorf("%s: %v %v", text, at, said)
		}
	}
}

func TestListsAreReadOutOfOneColumn(t *testing.T) {
	type entry struct {
		Name string `json:"name"`
	}
	for text, want := range map[string]int{"": 0, "null": 0, "[]": 0, `[{"name":"a"},{"name":"b"}]`: 2} {
		list, err := table.List[entry](row(t, []string{"l"}, []string{text}), "l")
		if err != nil || len(list) != want {
			t.Errorf("%s: %v, %v", text, list, err)
		}
	}
	for _, text := range []string{`{"name":"a"}`, `[{"name":1}]`, `[}`, `[]} {`, `[],"list":[]`, strings.Repeat("[", 100), `"s3cret"`} {
		_, err := table.List[entry](row(t, []string{"l"}, []string{text}), "l")
		var fault *legacy.Fault
		if !errors.As(err, &fault) || fault.Where != "l" || strings.Contains(err.Error(), "s3cret") {
			t.Errorf("%s: %v", text, err)
		}
	}
}

func TestWhatAnObjectHoldsBelowASecretIsASecretToo(t *testing.T) {
	r := row(t, []string{"tokens.0.Value", "/Tokens/0/a.b", "tokens", "tokensleft", "TOKENS.x"}, []string{"hidden", "hidden", "hidden", "2", "hidden"})
	var p legacy.Person
	r.Tell(&p, []string{"tokens"}, nil)
	if len(p.Fields) != 1 || p.Fields[0].Name != "tokensleft" {
		t.Errorf("%+v", p.Fields)
	}
	var fault *legacy.Fault
	if _, err := table.List[string](r, "tokens"); !errors.As(err, &fault) {
		t.Errorf("a list that was taken apart: %v", err)
	}
}

func TestWhatToolsWriteForNothingIsNothing(t *testing.T) {
	for text, want := range map[string]string{"NULL": "", `\N`: "", "": "", "null": "null", "Null": "Null", "NULLA": "NULLA"} {
		r := row(t, []string{"last_name"}, []string{text})
		var p legacy.Person
		r.Tell(&p, nil, nil)
		if r.Text("last_name") != want || p.Value("last_name") != want {
			t.Errorf("%q became %q", text, r.Text("last_name"))
		}
	}
}

func holds(r *table.Row, column, value string) bool {
	return r.Text(column) == value || r.Text(column) == "" && (value == "NULL" || value == `\N`)
}

func FuzzRead(f *testing.F) {
	f.Add("a", "1", "b", "[1]")
	f.Fuzz(func(t *testing.T, a, x, b, y string) {
		r, err := table.Read(legacy.Element{Names: []string{a, b}, Values: []string{x, y}})
		if err != nil {
			return
		}
		if !holds(r, a, x) || !holds(r, b, y) {
			t.Error("a value is not found under its column")
		}
		r.Flag(a)
		r.Instant(a)
		_, _ = table.List[any](r, b)
	})
}

func ExampleRead() {
	r, _ := table.Read(legacy.Element{Names: []string{"ID", "active"}, Values: []string{"7", "t"}}, "id")
	active, said := r.Flag("active")
	fmt.Println(r.Text("id"), active, said)
	// Output: 7 true true
}
