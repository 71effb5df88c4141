package relational

import (
	"context"
	"errors"
	"fmt"

	"sallyport/pure/customer"
	"sallyport/store"
)

var (
	factors = Table{"factors", []Column{
		{"env", Int},
		{"id", Blob},
		{"customer", Blob},
		{"kind", Text},
		{"slot", Int},
		{"label", Text},
		{"source", Text},
		{"sealed", Blob},
		{"used", Int},
		{"confirmed", Int},
		{"created", Int},
		{"version", Int},
	}}
	journeys = Table{"journeys", []Column{
		{"env", Int},
		{"id", Blob},
		{"customer", Blob},
		{"digest", Blob},
		{"state", Blob},
		{"created", Int},
		{"expires", Int},
		{"version", Int},
	}}
)

const factorColumns = "id, customer, kind, slot, label, source, sealed, used, confirmed, created, version"

func scanFactor(rows Rows) (f store.Factor, err error) {
	err = rows.Scan(asFixed(f.ID[:]), asFixed(f.Customer[:]), (*string)(&f.Kind), &f.Slot, &f.Label, &f.Source, asBytes(&f.Sealed), &f.Used,
		asTime(&f.Confirmed), asTime(&f.Created), &f.Version)
	return f, err
}

// Factors implements [store.Factors].
func (r *Reader) Factors(ctx context.Context, env store.EnvironmentID, id customer.ID) ([]store.Factor, error) {
	return queryAll(ctx, r.conn, scanFactor, "SELECT "+factorColumns+" FROM factors WHERE env = ? AND customer = ? ORDER BY kind, slot",
		int64(env), id[:])
}

// PutFactor implements [store.FactorWriter].
func (t *Tx) PutFactor(ctx context.Context, f store.Factor) error {
	if f.Slot < 0 || f.Slot >= store.MaxFactorSlots {
		return fmt.Errorf("slot %d of a factor: %w", f.Slot, store.ErrInvalid)
	}
	if f.Version > 0 {
		changed, err := t.conn.Exec(ctx, `UPDATE factors SET sealed = ?, used = ?, confirmed = ?, version = version + 1
			WHERE env = ? AND id = ? AND version = ?`,
			blob(f.Sealed), f.Used, micros(f.Confirmed), int64(t.env), f.ID[:], f.Version)
		return one(changed, err, store.ErrConflict)
	}
	err := t.conflictOrMissing(ctx, "SELECT 1 FROM customers WHERE env = ? AND id = ?", f.Customer[:])
	if !errors.Is(err, store.ErrConflict) { // the customer must be there
		return err
	}
	stored, err := t.conn.Insert(ctx, &factors, []any{
		int64(t.env), f.ID[:], f.Customer[:], string(f.Kind), int64(f.Slot), f.Label, f.Source, blob(f.Sealed),
		f.Used, micros(f.Confirmed), micros(f.Created), int64(1),
	})
	return one(stored, err, store.ErrConflict)
}

// UseFactor implements [store.FactorWriter].
func (t *Tx) UseFactor(ctx context.Context, id store.FactorID, step int64) error {
	changed, err := t.conn.Exec(ctx, "UPDATE factors SET used = ?, version = version + 1 WHERE env = ? AND id = ? AND used < ?",
		step, int64(t.env), id[:], step)
	if err != nil || changed > 0 {
		return err
	}
	return t.conflictOrMissing(ctx, "SELECT 1 FROM factors WHERE env = ? AND id = ?", id[:])
}

// DeleteFactor implements [store.FactorWriter].
func (t *Tx) DeleteFactor(ctx context.Context, id store.FactorID) error {
	_, err := t.conn.Exec(ctx, "DELETE FROM factors WHERE env = ? AND id = ?", int64(t.env), id[:])
	return err
}

// Journey implements [store.Journeys].
func (r *Reader) Journey(ctx context.Context, env store.EnvironmentID, id store.JourneyID) (store.Journey, error) {
	return queryOne(ctx, r.conn, func(rows Rows) (j store.Journey, err error) {
		err = rows.Scan(asFixed(j.ID[:]), asFixed(j.Customer[:]), asFixed(j.Digest[:]), asBytes(&j.State),
			asTime(&j.Created), asTime(&j.Expires), &j.Version)
		return j, err
	}, "SELECT id, customer, digest, state, created, expires, version FROM journeys WHERE env = ? AND id = ?", int64(env), id[:])
}

// PutJourney implements [store.JourneyWriter].
func (t *Tx) PutJourney(ctx context.Context, j store.Journey) error {
	if j.Version > 0 {
		changed, err := t.conn.Exec(ctx, "UPDATE journeys SET state = ?, version = version + 1 WHERE env = ? AND id = ? AND version = ?",
			blob(j.State), int64(t.env), j.ID[:], j.Version)
		return one(changed, err, store.ErrConflict)
	}
	stored, err := t.conn.Insert(ctx, &journeys, []any{
		int64(t.env), j.ID[:], j.Customer[:], j.Digest[:], blob(j.State),
		micros(j.Created), micros(j.Expires), int64(1),
	})
	return one(stored, err, store.ErrConflict)
}

// EndJourney implements [store.JourneyWriter].
func (t *Tx) EndJourney(ctx context.Context, id store.JourneyID, version int64) error {
	changed, err := t.conn.Exec(ctx, "DELETE FROM journeys WHERE env = ? AND id = ? AND version = ?", int64(t.env), id[:], version)
	return one(changed, err, store.ErrConflict)
}
