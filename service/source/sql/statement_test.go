package sql

import (
	"strconv"
	"strings"
	"testing"
)

func TestPlacesAreFoundWhereTheyAreAndNowhereElse(t *testing.T) {
	numbered := marks{mark: func(n int) string { return "$" + strconv.Itoa(n) }, dollar: true}
	each := marks{mark: func(int) string { return "?" }, repeat: true}
	for _, test := range []struct {
		name, text string
		marks      marks
		want       string
		names      int
	}{
		{"twice the same", "a = :identifier OR b = :identifier", numbered, "a = $1 OR b = $1", 1},
		{"twice the same, one by one", "a = :identifier OR b = :identifier", each, "a = ? OR b = ?", 2},
		{"a cast", "id::after > :after::bigint", numbered, "id::after > $1::bigint", 1},
		{"a longer name", ":afterwards :after", numbered, ":afterwards $1", 1},
		{"in a text", "a = ':after' AND b = 'it''s :after' AND c = :after", numbered, "a = ':after' AND b = 'it''s :after' AND c = $1", 1},
		{"in names", "\":after\" `:after` [:after] :after", numbered, "\":after\" `:after` [:after] $1", 1},
		{"in comments", "-- :after\n/* :after */ :after", numbered, "-- :after\n/* :after */ $1", 1},
		{"between dollars", "$q$ :after $q$ :after", numbered, "$q$ :after $q$ $1", 1},
		{"a text without an end", "a = ' :after", numbered, "a = ' :after", 0},
	} {
		t.Run(test.name, func(t *testing.T) {
			if got := compile(test.text, test.marks); got.text != test.want || len(got.names) != test.names {
				t.Errorf("%q with %v", got.text, got.names)
			}
		})
	}
}

func FuzzCompile(f *testing.F) {
	f.Add("SELECT :identifier, ':after' FROM a -- :limit")
	f.Add("$$:after")
	f.Fuzz(func(t *testing.T, text string) {
		got := compile(text, marks{mark: func(int) string { return "\x00" }, repeat: true, dollar: true})
		if strings.Contains(text, "\x00") {
			return
		}
		// Each mark stands for one value, and with the names put back it is the same text.
		back := got.text
		for _, name := range got.names {
			back = strings.Replace(back, "\x00", ":"+name, 1)
		}
		if back != text {
			t.Errorf("%q became %q", text, got.text)
		}
	})
}
