package intake

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"time"

	"sallyport/pure/customer"
	"sallyport/pure/migrate"
	"sallyport/pure/rival"
	"sallyport/store"
)

// rivalKey is what the digests of a migration's groups are keyed with, so that
// nobody who reads the database alone finds out whose address one stands for.
type rivalKey []byte

// group names a group: 128 bits.
func (k rivalKey) group(at rival.Contested) string {
	h := hmac.New(sha256.New, k)
	fmt.Fprintf(h, "%s\x00%s", at.Kind, at.Value)
	return hex.EncodeToString(h.Sum(nil)[:16])
}

// tombstone is the digest under which it is remembered that somebody was erased who
// could be found by an identifier.
func (k rivalKey) tombstone(id customer.Identifier) string {
	h := hmac.New(sha256.New, k)
	fmt.Fprintf(h, "erased\x00%s\x00%s", id.Kind, id.Value)
	return hex.EncodeToString(h.Sum(nil)[:16])
}

// tombstoneOf is the digest of the id of somebody who was erased.
func (k rivalKey) tombstoneOf(id customer.ID) string {
	h := hmac.New(sha256.New, k)
	fmt.Fprintf(h, "erased id\x00%s", id)
	return hex.EncodeToString(h.Sum(nil)[:16])
}

func (k rivalKey) tombstones(ids []customer.Identifier) (all []string) {
	for _, id := range ids {
		all = append(all, k.tombstone(id))
	}
	return all
}

func rivalKeyRow(migration string) string { return "rival-key/" + migration }

func rivalRow(migration, group, key string) string {
	return "rival/" + migration + "/" + group + "/" + key
}

// keyOfRivals reads a migration's key, or makes it.
func (s *Service) keyOfRivals(ctx context.Context, env store.EnvironmentID, migration string) (rivalKey, error) {
	for range admitTries {
		sealed, err := s.cfg.Store.RivalKey(ctx, env, migration)
		if err == nil {
			return s.cfg.Sealer.Open(ctx, env, rivalKeyRow(migration), sealed)
		}
		if !errors.Is(err, store.ErrNotFound) {
			return nil, err
		}
		key := make([]byte, 32)
		if _, err := io.ReadFull(s.cfg.Rand, key); err != nil {
			return nil, fmt.Errorf("no randomness: %w", err)
		}
		if sealed, err = s.cfg.Sealer.Seal(ctx, env, rivalKeyRow(migration), key); err != nil {
			return nil, fmt.Errorf("sealing a key: %w", err)
		}
		err = s.cfg.Store.Write(ctx, env, func(tx store.Tx) error { return tx.PutRivalKey(ctx, migration, sealed) })
		if err != nil && !errors.Is(err, store.ErrExists) {
			return nil, err
		}
	}
	return nil, store.ErrConflict
}

// claim notes what a record claims that others claim too, within the export or here.
func (b *batch) claim(ctx context.Context, it *item, taken map[store.IdentifierKey]customer.ID) error {
	if b.req.DryRun {
		return nil
	}
	for _, id := range b.survey.rivals.contested[it.mapped.Key] {
		if err := b.claimed(ctx, it, id, customer.ID{}); err != nil {
			return err
		}
	}
	if it.mapped.Verdict() != migrate.Accept {
		return nil
	}
	for _, id := range it.mapped.Identifiers {
		owner, is := taken[store.IdentifierKey{Kind: id.Kind, Value: id.Value}]
		if !is {
			continue
		}
		if err := b.claimed(ctx, it, id, owner); err != nil {
			return err
		}
	}
	return nil
}

func (b *batch) claimed(ctx context.Context, it *item, id customer.Identifier, owner customer.ID) error {
	some, err := b.claimsOf(ctx, claiming{b.req.Env, b.report.Migration, b.rivalKey, b.at}, &it.mapped, id, owner)
	for _, c := range some {
		if c.Key != "" || !slices.ContainsFunc(b.claims, func(o store.RivalClaim) bool { return o.Group == c.Group && o.Customer == c.Customer }) {
			b.claims = append(b.claims, c)
		}
	}
	return err
}

// claiming says where claims are noted, and when.
type claiming struct {
	env       store.EnvironmentID
	migration string
	key       rivalKey
	at        time.Time
}

// claimsOf are the claims of a record, and of the customer who has the identifier, if
// one does.
func (s *Service) claimsOf(ctx context.Context, at claiming, o *migrate.Outcome, id customer.Identifier, owner customer.ID) ([]store.RivalClaim, error) {
	group := at.key.group(rival.Contested{Kind: id.Kind, Value: id.Value})
	facts := rival.ClaimantOf(o, id)
	facts.Identifiers = facts.Identifiers[:min(len(facts.Identifiers), mostShown)]
	plain, err := json.Marshal(facts)
	if err != nil {
		return nil, err
	}
	c := store.RivalClaim{Migration: at.migration, Group: group, Kind: string(id.Kind), Key: o.Key, At: at.at}
	if c.Sealed, err = s.cfg.Sealer.Seal(ctx, at.env, rivalRow(c.Migration, group, c.Key), plain); err != nil {
		return nil, fmt.Errorf("sealing what a record claims: %w", err)
	}
	all := []store.RivalClaim{c}
	if !owner.IsZero() {
		c.Key, c.Customer, c.Sealed = "", owner.String(), nil
		all = append(all, c)
	}
	return all, nil
}

// mostShown bounds the identifiers of one claimant that are shown.
const mostShown = 16
