package relational

import (
	"context"
	"errors"
	"fmt"

	"sallyport/pure/customer"
	"sallyport/store"
)

var passkeys = Table{"passkeys", []Column{
	{"env", Int},
	{"id", Text},
	{"customer", Blob},
	{"rp_id", Text},
	{"handle", Blob},
	{"public_key", Blob},
	{"sign_count", Int},
	{"aaguid", Blob},
	{"transports", Text},
	{"backup_known", Int},
	{"backup_eligible", Int},
	{"backed_up", Int},
	{"discoverable", Int},
	{"label", Text},
	{"source", Text},
	{"created", Int},
	{"used", Int},
	{"version", Int},
}}

const passkeyColumns = `id, customer, rp_id, handle, public_key, sign_count, aaguid, transports, backup_known, backup_eligible,
	backed_up, discoverable, label, source, created, used, version`

func scanPasskey(rows Rows) (p store.Passkey, err error) {
	var count int64
	err = rows.Scan((*string)(&p.ID), asFixed(p.Customer[:]), &p.RPID, asBytes(&p.UserHandle), asBytes(&p.PublicKey), &count,
		asFixed(p.AAGUID[:]), asJSON(&p.Transports), asFlag(&p.BackupKnown), asFlag(&p.BackupEligible), asFlag(&p.BackedUp),
		asFlag(&p.Discoverable), &p.Label, &p.Source, asTime(&p.Created), asTime(&p.Used), &p.Version)
	p.SignCount = uint32(count)
	return p, err
}

// Passkeys implements [store.Passkeys].
func (r *Reader) Passkeys(ctx context.Context, env store.EnvironmentID, id customer.ID) ([]store.Passkey, error) {
	return queryAll(ctx, r.conn, scanPasskey, "SELECT "+passkeyColumns+` FROM passkeys
		WHERE env = ? AND customer = ? ORDER BY created, id LIMIT 1000`, int64(env), id[:])
}

// Passkey implements [store.Passkeys].
func (r *Reader) Passkey(ctx context.Context, env store.EnvironmentID, id store.PasskeyID) (store.Passkey, error) {
	return queryOne(ctx, r.conn, scanPasskey, "SELECT "+passkeyColumns+" FROM passkeys WHERE env = ? AND id = ?", int64(env), string(id))
}

// PasskeysByHandle implements [store.Passkeys].
func (r *Reader) PasskeysByHandle(ctx context.Context, env store.EnvironmentID, rpID string, handle []byte, limit int) ([]store.Passkey, error) {
	if len(handle) == 0 {
		return nil, nil
	}
	return queryAll(ctx, r.conn, scanPasskey, "SELECT "+passkeyColumns+` FROM passkeys
		WHERE env = ? AND rp_id = ? AND handle = ? ORDER BY created, id LIMIT ?`, int64(env), rpID, handle, between(limit, 1000))
}

// RelyingParties implements [store.Passkeys]. It steps from one id to the next
// along the index, which is what neither planner makes of DISTINCT.
func (r *Reader) RelyingParties(ctx context.Context, env store.EnvironmentID, limit int) ([]string, error) {
	var found []string
	last := ""
	for len(found) < between(limit, 1000) {
		next, err := queryOne(ctx, r.conn, func(rows Rows) (id string, err error) { return id, rows.Scan(&id) },
			"SELECT rp_id FROM passkeys WHERE env = ? AND rp_id > ? ORDER BY rp_id LIMIT 1", int64(env), last)
		if errors.Is(err, store.ErrNotFound) {
			break
		}
		if err != nil {
			return nil, err
		}
		found, last = append(found, next), next
	}
	return found, nil
}

// PutPasskeys implements [store.PasskeyWriter].
func (t *Tx) PutPasskeys(ctx context.Context, all []store.Passkey) error {
	values := make([]any, 0, len(all)*len(passkeys.Columns))
	for i := range all {
		p := &all[i]
		if err := checkPasskey(p); err != nil {
			return err
		}
		values = append(values, int64(t.env), string(p.ID), p.Customer[:], p.RPID, blob(p.UserHandle), p.PublicKey, int64(p.SignCount),
			p.AAGUID[:], list(p.Transports), flag(p.BackupKnown), flag(p.BackupEligible), flag(p.BackedUp), flag(p.Discoverable),
			p.Label, p.Source, micros(p.Created), micros(p.Used), int64(1))
	}
	return t.conn.Nested(ctx, func() error { return t.insertAll(ctx, &passkeys, values) })
}

func checkPasskey(p *store.Passkey) error {
	raw := len(p.ID.Bytes())
	transports := 0
	for _, name := range p.Transports {
		transports += len(name)
	}
	switch {
	case raw == 0, raw > store.MaxCredentialID:
		return fmt.Errorf("id of a passkey: %w", store.ErrInvalid)
	case len(p.PublicKey) == 0, len(p.PublicKey) > store.MaxPublicKey, len(p.UserHandle) > store.MaxUserHandle:
		return fmt.Errorf("key or user handle of a passkey: %w", store.ErrInvalid)
	case p.RPID == "", max(len(p.RPID), len(p.Label), len(p.Source), transports) > store.MaxPasskeyText:
		return fmt.Errorf("text of a passkey: %w", store.ErrInvalid)
	}
	return nil
}

// TakenPasskeys implements [store.PasskeyWriter].
func (t *Tx) TakenPasskeys(ctx context.Context, ids []store.PasskeyID) (map[store.PasskeyID]customer.ID, error) {
	keys := make([]string, len(ids))
	for i, id := range ids {
		keys[i] = string(id)
	}
	taken := map[store.PasskeyID]customer.ID{}
	err := t.conn.EachIn(ctx, "SELECT id, customer FROM passkeys WHERE env = ? AND id", keys, func(rows Rows) error {
		var key string
		var owner customer.ID
		err := rows.Scan(&key, asFixed(owner[:]))
		taken[store.PasskeyID(key)] = owner
		return err
	}, int64(t.env))
	return taken, err
}

// UsePasskey implements [store.PasskeyWriter].
func (t *Tx) UsePasskey(ctx context.Context, u store.PasskeyUse) error {
	changed, err := t.conn.Exec(ctx, `UPDATE passkeys SET sign_count = ?, backup_known = 1, backup_eligible = ?, backed_up = ?, used = ?,
		version = version + 1 WHERE env = ? AND id = ? AND version = ?`,
		int64(u.SignCount), flag(u.BackupEligible), flag(u.BackedUp), micros(u.At), int64(t.env), string(u.ID), u.Version)
	if err != nil || changed > 0 {
		return err
	}
	found, err := exists(ctx, t.conn, "SELECT 1 FROM passkeys WHERE env = ? AND id = ?", int64(t.env), string(u.ID))
	if err != nil || !found {
		return one(0, err, store.ErrNotFound)
	}
	return store.ErrConflict
}

// DeletePasskey implements [store.PasskeyWriter].
func (t *Tx) DeletePasskey(ctx context.Context, id store.PasskeyID) error {
	_, err := t.conn.Exec(ctx, "DELETE FROM passkeys WHERE env = ? AND id = ?", int64(t.env), string(id))
	return err
}
