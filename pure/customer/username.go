package customer

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/cases"
	"golang.org/x/text/unicode/norm"
)

// username normalises a sign-in name: NFKC with case folded, runs of space made
// one. An @ or a leading + is refused, so that no username can be mistaken for
// somebody's address or phone number at sign-in.
func username(text string) (string, error) {
	value, err := fold(text, foldCase)
	if err != nil {
		return "", err
	}
	for _, r := range value {
		if !visible(r) {
			return "", ErrCharacter
		}
	}
	value = strings.Join(strings.Fields(value), " ")
	switch {
	case value == "":
		return "", ErrEmpty
	case len(value) > maxUsername:
		return "", ErrTooLong
	case strings.HasPrefix(value, "+"), strings.ContainsRune(value, '@'):
		return "", ErrForm
	}
	return value, nil
}

// foldCase is the toNFKC_Casefold of Unicode §3.13 without its removal of
// ignorable characters, which username refuses instead.
func foldCase(text string) string {
	folded := norm.NFKC.String(cases.Fold().String(norm.NFKC.String(text)))
	return norm.NFKC.String(cases.Fold().String(folded))
}

// fold applies a mapping of Unicode text, or its short form where text is plain
// ASCII, as nearly all of it is.
func fold(text string, mapping func(string) string) (string, error) {
	if ascii(text) {
		return strings.ToLower(text), nil
	}
	if !utf8.ValidString(text) {
		return "", ErrCharacter
	}
	return mapping(text), nil
}

func ascii(text string) bool {
	for i := range len(text) {
		if text[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

// visible refuses what nobody can see or type: controls, format characters such
// as bidi overrides and zero-width joiners, private and unassigned ones, and
// every space but the plain one.
func visible(r rune) bool {
	if r == ' ' {
		return true
	}
	return r != utf8.RuneError && unicode.IsGraphic(r) && !unicode.IsSpace(r) &&
		!unicode.In(r, unicode.Other_Default_Ignorable_Code_Point, unicode.Variation_Selector)
}

func trim(text string) string { return strings.TrimSpace(text) }
