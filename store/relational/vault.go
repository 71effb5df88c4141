package relational

import (
	"context"

	"sallyport/store"
)

var vault = Table{"vault", []Column{
	{"env", Int},
	{"name", Text},
	{"sealed", Blob},
	{"created", Int},
	{"updated", Int},
	{"version", Int},
}}

const (
	maxVaultSecret  = 80 << 10
	maxVaultSecrets = 10_000
)

// VaultSecrets implements [store.Vault].
func (r *Reader) VaultSecrets(ctx context.Context, env store.EnvironmentID) ([]store.VaultSecret, error) {
	return queryAll(ctx, r.conn, func(rows Rows) (s store.VaultSecret, err error) {
		return s, rows.Scan(&s.Name, asTime(&s.Created), asTime(&s.Updated), &s.Version)
	}, "SELECT name, created, updated, version FROM vault WHERE env = ? ORDER BY name LIMIT ?", int64(env), int64(maxVaultSecrets))
}

// VaultSecret implements [store.Vault].
func (r *Reader) VaultSecret(ctx context.Context, env store.EnvironmentID, name string) (store.VaultSecret, error) {
	return queryOne(ctx, r.conn, func(rows Rows) (s store.VaultSecret, err error) {
		return s, rows.Scan(&s.Name, asBytes(&s.Sealed), asTime(&s.Created), asTime(&s.Updated), &s.Version)
	}, "SELECT name, sealed, created, updated, version FROM vault WHERE env = ? AND name = ?", int64(env), name)
}

// PutVaultSecret implements [store.VaultWriter].
func (t *Tx) PutVaultSecret(ctx context.Context, s store.VaultSecret) error {
	if err := atMost("a secret", len(s.Sealed), maxVaultSecret); err != nil {
		return err
	}
	if s.Version > 0 {
		changed, err := t.conn.Exec(ctx, `UPDATE vault SET sealed = ?, updated = ?, version = version + 1
			WHERE env = ? AND name = ? AND version = ? AND created = ?`,
			blob(s.Sealed), micros(s.Updated), int64(t.env), s.Name, s.Version, micros(s.Created))
		return one(changed, err, store.ErrConflict)
	}
	stored, err := t.conn.Insert(ctx, &vault, []any{
		int64(t.env), s.Name, blob(s.Sealed), micros(s.Created), micros(s.Updated), int64(1),
	})
	return one(stored, err, store.ErrExists)
}

// DeleteVaultSecret implements [store.VaultWriter].
func (t *Tx) DeleteVaultSecret(ctx context.Context, s store.VaultSecret) error {
	changed, err := t.conn.Exec(ctx, "DELETE FROM vault WHERE env = ? AND name = ? AND version = ? AND created = ?",
		int64(t.env), s.Name, s.Version, micros(s.Created))
	if err != nil || changed > 0 {
		return err
	}
	found, err := exists(ctx, t.conn, "SELECT 1 FROM vault WHERE env = ? AND name = ?", int64(t.env), s.Name)
	switch {
	case err != nil:
		return err
	case found:
		return store.ErrConflict
	}
	return store.ErrNotFound
}
