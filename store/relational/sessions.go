package relational

import (
	"context"
	"time"

	"sallyport/store"
)

var sessions = Table{"sessions", []Column{
	{"env", Int},
	{"id", Blob},
	{"secret_hash", Blob},
	{"customer", Blob},
	{"signed_in", Int},
	{"assurance", Text},
	{"methods", Text},
	{"created", Int},
	{"expires", Int},
	{"ended", Int},
	{"agent", Text},
}}

// Session implements [store.Sessions].
func (r *Reader) Session(ctx context.Context, env store.EnvironmentID, id store.SessionID) (store.Session, error) {
	return queryOne(ctx, r.conn, func(rows Rows) (s store.Session, err error) {
		err = rows.Scan(asFixed(s.ID[:]), asFixed(s.SecretHash[:]), asFixed(s.Customer[:]), asTime(&s.SignedIn), &s.Assurance,
			asJSON(&s.Methods), asTime(&s.Created), asTime(&s.Expires), asTime(&s.Ended), &s.Agent)
		return s, err
	}, `SELECT id, secret_hash, customer, signed_in, assurance, methods, created, expires, ended, agent
		FROM sessions WHERE env = ? AND id = ?`, int64(env), id[:])
}

// CreateSession implements [store.SessionWriter].
func (t *Tx) CreateSession(ctx context.Context, s store.Session) error {
	stored, err := t.conn.Insert(ctx, &sessions, []any{
		int64(t.env), s.ID[:], s.SecretHash[:], s.Customer[:],
		micros(s.SignedIn), s.Assurance, list(s.Methods), micros(s.Created), micros(s.Expires), micros(s.Ended), s.Agent,
	})
	return one(stored, err, store.ErrExists)
}

// RefreshSession implements [store.SessionWriter].
func (t *Tx) RefreshSession(ctx context.Context, s store.Session) error {
	changed, err := t.conn.Exec(ctx, `UPDATE sessions SET signed_in = ?, assurance = ?, methods = ?, secret_hash = ?, expires = ?
		WHERE env = ? AND id = ? AND ended = 0`,
		micros(s.SignedIn), s.Assurance, list(s.Methods), s.SecretHash[:], micros(s.Expires), int64(t.env), s.ID[:])
	return one(changed, err, store.ErrNotFound)
}

// EndSession implements [store.SessionWriter].
func (t *Tx) EndSession(ctx context.Context, id store.SessionID, at time.Time) error {
	changed, err := t.conn.Exec(ctx, "UPDATE sessions SET ended = ? WHERE env = ? AND id = ? AND ended = 0",
		t.moment(at), int64(t.env), id[:])
	if err != nil {
		return err
	}
	if changed == 0 {
		return t.doneOrMissing(ctx, "SELECT 1 FROM sessions WHERE env = ? AND id = ?", id[:])
	}
	_, err = t.conn.Exec(ctx, `UPDATE grants SET revoked = ?, reason = ? WHERE env = ? AND session = ? AND revoked = 0
		AND customer = (SELECT customer FROM sessions WHERE env = ? AND id = ?)`,
		t.moment(at), store.SessionOver, int64(t.env), id[:], int64(t.env), id[:])
	return err
}

// sessionEnded tells whether a session was ended. It holds the row until the
// transaction is over, so that nothing is made under a session that is just
// being ended.
func (t *Tx) sessionEnded(ctx context.Context, id store.SessionID) (bool, error) {
	ended, err := queryOne(ctx, t.conn, scanInt,
		"SELECT ended FROM sessions WHERE env = ? AND id = ?"+t.conn.ForUpdate(), int64(t.env), id[:])
	return ended != 0, missingAs(err, nil)
}

// moment never is the stored form of "not yet".
func (t *Tx) moment(at time.Time) int64 {
	if at.IsZero() {
		at = t.now()
	}
	return micros(at)
}

// doneOrMissing is no error if the row is there: it was in that state before.
func (t *Tx) doneOrMissing(ctx context.Context, query string, id []byte) error {
	found, err := exists(ctx, t.conn, query, int64(t.env), id)
	if err == nil && !found {
		return store.ErrNotFound
	}
	return err
}
