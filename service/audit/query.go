package audit

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"sallyport/store"
)

// ErrQuery reports a query that cannot be read; the text says what and how.
var ErrQuery = errors.New("audit query")

// queryKeys are the words before the colon, in the order that help shows them.
var queryKeys = []string{"type", "actor", "application", "customer", "result", "trace", "after", "before"}

// ParseQuery reads the form that people type, `key:value` separated by spaces:
//
//	type:token.             events whose type begins so; without the dot: exactly
//	actor:application/…     who did it
//	application: customer:  what it is about
//	result:ok  result:!ok   how it ended; any refusal
//	trace:…                 the reference a caller was shown
//	after: before:          RFC 3339, a date, or an age such as 15m, 2h, 30d
//
// at is now, for ages. Errors wrap [ErrQuery].
func ParseQuery(text string, at time.Time) (store.AuditQuery, error) {
	var q store.AuditQuery
	seen := map[string]bool{}
	for _, word := range strings.Fields(text) {
		key, value, found := strings.Cut(word, ":")
		if !found || value == "" || !slices.Contains(queryKeys, key) {
			return q, fmt.Errorf("%w: %q is not one of %s with a value", ErrQuery, clip(word), strings.Join(queryKeys, ":, ")+":")
		}
		if seen[key] {
			return q, fmt.Errorf("%w: %s: stands there twice", ErrQuery, key)
		}
		seen[key] = true
		if err := setQuery(&q, key, value, at); err != nil {
			return q, err
		}
	}
	return q, nil
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
		q.Result = value
	case "trace":
		q.Trace = value
	case "after":
		q.From, err = parseWhen(key, value, at)
	case "before":
		q.To, err = parseWhen(key, value, at)
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
	age, unit := value, time.Duration(0)
	if days, found := strings.CutSuffix(value, "d"); found {
		age, unit = days+"h", 24
	}
	d, err := time.ParseDuration(age)
	if err != nil || d < 0 {
		return time.Time{}, fmt.Errorf("%w: %s:%s is neither an instant such as 2026-11-22T10:00:00Z nor an age such as 15m or 30d", ErrQuery, key, clip(value))
	}
	if unit > 0 {
		d *= unit
	}
	return at.Add(-d), nil
}

// clip keeps an error readable whatever was typed.
func clip(s string) string {
	if len(s) > 60 {
		return s[:60] + "…"
	}
	return s
}
