package audit

import (
	"bytes"
	"context"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"sallyport/store"
)

// ErrSignature: the signature of a checkpoint does not hold.
var ErrSignature = errors.New("signature of the checkpoint does not hold")

// Signer signs checkpoints with a key that is not readable from the database;
// service/keyring has it.
type Signer interface {
	SignCheckpoint(ctx context.Context, env store.EnvironmentID, heads []byte) (signature []byte, keyID string, err error)
	// VerifyCheckpoint returns what was signed; [ErrSignature] if the signature
	// does not hold. Other errors say nothing about it.
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
	s := statement{Environment: env, At: p.Now().UTC().Truncate(time.Microsecond), Heads: []headStatement{}}
	for _, head := range heads {
		s.Heads = append(s.Heads, headStatement{head.Writer, head.Seq, hex.EncodeToString(head.Hash[:])})
	}
	if len(s.Heads) == 0 || newest != nil && slices.Equal(newest.Heads, s.Heads) {
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
	if err != nil && !errors.Is(err, store.ErrExists) { // else another node signed at the same instant
		return false, fmt.Errorf("storing a checkpoint: %w", err)
	}
	return err == nil, nil
}

// newest reads the newest checkpoint; nil if there is none that holds, for then
// a fresh one is due, and Verify will tell.
func (p *Prover) newest(ctx context.Context, env store.EnvironmentID) (*statement, error) {
	checkpoints, err := p.Store.Checkpoints(ctx, env, 1)
	if err != nil {
		return nil, fmt.Errorf("reading the newest checkpoint: %w", err)
	}
	if len(checkpoints) == 0 {
		return nil, nil
	}
	s, _, err := p.signed(ctx, env, &checkpoints[0])
	return s, err
}

// signed gives what a stored checkpoint says under its signature; nil, and what
// is wrong, if it counts for nothing. Only what was signed is believed, and what
// lies beside it must say the same.
func (p *Prover) signed(ctx context.Context, env store.EnvironmentID, c *store.Checkpoint) (s *statement, wrong string, err error) {
	text, err := p.Signer.VerifyCheckpoint(ctx, env, c.Signature)
	if errors.Is(err, ErrSignature) {
		return nil, "has a signature that does not hold", nil
	}
	if err != nil {
		return nil, "", fmt.Errorf("verifying a checkpoint: %w", err)
	}
	s = &statement{}
	switch {
	case json.Unmarshal(text, s) != nil || s.Environment != env:
		return nil, "is not one of this environment", nil
	case !bytes.Equal(text, c.Heads) || !s.At.Equal(c.At):
		return nil, "says something else than was signed", nil
	}
	return s, "", nil
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
