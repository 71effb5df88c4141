package message

import (
	"fmt"
	"net/url"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Limits of values.
const (
	maxText  = 100  // characters of what people wrote; the rest is cut
	maxWord  = 200  // of what we wrote
	maxCode  = 64   // bytes
	maxLink  = 2000 // bytes
	maxLines = 4000 // bytes of all lines
	mostCut  = 16   // times maxText: what is looked at of a text
)

// ValueError says which value a message cannot be sent with. It does not hold the
// value.
type ValueError struct{ Name, What string }

// Error names the value.
func (e *ValueError) Error() string { return fmt.Sprintf("the value %q %s", e.Name, e.What) }

// Clean holds what strangers wrote to the form of each value, and gives what may be
// said. A value that is missing, unknown or not of its form is a [*ValueError];
// text that is merely long or strange is cut and cleaned.
func (k Kind) Clean(given map[string]string) (map[string]string, error) {
	said := make(map[string]string, len(given))
	for name, value := range given {
		v, known := k.Value(name)
		if !known {
			return nil, &ValueError{name, "is none of " + string(k.Name)}
		}
		clean, err := v.clean(value)
		if err != nil {
			return nil, err
		}
		said[name] = clean
	}
	for _, v := range k.Values {
		if said[v.Name] == "" && !v.Optional {
			return nil, &ValueError{v.Name, "is missing"}
		}
	}
	return said, nil
}

func (v Value) clean(value string) (string, error) {
	switch v.Form {
	case Text:
		return unlinked(oneLine(value, maxText)), nil
	case Word:
		return oneLine(value, maxWord), nil
	case Code:
		if len(value) > maxCode || strings.ContainsFunc(value, func(r rune) bool { return !codeRune(r) }) {
			return "", &ValueError{v.Name, "is no code"}
		}
		return value, nil
	case Lines:
		if len(value) > maxLines || strings.ContainsFunc(value, func(r rune) bool { return !codeRune(r) && r != '\n' }) {
			return "", &ValueError{v.Name, "is no list of codes"}
		}
		return value, nil
	case Link:
		return v.link(value)
	}
	return "", &ValueError{v.Name, "has no form"}
}

// link lets in addresses that open a page, spelled in ASCII.
func (v Value) link(value string) (string, error) {
	if value == "" && v.Optional {
		return "", nil
	}
	u, err := url.Parse(value)
	plain := !strings.ContainsFunc(value, func(r rune) bool { return r <= ' ' || r > unicode.MaxASCII-1 || r == '"' || r == '<' || r == '>' })
	web := err == nil && (u.Scheme == "https" || u.Scheme == "http") && u.Host != "" && u.User == nil
	contact := err == nil && v.Name == "help" && (u.Scheme == "mailto" || u.Scheme == "tel")
	if len(value) > maxLink || !plain || !web && !contact {
		return "", &ValueError{v.Name, "is no address of a page"}
	}
	return value, nil
}

func codeRune(r rune) bool {
	return r >= '0' && r <= '9' || r >= 'A' && r <= 'Z' || r >= 'a' && r <= 'z' || r == '-' || r == ' '
}

// oneLine makes text one line of visible characters, at most so many of them.
func oneLine(text string, most int) string {
	if len(text) > most*mostCut { // nobody's name, and no reason to look at all of it
		text = text[:most*mostCut]
	}
	text = strings.ToValidUTF8(text, " ")
	text = strings.Map(func(r rune) rune {
		if hidden(r) || unicode.IsSpace(r) {
			return ' '
		}
		return r
	}, text)
	text = strings.Join(strings.Fields(text), " ")
	if utf8.RuneCountInString(text) > most {
		text = strings.TrimSpace(string([]rune(text)[:most-1])) + "…"
	}
	return text
}

// unlinked writes text so that no program makes a link of it, or markup.
func unlinked(text string) string {
	text = strings.NewReplacer("://", ": ", "/", " ", "@", " at ", "\\", " ", "<", " ", ">", " ", `"`, " ").Replace(text)
	var b strings.Builder
	for i, r := range text {
		b.WriteRune(r)
		if next, _ := utf8.DecodeRuneInString(text[i+utf8.RuneLen(r):]); (r == '.' || r == '。' || r == '．') && (unicode.IsLetter(next) || unicode.IsDigit(next)) {
			b.WriteByte(' ')
		}
	}
	return oneLine(b.String(), maxText)
}
