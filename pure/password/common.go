package password

import (
	_ "embed"
	"sort"
	"strings"
	"unicode"
)

// commonest are lines in order of their bytes; see common/README.md. The list stays
// text, so that it costs nothing until it is searched, and no memory then.
//
//go:embed common/common.txt
var commonest string

// isCommon tells whether text is one of the passwords that are used most, in whatever
// letters, or one of them with digits and signs behind it.
func isCommon(text string) bool {
	text = strings.ToLower(text)
	return listed(text) || listed(strings.TrimRightFunc(text, func(r rune) bool { return !unicode.IsLetter(r) }))
}

// Common tells whether text is one of the passwords that are used most.
func Common(text string) bool { return len(text) <= MaxBytes && isCommon(text) }

// listed finds a line. Offsets are searched for as if they were lines: each stands for
// the line that it is in.
func listed(line string) bool {
	if line == "" || strings.Contains(line, "\n") {
		return false
	}
	at := sort.Search(len(commonest), func(i int) bool { return lineAt(i) >= line })
	return at < len(commonest) && lineAt(at) == line
}

func lineAt(offset int) string {
	from := strings.LastIndexByte(commonest[:offset], '\n') + 1
	length := strings.IndexByte(commonest[from:], '\n')
	return commonest[from : from+length]
}
