package audit

import (
	"context"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"sallyport/store"
)

// Signer signs checkpoints with a key that is not readable from the database;
// service/keyring has it.
type Signer interface {
	SignCheckpoint(ctx context.Context, env store.EnvironmentID, heads []byte) (signature []byte, keyID string, err error)
	// VerifyCheckpoint returns what was signed.
	VerifyCheckpoint(ctx context.Context, env store.EnvironmentID, signature []byte) (heads []byte, err error)
}

// Store is what a [Prover] needs of the store.
type Store interface {
	store.Audit
	store.Writer
}

// Prover signs and verifies the ledger. It is safe for concurrent use.
type Prover struct {
	Store  Store
	Signer Signer
	Now    func() time.Time
}

// statement is what a checkpoint says.
type statement struct {
	Environment store.EnvironmentID `json:"environment"`
	At          time.Time           `json:"at"`
	Heads       []headStatement     `json:"heads"`
}

type headStatement struct {
	Writer int    `json:"writer"`
	Seq    int64  `json:"seq"`
	Hash   string `json:"hash"`
}

// Checkpoint signs the heads of env's chains as they are now, unless nothing
// was appended since the newest checkpoint. It tells whether it signed.
func (p *Prover) Checkpoint(ctx context.Context, env store.EnvironmentID) (signed bool, err error) {
	heads, err := p.Store.AuditHeads(ctx, env)
	if err != nil {
		return false, fmt.Errorf("reading audit heads: %w", err)
	}
	newest, err := p.newest(ctx, env)
	if err != nil {
		return false, err
	}
	s := statement{Environment: env, At: p.Now().UTC(), Heads: []headStatement{}}
	for _, head := range heads {
		s.Heads = append(s.Heads, headStatement{head.Writer, head.Seq, hex.EncodeToString(head.Hash[:])})
	}
	if len(s.Heads) == 0 || equalHeads(newest, s.Heads) {
		return false, nil
	}
	encoded, err := json.Marshal(s)
	if err != nil {
		return false, err
	}
	signature, keyID, err := p.Signer.SignCheckpoint(ctx, env, encoded)
	if err != nil {
		return false, fmt.Errorf("signing a checkpoint: %w", err)
	}
	err = p.Store.Write(ctx, env, func(tx store.Tx) error {
		return tx.PutCheckpoint(ctx, store.Checkpoint{At: s.At, Heads: encoded, Signature: signature, KeyID: keyID})
	})
	return err == nil, err
}

func (p *Prover) newest(ctx context.Context, env store.EnvironmentID) ([]headStatement, error) {
	checkpoints, err := p.Store.Checkpoints(ctx, env, 1)
	if err != nil || len(checkpoints) == 0 {
		return nil, err
	}
	var s statement
	if err := json.Unmarshal(checkpoints[0].Heads, &s); err != nil {
		return nil, nil // unreadable: a fresh one is due, and Verify will tell
	}
	return s.Heads, nil
}

func equalHeads(a, b []headStatement) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if a[i] != b[i] {
			return false
		}
	}
	return true
}

// CheckpointAll checkpoints each of the environments.
func (p *Prover) CheckpointAll(ctx context.Context, environments []store.EnvironmentID) error {
	var all error
	for _, env := range environments {
		_, err := p.Checkpoint(ctx, env)
		all = errors.Join(all, err)
	}
	return all
}
