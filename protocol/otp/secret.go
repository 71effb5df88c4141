package otp

import (
	"encoding/base32"
	"errors"
	"strings"
)

// ErrSecret reports text that is no secret in base32.
var ErrSecret = errors.New("not a secret in base32")

var base32Text = base32.StdEncoding.WithPadding(base32.NoPadding)

// FormatSecret writes a secret as people type it into an app: base32 in groups
// of four.
func FormatSecret(secret []byte) string {
	text := base32Text.EncodeToString(secret)
	var b strings.Builder
	for i := 0; i < len(text); i += 4 {
		if i > 0 {
			b.WriteByte(' ')
		}
		b.WriteString(text[i:min(i+4, len(text))])
	}
	return b.String()
}

// ParseSecret reads base32 as people and other systems write it: in either
// case, with spaces or dashes between groups, with or without padding, and with
// 0, 1 and 8, which base32 does not have, for O, I and B. What is left is one
// exact encoding: bits beyond the last byte must be zero. [ErrSecret].
func ParseSecret(text string) ([]byte, error) {
	const longest = maxSecret * 4
	if len(text) > longest {
		return nil, ErrSecret
	}
	text = strings.TrimRight(strings.TrimSpace(text), "=")
	kept := strings.Map(func(r rune) rune {
		switch {
		case r == ' ' || r == '-' || r == '\t' || r == '\u00a0':
			return -1
		case 'a' <= r && r <= 'z':
			return r - 'a' + 'A'
		case r == '0':
			return 'O'
		case r == '1':
			return 'I'
		case r == '8':
			return 'B'
		}
		return r
	}, text)
	secret, err := base32Text.DecodeString(kept)
	if err != nil || len(secret) == 0 || len(secret) > maxSecret || base32Text.EncodeToString(secret) != kept {
		return nil, ErrSecret
	}
	return secret, nil
}
