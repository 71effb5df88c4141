package audit

import (
	"context"
	"fmt"

	"sallyport/store"
)

// Proof is one event with what its chain says of it.
type Proof struct {
	Record
	Previous [32]byte // hash of the event before it; zero for the first
	Linked   bool     // its hash is that of its predecessor and its content
}

// Event gives one event of a chain, held to its predecessor; store.ErrNotFound.
// That the whole chain is what was written is for [Prover.Verify] to tell.
func (p *Prover) Event(ctx context.Context, env store.EnvironmentID, chain int, seq int64) (Proof, error) {
	from := max(1, seq-1)
	found, err := p.Store.AuditChain(ctx, env, chain, from, 2)
	if err != nil {
		return Proof{}, fmt.Errorf("reading an event: %w", err)
	}
	var proof Proof
	for i := range found {
		e := &found[i]
		switch e.Seq {
		case seq - 1:
			proof.Previous = e.Hash
		case seq:
			proof.Record = recordOf(e)
			proof.Linked = store.Link(proof.Previous, env, chain, seq, &e.Event) == e.Hash
			return proof, nil
		}
	}
	return Proof{}, fmt.Errorf("event %d of chain %d: %w", seq, chain, store.ErrNotFound)
}
