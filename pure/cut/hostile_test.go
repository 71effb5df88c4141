package cut_test

import (
	"io"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"sallyport/pure/cut"
)

// bombs are files in which every part looks as if it went on for ever. Whoever looks for
// the end of each of them through all that follows needs minutes for them, not moments.
var bombs = map[string]string{
	"a quote on each line that nothing closes": strings.Repeat("\"x\n", 150_000),
	"a quote behind a value on each line":      strings.Repeat("a,\"b\n", 100_000),
	"quotes behind backslashes":                strings.Repeat("\"\\\"\n", 100_000),
	"line breaks behind backslashes":           strings.Repeat("x\\\n", 150_000),
	"doubled quotes":                           strings.Repeat(`""`, 300_000),
	"carriage returns alone":                   strings.Repeat("\"\r", 300_000),
	"objects that begin on each line":          strings.Repeat("{\n", 200_000),
	"objects that begin":                       strings.Repeat("{", 500_000),
	"arrays that begin":                        strings.Repeat("[", 500_000),
	"members within members":                   strings.Repeat(`{"a":`, 100_000),
	"members within members, line by line":     strings.Repeat("{\"a\":\n", 100_000),
	"people within people":                     strings.Repeat("{\"users\":[\n", 60_000),
	"texts that begin on each line":            strings.Repeat("{\"a\n", 150_000),
	"escapes that are cut off":                 strings.Repeat("{\"a\\\n", 150_000),
	"ends without a beginning":                 strings.Repeat("}", 300_000),
	"a number without end":                     `{"a":` + strings.Repeat("9", 500_000),
	"what is no object":                        strings.Repeat("x,\n", 150_000),
	"entries of one line that goes on":         "dn: a\n" + strings.Repeat(" b\n", 150_000),
	"entries that begin on each line":          strings.Repeat("dn: a\n\n", 100_000),
	"comments that go on":                      strings.Repeat("#\n ", 150_000),
}

func TestNoFileKeepsACutterBusy(t *testing.T) {
	for name, text := range bombs {
		t.Run(name, func(t *testing.T) {
			began := time.Now()
			for how, next := range cutters(strings.NewReader(text)) {
				count := 0
				for ; next() == nil; count++ {
				}
				if count > len(text) {
					t.Errorf("%s: %d parts of %d bytes", how, count, len(text))
				}
			}
			// Ten times what a slow machine needs, and a twentieth of what one that is
			// careless would.
			if took := time.Since(began); took > 4*time.Second {
				t.Errorf("it took %s", took)
			}
		})
	}
}

// cutters read a text in every way.
func cutters(r *strings.Reader) map[string]func() error {
	all := map[string]func() error{}
	fresh := func() io.Reader { again := *r; return &again }
	for how, o := range map[string]cut.Options{"strict rows": {}, "loose rows": {Loose: true}, "verbatim rows": {Loose: true, Verbatim: true}} {
		s := cut.New(fresh(), o)
		all[how] = func() error { _, err := s.Row(); return err }
	}
	entries := cut.New(fresh(), cut.Options{})
	all["entries"] = func() error { _, err := entries.Entry(); return err }
	lines := cut.NewObjects(cut.New(fresh(), cut.Options{}), cut.Layout{}, 0)
	all["objects"] = func() error { _, err := lines.Next(); return err }
	members := cut.NewObjects(cut.New(fresh(), cut.Options{}), keycloak, 0)
	all["objects of members"] = func() error { _, err := members.Next(); return err }
	return all
}

// FuzzEveryCutter: whatever a file holds, it ends, its parts are no longer than it, and
// how it arrives does not matter.
func FuzzEveryCutter(f *testing.F) {
	for _, text := range bombs {
		f.Add(text[:min(len(text), 200)])
	}
	f.Add("\xef\xbb\xbf\xff\xfea\x00,\x00\"\x00\r\n")
	f.Add("{\"users\":[{\"a\":\"\\ud8\"},{\"a\":1e999999},{\"a\":1,\"a\":2}]}\x00")
	f.Fuzz(func(t *testing.T, text string) {
		for loose := range 3 {
			o := cut.Options{Loose: loose > 0, Verbatim: loose > 1}
			all, slowly := countRows(t, strings.NewReader(text), o), countRows(t, iotest.OneByteReader(strings.NewReader(text)), o)
			if all != slowly || all > len(text) {
				t.Fatalf("%d rows, or %d", all, slowly)
			}
		}
		whole, slow := objects(t, strings.NewReader(text), keycloak, cut.Place{}), objects(t, iotest.OneByteReader(strings.NewReader(text)), keycloak, cut.Place{})
		if len(whole) != len(slow) || len(whole) > len(text) {
			t.Fatalf("%d objects, or %d", len(whole), len(slow))
		}
	})
}

func countRows(t *testing.T, r io.Reader, o cut.Options) int {
	t.Helper()
	s := cut.New(r, o)
	all, _ := rows(t, s, s.Row)
	return len(all)
}
