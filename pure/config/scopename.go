package config

import (
	"slices"
	"strings"
)

// verbs are what people write for read and write.
var verbs = map[string]string{
	"read": "read", "get": "read", "view": "read", "see": "read", "list": "read", "show": "read", "fetch": "read", "query": "read",
	"write": "write", "create": "write", "update": "write", "delete": "write", "edit": "write", "change": "write", "post": "write",
	"put": "write", "set": "write", "add": "write", "remove": "write", "manage": "write",
}

// scopeAdvice is the fix for a name that is not app.verb.target: what was
// probably meant, or else the form.
func scopeAdvice(name string) string {
	if meant := SuggestScope(name); meant != "" {
		return "did you mean " + meant + "?"
	}
	return "write it app.verb.target, such as billing.read.invoice"
}

// SuggestScope gives the name of the form app.verb.target that a text was
// probably meant as: its words in that order, with read or write for its verb.
// It is empty where no word is a verb, or too few words are left.
func SuggestScope(text string) string {
	if len(text) > maxName*3+2 {
		return ""
	}
	words := strings.FieldsFunc(strings.ToLower(strings.ReplaceAll(text, "_", "-")), func(r rune) bool { return !isNameRune(r) })
	verb := slices.IndexFunc(words, func(w string) bool { return w == "read" || w == "write" })
	if verb < 0 {
		verb = slices.IndexFunc(words, func(w string) bool { return verbs[w] != "" })
	}
	if verb < 0 || len(words) < 3 {
		return ""
	}
	others := slices.Delete(slices.Clone(words), verb, verb+1)
	meant := others[0] + "." + verbs[words[verb]] + "." + strings.Join(others[1:], "-")
	if _, reason := scopeParts(meant); reason != "" || meant == text {
		return ""
	}
	return meant
}
