package main

import (
	"context"
	"crypto/rand"
	"errors"

	"sallyport/service/audit"
	"sallyport/service/backup"
	"sallyport/service/keyring"
)

// examineWith looks through a restored store.
func examineWith(ctx context.Context, master *keyring.Master, restored location) (found *backup.Finding, err error) {
	opened, err := restored.open(ctx) // which brings its schema up to date
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, opened.Close()) }()
	ring := keyring.New(keyring.Config{
		Store: opened, Master: master, Audit: audit.New(opened, now, rand.Reader), Now: now, Rand: rand.Reader,
	})
	return backup.Examine(ctx, backup.Restored{
		Store: opened, Sealer: master, Prove: ring.Prove, Ledgers: &audit.Prover{Store: opened, Signer: ring, Now: now},
	})
}
