package intake

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"sallyport/pure/customer"
	"sallyport/pure/legacy"
	"sallyport/pure/migrate"
	"sallyport/store"
)

// Provenance tells where what is known of somebody came from.
type Provenance struct {
	Record Record
	Fields []FieldOrigin // in the order in which the record brought them
}

// FieldOrigin is where one value came from. The value itself is in the directory.
type FieldOrigin struct {
	Target string // "email", "attribute.tariff", "password", "factor.totp"; several values of one have a line each
	From   string // the source's column; empty: the format itself says it
	Run    string // that brought it; empty: none did
	Way    string
	At     time.Time
	// Still: here it is as it was brought. Else it was changed here, or replaced, or
	// is one of those that a newer source has and that were kept as they are here.
	Still bool
}

// Provenance tells of each field of a record where it came from and whether it still
// is what was brought. store.ErrNotFound for a record that the ledger does not know.
// Of what came before the ledger kept this, Fields has nothing.
func (s *Service) Provenance(ctx context.Context, env store.EnvironmentID, migration, key string) (Provenance, error) {
	p, err := s.provenance(ctx, env, migration, key)
	if err != nil {
		return Provenance{}, fmt.Errorf("where a record of %s came from: %w", migration, err)
	}
	return p, nil
}

func (s *Service) provenance(ctx context.Context, env store.EnvironmentID, migration, key string) (p Provenance, err error) {
	newest, err := s.cfg.Store.LedgerRecord(ctx, env, migration, key)
	if err != nil {
		return p, err
	}
	p.Record = recordOf(newest)
	lines, err := s.cfg.Store.LedgerLines(ctx, env, migration, key)
	if err != nil || len(lines) == 0 {
		return p, err
	}
	marks := make([]brought, len(lines))
	all := make([]sums, len(lines))
	for i, line := range lines {
		if marks[i], _, err = s.decode(ctx, env, migration, line.Marks); err != nil {
			return p, err
		}
		all[i] = sumsOf(marks[i].values)
	}
	last := len(lines) - 1
	now, err := s.present(ctx, env, migration, newest, marks[last])
	if err != nil {
		return p, err
	}
	for _, m := range marks[last].values {
		i := last
		for i > 0 && all[i-1].has(m.Target, m.Sum) {
			i--
		}
		p.Fields = append(p.Fields, FieldOrigin{
			Target: m.Target, From: m.From, Run: lines[i].Run, Way: string(lines[i].Way), At: lines[i].At, Still: now(m),
		})
	}
	return p, nil
}

// present tells of a mark whether its value is here.
func (s *Service) present(ctx context.Context, env store.EnvironmentID, migration string, line store.RecordMove, b brought) (func(migrate.Mark) bool, error) {
	id, err := customer.ParseID(line.Customer)
	if err != nil {
		return func(migrate.Mark) bool { return false }, nil // no customer, or not any more
	}
	h, err := s.look(ctx, env, id)
	if errors.Is(err, store.ErrNotFound) {
		return func(migrate.Mark) bool { return false }, nil
	}
	if err != nil {
		return nil, err
	}
	c := &comparison{migration: migration, key: line.Key, before: b, old: sumsOf(b.values), here: h}
	here := sumsOf(migrate.Marks(migration, h.outcome(line.Key)))
	return func(m migrate.Mark) bool {
		if m.Target == "password" {
			return h.credential != nil && c.asBrought()
		}
		if kind, is := strings.CutPrefix(m.Target, "factor."); is {
			return h.hasFactor(store.FactorKind(kind), origin(migration))
		}
		return here.has(m.Target, m.Sum)
	}, nil
}

// outcome is somebody as a record that would bring all of it would be.
func (h *here) outcome(key string) migrate.Outcome {
	o := migrate.Outcome{Key: key, Customer: h.customer, Identifiers: h.identifiers}
	for _, l := range h.links {
		o.Links = append(o.Links, l.Link)
	}
	for i := range h.passkeys {
		k := &h.passkeys[i]
		o.Passkeys = append(o.Passkeys, legacy.Passkey{
			RPID: k.RPID, CredentialID: k.ID.Bytes(), PublicKey: k.PublicKey, UserHandle: k.UserHandle,
		})
	}
	return o
}

func (h *here) hasFactor(kind store.FactorKind, source string) bool {
	for _, f := range h.factors {
		if f.Kind == kind && f.Source == source {
			return true
		}
	}
	return false
}
