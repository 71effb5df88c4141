package relational

import (
	"context"

	"sallyport/store"
)

const putBackup = `INSERT INTO backups (env, digest, created, verified, schema_version, row_count, made_by) VALUES (?, ?, ?, ?, ?, ?, ?)
	ON CONFLICT (env, digest) DO UPDATE SET verified = excluded.verified WHERE backups.verified < excluded.verified`

// PutBackup implements [store.BackupWriter].
func (t *Tx) PutBackup(ctx context.Context, b store.Backup) error {
	_, err := t.conn.Exec(ctx, putBackup, int64(t.env), b.Digest[:], micros(b.Created), micros(b.Verified), b.Schema, b.Rows, b.By)
	return err
}

// Backups implements [store.Backups].
func (r *Reader) Backups(ctx context.Context, env store.EnvironmentID, limit int) ([]store.Backup, error) {
	return queryAll(ctx, r.conn, func(rows Rows) (b store.Backup, err error) {
		return b, rows.Scan(asFixed(b.Digest[:]), asTime(&b.Created), asTime(&b.Verified), &b.Schema, &b.Rows, &b.By)
	}, `SELECT digest, created, verified, schema_version, row_count, made_by FROM backups WHERE env = ?
		ORDER BY created DESC, digest LIMIT ?`, int64(env), int64(between(limit, 1000)))
}
