package intake

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"

	"sallyport/pure/customer"
	"sallyport/pure/migrate"
	"sallyport/pure/rival"
	"sallyport/store"
)

// comer is a record that comes without the rest of its export, before what is known of
// the others.
type comer struct {
	*Service
	env       store.EnvironmentID
	migration string
	key       rivalKey
	outcome   migrate.Outcome
	decided   bool // somebody, or a rule, decided about it
}

// judge does what was decided on the record, holds it where others claim what it claims
// and nobody has decided, and where somebody was erased whom it could be found as.
func (c *comer) judge(ctx context.Context, tx store.Tx) error {
	if c.outcome.Verdict() != migrate.Accept {
		return nil
	}
	if err := c.buried(ctx, tx); err != nil {
		return err
	}
	groups := map[string]customer.Identifier{}
	var names []string
	for _, id := range c.outcome.Identifiers {
		name := c.key.group(rival.Contested{Kind: id.Kind, Value: id.Value})
		groups[name], names = id, append(names, name)
	}
	stand, err := tx.RivalsOf(ctx, c.migration, c.outcome.Key, names)
	if err != nil || len(stand.Claims)+len(stand.Decisions) == 0 {
		return err
	}
	settled, err := c.settle(stand.Decisions, groups)
	if err != nil {
		return err
	}
	for _, id := range c.outcome.Identifiers {
		name := c.key.group(rival.Contested{Kind: id.Kind, Value: id.Value})
		others, err := c.others(ctx, tx, stand.Claims, name, settled[name])
		if err != nil {
			return err
		}
		rival.Meet(id, others, &c.outcome)
	}
	return nil
}

// settle does what was decided, and gives the decisions by group.
func (c *comer) settle(decisions []store.RivalDecision, groups map[string]customer.Identifier) (map[string]rival.Decision, error) {
	settled := map[string]rival.Decision{}
	for _, stored := range decisions {
		d, err := rival.Decode(stored.Decision)
		if err != nil {
			return nil, fmt.Errorf("decision on %s: %w", stored.Group, err)
		}
		id, claims := groups[stored.Group]
		contested := rival.Contested{Kind: id.Kind, Value: id.Value}
		unseen := stored.Group == c.key.brought(d)
		if unseen {
			switch all := c.of(d.Kind); len(all) {
			case 0:
			case 1:
				claims, contested = true, rival.Contested{Kind: d.Kind, Value: all[0].Value}
			default:
				c.decided = true
				rival.Unnamed(d.Kind, &c.outcome)
			}
		}
		if !claims {
			continue // it did, when it was decided
		}
		c.decided = true
		settled[c.key.group(contested)] = d
		rival.Alone(c.migration, d, contested, unseen, &c.outcome)
	}
	return settled, nil
}

func (c *comer) of(kind customer.IdentifierKind) []customer.Identifier {
	return slices.DeleteFunc(slices.Clone(c.outcome.Identifiers), func(id customer.Identifier) bool { return id.Kind != kind })
}

// others are the records that claim an identifier and are no customers: a decision
// that names them has settled it with them.
func (c *comer) others(ctx context.Context, tx store.Tx, claims []store.RivalClaim, group string, settled rival.Decision) (open []rival.Claimant, err error) {
	var keys []string
	sealed := map[string][]byte{}
	for _, claim := range claims {
		if claim.Group == group && claim.Key != "" && claim.Key != c.outcome.Key && !slices.Contains(settled.Claimants, claim.Key) {
			keys, sealed[claim.Key] = append(keys, claim.Key), claim.Sealed
		}
	}
	if len(keys) == 0 {
		return nil, nil
	}
	known, err := tx.KnownRecords(ctx, c.migration, keys)
	if err != nil {
		return nil, err
	}
	for _, key := range keys {
		if at, is := known[key]; is && at.State != store.RecordHeld && at.State != store.RecordPending {
			continue // whoever it became has it, or nobody does
		}
		one, err := c.opened(ctx, group, key, sealed[key])
		if err != nil {
			return nil, err
		}
		open = append(open, one)
	}
	return open, nil
}

