package config

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// maxShown is how many characters of a source line are shown.
const maxShown = 160

// Render writes problems for people: the code and what is wrong, the line of the
// file with a caret under the place, and the fix.
//
//	error SP-1105: servers.yaml:14:21: the policy "people" names the application "my-acount", which is not in the tree
//	  14 |     applications: [my-acount]
//	     |                    ^
//	  fix: did you mean "my-account"?
//
// files are those given to Parse; a file that is missing is merely not quoted.
// Lines that hold a secret by mistake are not quoted either.
func Render(problems []Problem, files map[string][]byte) string {
	type place struct {
		file string
		line int
	}
	hidden := map[place]bool{} // by any problem of the line, not just by its own
	for _, p := range problems {
		if p.Code == SecretInTree {
			hidden[place{p.File, p.Line}] = true
		}
	}
	var b strings.Builder
	for _, p := range problems {
		fmt.Fprintf(&b, "%s %s: %s\n", p.Severity, p.Code, p)
		if line, found := lineOf(files[p.File], p.Line); found && !hidden[place{p.File, p.Line}] {
			quote(&b, p, line)
		}
		if p.Fix != "" {
			fmt.Fprintf(&b, "  fix: %s\n", p.Fix)
		}
	}
	return b.String()
}

// lineOf is one line of a file, counted from 1.
func lineOf(text []byte, number int) (string, bool) {
	if number < 1 || len(text) == 0 {
		return "", false
	}
	rest := string(text)
	for ; number > 1; number-- {
		_, tail, more := strings.Cut(rest, "\n")
		if !more {
			return "", false
		}
		rest = tail
	}
	line, _, _ := strings.Cut(rest, "\n")
	return strings.TrimRight(line, "\r"), true
}

func quote(b *strings.Builder, p Problem, line string) {
	number := fmt.Sprint(p.Line)
	fmt.Fprintf(b, "  %s | %s\n", number, printable(line))
	if p.Column < 1 || p.Column > min(utf8.RuneCountInString(line)+1, maxShown) {
		return
	}
	// Tabs are kept, so that the caret stands under its character everywhere.
	indent := strings.Map(func(r rune) rune {
		if r == '\t' {
			return r
		}
		return ' '
	}, string([]rune(line)[:p.Column-1]))
	fmt.Fprintf(b, "  %s | %s^\n", strings.Repeat(" ", len(number)), indent)
}

// printable keeps a hostile line from writing to the reader's terminal.
func printable(line string) string {
	runes := []rune(line)
	if len(runes) > maxShown {
		runes = append(runes[:maxShown], '…')
	}
	for i, r := range runes {
		if r != '\t' && !unicode.IsPrint(r) {
			runes[i] = '\uFFFD'
		}
	}
	return string(runes)
}
