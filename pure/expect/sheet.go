package expect

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"slices"
	"strings"

	"sallyport/pure/access"
	"sallyport/pure/config"
)

// Sheet writes a matrix as a spreadsheet that [access.ParseSheet] reads back: a row
// for each application, the one to come last, "yes" where a scope can be had in some
// context and "no" where in none. So who starts without a list starts from what is.
func Sheet(x *access.Matrix) []byte {
	var b bytes.Buffer
	w := csv.NewWriter(&b)
	heading := []string{"application"}
	for _, scope := range x.Scopes {
		heading = append(heading, string(scope))
	}
	// A buffer takes everything.
	_ = w.Write(heading)
	for _, row := range x.Rows {
		cells := []string{nameOf(row.Application)}
		for _, cell := range row.Cells {
			if cell.Obtainable == access.Never {
				cells = append(cells, "no")
			} else {
				cells = append(cells, "yes")
			}
		}
		_ = w.Write(cells)
	}
	w.Flush()
	return b.Bytes()
}

// List is what [File] makes a file of.
type List struct {
	Name, Server, Owner, Reason string
	Sheet                       string // path, relative to the file
}

// File writes a list with a sheet and no statements as a document of the tree.
func File(l List) []byte {
	var b strings.Builder
	fmt.Fprintf(&b, "kind: %s\n", config.KindExpectations)
	for _, line := range []struct{ key, text string }{
		{"name", l.Name}, {"server", l.Server}, {"owner", l.Owner}, {"reason", l.Reason}, {"sheet", l.Sheet},
	} {
		fmt.Fprintf(&b, "%s: %s\n", line.key, quoted(line.text))
	}
	return []byte(b.String())
}

// quoted writes a text as YAML does in double quotes, if it needs them.
func quoted(text string) string {
	plain := func(r rune) bool {
		return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || strings.ContainsRune("-_./ ", r)
	}
	words := []string{"true", "false", "yes", "no", "on", "off", "null", "y", "n"}
	if text != "" && text == strings.TrimSpace(text) && !strings.ContainsFunc(text, func(r rune) bool { return !plain(r) }) &&
		!strings.HasPrefix(text, "-") && !strings.HasPrefix(text, ".") && !slices.Contains(words, strings.ToLower(text)) {
		return text
	}
	var b strings.Builder
	b.WriteByte('"')
	// A dollar sign before a brace would stand for a variable.
	for _, r := range strings.ReplaceAll(text, "${", "$${") {
		switch {
		case r == '"' || r == '\\':
			b.WriteByte('\\')
			b.WriteRune(r)
		case r < ' ' || r == 0x7f || r >= 0x80 && r < 0xa0 || r == 0x2028 || r == 0x2029 || r == 0xfeff:
			fmt.Fprintf(&b, `\u%04x`, r)
		default:
			b.WriteRune(r)
		}
	}
	b.WriteByte('"')
	return b.String()
}
