package relational

import (
	"context"
	"time"

	"sallyport/store"
)

// expiring are the tables with rows that end. Each statement deletes at most
// a number of the rows that have, oldest first, by an index; the first takes out what
// is sealed alone.
var expiring = []string{
	`UPDATE outbox SET sealed = CASE WHEN length(sealed) > 0 THEN substr(sealed, 1, 0) ELSE sealed END, until = 0 WHERE env = ? AND id IN
		(SELECT id FROM outbox WHERE env = ? AND until > 0 AND until <= ? ORDER BY until LIMIT ?)`,
	`DELETE FROM sessions WHERE env = ? AND id IN
		(SELECT id FROM sessions WHERE env = ? AND expires > 0 AND expires <= ? ORDER BY expires LIMIT ?)`,
	`DELETE FROM journeys WHERE env = ? AND id IN
		(SELECT id FROM journeys WHERE env = ? AND expires > 0 AND expires <= ? ORDER BY expires LIMIT ?)`,
	`DELETE FROM grants WHERE env = ? AND id IN
		(SELECT id FROM grants WHERE env = ? AND expires > 0 AND expires <= ? ORDER BY expires LIMIT ?)`,
	`DELETE FROM attempts WHERE env = ? AND key IN
		(SELECT key FROM attempts WHERE env = ? AND full_at <= ? ORDER BY full_at LIMIT ?)`,
	`DELETE FROM feed WHERE env = ? AND position IN
		(SELECT position FROM feed WHERE env = ? AND until > 0 AND until <= ? ORDER BY until LIMIT ?)`,
	`DELETE FROM operator_links WHERE env = ? AND hash IN
		(SELECT hash FROM operator_links WHERE env = ? AND expires <= ? ORDER BY expires LIMIT ?)`,
	`DELETE FROM account_invitations WHERE env = ? AND hash IN
		(SELECT hash FROM account_invitations WHERE env = ? AND expires <= ? ORDER BY expires LIMIT ?)`,
	`DELETE FROM outbox WHERE env = ? AND id IN
		(SELECT id FROM outbox WHERE env = ? AND keep > 0 AND keep <= ? ORDER BY keep LIMIT ?)`,
	`DELETE FROM hook_events WHERE env = ? AND id IN
		(SELECT id FROM hook_events WHERE env = ? AND keep > 0 AND keep <= ? ORDER BY keep LIMIT ?)`,
	`DELETE FROM funnel WHERE env = ? AND (hour, journey, step, outcome, brand, application, known, took) IN
		(SELECT hour, journey, step, outcome, brand, application, known, took FROM funnel WHERE env = ? AND keep <= ? ORDER BY keep LIMIT ?)`,
}

// SweepBatch is how many rows are deleted at once at most.
const SweepBatch = 500

// Sweep deletes at most limit rows that had expired at now, in every
// environment in turn. Each statement runs in a transaction of its own, by
// batch.
func Sweep(ctx context.Context, r Conn, now time.Time, limit int, batch func(statement string, args ...any) (int64, error)) (int, error) {
	environments, err := NewReader(r).Environments(ctx)
	if err != nil {
		return 0, err
	}
	deleted := 0
	for _, e := range environments {
		for _, statement := range expiring {
			n, err := sweepTable(e.ID, statement, now, limit-deleted, batch)
			deleted += n
			if err != nil || deleted >= limit {
				return deleted, err
			}
		}
	}
	return deleted, nil
}

func sweepTable(env store.EnvironmentID, statement string, now time.Time, limit int, batch func(string, ...any) (int64, error)) (int, error) {
	deleted := 0
	for deleted < limit {
		most := min(limit-deleted, SweepBatch)
		n, err := batch(statement, int64(env), int64(env), micros(now), int64(most))
		deleted += int(n)
		if err != nil || n < int64(most) {
			return deleted, err
		}
	}
	return deleted, nil
}
