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
	group := b.rivalKey.group(rival.Contested{Kind: id.Kind, Value: id.Value})
	facts := rival.ClaimantOf(&it.mapped, id)
	facts.Identifiers = facts.Identifiers[:min(len(facts.Identifiers), mostShown)]
	plain, err := json.Marshal(facts)
	if err != nil {
		return err
	}
	c := store.RivalClaim{Migration: b.report.Migration, Group: group, Kind: string(id.Kind), Key: it.mapped.Key, At: b.at}
	if c.Sealed, err = b.cfg.Sealer.Seal(ctx, b.req.Env, rivalRow(c.Migration, group, c.Key), plain); err != nil {
		return fmt.Errorf("sealing what a record claims: %w", err)
	}
	b.claims = append(b.claims, c)
	if !owner.IsZero() {
		c.Key, c.Customer, c.Sealed = "", owner.String(), nil
		if !slices.ContainsFunc(b.claims, func(o store.RivalClaim) bool { return o.Group == group && o.Customer == c.Customer }) {
			b.claims = append(b.claims, c)
		}
	}
	return nil
}

// mostShown bounds the identifiers of one claimant that are shown.
const mostShown = 16
