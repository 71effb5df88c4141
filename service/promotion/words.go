package promotion

import (
	"strings"
	"unicode"
)

// oneLine is a text as it is kept where others read it on one line: what breaks a
// line, turns its direction or steers a terminal could make a change look like
// another.
func oneLine(text string) string {
	return strings.TrimSpace(strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) {
			return ' '
		}
		return r
	}, strings.ToValidUTF8(text, "\uFFFD")))
}

// visible is the same for a text of several lines.
func visible(text string) string {
	lines := strings.Split(strings.ReplaceAll(text, "\r\n", "\n"), "\n")
	for i, line := range lines {
		lines[i] = strings.TrimRight(strings.Map(func(r rune) rune {
			if !unicode.IsPrint(r) {
				return ' '
			}
			return r
		}, strings.ToValidUTF8(line, "\uFFFD")), " ")
	}
	return strings.Trim(strings.Join(lines, "\n"), "\n")
}
