package keyring

import (
	"context"
	"encoding/binary"
	"fmt"

	"sallyport/protocol/jose"
	"sallyport/store"
)

// A signing key is stored in two sealed halves, each of its own row:
//
//	length of the next, 2 bytes ‖ sealed JWK ‖ sealed private key
//
// so that verifying needs no private key. The JWK that lies beside them in the
// clear is for those who list keys: to trust it would let whoever can write the
// database, and nothing else, sign tokens and checkpoints.

// row is the associated data of a sealed private key or secret.
func row(owner, id string) string { return "key/" + owner + "/" + id }

// publicRow is the associated data of a sealed public key.
func publicRow(owner, id string) string { return "public/" + row(owner, id) }

// sealPair sets the public and sealed parts of key.
func (r *Ring) sealPair(ctx context.Context, env store.EnvironmentID, key *store.Key, private *jose.PrivateKey) error {
	der, err := private.MarshalPKCS8()
	if err != nil {
		return err
	}
	if key.Public, err = private.Public().MarshalJSON(); err != nil {
		return err
	}
	public, err := r.cfg.Master.Seal(ctx, env, publicRow(key.Owner, key.ID), key.Public)
	if err != nil {
		return err
	}
	sealed, err := r.cfg.Master.Seal(ctx, env, row(key.Owner, key.ID), der)
	if err != nil {
		return err
	}
	key.Sealed = append(append(binary.BigEndian.AppendUint16(nil, uint16(len(public))), public...), sealed...)
	return nil
}

// halves parts what sealPair joined.
func halves(key store.Key) (public, private []byte, err error) {
	if len(key.Sealed) < 2 || len(key.Sealed) < 2+int(binary.BigEndian.Uint16(key.Sealed)) {
		return nil, nil, fmt.Errorf("%w: key %s of %s is cut short", ErrMaster, key.ID, key.Owner)
	}
	end := 2 + int(binary.BigEndian.Uint16(key.Sealed))
	return key.Sealed[2:end], key.Sealed[end:], nil
}

// openPublic gives the public half of a stored key.
func (r *Ring) openPublic(ctx context.Context, env store.EnvironmentID, key store.Key) (jose.PublicKey, error) {
	sealed, _, err := halves(key)
	if err != nil {
		return jose.PublicKey{}, err
	}
	jwk, err := r.cfg.Master.Open(ctx, env, publicRow(key.Owner, key.ID), sealed)
	if err != nil {
		return jose.PublicKey{}, err
	}
	set, err := jose.ParseKeySet([]byte(`{"keys":[` + string(jwk) + `]}`))
	if err != nil || len(set) != 1 || string(set[0].KeyID) != key.ID || string(set[0].Algorithm) != key.Algorithm {
		return jose.PublicKey{}, fmt.Errorf("%w: key %s of %s is another one", ErrMaster, key.ID, key.Owner)
	}
	return set[0], nil
}

// openPrivate gives the private half of a stored key.
func (r *Ring) openPrivate(ctx context.Context, env store.EnvironmentID, key store.Key) (*jose.PrivateKey, error) {
	_, sealed, err := halves(key)
	if err != nil {
		return nil, err
	}
	der, err := r.cfg.Master.Open(ctx, env, row(key.Owner, key.ID), sealed)
	if err != nil {
		return nil, err
	}
	private, err := jose.ParsePKCS8(jose.Algorithm(key.Algorithm), der)
	if err != nil {
		return nil, fmt.Errorf("reading key %s of %s: %w", key.ID, key.Owner, err)
	}
	return private, nil
}
