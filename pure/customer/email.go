package customer

import (
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// email normalises an address for look-up: NFC, lower case on both sides of the
// @. Mail systems may tell Ana@ from ana@ (RFC 5321 §2.4), people never do, and
// two customers who differ by case alone would be one customer's fraud. Dots
// and plus-tags are kept: what they mean is each provider's own affair.
//
// A domain is kept as it is written, in Unicode or in its xn-- form: the two
// are different values here. Quoted local parts, comments and address literals
// are refused.
func email(text string) (string, error) {
	value, err := fold(text, lower)
	if err != nil {
		return "", err
	}
	local, domain, found := strings.Cut(value, "@")
	if !found || strings.Contains(domain, "@") {
		return "", ErrForm
	}
	if len(value) > maxEmail || len(local) > maxLocal {
		return "", ErrTooLong
	}
	if err := dotted(local, localRune); err != nil {
		return "", err
	}
	if !strings.Contains(domain, ".") {
		return "", ErrForm
	}
	return value, domainName(domain)
}

func lower(text string) string {
	return norm.NFC.String(strings.ToLower(norm.NFC.String(text)))
}

func domainName(domain string) error {
	for label := range strings.SplitSeq(domain, ".") {
		if len(label) > maxLabel || strings.HasPrefix(label, "-") || strings.HasSuffix(label, "-") {
			return ErrForm
		}
	}
	return dotted(domain, domainRune)
}

// dotted checks parts joined by single dots (the dot-atom of RFC 5322 §3.2.3).
func dotted(text string, allowed func(rune) bool) error {
	for part := range strings.SplitSeq(text, ".") {
		if part == "" {
			return ErrForm
		}
		for _, r := range part {
			if !allowed(r) {
				return ErrCharacter
			}
		}
	}
	return nil
}

func localRune(r rune) bool {
	return domainRune(r) || strings.ContainsRune("!#$%&'*+/=?^_`{|}~", r)
}

func domainRune(r rune) bool {
	if r < unicode.MaxASCII {
		return r == '-' || 'a' <= r && r <= 'z' || '0' <= r && r <= '9'
	}
	return unicode.IsLetter(r) || unicode.IsMark(r) || unicode.IsNumber(r)
}
