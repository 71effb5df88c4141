package keyring_test

import (
	"testing"

	"sallyport/service/keyring"
)

func TestPublishedKeysHaveNoPrivatePart(t *testing.T) {
	w := newWorld(t)
	ring := w.node()
	_, err := keyring.NewAuthority(ring).Trust(w.ctx, w.env)
	w.must(err)
	_, err = ring.Secret(w.ctx, w.env, "code") // symmetric: of no use to anybody else
	w.must(err)
	keys, err := ring.Published(w.ctx, w.env)
	w.must(err)
	if len(keys) != 2 {
		t.Errorf("%d keys, want the authority's current and next", len(keys))
	}
	for _, k := range keys {
		if k.Owner != "ca/gateway" || len(k.Sealed) != 0 || len(k.Public) == 0 {
			t.Errorf("key %s of %s: %d bytes sealed, %d public", k.ID, k.Owner, len(k.Sealed), len(k.Public))
		}
	}
}
