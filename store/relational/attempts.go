package relational

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"sallyport/store"
)

var attempts = Table{"attempts", []Column{{"env", Int}, {"key", Blob}, {"full_at", Int}}}

// ReserveAttempts implements [store.AttemptWriter] by the generic cell rate
// algorithm: full_at is when a counter is as good as new. Rows are locked in
// the order of their keys, so that two reservations never wait for each other.
func (t *Tx) ReserveAttempts(ctx context.Context, wanted []store.Attempt, now time.Time) (time.Duration, error) {
	wanted = byKey(wanted)
	fullAt := make(map[store.AttemptKey]int64, len(wanted))
	var wait time.Duration
	for _, a := range wanted {
		if a.Burst < 1 || a.Interval < time.Microsecond {
			return 0, fmt.Errorf("limit of %d tries each %v: %w", a.Burst, a.Interval, store.ErrInvalid)
		}
		full, known := fullAt[a.Key]
		if !known {
			var err error
			if full, err = t.lockAttempt(ctx, a.Key); err != nil {
				return 0, err
			}
		}
		full = max(full, micros(now)) + a.Interval.Microseconds()
		over := full - micros(now) - int64(a.Burst)*a.Interval.Microseconds()
		wait = max(wait, time.Duration(over)*time.Microsecond)
		fullAt[a.Key] = full
	}
	if wait > 0 {
		return wait, nil
	}
	for key, full := range fullAt {
		if _, err := t.conn.Exec(ctx, "UPDATE attempts SET full_at = ? WHERE env = ? AND key = ?",
			full, int64(t.env), key[:]); err != nil {
			return 0, err
		}
	}
	return 0, nil
}

// byKey orders reservations so that no two of them wait for each other.
func byKey(attempts []store.Attempt) []store.Attempt {
	attempts = slices.Clone(attempts)
	slices.SortFunc(attempts, func(a, b store.Attempt) int { return bytes.Compare(a.Key[:], b.Key[:]) })
	return attempts
}

// ReturnAttempts implements [store.AttemptWriter].
func (t *Tx) ReturnAttempts(ctx context.Context, attempts []store.Attempt) error {
	for _, a := range byKey(attempts) {
		_, err := t.conn.Exec(ctx, "UPDATE attempts SET full_at = full_at - ? WHERE env = ? AND key = ?",
			a.Interval.Microseconds(), int64(t.env), a.Key[:])
		if err != nil {
			return err
		}
	}
	return nil
}

// lockAttempt reads one counter, which nobody else can then spend from.
func (t *Tx) lockAttempt(ctx context.Context, key store.AttemptKey) (int64, error) {
	if _, err := t.conn.Insert(ctx, &attempts, []any{int64(t.env), key[:], int64(0)}); err != nil {
		return 0, err
	}
	full, err := queryOne(ctx, t.conn, scanInt, "SELECT full_at FROM attempts WHERE env = ? AND key = ?"+t.conn.ForUpdate(),
		int64(t.env), key[:])
	if errors.Is(err, store.ErrNotFound) { // cleared or swept just now: a try must not go uncounted
		t.retry = true
		return 0, store.ErrConflict
	}
	return full, err
}

// ForgetAttempts implements [store.AttemptWriter].
func (t *Tx) ForgetAttempts(ctx context.Context, keys []store.AttemptKey) error {
	for _, key := range keys {
		if _, err := t.conn.Exec(ctx, "DELETE FROM attempts WHERE env = ? AND key = ?", int64(t.env), key[:]); err != nil {
			return err
		}
	}
	return nil
}
