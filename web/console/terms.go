package console

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// term is one word of what somebody typed into a search box: key:value, or a
// word by itself, which has no key.
type term struct{ key, value string }

const (
	maxTyped = 320 // bytes of what is typed into a search box
	maxTerms = 20
)

// errTyped begins what is wrong with a search.
var errTyped = errors.New("this search cannot be read")

// parseTerms reads words that are separated by white space. Quotation marks keep
// white space in a value together, and a colon in a word by itself from making a
// key: owner:"Digital channels" "10:30". Keys are lower case, and one of keys;
// values are as they were typed, and hold no quotation mark. Errors wrap
// errTyped and are for whoever typed.
func parseTerms(text string, keys ...string) ([]term, error) {
	if len(text) > maxTyped || !utf8.ValidString(text) {
		return nil, fmt.Errorf("%w: it is longer than %d bytes, or no text", errTyped, maxTyped)
	}
	var terms []term
	for rest := skipSpace(text); rest != ""; rest = skipSpace(rest) {
		word, behind, err := readTerm(rest)
		if err != nil {
			return nil, err
		}
		if err := word.check(keys); err != nil {
			return nil, err
		}
		if terms = append(terms, word); len(terms) > maxTerms {
			return nil, fmt.Errorf("%w: it has more than %d words", errTyped, maxTerms)
		}
		rest = behind
	}
	return terms, nil
}

func skipSpace(text string) string { return strings.TrimLeftFunc(text, unicode.IsSpace) }

// readTerm reads the first word of a text that does not begin with a space.
func readTerm(text string) (word term, rest string, err error) {
	var value strings.Builder
	quoted, keyed := false, false
	for i, r := range text {
		switch {
		case r == '"':
			quoted = !quoted
		case !quoted && unicode.IsSpace(r):
			word.value = value.String()
			return word, text[i:], nil
		case r == ':' && !quoted && !keyed:
			keyed, word.key = true, strings.ToLower(value.String())
			if word.key == "" {
				return term{}, "", fmt.Errorf("%w: nothing stands before the colon in %q", errTyped, clip(text))
			}
			value.Reset()
		default:
			value.WriteRune(r)
		}
	}
	if quoted {
		return term{}, "", fmt.Errorf("%w: a quotation mark is never closed", errTyped)
	}
	word.value = value.String()
	return word, "", nil
}

func (t term) check(keys []string) error {
	if t.key != "" && !slices.Contains(keys, t.key) {
		return fmt.Errorf("%w: %q is not one of %s", errTyped, clip(t.key)+":", strings.Join(keys, ":, ")+":")
	}
	if t.value == "" {
		return fmt.Errorf("%w: %s: has no value", errTyped, clip(t.key))
	}
	return nil
}

// String writes the term as it would be typed.
func (t term) String() string {
	value := t.value
	if strings.ContainsFunc(value, unicode.IsSpace) || t.key == "" && strings.Contains(value, ":") {
		value = `"` + value + `"`
	}
	if t.key == "" {
		return value
	}
	return t.key + ":" + value
}

// write writes terms as they would be typed.
func write(terms []term) string {
	words := make([]string, len(terms))
	for i, t := range terms {
		words[i] = t.String()
	}
	return strings.Join(words, " ")
}

// toggle gives the search without t if it has it, and with it if not.
func toggle(terms []term, t term) (changed []term, had bool) {
	for _, other := range terms {
		if other.key == t.key && strings.EqualFold(other.value, t.value) {
			had = true
			continue
		}
		changed = append(changed, other)
	}
	if !had {
		changed = append(changed, t)
	}
	return changed, had
}

// clip keeps an error readable whatever was typed.
func clip(text string) string {
	const most = 40
	if len(text) <= most {
		return text
	}
	return strings.ToValidUTF8(text[:most], "") + "…"
}
