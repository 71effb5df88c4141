package cut_test

import (
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"

	"sallyport/pure/cut"
)

func rows(t testing.TB, s *cut.Scanner, next func() (cut.Row, error)) (all [][]string, at []int64) {
	t.Helper()
	for {
		at = append(at, s.Offset())
		row, err := next()
		if err == io.EOF {
			return all, at
		}
		if err != nil {
			t.Fatal(err)
		}
		values := []string{}
		for _, f := range row.Fields {
			values = append(values, string(f))
		}
		if row.Fields == nil {
			values = append(values, string(row.Raw))
		}
		if row.Fault != "" {
			values = []string{"!" + row.Fault}
		}
		all = append(all, values)
	}
}

func TestLooseRowsAreReadAsPeopleWriteThem(t *testing.T) {
	tests := map[string]struct {
		text string
		want [][]string
	}{
		"a quote within a quoted value":         {`"say "hi" now",b`, [][]string{{`say "hi" now`, "b"}}},
		"a quote that is doubled":               {`"say ""hi""",b`, [][]string{{`say "hi"`, "b"}}},
		"a quote behind a backslash":            {`"say \"hi\"",b`, [][]string{{`say "hi"`, "b"}}},
		"a delimiter behind a backslash":        {`a\,b,c`, [][]string{{"a,b", "c"}}},
		"a line break behind a backslash":       {"a\\\nb,c\nd,e", [][]string{{"a\nb", "c"}, {"d", "e"}}},
		"a backslash behind a backslash":        {`a\\,b`, [][]string{{`a\`, "b"}}},
		"a backslash at the very end":           {`a,b\`, [][]string{{"a", "b"}}},
		"nothing as databases write it":         {`\N,b`, [][]string{{`\N`, "b"}}},
		"a quote that does not begin a value":   {"5\" pipe,b\nc,d", [][]string{{`5" pipe`, "b"}, {"c", "d"}}},
		"a quote that is never closed":          {"\"a\nb,c", [][]string{{"!a quote is not closed"}, {"b", "c"}}},
		"a quoted value with CRLF behind it":    {"\"a\",\"b\"\r\nc,d\r\n", [][]string{{"a", "b"}, {"c", "d"}}},
		"an unquoted value with CRLF behind it": {"a\\,,b\r\nc,d\r\n", [][]string{{"a,", "b"}, {"c", "d"}}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			for _, r := range []io.Reader{strings.NewReader(test.text), iotest.OneByteReader(strings.NewReader(test.text))} {
				s := cut.New(r, cut.Options{Loose: true})
				got, at := rows(t, s, s.Row)
				if diff := cmp.Diff(test.want, got); diff != "" {
					t.Fatal(diff)
				}
				for i, offset := range at {
					again := s.Another(strings.NewReader(test.text[offset:]), offset)
					if rest, _ := rows(t, again, again.Row); len(rest) != len(got)-min(i, len(got)) {
						t.Fatalf("%d rows behind row %d", len(rest), i)
					}
				}
			}
		})
	}
}

func TestEntriesAreUnfolded(t *testing.T) {
	tests := map[string]struct {
		text string
		want [][]string
	}{
		"two entries":               {"version: 1\n\ndn: uid=a\nuid: a\n\n\ndn: uid=b\r\nuid: b\r\n\r\n", [][]string{{"dn: uid=a\nuid: a\n"}, {"dn: uid=b\nuid: b\n"}}},
		"folded lines":              {"dn: uid=a,\n  dc=x\ncn: A\n n\n a\n", [][]string{{"dn: uid=a, dc=x\ncn: Ana\n"}}},
		"comments, also folded":     {"# people\n  of x\n\n# a\ndn: uid=a\n# b\n  c\nuid: a\n", [][]string{{"dn: uid=a\nuid: a\n"}}},
		"base64 is left to others":  {"dn:: dWlkPWE=\n", [][]string{{"dn:: dWlkPWE=\n"}}},
		"the end of a search":       {"dn: uid=a\n\n# search result\nsearch: 2\nresult: 0 Success\n\n# numResponses: 2\n", [][]string{{"dn: uid=a\n"}}},
		"a change":                  {"dn: uid=a\nchangetype: delete\n\ndn: uid=b\n", [][]string{{"!a change to an entry, not an entry"}, {"dn: uid=b\n"}}},
		"lines without a dn":        {"uid: a\n\ndn: uid=b\n", [][]string{{"!not an entry: it does not begin with its dn"}, {"dn: uid=b\n"}}},
		"an entry that is too long": {"dn: uid=a\njpegPhoto:: " + strings.Repeat("A", cut.MaxRow) + "\n\ndn: uid=b\n", [][]string{{"!" + cut.TooLong}, {"dn: uid=b\n"}}},
		"nothing":                   {"", nil},
		"a mark":                    {"\xef\xbb\xbfdn: uid=a\n", [][]string{{"dn: uid=a\n"}}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			for _, r := range []io.Reader{strings.NewReader(test.text), iotest.HalfReader(strings.NewReader(test.text))} {
				s := cut.New(r, cut.Options{})
				if _, _, err := s.Beginning(); err != nil {
					t.Fatal(err)
				}
				s.SkipMark()
				got, at := rows(t, s, s.Entry)
				if diff := cmp.Diff(test.want, got); diff != "" {
					t.Fatal(diff)
				}
				for i, offset := range at {
					again := s.Another(strings.NewReader(test.text[offset:]), offset)
					rest, _ := rows(t, again, again.Entry)
					if diff := cmp.Diff(got[min(i, len(got)):], rest); diff != "" && len(rest)+len(got) > i {
						t.Fatalf("behind entry %d: %s", i, diff)
					}
				}
			}
		})
	}
}

func TestVerbatimRowsKeepTheirBackslashes(t *testing.T) {
	for text, want := range map[string][]string{
		`a\,b\c`:                                {`a\`, `b\c`},
		`\N,\`:                                  {`\N`, `\`},
		`"{""a"":""say \"hi\"""}",b`:            {`{"a":"say \"hi\""}`, "b"},
		`"{""path"":""c:\\d"",""n"":""\n""}",b`: {`{"path":"c:\\d","n":"\n"}`, "b"},
		`"a\`:                                   {"!a quote is not closed"},
	} {
		s := cut.New(iotest.OneByteReader(strings.NewReader(text)), cut.Options{Loose: true, Verbatim: true})
		got, _ := rows(t, s, s.Row)
		if diff := cmp.Diff([][]string{want}, got); diff != "" {
			t.Errorf("%s: %s", text, diff)
		}
	}
}

func FuzzEntries(f *testing.F) {
	f.Add("version: 1\ndn: uid=a\n  b\n\n#c\ndn:: eA==\r\n\r\n")
	f.Fuzz(func(t *testing.T, text string) {
		s := cut.New(strings.NewReader(text), cut.Options{})
		all, at := rows(t, s, s.Entry)
		for i, offset := range at {
			again := s.Another(iotest.HalfReader(strings.NewReader(text[offset:])), offset)
			if rest, _ := rows(t, again, again.Entry); len(rest) != len(all)-min(i, len(all)) {
				t.Fatalf("%d entries behind entry %d of %d", len(rest), i, len(all))
			}
		}
	})
}

func FuzzLooseRows(f *testing.F) {
	f.Add("a,\"b \"c\" d\"\n\\N,\"e\\\"\n\",f\\,\r\n")
	f.Fuzz(func(t *testing.T, text string) {
		s := cut.New(strings.NewReader(text), cut.Options{Loose: true})
		all, at := rows(t, s, s.Row)
		for i, offset := range at {
			again := s.Another(iotest.HalfReader(strings.NewReader(text[offset:])), offset)
			rest, _ := rows(t, again, again.Row)
			if diff := cmp.Diff(all[min(i, len(all)):], rest); diff != "" && len(rest)+len(all) > i {
				t.Fatalf("behind row %d: %s", i, diff)
			}
		}
	})
}
