package vault

import (
	"context"
	"errors"
	"fmt"

	"sallyport/pure/config"
	"sallyport/service/audit"
	"sallyport/store"
)

// Absent, as [Change.Seen], says that there was no secret of the name.
const Absent = "absent"

// Change says which secret is changed, and by whom.
type Change struct {
	Name string
	// Seen is the Tag of what is replaced or deleted, [Absent] if nothing is there;
	// empty for whatever is there.
	Seen string
	By   audit.Actor
}

// attempts bounds how often a change of whatever is there is tried, if others
// change it at the same time.
const attempts = 5

// Put stores a secret, or replaces it. [ErrName], [ErrSize], [ErrFull];
// store.ErrExists or store.ErrConflict if what is there is not what was seen,
// store.ErrNotFound if it is gone.
func (s *Service) Put(ctx context.Context, env store.EnvironmentID, c Change, value []byte) (Secret, error) {
	switch {
	case !config.ValidName(c.Name):
		return Secret{}, ErrName
	case len(value) == 0 || len(value) > MaxSize:
		return Secret{}, ErrSize
	}
	var stored Secret
	err := s.settled(c, func() (err error) {
		stored, err = s.put(ctx, env, c, value)
		return err
	})
	return stored, err
}

// settled repeats what lost against another change, where nobody said which state
// they saw.
func (s *Service) settled(c Change, do func() error) (err error) {
	for range attempts {
		err = do()
		if c.Seen != "" || !errors.Is(err, store.ErrConflict) && !errors.Is(err, store.ErrExists) {
			return err
		}
	}
	return err
}

func (s *Service) put(ctx context.Context, env store.EnvironmentID, c Change, value []byte) (Secret, error) {
	rows, err := s.cfg.Store.VaultSecrets(ctx, env)
	if err != nil {
		return Secret{}, fmt.Errorf("listing secrets: %w", err)
	}
	row, err := chosen(rows, c)
	switch {
	case errors.Is(err, store.ErrNotFound) && (c.Seen == "" || c.Seen == Absent):
		if len(rows) >= MaxSecrets {
			return Secret{}, ErrFull
		}
		row = store.VaultSecret{Name: c.Name, Created: s.cfg.Now()}
	case err != nil:
		return Secret{}, err
	}
	row.Updated = s.cfg.Now()
	if row.Sealed, err = s.cfg.Sealer.Seal(ctx, env, sealedAs(c.Name, row.Version+1), value); err != nil {
		return Secret{}, fmt.Errorf("sealing the secret %s: %w", c.Name, err)
	}
	stored := Secret{row.Name, row.Version + 1, row.Created, row.Updated}
	err = s.write(ctx, env, c.By, changeDetail{c.Name, row.Version, stored.Version}, func(tx store.Tx) error { return tx.PutVaultSecret(ctx, row) })
	if err != nil {
		return Secret{}, fmt.Errorf("storing the secret %s: %w", c.Name, err)
	}
	return stored, nil
}

// chosen finds what a change is about. store.ErrNotFound if there is none,
// store.ErrExists and store.ErrConflict if it is not what was seen.
func chosen(rows []store.VaultSecret, c Change) (store.VaultSecret, error) {
	i := indexOf(rows, c.Name)
	switch {
	case i < 0:
		return store.VaultSecret{}, fmt.Errorf("the secret %s: %w", c.Name, store.ErrNotFound)
	case c.Seen == Absent:
		return store.VaultSecret{}, fmt.Errorf("the secret %s: %w", c.Name, store.ErrExists)
	case c.Seen != "" && c.Seen != secretOf(rows[i]).Tag():
		return store.VaultSecret{}, fmt.Errorf("the secret %s: %w", c.Name, store.ErrConflict)
	}
	return rows[i], nil
}

// Delete removes a secret; from its next use on, on every node, it is not there.
// store.ErrNotFound, store.ErrConflict.
func (s *Service) Delete(ctx context.Context, env store.EnvironmentID, c Change) error {
	return s.settled(c, func() error {
		rows, err := s.cfg.Store.VaultSecrets(ctx, env)
		if err != nil {
			return fmt.Errorf("listing secrets: %w", err)
		}
		row, err := chosen(rows, c)
		if err != nil {
			return err
		}
		err = s.write(ctx, env, c.By, changeDetail{c.Name, row.Version, 0}, func(tx store.Tx) error { return tx.DeleteVaultSecret(ctx, row) })
		if err != nil {
			return fmt.Errorf("deleting the secret %s: %w", c.Name, err)
		}
		return nil
	})
}

// changeDetail is what the ledger keeps of a change: versions, 0 where there is none.
type changeDetail struct {
	Name   string `json:"name"`
	Before int64  `json:"before"`
	After  int64  `json:"after"`
}

func (s *Service) write(ctx context.Context, env store.EnvironmentID, by audit.Actor, d changeDetail, do func(store.Tx) error) error {
	what := audit.VaultStored
	if d.After == 0 {
		what = audit.VaultDeleted
	}
	event := s.cfg.Audit.Event(audit.Entry{Type: what, Actor: by, Detail: d})
	return s.cfg.Store.Write(ctx, env, func(tx store.Tx) error {
		if err := do(tx); err != nil {
			return err
		}
		return tx.Audit(ctx, event)
	})
}
