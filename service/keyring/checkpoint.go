package keyring

import (
	"context"
	"fmt"

	"sallyport/protocol/jose"
	"sallyport/service/audit"
	"sallyport/store"
)

// checkpointOwner owns the keys that sign audit checkpoints. They are sealed
// under the master key, so who can write the database but has no master key can
// neither use nor replace them. They never rotate, since a checkpoint must verify
// for as long as the ledger is kept; the slash keeps the owner apart from any
// authorization server's name.
const (
	checkpointOwner     = "audit/checkpoint"
	checkpointAlgorithm = jose.EdDSA
)

// SignCheckpoint signs the heads of an environment's audit chains. It returns a
// compact JWS of them and the key's id.
func (r *Ring) SignCheckpoint(ctx context.Context, env store.EnvironmentID, heads []byte) (signature []byte, keyID string, err error) {
	signing, err := r.Signing(ctx, env, checkpointOwner, checkpointAlgorithm)
	if err != nil {
		return nil, "", err
	}
	signer := signing.current[checkpointAlgorithm].checkpoint
	token, err := signer.Sign(r.cfg.Rand, heads)
	if err != nil {
		return nil, "", fmt.Errorf("signing with key %s: %w", signer.KeyID(), err)
	}
	return []byte(token), string(signer.KeyID()), nil
}

// VerifyCheckpoint returns what a signature of SignCheckpoint covers.
// [audit.ErrSignature], with the error of protocol/jose that says why, if it does
// not hold.
func (r *Ring) VerifyCheckpoint(ctx context.Context, env store.EnvironmentID, signature []byte) (heads []byte, err error) {
	signing, err := r.Signing(ctx, env, checkpointOwner, checkpointAlgorithm)
	if err != nil {
		return nil, err
	}
	heads, _, err = signing.checkpoint.Verify(string(signature))
	if err != nil {
		return nil, fmt.Errorf("%w: %w", audit.ErrSignature, err)
	}
	return heads, nil
}