func (c *comer) opened(ctx context.Context, group, key string, sealed []byte) (one rival.Claimant, err error) {
	plain, err := c.cfg.Sealer.Open(ctx, c.env, rivalRow(c.migration, group, key), sealed)
	if err == nil {
		err = json.Unmarshal(plain, &one)
	}
	if err != nil {
		return one, fmt.Errorf("who claims what in %s: %w", c.migration, err)
	}
	one.Key = key
	return one, nil
}

// claims are those of a record that is held for what others have or claim, so that
// whoever decides finds it among them.
func (c *comer) claims(ctx context.Context, tx store.Tx, claimed []customer.Identifier, taken map[store.IdentifierKey]customer.ID) error {
	var all []store.RivalClaim
	for _, id := range claimed {
		owner, is := taken[store.IdentifierKey{Kind: id.Kind, Value: id.Value}]
		if !is {
			name := c.key.group(rival.Contested{Kind: id.Kind, Value: id.Value})
			stand, err := tx.RivalsOf(ctx, c.migration, "", []string{name})
			if err != nil {
				return err
			}
			if len(stand.Claims) == 0 {
				continue
			}
		}
		some, err := c.claimsOf(ctx, claiming{c.env, c.migration, c.key, c.cfg.Now()}, &c.outcome, id, owner)
		if err != nil {
			return err
		}
		all = append(all, some...)
	}
	return tx.PutRivalClaims(ctx, all)
}

// ErasedPerson is the reason of a record that has the id of somebody, or claims what
// somebody could be found by, who was erased here: under another key, or by another
// migration, they do not come back unasked.
const ErasedPerson migrate.Reason = "erased-person"

// buried holds a record of somebody who was erased.
func (c *comer) buried(ctx context.Context, tx store.Tx) error {
	found, err := c.buriedAmong(ctx, tx, c.env, []*migrate.Outcome{&c.outcome})
	if err == nil {
		found.bury(&c.outcome)
	}
	return err
}

// graves tell which of some records are of people who were erased here.
type graves struct {
	key   rivalKey
	found map[string]bool
}

// buriedAmong looks for the tombstones of what outcomes claim and would keep.
func (s *Service) buriedAmong(ctx context.Context, tx store.Tx, env store.EnvironmentID, outcomes []*migrate.Outcome) (graves, error) {
	has, err := tx.HasTombstones(ctx, everyMigration)
	if err != nil || !has {
		return graves{}, err
	}
	key, err := s.keyFor(ctx, env, everyMigration) // whoever left tombstones made it before
	if err != nil {
		return graves{}, err
	}
	var digests []string
	for _, o := range outcomes {
		if o.Verdict() != migrate.Accept {
			continue
		}
		digests = append(digests, key.tombstones(o.Identifiers)...)
		if o.Kept != nil {
			digests = append(digests, key.tombstoneOf(o.Kept.Customer.ID))
		}
	}
	found, err := tx.Tombstones(ctx, everyMigration, digests)
	return graves{key, found}, err
}

// bury holds an outcome whose id, or one of whose identifiers, is among tombstones.
func (g graves) bury(o *migrate.Outcome) {
	if o.Verdict() != migrate.Accept || len(g.found) == 0 {
		return
	}
	if o.Kept != nil && g.found[g.key.tombstoneOf(o.Kept.Customer.ID)] {
		o.Rejection = &migrate.Rejection{Reason: ErasedPerson, Detail: "somebody with this id was erased here"}
		return
	}
	for _, id := range o.Identifiers {
		if g.found[g.key.tombstone(id)] {
			o.Rejection = &migrate.Rejection{Reason: ErasedPerson, Detail: fmt.Sprintf("somebody with this %s was erased here", id.Kind)}
			return
		}
	}
}

// keyFor is a migration's key of digests, opened once.
func (s *Service) keyFor(ctx context.Context, env store.EnvironmentID, migration string) (rivalKey, error) {
	at := place{env, migration}
	if key, known := s.rivalKeys.Load(at); known {
		return key.(rivalKey), nil
	}
	key, err := s.keyOfRivals(ctx, env, migration)
	if err == nil {
		s.rivalKeys.Store(at, key)
	}
	return key, err
}
