package passhash

import "errors"

// The kinds of failure. Every error of this package is an *Error that wraps one
// of them.
var (
	// ErrUnknownScheme says that no known format or scheme was recognised.
	ErrUnknownScheme = errors.New("unknown scheme")
	// ErrMalformed says that the scheme is known but the text does not follow it.
	ErrMalformed = errors.New("malformed hash")
	// ErrTooCostly says that verifying would exceed Limits.
	ErrTooCostly = errors.New("hash too costly")
	// ErrPassword says that a password cannot be given to the scheme at all
	// (too long, NUL for bcrypt, not UTF-8 where that is needed). Callers answer
	// as they answer a wrong password.
	ErrPassword = errors.New("password not acceptable to the scheme")
	// ErrNotWeak says that Wrap was given a hash which needs no wrapping.
	ErrNotWeak = errors.New("hash is not weak")
	// ErrFile says that a file of hashes has not the expected shape.
	ErrFile = errors.New("malformed hash file")
)

// Error tells what was wrong with a hash or password. Its text never holds any
// part of either.
type Error struct {
	Kind   error  // one of the sentinels of this package
	Scheme Scheme // may be empty when it was not recognised
	Reason string // fixed text, in English
}

// Error gives kind, scheme and reason in one line.
func (e *Error) Error() string {
	text := "passhash: "
	if e.Scheme != "" {
		text += string(e.Scheme) + ": "
	}
	if e.Reason == "" {
		return text + e.Kind.Error()
	}
	return text + e.Kind.Error() + ": " + e.Reason
}

// Unwrap gives the kind, for errors.Is.
func (e *Error) Unwrap() error { return e.Kind }

func malformed(s Scheme, reason string) error {
	return &Error{Kind: ErrMalformed, Scheme: s, Reason: reason}
}

func tooCostly(s Scheme, reason string) error {
	return &Error{Kind: ErrTooCostly, Scheme: s, Reason: reason}
}

func badPassword(s Scheme, reason string) error {
	return &Error{Kind: ErrPassword, Scheme: s, Reason: reason}
}
