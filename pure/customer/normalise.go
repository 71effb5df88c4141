package customer

import (
	"errors"
	"fmt"
)

// Why a value cannot be an identifier. Errors of [Normalise] wrap exactly one
// of these and never repeat the value.
var (
	// ErrEmpty: nothing was left after trimming.
	ErrEmpty = errors.New("empty")
	// ErrTooLong: longer than the kind allows.
	ErrTooLong = errors.New("too long")
	// ErrCharacter: a character that the kind does not allow, such as a control
	// or an invisible one, or bytes that are not UTF-8.
	ErrCharacter = errors.New("character not allowed")
	// ErrForm: the right characters in the wrong order.
	ErrForm = errors.New("not of that form")
	// ErrRegion: a national phone number without a region to read it in.
	ErrRegion = errors.New("no country code")
	// ErrKind: no such kind of identifier.
	ErrKind = errors.New("unknown kind of identifier")
)

// The bounds of normalised identifiers, in bytes. Addresses are bounded by
// RFC 5321 §4.5.3.1, phone numbers by E.164.
const (
	maxRaw      = 1024
	maxUsername = 128
	maxEmail    = 254
	maxLocal    = 64
	maxLabel    = 63
	maxPhone    = 15 // digits
	minPhone    = 7
)

// Normalise gives the identifier that raw stands for: Value is what look-ups
// compare, Display is raw without surrounding space. Normalising a Value again
// changes nothing. Region is the ISO 3166 code in which a phone number without
// a country code is read; empty refuses such numbers with [ErrRegion]. Verified
// and Source are the caller's to set.
func Normalise(kind IdentifierKind, raw, region string) (Identifier, error) {
	if len(raw) > maxRaw {
		return Identifier{}, fmt.Errorf("%s: %w", kind, ErrTooLong)
	}
	display := trim(raw)
	value, err := normalise(kind, display, region)
	if err != nil {
		return Identifier{}, fmt.Errorf("%s: %w", kind, err)
	}
	return Identifier{Kind: kind, Value: value, Display: display}, nil
}

func normalise(kind IdentifierKind, text, region string) (string, error) {
	if text == "" {
		return "", ErrEmpty
	}
	switch kind {
	case Username:
		return username(text)
	case Email:
		return email(text)
	case Phone:
		return phone(text, region)
	}
	return "", ErrKind
}

// Classify tells what somebody who signs in may have typed, most likely first:
// something with an @ is an e-mail address, something with a leading + a phone
// number, and anything else a username or, in region, a phone number. Each
// candidate carries a normalised Value; nil means that it can be none of them.
//
// The kinds do not overlap where that would let one person's name shadow
// another's: a username holds no @ and no leading +.
func Classify(typed, region string) []Identifier {
	var candidates []Identifier
	for _, kind := range []IdentifierKind{Email, Username, Phone} {
		if candidate, err := Normalise(kind, typed, region); err == nil {
			candidates = append(candidates, candidate)
		}
	}
	return candidates
}
