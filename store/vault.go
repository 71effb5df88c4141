package store

import (
	"context"
	"time"
)

// VaultSecret is something that an environment must know and nobody may read
// again, such as the password of an earlier system's database.
type VaultSecret struct {
	Name    string
	Sealed  []byte // with name and version as associated data; at most 80 KiB
	Version int64  // compare-and-set, together with Created: a name may come back
	Created time.Time
	Updated time.Time
}

// Vault reads secrets.
type Vault interface {
	// VaultSecrets lists what the environment has, by name and without Sealed, at
	// most 10 000.
	VaultSecrets(ctx context.Context, env EnvironmentID) ([]VaultSecret, error)
	// VaultSecret reads one; [ErrNotFound].
	VaultSecret(ctx context.Context, env EnvironmentID, name string) (VaultSecret, error)
}

// VaultWriter changes secrets.
type VaultWriter interface {
	// PutVaultSecret stores s. With Version 0 it is new, [ErrExists] if there is one
	// of the name; else it replaces Sealed and Updated of the one that has Version
	// and Created, and raises its Version, [ErrConflict] if there is none.
	PutVaultSecret(ctx context.Context, s VaultSecret) error
	// DeleteVaultSecret removes the one that has Name, Version and Created of s.
	// [ErrNotFound] if there is none of the name, [ErrConflict].
	DeleteVaultSecret(ctx context.Context, s VaultSecret) error
}
