package sql

import (
	"strings"

	"sallyport/pure/config"
)

// statement is a question whose named places became those of a database.
type statement struct {
	text  string
	names []string // of the values, in the order in which they are bound
}

// marks is how a database writes the place of a value.
type marks struct {
	mark   func(n int) string // of the n-th value, from 1
	repeat bool               // each place has a value of its own
	dollar bool               // texts may stand between dollars
}

// compile finds :identifier, :after and :limit outside of texts, names in quotes and
// comments. Anything else with a colon, such as a cast, stays as it is.
func compile(text string, m marks) statement {
	var s statement
	var b strings.Builder
	for at := 0; at < len(text); {
		if end := quoted(text, at, m.dollar); end > at {
			b.WriteString(text[at:end])
			at = end
			continue
		}
		if name := placed(text, at); name != "" {
			b.WriteString(m.mark(s.place(name, m.repeat)))
			at += 1 + len(name)
			continue
		}
		b.WriteByte(text[at])
		at++
	}
	s.text = b.String()
	return s
}

// place gives the number of a value.
func (s *statement) place(name string, repeat bool) int {
	for i, known := range s.names {
		if known == name && !repeat {
			return i + 1
		}
	}
	s.names = append(s.names, name)
	return len(s.names)
}

// has tells whether the statement has a place of that name.
func (s *statement) has(name string) bool {
	for _, known := range s.names {
		if known == name {
			return true
		}
	}
	return false
}

// placed tells which name stands at a colon; "" for none of ours.
func placed(text string, at int) string {
	if text[at] != ':' || at > 0 && text[at-1] == ':' {
		return ""
	}
	for _, name := range []string{config.PlaceIdentifier, config.PlaceAfter, config.PlaceLimit} {
		rest, found := strings.CutPrefix(text[at+1:], name)
		if found && (rest == "" || !isWord(rest[0])) {
			return name
		}
	}
	return ""
}

func isWord(c byte) bool {
	return c == '_' || c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= 0x80
}

// quoted gives the end of the text, quoted name or comment that begins at a place; the
// place itself if none does. What does not end goes to the end.
func quoted(text string, at int, dollar bool) int {
	rest := text[at:]
	switch {
	case rest[0] == '\'' || rest[0] == '"' || rest[0] == '`':
		return behind(text, at+1, rest[:1])
	case rest[0] == '[': // a name of SQL Server, or a subscript
		return behind(text, at+1, "]")
	case strings.HasPrefix(rest, "--"):
		return behind(text, at+2, "\n")
	case strings.HasPrefix(rest, "/*"):
		return behind(text, at+2, "*/")
	case dollar && rest[0] == '$':
		if n := strings.IndexByte(rest[1:], '$'); n >= 0 && !strings.ContainsFunc(rest[1:1+n], func(r rune) bool { return r >= 0x80 || !isWord(byte(r)) }) {
			return behind(text, at+n+2, rest[:n+2])
		}
	}
	return at
}

func behind(text string, from int, mark string) int {
	if n := strings.Index(text[min(from, len(text)):], mark); n >= 0 {
		return from + n + len(mark)
	}
	return len(text)
}
