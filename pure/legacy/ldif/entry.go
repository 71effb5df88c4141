package ldif

import (
	"encoding/base64"
	"strings"
	"unicode"
	"unicode/utf8"

	"sallyport/pure/legacy"
)

// What one entry may ask of us, besides legacy.MaxElement.
const (
	maxAttributes = legacy.MaxFields
	maxValues     = 1000 // of one attribute that are kept
	maxName       = 256
)

// entry is an entry, its attributes in the order of the text.
type entry struct {
	dn         string
	attributes []attribute
	index      map[string]int // of attributes, by name in lower case
}

// attribute is one with its values, which may be any bytes.
type attribute struct {
	name   string // as it is told
	values []string
}

// at gives an attribute by its name in lower case, nil if there is none.
func (e *entry) at(name string) *attribute {
	if i, found := e.index[name]; found {
		return &e.attributes[i]
	}
	return nil
}

// value gives the first value of an attribute by its name in lower case.
func (e *entry) value(name string) string {
	if a := e.at(name); a != nil {
		return a.values[0]
	}
	return ""
}

// readEntry reads the lines of an entry, unfolded or not.
func readEntry(raw []byte) (*entry, error) {
	if len(raw) > legacy.MaxElement {
		return nil, &legacy.Fault{What: "it is too long"}
	}
	e := &entry{index: map[string]int{}}
	first := true
	for line := range strings.Lines(unfolded(string(raw))) {
		line = strings.TrimRight(line, "\r\n")
		if line == "" || line[0] == '#' || first && strings.HasPrefix(line, "version:") {
			continue
		}
		name, value, err := readLine(line)
		switch {
		case err != nil:
			return nil, err
		case first && !strings.EqualFold(name, keyDN), !first && strings.EqualFold(name, keyDN):
			return nil, &legacy.Fault{What: "not one entry that begins with its dn"}
		case first && (value == "" || !printable(value)):
			return nil, &legacy.Fault{Where: keyDN, What: "not the name of an entry"}
		case first:
			e.dn, first = value, false
			continue
		}
		if err := e.add(name, value); err != nil {
			return nil, err
		}
	}
	if first {
		return nil, &legacy.Fault{What: "not one entry that begins with its dn"}
	}
	return e, nil
}

// unfolded joins lines that go on in the next one (RFC 2849, note 2), in one pass.
func unfolded(text string) string {
	if !strings.Contains(text, "\n ") {
		return text
	}
	var b strings.Builder
	b.Grow(len(text))
	for line := range strings.Lines(text) {
		if rest, goesOn := strings.CutPrefix(line, " "); goesOn {
			line = rest
		} else if b.Len() > 0 {
			b.WriteByte('\n')
		}
		b.WriteString(strings.TrimRight(line, "\r\n"))
	}
	return b.String()
}

// readLine takes a line apart. A value that stands in another place, behind a
// URL, is never fetched.
func readLine(line string) (name, value string, err error) {
	name, rest, found := strings.Cut(line, ":")
	switch {
	case !found, name == "", len(name) > maxName, !printable(name):
		return "", "", &legacy.Fault{What: "a line that is no attribute with its value"}
	case strings.HasPrefix(rest, "<"):
		return name, "", nil
	case !strings.HasPrefix(rest, ":"):
		return name, strings.TrimLeft(rest, " "), nil
	}
	raw, err := base64.StdEncoding.DecodeString(strings.TrimSpace(rest[1:]))
	if err != nil {
		return "", "", &legacy.Fault{Where: told(name), What: "a value that is not base64"}
	}
	return name, string(raw), nil
}

// add keeps a value. An attribute that has options is kept under its whole name,
// and a secret is one with any options.
func (e *entry) add(name, value string) error {
	folded := strings.ToLower(name)
	switch folded {
	case "changetype", "control":
		return &legacy.Fault{Where: folded, What: "a change to an entry, not an entry"}
	}
	if value == "" {
		return nil
	}
	at, found := e.index[folded]
	if !found {
		if len(e.attributes) == maxAttributes {
			return &legacy.Fault{What: "too many attributes"}
		}
		at = len(e.attributes)
		e.index[folded] = at
		e.attributes = append(e.attributes, attribute{name: told(name)})
	}
	a := &e.attributes[at]
	if len(a.values) < maxValues {
		a.values = append(a.values, value)
	}
	return nil
}

func printable(text string) bool {
	return utf8.ValidString(text) && !strings.ContainsFunc(text, unicode.IsControl)
}
