package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"strings"
	"time"
	"unicode/utf8"

	"golang.org/x/term"
)

// look is how results are shown: aligned and perhaps in colour to a person,
// separated by tabs and without a heading to a program.
type look struct {
	person bool
	color  bool
	width  int // columns of the terminal
}

// lookOf looks at where the result goes.
func lookOf(w io.Writer, noColor bool) look {
	if !terminal(w) {
		return look{width: 80}
	}
	l := look{person: true, width: 80}
	l.color = !noColor && os.Getenv("NO_COLOR") == "" && os.Getenv("TERM") != "dumb"
	if width, _, err := term.GetSize(int(w.(*os.File).Fd())); err == nil && width > 0 {
		l.width = width
	}
	return l
}

// The few colours that are used. What they say, words say too.
const (
	bold   = "1"
	red    = "31"
	green  = "32"
	yellow = "33"
)

func (l look) paint(code, text string) string {
	if !l.color {
		return text
	}
	return "\x1b[" + code + "m" + text + "\x1b[0m"
}

// table writes rows. Nothing in them can move the cursor or break a line.
func (l look) table(w io.Writer, heading []string, rows [][]string) error {
	if !l.person {
		for _, row := range rows {
			if _, err := fmt.Fprintln(w, strings.Join(each(row, plain), "\t")); err != nil {
				return err
			}
		}
		return nil
	}
	widths := make([]int, len(heading))
	for _, row := range append([][]string{heading}, rows...) {
		for i, cell := range row {
			widths[i] = max(widths[i], utf8.RuneCountInString(plain(cell)))
		}
	}
	if len(rows) > 0 {
		fmt.Fprintln(w, l.paint(bold, line(heading, widths)))
	}
	for _, row := range rows {
		if _, err := fmt.Fprintln(w, line(row, widths)); err != nil {
			return err
		}
	}
	return nil
}

func line(cells []string, widths []int) string {
	var b strings.Builder
	for i, cell := range cells {
		cell = plain(cell)
		b.WriteString(cell)
		b.WriteString(strings.Repeat(" ", widths[i]-utf8.RuneCountInString(cell)+2))
	}
	return strings.TrimRight(b.String(), " ")
}

func each(all []string, f func(string) string) []string {
	changed := make([]string, len(all))
	for i, s := range all {
		changed[i] = f(s)
	}
	return changed
}

// steers tells what can move a terminal's cursor, change its state or turn its
// text around: controls, and Unicode's marks of direction and of lines.
func steers(r rune) bool {
	control := r < ' ' || 0x7f <= r && r < 0xa0
	direction := r == 0x61c || r == 0x200e || r == 0x200f || 0x202a <= r && r <= 0x202e || 0x2066 <= r && r <= 0x2069
	return control || direction || r == 0x2028 || r == 0x2029
}

// plain keeps what came from elsewhere from steering the terminal.
func plain(s string) string {
	return strings.Map(func(r rune) rune {
		if steers(r) {
			return ' '
		}
		return r
	}, s)
}

// plainJSON is the same for JSON, of which it changes the spelling and not the
// meaning: such characters stand in strings only, where an escape says the same.
func plainJSON(text []byte) []byte {
	if bytes.IndexFunc(text, steersJSON) < 0 {
		return text
	}
	var b bytes.Buffer
	for _, r := range string(text) {
		if steersJSON(r) {
			fmt.Fprintf(&b, `\u%04x`, r)
		} else {
			b.WriteRune(r)
		}
	}
	return b.Bytes()
}

// steersJSON leaves out what JSON lets nobody write into a string as it is.
func steersJSON(r rune) bool { return r >= ' ' && steers(r) }

// writeJSON writes a value for programs, which may well be a terminal.
func writeJSON(w io.Writer, v any) error {
	var b bytes.Buffer
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	if err := encoder.Encode(v); err != nil {
		return err
	}
	_, err := w.Write(plainJSON(b.Bytes()))
	return err
}

// show writes an answer: as it came with --json, else as render does.
func show[T any](s *session, answer json.RawMessage, render func(T) error) error {
	if s.flags.json {
		return writeJSON(s.out, answer)
	}
	var decoded T
	if err := json.Unmarshal(answer, &decoded); err != nil {
		return err
	}
	return render(decoded)
}

// when writes an instant to the second, in UTC.
func when(t time.Time) string { return t.UTC().Format("2006-01-02 15:04:05Z") }

func whenever(t *time.Time) string {
	if t == nil {
		return "-"
	}
	return when(*t)
}

// dash stands for nothing in a table.
func dash(s string) string {
	if s == "" {
		return "-"
	}
	return s
}

// count writes "1 row", "2 rows", and "2 matches" where the plural is given.
func count(n int64, one string, several ...string) string {
	switch {
	case n == 1:
		return "1 " + one
	case len(several) > 0:
		return fmt.Sprintf("%d %s", n, several[0])
	}
	return fmt.Sprintf("%d %ss", n, one)
}
