package audit

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"sallyport/store"
)

// ErrQuery reports a query that cannot be read; the text says what and how.
var ErrQuery = errors.New("audit query")

// queryHelp lists the words before the colons.
const queryHelp = "type:, actor:, application:, customer:, result:, trace:, after:, before:"

// maxQuery bounds what is typed, in bytes; maxAge is longer than any ledger.
const (
	maxQuery = 1000
	maxAge   = 36_500 * 24 * time.Hour
)

// ParseQuery reads the form that people type, `key:value` separated by spaces:
//
//	type:token.             events whose type begins so; without the dot: exactly
//	actor:application/…     who did it
//	application: customer:  what it is about
//	result:ok  result:!ok   how it ended; any refusal
//	trace:…                 the reference a caller was shown
//	after: before:          RFC 3339, a date or minute in UTC, or an age such as 15m, 2h, 30d
//
// after: includes its instant, before: does not. at is now, for ages. Errors
// wrap [ErrQuery].
func ParseQuery(text string, at time.Time) (store.AuditQuery, error) {
	var q store.AuditQuery
	if len(text) > maxQuery || !utf8.ValidString(text) || strings.IndexByte(text, 0) >= 0 {
		return q, fmt.Errorf("%w: it is longer than %d bytes, or no text", ErrQuery, maxQuery)
	}
	seen := map[string]bool{}
	for _, word := range strings.Fields(text) {
		key, value, found := strings.Cut(word, ":")
		if !found || value == "" {
			return store.AuditQuery{}, unknownWord(word)
		}
		if seen[key] {
			return store.AuditQuery{}, fmt.Errorf("%w: %s: stands there twice", ErrQuery, clip(key))
		}
		seen[key] = true
		if err := setQuery(&q, key, value, at); err != nil {
			return store.AuditQuery{}, err
		}
	}
	return q, nil
}

func unknownWord(word string) error {
	return fmt.Errorf("%w: %q is not one of %s with a value", ErrQuery, clip(word), queryHelp)
}

func setQuery(q *store.AuditQuery, key, value string, at time.Time) (err error) {
	switch key {
	case "type":
		q.Type = value
	case "actor":
		q.Actor = value
	case "application":
		q.Application = value
	case "customer":
		q.Customer = value
	case "result":
		if value[0] == '!' && value != "!"+OK {
			return fmt.Errorf("%w: only result:!ok can be turned round", ErrQuery)
		}
		q.Result = value
	case "trace":
		q.Trace = value
	case "after":
		q.From, err = parseWhen(key, value, at)
	case "before":
		q.To, err = parseWhen(key, value, at)
	default:
		return unknownWord(key + ":" + value)
	}
	return err
}

// parseWhen reads an instant or an age.
func parseWhen(key, value string, at time.Time) (time.Time, error) {
	for _, layout := range []string{time.RFC3339, "2006-01-02T15:04", time.DateOnly} {
		if t, err := time.Parse(layout, value); err == nil {
			return t, nil
		}
	}
	age, ok := parseAge(value)
	if !ok {
		return time.Time{}, fmt.Errorf("%w: %s:%s is neither an instant such as 2026-11-22T10:00:00Z nor an age such as 15m or 30d", ErrQuery, key, clip(value))
	}
	return at.Add(-age), nil
}

// parseAge reads a length of time, in Go's form or in whole days.
func parseAge(value string) (age time.Duration, ok bool) {
	if days, found := strings.CutSuffix(value, "d"); found {
		n, err := strconv.ParseUint(days, 10, 16)
		age = time.Duration(n) * 24 * time.Hour
		return age, err == nil && age <= maxAge
	}
	age, err := time.ParseDuration(value)
	return age, err == nil && age >= 0 && age <= maxAge
}

// clip keeps an error readable whatever was typed.
func clip(s string) string {
	if len(s) > 60 {
		return strings.ToValidUTF8(s[:60], "") + "…"
	}
	return s
}
