// Package password says which new passwords are taken. It judges what a person
// chooses, never what they have: nobody is locked out because a rule came later.
// Hashing is protocol/passhash's, and who may choose is a service's.
//
// The rules are those of NIST SP 800-63B-4 §3.1.1.2: length, and no password that
// an attacker tries first; none about kinds of characters, and no end after a
// time. What the package knows to be guessable is small: a few rules, and the eleven
// thousand passwords that are used most. Those known from breaches, which are a billion,
// are pure/breach's, and asked about by service/passwords.
package password

import (
	"errors"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Lengths.
const (
	Alone    = 15   // characters, of a password that lets in by itself
	Beside   = 8    // characters, of one that never lets in without a second factor
	MaxBytes = 1024 // of any
)

// Why a password is not taken.
var (
	// ErrShort: it has fewer characters than asked for.
	ErrShort = errors.New("the password is too short")
	// ErrLong: it has more than MaxBytes bytes.
	ErrLong = errors.New("the password is too long")
	// ErrText: it is no text: not UTF-8, or with control characters, which most
	// keyboards cannot type again.
	ErrText = errors.New("the password is no text")
	// ErrGuessable: it is made of repetition, of neighbours in the alphabet or on
	// the keyboard, of the most common words, or of the person's own names.
	ErrGuessable = errors.New("the password is easily guessed")
	// ErrCommon: it is one of those that people choose most often.
	ErrCommon = errors.New("the password is one of the most common")
	// ErrBreached: it is on a list of passwords that were stolen elsewhere. Check never
	// says so: it has no such list.
	ErrBreached = errors.New("the password is known from a breach elsewhere")
	// ErrUnavailable: nobody can say now whether it is on that list, so it is not taken.
	// Check never says so either.
	ErrUnavailable = errors.New("new passwords cannot be compared with those of breaches now")
)

// surprises is how many characters must not follow from the one before.
const surprises = 5

// Check tells why text is not taken as a password of at least least characters;
// nil if it is. names are what is known of the person: usernames, addresses.
func Check(text string, least int, names ...string) error {
	switch {
	case len(text) > MaxBytes:
		return ErrLong
	case !utf8.ValidString(text) || strings.ContainsFunc(text, unicode.IsControl):
		return ErrText
	case utf8.RuneCountInString(text) < least:
		return ErrShort
	}
	rest := strings.ToLower(text)
	for _, word := range words(names) {
		rest = strings.ReplaceAll(rest, word, "")
	}
	if repeats(strings.ToLower(text)) || surprising(rest) < surprises {
		return ErrGuessable
	}
	if isCommon(text) {
		return ErrCommon
	}
	return nil
}

// common are the words that passwords are made of most often.
var common = []string{
	"password", "passwort", "passw0rd", "p@ssword", "p@ssw0rd", "welcome", "letmein", "iloveyou", "trustno1", "changeme", "football", "baseball",
	"sunshine", "princess", "superman", "whatever", "starwars", "computer", "michelle", "jennifer", "secret", "dragon", "monkey", "master", "shadow",
	"summer", "winter", "spring", "autumn", "admin", "login", "hello", "guest",
}

// words are what a password must not be made of: names and their parts, and the
// common ones.
func words(names []string) []string {
	var all []string
	for _, name := range names {
		name = strings.ToLower(name)
		all = append(all, name)
		all = append(all, strings.FieldsFunc(name, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsNumber(r) })...)
	}
	kept := all[:0]
	for _, word := range all {
		if utf8.RuneCountInString(word) >= 3 { // "al" is in too much
			kept = append(kept, word)
		}
	}
	kept = append(kept, common...)
	// The longest first, since one may be within another.
	slices.SortStableFunc(kept, func(a, b string) int { return len(b) - len(a) })
	return kept
}

// repeats tells whether text is one unit of at most a third of it, over and over.
func repeats(text string) bool {
	for unit := 1; unit <= len(text)/3; unit++ {
		if strings.HasPrefix(text[unit:], text[:len(text)-unit]) {
			return true
		}
	}
	return false
}

// surprising counts the letters, digits and signs that do not follow from the one
// before: that are neither the same nor its neighbour.
func surprising(text string) int {
	count, before := 0, rune(-1)
	for _, r := range text {
		if unicode.IsSpace(r) {
			continue
		}
		if !neighbours(before, r) {
			count++
		}
		before = r
	}
	return count
}

// rows are neighbours on the keyboards of the most people.
var rows = []string{"qwertyuiop", "qwertzuiop", "azertyuiop", "asdfghjkl", "zxcvbnm", "1234567890", "!@#$%^&*()"}

func neighbours(a, b rune) bool {
	if a-b >= -1 && a-b <= 1 {
		return true
	}
	if a < 0 || b < 0 {
		return false
	}
	for _, row := range rows {
		if strings.Contains(row, string([]rune{a, b})) || strings.Contains(row, string([]rune{b, a})) {
			return true
		}
	}
	return false
}
