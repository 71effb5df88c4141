package signin

import (
	"context"
	"crypto/sha256"
	"fmt"

	"sallyport/pure/config"
	"sallyport/store"
)

// sessionProof is what is kept of a session cookie's secret. At a host of a brand it
// is bound to that host: a cookie that somebody carried from there to another host of
// the environment, or the other way round, names a session and does not prove it.
func sessionProof(at *config.Snapshot, secret []byte) [sha256.Size]byte {
	if at == nil || at.Site == nil {
		return sha256.Sum256(secret)
	}
	bound := append([]byte("session at "), at.URL.Host...)
	return sha256.Sum256(append(append(bound, 0), secret...))
}

// everyPasskey is all passkeys of the customer, those too that pages of this host
// cannot ask for. Whether somebody has a second factor is asked of these: else whoever
// knows the password would choose the host at which none is asked for.
func (r *run) everyPasskey(ctx context.Context) ([]store.Passkey, error) {
	all, err := r.cfg.Store.Passkeys(ctx, r.live.ID, r.person.Customer.ID)
	if err != nil {
		return nil, fmt.Errorf("reading passkeys: %w", err)
	}
	return all, nil
}
