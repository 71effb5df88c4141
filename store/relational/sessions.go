package relational

import (
	"context"
	"math"
	"time"

	"sallyport/pure/customer"
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
	{"address", Text},
	{"used", Int},
}}

const sessionColumns = `id, secret_hash, customer, signed_in, assurance, methods, created, expires, ended, agent, address, used`

func scanSession(rows Rows) (s store.Session, err error) {
	err = rows.Scan(asFixed(s.ID[:]), asFixed(s.SecretHash[:]), asFixed(s.Customer[:]), asTime(&s.SignedIn), &s.Assurance,
		asJSON(&s.Methods), asTime(&s.Created), asTime(&s.Expires), asTime(&s.Ended), &s.Agent, &s.Address, asTime(&s.Used))
	return s, err
}

// Session implements [store.Sessions].
func (r *Reader) Session(ctx context.Context, env store.EnvironmentID, id store.SessionID) (store.Session, error) {
	return queryOne(ctx, r.conn, scanSession, "SELECT "+sessionColumns+" FROM sessions WHERE env = ? AND id = ?", int64(env), id[:])
}

// sessionPlace is where a page of sessions goes on: behind this one.
type sessionPlace struct {
	Created int64           `json:"c"`
	ID      store.SessionID `json:"i"`
}

// SessionsOf implements [store.Sessions].
func (r *Reader) SessionsOf(ctx context.Context, env store.EnvironmentID, page store.SessionPage) ([]store.Session, string, error) {
	behind := sessionPlace{Created: math.MaxInt64}
	if err := readCursor(page.After, &behind); err != nil {
		return nil, "", err
	}
	limit := between(page.Limit, 200)
	found, err := queryAll(ctx, r.conn, scanSession, "SELECT "+sessionColumns+` FROM sessions
		WHERE env = ? AND customer = ? AND ended = 0 AND expires > ? AND (created, id) < (?, ?)
		ORDER BY created DESC, id DESC LIMIT ?`,
		int64(env), page.Customer[:], micros(page.At), behind.Created, behind.ID[:], int64(limit)+1)
	if err != nil || len(found) <= limit {
		return found, "", err
	}
	found = found[:limit]
	last := &found[limit-1]
	return found, cursor(sessionPlace{micros(last.Created), last.ID}), nil
}

// CreateSession implements [store.SessionWriter].
func (t *Tx) CreateSession(ctx context.Context, s store.Session) error {
	if t.conn.ForUpdate() != "" { // where transactions run beside each other, one of them may be removing the customer
		if _, err := exists(ctx, t.conn, "SELECT 1 FROM customers WHERE env = ? AND id = ?"+t.conn.ForUpdate(), int64(t.env), s.Customer[:]); err != nil {
			return err
		}
	}
	stored, err := t.conn.Insert(ctx, &sessions, []any{
		int64(t.env), s.ID[:], s.SecretHash[:], s.Customer[:],
		micros(s.SignedIn), s.Assurance, list(s.Methods), micros(s.Created), micros(s.Expires), micros(s.Ended), s.Agent,
		s.Address, micros(s.Used),
	})
	return one(stored, err, store.ErrExists)
}

// RefreshSession implements [store.SessionWriter].
func (t *Tx) RefreshSession(ctx context.Context, s store.Session) error {
	changed, err := t.conn.Exec(ctx, `UPDATE sessions SET signed_in = ?, assurance = ?, methods = ?, secret_hash = ?, expires = ?,
		address = ?, used = ? WHERE env = ? AND id = ? AND ended = 0`,
		micros(s.SignedIn), s.Assurance, list(s.Methods), s.SecretHash[:], micros(s.Expires), s.Address, micros(s.Used), int64(t.env), s.ID[:])
	return one(changed, err, store.ErrNotFound)
}

// sessionLives is the condition that it was not ended, with its customer or alone.
const sessionLives = ` env = ? AND id = ? AND ended = 0 AND NOT EXISTS (SELECT 1 FROM customers
	WHERE customers.env = sessions.env AND customers.id = sessions.customer
	AND (customers.state <> '` + string(customer.Active) + `' OR customers.not_before > sessions.created))`

// UseSession implements [store.SessionWriter].
func (t *Tx) UseSession(ctx context.Context, id store.SessionID, at time.Time) error {
	changed, err := t.conn.Exec(ctx, "UPDATE sessions SET used = ? WHERE used < ? AND"+sessionLives,
		t.moment(at), t.moment(at), int64(t.env), id[:])
	if err != nil || changed > 0 {
		return err
	}
	return t.doneOrMissing(ctx, "SELECT 1 FROM sessions WHERE"+sessionLives, id[:])
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
