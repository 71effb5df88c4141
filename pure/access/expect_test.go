package access_test

import (
	"errors"
	"strings"
	"testing"

	"sallyport/pure/access"
)

func TestASheetsMistakesNameTheirRowAndColumn(t *testing.T) {
	for sheet, want := range map[string]string{
		"":                             "row 1: the header names no scope",
		"app":                          "row 1: the header names no scope",
		",a.read.x,,a.read.x\n":        "row 1, column 3: the header names no scope here\nrow 1, column 4: scope a.read.x has a column already",
		",a.read.x\none,maybe\n":       "row 2, column 2: this is neither yes nor no",
		",a.read.x\none,yes\none,no\n": "row 3, column 1: application one has row 2 already",
		",a.read.x\n,yes\n":            "row 2, column 1: this is no name of an application",
		",a.read.x\none,yes,no\n":      "row 2, column 3: the header names no scope here",
		",a.read.x\none,\"yes\n":       "row 2: it is no CSV: a quote is wrong",
		",a.read.x\n\none,yes\ntwo,?":  "row 4, column 2: this is neither yes nor no",
		",a read x\none,yes\n":         "row 1, column 2: this is no name of a scope",
	} {
		_, err := access.ParseSheet([]byte(sheet), "")
		var mistake *access.SheetMistake
		if err == nil || err.Error() != want || !errors.As(err, &mistake) {
			t.Errorf("%q: got %v, want %s", sheet, err, want)
		}
	}
}

// FuzzParseSheet: whatever is read has its cell at its place, says what it says
// there, and nothing is said twice.
func FuzzParseSheet(f *testing.F) {
	f.Add("\ufeffapplication,a.read.x,a.write.x\r\none,yes,\r\ntwo,Should  Not,X\r\n")
	f.Add(",a\n\"o\nne\",no\n")
	f.Fuzz(func(t *testing.T, sheet string) {
		all, err := access.ParseSheet([]byte(sheet), "o")
		if (err != nil) && all != nil {
			t.Fatal("expectations beside a mistake")
		}
		places := map[string]bool{}
		for _, e := range all {
			if places[e.Place] || e.Owner != "o" || len(e.Scopes) != 1 || e.Application == "" || (e.Must != access.MustObtain && e.Must != access.MustNever) {
				t.Fatalf("%+v", e)
			}
			places[e.Place] = true
			if !strings.Contains(sheet, string(e.Scopes[0])) {
				t.Fatalf("scope %q is not in the sheet", e.Scopes[0])
			}
		}
	})
}
