package relational

import (
	"context"
	"time"

	"sallyport/store"
)

var (
	keys = Table{"keys", []Column{
		{"env", Int},
		{"owner", Text},
		{"id", Text},
		{"algorithm", Text},
		{"state", Text},
		{"sealed", Blob},
		{"public", Blob},
		{"created", Int},
		{"activated", Int},
		{"expires", Int},
	}}
	secrets = Table{"secrets", []Column{
		{"env", Int}, {"application", Text}, {"id", Text}, {"hash", Blob}, {"created", Int}, {"expires", Int},
	}}
)

// Keys implements [store.Keys].
func (r *Reader) Keys(ctx context.Context, env store.EnvironmentID, owner string) ([]store.Key, error) {
	const query = `SELECT owner, id, algorithm, state, sealed, public, created, activated, expires
		FROM keys WHERE env = ?`
	return queryOwned(ctx, r.conn, func(rows Rows) (k store.Key, err error) {
		err = rows.Scan(&k.Owner, &k.ID, &k.Algorithm, (*string)(&k.State), asBytes(&k.Sealed), asBytes(&k.Public),
			asTime(&k.Created), asTime(&k.Activated), asTime(&k.Expires))
		return k, err
	}, ownedQuery{
		all: query + " ORDER BY owner, created, id",
		one: query + " AND owner = ? ORDER BY created, id",
	}, env, owner)
}

// ownedQuery reads the rows of all owners or of one.
type ownedQuery struct{ all, one string }

func queryOwned[T any](ctx context.Context, c Conn, scan func(Rows) (T, error), q ownedQuery, env store.EnvironmentID, owner string) ([]T, error) {
	if owner == "" {
		return queryAll(ctx, c, scan, q.all, int64(env))
	}
	return queryAll(ctx, c, scan, q.one, int64(env), owner)
}

// PutKey implements [store.KeyWriter].
func (t *Tx) PutKey(ctx context.Context, k store.Key) error {
	stored, err := t.conn.Insert(ctx, &keys, []any{
		int64(t.env), k.Owner, k.ID, k.Algorithm, string(k.State),
		blob(k.Sealed), blob(k.Public), micros(k.Created), micros(k.Activated), micros(k.Expires),
	})
	return one(stored, err, store.ErrExists)
}

// SetKeyState implements [store.KeyWriter]. Two transactions that both find the
// state free meet at the index keys_in_use.
func (t *Tx) SetKeyState(ctx context.Context, owner, id string, from, to store.KeyState, activated, expires time.Time) error {
	assignments, args := "state = ?", []any{string(to)}
	if !activated.IsZero() {
		assignments, args = assignments+", activated = ?", append(args, micros(activated))
	}
	if !expires.IsZero() {
		assignments, args = assignments+", expires = ?", append(args, micros(expires))
	}
	statement := "UPDATE keys SET " + assignments + " WHERE env = ? AND owner = ? AND id = ? AND state = ?"
	args = append(args, int64(t.env), owner, id, string(from))
	if to != store.KeyOld && to != from {
		statement += ` AND NOT EXISTS (SELECT 1 FROM keys AS taken
			WHERE taken.env = keys.env AND taken.owner = keys.owner AND taken.algorithm = keys.algorithm AND taken.state = ?)`
		args = append(args, string(to))
	}
	changed, err := t.conn.Exec(ctx, statement, args...)
	return one(changed, err, store.ErrConflict)
}

// DeleteKey implements [store.KeyWriter].
func (t *Tx) DeleteKey(ctx context.Context, owner, id string) error {
	_, err := t.conn.Exec(ctx, "DELETE FROM keys WHERE env = ? AND owner = ? AND id = ?", int64(t.env), owner, id)
	return err
}

// Secrets implements [store.Secrets].
func (r *Reader) Secrets(ctx context.Context, env store.EnvironmentID, application string) ([]store.Secret, error) {
	const query = "SELECT application, id, hash, created, expires FROM secrets WHERE env = ?"
	return queryOwned(ctx, r.conn, func(rows Rows) (s store.Secret, err error) {
		err = rows.Scan(&s.Application, &s.ID, asFixed(s.Hash[:]), asTime(&s.Created), asTime(&s.Expires))
		return s, err
	}, ownedQuery{
		all: query + " ORDER BY application, id",
		one: query + " AND application = ? ORDER BY id",
	}, env, application)
}

// PutSecret implements [store.SecretWriter].
func (t *Tx) PutSecret(ctx context.Context, s store.Secret) error {
	stored, err := t.conn.Insert(ctx, &secrets, []any{int64(t.env), s.Application, s.ID, s.Hash[:], micros(s.Created), micros(s.Expires)})
	return one(stored, err, store.ErrExists)
}

// HoldSecrets implements [store.SecretWriter]. The environment's own row is what
// is held, since an application without secrets has none to hold.
func (t *Tx) HoldSecrets(ctx context.Context, application string) ([]string, error) {
	_, err := queryOne(ctx, t.conn, scanInt, "SELECT revision FROM environments WHERE id = ?"+t.conn.ForUpdate(), int64(t.env))
	if err != nil {
		return nil, err
	}
	return queryAll(ctx, t.conn, func(rows Rows) (id string, err error) { return id, rows.Scan(&id) },
		"SELECT id FROM secrets WHERE env = ? AND application = ? ORDER BY id", int64(t.env), application)
}

// DeleteSecret implements [store.SecretWriter].
func (t *Tx) DeleteSecret(ctx context.Context, application, id string) error {
	_, err := t.conn.Exec(ctx, "DELETE FROM secrets WHERE env = ? AND application = ? AND id = ?", int64(t.env), application, id)
	return err
}
