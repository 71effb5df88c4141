package migrate

import (
	"bytes"
	"encoding/csv"
	"errors"
	"io"
	"slices"
	"strings"
	"testing"
	"testing/iotest"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
)

func twoColumns(t testing.TB, source Source) *Plan {
	return compiled(t, Spec{Name: "m", Source: source, Key: "k", Fields: []Field{{From: "e", To: "email"}}})
}

// read gives each row as its values, or as the reason it is not readable.
func read(t testing.TB, rows *Rows) (all [][]string, at []Position) {
	t.Helper()
	for {
		at = append(at, rows.Position())
		record, err := rows.Next()
		switch {
		case err == io.EOF:
			return all, at
		case err != nil:
			t.Fatal(err)
		case record.Fault != nil:
			all = append(all, []string{"!" + string(record.Fault.Reason)})
		default:
			all = append(all, record.Values)
		}
	}
}

func TestRead(t *testing.T) {
	const bad, bytesBad = "!malformed-row", "!bad-encoding"
	tests := map[string]struct {
		source Source
		text   string
		want   [][]string
	}{
		"plain rows":                                     {text: "k,e\n1,a\n2,b\n", want: [][]string{{"1", "a"}, {"2", "b"}}},
		"the last row has no end":                        {text: "k,e\n1,a\n2,b", want: [][]string{{"1", "a"}, {"2", "b"}}},
		"a header alone":                                 {text: "k,e\n"},
		"a byte order mark and CRLF":                     {text: "\xef\xbb\xbfk,e\r\n1,a\r\n\r\n2,b\r\n", want: [][]string{{"1", "a"}, {"2", "b"}}},
		"columns in another order, and more of them":     {text: "x,e,k\n0,a,1\n", want: [][]string{{"1", "a"}}},
		"quoted values":                                  {text: "\"k\",\"e\"\n\"1\",\"a,\"\"b\"\"\"\n\"2\",\"\"\n", want: [][]string{{"1", `a,"b"`}, {"2", ""}}},
		"a line break in a quoted value":                 {text: "k,e\r\n1,\"a\r\nb\"\r\n2,b\r\n", want: [][]string{{"1", "a\r\nb"}, {"2", "b"}}},
		"a quote within a value is a quote":              {text: "k,e\n1,5\" pipe\n", want: [][]string{{"1", `5" pipe`}}},
		"empty values beyond the last column":            {text: "k,e\n1,a,,\n", want: [][]string{{"1", "a"}}},
		"another delimiter and a word for nothing":       {source: Source{Delimiter: `\t`, Null: `\N`}, text: "k\te\n1\t\\N\n2\ta,b\n", want: [][]string{{"1", ""}, {"2", "a,b"}}},
		"a short row is lost alone":                      {text: "k,e\n1\n2,b\n", want: [][]string{{bad}, {"2", "b"}}},
		"a long row is lost alone":                       {text: "k,e\n1,a,b\n2,b\n", want: [][]string{{bad}, {"2", "b"}}},
		"text behind a closing quote":                    {text: "k,e\n1,\"a\"b\n2,b\n", want: [][]string{{bad}, {"2", "b"}}},
		"an unclosed quote costs one row":                {text: "k,e\n1,\"a\n2,b\n3,c\n", want: [][]string{{bad}, {"2", "b"}, {"3", "c"}}},
		"an unclosed quote before a huge rest":           {text: "k,e\n1,\"a\n" + strings.Repeat("2,b\n", 40_000), want: append([][]string{{bad}}, slices.Repeat([][]string{{"2", "b"}}, 40_000)...)},
		"a value of 64 KiB and one byte":                 {text: "k,e\n1," + strings.Repeat("a", MaxField+1) + "\n2,b\n", want: [][]string{{bad}, {"2", "b"}}},
		"a row of more than a mebibyte":                  {text: "k,e\n1," + strings.Repeat("a", 3*MaxRow) + "\n2,b\n", want: [][]string{{bad}, {"2", "b"}}},
		"501 values":                                     {text: "k,e\n1" + strings.Repeat(",", MaxColumns) + "\n2,b\n", want: [][]string{{bad}, {"2", "b"}}},
		"bytes that are not UTF-8":                       {text: "k,e\n1,\xe9\n2,b\n", want: [][]string{{bytesBad}, {"2", "b"}}},
		"bad bytes in a column that nobody reads":        {text: "k,e,x\n1,a,\xe9\n", want: [][]string{{"1", "a"}}},
		"windows-1252":                                   {source: Source{Encoding: "windows-1252"}, text: "k,e\n1,\x80\xe9\n2,\x81\n", want: [][]string{{"1", "€é"}, {bytesBad}}},
		"iso-8859-1":                                     {source: Source{Encoding: "iso-8859-1"}, text: "k,e\n1,\xe9\n", want: [][]string{{"1", "é"}}},
		"a carriage return at the very end":              {text: "k,e\n1,\"a\"\r", want: [][]string{{"1", "a"}}},
		"a quoted value at the very end":                 {text: "k,e\n1,\"a\"", want: [][]string{{"1", "a"}}},
		"nothing but a delimiter is two empty values":    {text: "k,e\n,\n", want: [][]string{{"", ""}}},
		"a carriage return is no end of a row by itself": {text: "k,e\n1,a\rb\n", want: [][]string{{"1", "a\rb"}}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			plan := twoColumns(t, test.source)
			for _, reader := range []io.Reader{strings.NewReader(test.text), iotest.HalfReader(strings.NewReader(test.text))} {
				rows, err := plan.Read(reader)
				if err != nil {
					t.Fatal(err)
				}
				got, positions := read(t, rows)
				if diff := cmp.Diff(test.want, got); diff != "" {
					t.Fatal(diff)
				}
				checkResumes(t, rows, test.text, got, positions)
			}
		})
	}
}

