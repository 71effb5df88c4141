package directory

import (
	"context"
	"fmt"
	"time"

	"sallyport/pure/customer"
	"sallyport/store"
)

// Proof is something besides the password by which a customer can show who they are,
// without what is secret about it.
type Proof struct {
	Kind   string // "passkey", or what store calls the kind of a factor
	Label  string // what the customer calls it; empty: nothing
	Source string // who brought it: "migration/<name>"; empty: it was set up here
	For    string // the relying party of a passkey
	Since  time.Time
	Used   time.Time // of a passkey; zero: never here
}

// Proofs lists what a customer has besides the password: factors by kind, then
// passkeys, the oldest first. A factor that was begun and never confirmed is none.
func (d *Directory) Proofs(ctx context.Context, env store.EnvironmentID, id customer.ID) ([]Proof, error) {
	factors, err := d.cfg.Store.Factors(ctx, env, id)
	if err != nil {
		return nil, fmt.Errorf("reading the factors of %s: %w", id, err)
	}
	passkeys, err := d.cfg.Store.Passkeys(ctx, env, id)
	if err != nil {
		return nil, fmt.Errorf("reading the passkeys of %s: %w", id, err)
	}
	var all []Proof
	for _, f := range factors {
		if !f.Confirmed.IsZero() {
			all = append(all, Proof{Kind: string(f.Kind), Label: f.Label, Source: f.Source, Since: f.Confirmed})
		}
	}
	for _, p := range passkeys {
		all = append(all, Proof{Kind: "passkey", Label: p.Label, Source: p.Source, For: p.RPID, Since: p.Created, Used: p.Used})
	}
	return all, nil
}
