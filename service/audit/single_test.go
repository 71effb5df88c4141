package audit_test

import (
	"database/sql"
	"errors"
	"testing"

	"sallyport/store"
)

func TestASingleEventIsHeldToItsPredecessor(t *testing.T) {
	w := newWorld(t)
	w.record(3, "cus_1")
	heads, err := w.store.AuditHeads(w.ctx, w.env)
	w.must(err)
	chain := heads[0].Writer
	for seq := int64(1); seq <= 3; seq++ {
		proof, err := w.prover().Event(w.ctx, w.env, chain, seq)
		w.must(err)
		if !proof.Linked || proof.Seq != seq || (proof.Previous == [32]byte{}) != (seq == 1) {
			t.Errorf("event %d: %+v", seq, proof)
		}
	}
	w.attack(func(db *sql.DB) {
		w.exec(db, "UPDATE audit_events SET result = 'ok!' WHERE env = ? AND seq = 2", int64(w.env))
	})
	if proof, err := w.prover().Event(w.ctx, w.env, chain, 2); err != nil || proof.Linked {
		t.Errorf("a changed event is linked: %v", err)
	}
	for _, seq := range []int64{0, -1, 4} {
		if _, err := w.prover().Event(w.ctx, w.env, chain, seq); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("event %d: %v", seq, err)
		}
	}
	if _, err := w.prover().Event(w.ctx, w.environment("preview"), chain, 1); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("in another environment: %v", err)
	}
}