// checkResumes reads on from a few positions and expects the rest of the rows.
func checkResumes(t *testing.T, rows *Rows, text string, all [][]string, positions []Position) {
	t.Helper()
	for i := 0; i < len(positions); i += 1 + len(positions)/5 {
		at := positions[i]
		if at.Row != int64(i) {
			t.Fatalf("position %d is row %d", i, at.Row)
		}
		got, _ := read(t, rows.From(strings.NewReader(text[at.Offset:]), at))
		if diff := cmp.Diff(all[i:], got); diff != "" && len(all[i:])+len(got) > 0 {
			t.Fatalf("from %+v: %s", at, diff)
		}
	}
}

func TestHeadersThatAreRefused(t *testing.T) {
	tests := map[string]struct{ text, want string }{
		"a column is missing":      {"a,e\n1,2\n", "header not usable: no column k"},
		"both are missing":         {"a,b\n", "header not usable: no column k, e"},
		"an empty file":            {"", "header not usable: the file is empty"},
		"only a mark":              {"\xef\xbb\xbf", "header not usable: the file is empty"},
		"UTF-16":                   {"\xff\xfek\x00", "header not usable: the file is UTF-16; convert it to UTF-8"},
		"a mapped column is twice": {"k,e,e\n", "header not usable: column e occurs twice"},
		"an unclosed quote":        {"k,\"e\n", "header not usable: a quote is not closed"},
		"bytes that are not UTF-8": {"k,e,\xe9\n", "header not usable: bytes that the declared encoding does not have"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			_, err := twoColumns(t, Source{}).Read(strings.NewReader(test.text))
			if !errors.Is(err, ErrHeader) || err.Error() != test.want {
				t.Errorf("got %v", err)
			}
		})
	}
}

func TestAReaderThatFailsIsAnErrorNotARow(t *testing.T) {
	broken := errors.New("disk on fire")
	rows, err := twoColumns(t, Source{}).Read(io.MultiReader(strings.NewReader("k,e\n1,a\n2,"), iotest.ErrReader(broken)))
	for err == nil {
		_, err = rows.Next()
	}
	if !errors.Is(err, broken) {
		t.Errorf("got %v", err)
	}
}

// What the standard library writes, we read.
func FuzzReadCSVReadsWhatWasWritten(f *testing.F) {
	f.Add("1", "a,b", "2", "say \"hi\"\r\nbye")
	f.Add("", "", " ", "\"")
	plan := twoColumns(f, Source{})
	f.Fuzz(func(t *testing.T, a, b, c, d string) {
		var file bytes.Buffer
		w := csv.NewWriter(&file)
		want := [][]string{{a, b}, {c, d}}
		if err := w.WriteAll(append([][]string{{"k", "e"}}, want...)); err != nil {
			t.Skip()
		}
		if len(a+b+c+d) > MaxField || !utf8.ValidString(a) || !utf8.ValidString(b) || !utf8.ValidString(c) || !utf8.ValidString(d) {
			t.Skip()
		}
		rows, err := plan.Read(&file)
		if err != nil {
			t.Fatal(err)
		}
		got, _ := read(t, rows)
		if diff := cmp.Diff(want, got); diff != "" {
			t.Error(diff)
		}
	})
}

// Whatever the bytes are, every row ends, positions rise, and a second reading
// from any position gives the same rows.
func FuzzReadCSVIsTheSameFromAnyPosition(f *testing.F) {
	f.Add([]byte("1,\"a\n2,b\n\"\",\"\"\"\n\n\r\n3"))
	plan := twoColumns(f, Source{})
	f.Fuzz(func(t *testing.T, body []byte) {
		text := "k,e\n" + string(body)
		rows, err := plan.Read(strings.NewReader(text))
		if err != nil {
			t.Skip()
		}
		all, positions := read(t, rows)
		if last := positions[len(positions)-1]; last.Offset > int64(len(text)) {
			t.Fatalf("read to %d of %d", last.Offset, len(text))
		}
		checkResumes(t, rows, text, all, positions)
	})
}

func BenchmarkReadAndMap(b *testing.B) {
	plan := compiled(b, meterman())
	var file bytes.Buffer
	header := plan.Columns()
	w := csv.NewWriter(&file)
	w.Write(header)
	record := dana(nil)
	for range 10_000 {
		var row []string
		for _, column := range header {
			row = append(row, record[column])
		}
		w.Write(row)
	}
	w.Flush()
	text := file.Bytes()
	rows, _ := plan.Read(bytes.NewReader(text))
	b.SetBytes(int64(len(text) / 10_000))
	b.ReportAllocs()
	for b.Loop() {
		record, err := rows.Next()
		if err == io.EOF {
			rows, _ = plan.Read(bytes.NewReader(text))
			record, _ = rows.Next()
		}
		Map(plan, record)
	}
}
