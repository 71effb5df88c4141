package intake

import (
	"context"
	"fmt"

	"sallyport/pure/customer"
	"sallyport/pure/migrate"
	"sallyport/pure/rival"
	"sallyport/store"
)

// Claimed tells whether a record of a migration that waits for somebody to decide who is
// who claims an identifier as verified at its source: whoever proves it is that person,
// or one of them, and no new customer. Of records that nobody contested the ledger keeps
// no address that it could be asked by.
func (s *Service) Claimed(ctx context.Context, env store.EnvironmentID, migration string, id customer.Identifier) (bool, error) {
	key, err := s.keyFor(ctx, env, migration)
	if err != nil {
		return false, fmt.Errorf("looking who claims an address in %s: %w", migration, err)
	}
	c := &comer{Service: s, env: env, migration: migration, key: key, outcome: migrate.Outcome{}}
	group := key.group(rival.Contested{Kind: id.Kind, Value: id.Value})
	var open []rival.Claimant
	err = s.cfg.Store.Write(ctx, env, func(tx store.Tx) error {
		stand, err := tx.RivalsOf(ctx, migration, "", []string{group})
		if err != nil || len(stand.Claims) == 0 {
			return err
		}
		open, err = c.others(ctx, tx, stand.Claims, group, rival.Decision{})
		return err
	})
	if err != nil {
		return false, fmt.Errorf("looking who claims an address in %s: %w", migration, err)
	}
	for _, one := range open {
		if one.Verified {
			return true, nil
		}
	}
	return false, nil
}
