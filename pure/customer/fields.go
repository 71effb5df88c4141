package customer

import (
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// Bounds of what people and the business write, in bytes.
const (
	MaxName          = 200
	MaxValue         = 1024 // of an attribute
	MaxAccountNumber = 64
	MaxReference     = 64 // of premises
	MaxAddressLines  = 4
	MaxAddressLine   = 120
	MaxTag           = 63
	MaxTags          = 20
)

// ErrCountry: not a country's two letters.
var ErrCountry = errors.New("not a country code of two letters")

// Text gives what somebody wrote on one line: NFC, without surrounding space, runs of
// space made one. Controls and characters that nobody sees are refused, so that a name
// cannot turn the line around it or hide in it. [ErrTooLong] above most bytes, before
// anything is looked at; [ErrCharacter]. Empty text is empty.
func Text(raw string, most int) (string, error) {
	if len(raw) > most {
		return "", ErrTooLong
	}
	if !utf8.ValidString(raw) {
		return "", ErrCharacter
	}
	text := strings.Join(strings.Fields(norm.NFC.String(raw)), " ")
	for _, r := range text {
		// Joiners are letters' own in many scripts: a name may have them.
		if !visible(r) && r != '\u200c' && r != '\u200d' {
			return "", ErrCharacter
		}
	}
	if len(text) > most {
		return "", ErrTooLong
	}
	return text, nil
}

// AccountNumber normalises a number of the business: upper case, without spaces, so
// that hl-0001 042 is HL-0001042. Letters, digits, dashes, dots, slashes and
// underscores alone.
func AccountNumber(raw string) (string, error) {
	if len(raw) > MaxAccountNumber {
		return "", ErrTooLong
	}
	number := strings.ToUpper(strings.Join(strings.Fields(raw), ""))
	if number == "" {
		return "", ErrEmpty
	}
	for _, r := range number {
		if !('A' <= r && r <= 'Z' || '0' <= r && r <= '9' || strings.ContainsRune("-./_", r)) {
			return "", ErrCharacter
		}
	}
	return number, nil
}

// Tag checks a word that operators put on customers: lower-case letters, digits and
// dashes, at most [MaxTag].
func Tag(raw string) (string, error) {
	tag := strings.ToLower(strings.TrimSpace(raw))
	switch {
	case tag == "":
		return "", ErrEmpty
	case len(tag) > MaxTag:
		return "", ErrTooLong
	case strings.HasPrefix(tag, "-"), strings.HasSuffix(tag, "-"):
		return "", ErrForm
	}
	for _, r := range tag {
		if !('a' <= r && r <= 'z' || '0' <= r && r <= '9' || r == '-') {
			return "", ErrCharacter
		}
	}
	return tag, nil
}

// Clean gives an address as it is kept; errors are those of [Text], and [ErrCountry].
func (a Address) Clean() (Address, error) {
	if len(a.Lines) > MaxAddressLines {
		return Address{}, fmt.Errorf("lines: %w", ErrTooLong)
	}
	var out Address
	for _, line := range a.Lines {
		text, err := Text(line, MaxAddressLine)
		if err != nil {
			return Address{}, fmt.Errorf("lines: %w", err)
		}
		if text != "" {
			out.Lines = append(out.Lines, text)
		}
	}
	for _, part := range []struct {
		name string
		from string
		to   *string
	}{{"town", a.Town, &out.Town}, {"region", a.Region, &out.Region}, {"postcode", a.Postcode, &out.Postcode}} {
		text, err := Text(part.from, MaxAddressLine)
		if err != nil {
			return Address{}, fmt.Errorf("%s: %w", part.name, err)
		}
		*part.to = text
	}
	out.Country = strings.ToUpper(strings.TrimSpace(a.Country))
	if out.Country != "" && (len(out.Country) != 2 || strings.Trim(out.Country, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") != "") {
		return Address{}, ErrCountry
	}
	return out, nil
}

// String is the address on one line.
func (a Address) String() string {
	var parts []string
	for _, part := range append(append([]string{}, a.Lines...), a.Town, a.Region, a.Postcode, a.Country) {
		if part != "" {
			parts = append(parts, part)
		}
	}
	return strings.Join(parts, ", ")
}
