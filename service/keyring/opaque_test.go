package keyring_test

import (
	"bytes"
	"crypto/rand"
	"fmt"
	"strings"
	"testing"
	"time"

	"sallyport/protocol/jose"
	"sallyport/service/audit"
	"sallyport/service/keyring"
)

func (w *world) seal(r *keyring.Ring, server, payload string) string {
	w.Helper()
	sealing, err := r.Sealing(w.ctx, w.env, server)
	w.must(err)
	token, err := sealing.Sign(rand.Reader, []byte(payload))
	w.must(err)
	return token
}

// opens tells what a server's keys make of a token.
func (w *world) opens(r *keyring.Ring, server, token string) (string, error) {
	w.Helper()
	opening, err := r.Opening(w.ctx, w.env, server)
	w.must(err)
	payload, err := opening.Open(token)
	return string(payload), err
}

func TestAnOpaqueTokenOpensAtItsServerInItsEnvironment(t *testing.T) {
	w := newWorld(t)
	ring := w.node()
	const payload = `{"sub":"app:payright"}`
	token := w.seal(ring, "apps", payload)
	if len(token) != keyring.OpaqueLength(len(payload)) || strings.Contains(token, "payright") || token == w.seal(ring, "apps", payload) {
		t.Errorf("%q", token)
	}
	if got, err := w.opens(ring, "apps", token); err != nil || got != payload {
		t.Fatalf("%q, %v", got, err)
	}
	if got, err := w.opens(w.node(), "apps", token); err != nil || got != payload {
		t.Errorf("another node: %q, %v", got, err)
	}
	w.seal(ring, "partners", payload)
	_, err := w.opens(ring, "partners", token)
	w.is(err, keyring.ErrSealed)
	other := w.environment("preview")
	_, err = ring.Sealing(w.ctx, other, "apps")
	w.must(err)
	opening, err := ring.Opening(w.ctx, other, "apps")
	w.must(err)
	_, err = opening.Open(token)
	w.is(err, keyring.ErrSealed)
}

func TestOpeningMakesNoKeys(t *testing.T) {
	w := newWorld(t)
	ring := w.node()
	opening, err := ring.Opening(w.ctx, w.env, "apps")
	w.must(err)
	_, err = opening.Open(keyring.OpaquePrefix + strings.Repeat("A", 80))
	w.is(err, keyring.ErrSealed)
	_, err = opening.Sign(rand.Reader, nil)
	w.is(err, keyring.ErrNoKey)
	keys, err := w.store.Keys(w.ctx, w.env, "")
	w.must(err)
	if len(keys) != 0 {
		t.Errorf("%d keys came of looking at a token", len(keys))
	}
}

func TestWhatAnOldKeySealedOpensUntilItIsDead(t *testing.T) {
	w := newWorld(t)
	ring, other := w.node(), w.node()
	before := w.seal(ring, "apps", "before")
	if got, err := w.opens(other, "apps", before); got != "before" || err != nil {
		t.Fatal(got, err)
	}
	w.must(ring.Rotate(w.ctx, w.env, "apps", keyring.OpaqueAlgorithm, audit.System))
	after := w.seal(ring, "apps", "after")
	// The other node has not heard of the rotation yet: the key was ahead of it.
	for _, node := range []*keyring.Ring{ring, other, w.node()} {
		for want, token := range map[string]string{"before": before, "after": after} {
			if got, err := w.opens(node, "apps", token); got != want || err != nil {
				t.Errorf("%s: %q, %v", want, got, err)
			}
		}
	}
	w.pass(25 * time.Hour)
	rotation := keyring.Rotation{Env: w.env, Server: "apps", Algorithms: []jose.Algorithm{keyring.OpaqueAlgorithm}}
	w.must(ring.Maintain(w.ctx, []keyring.Rotation{rotation}))
	_, err := w.opens(ring, "apps", before)
	w.is(err, keyring.ErrSealed)
	if got, err := w.opens(ring, "apps", after); got != "after" || err != nil {
		t.Errorf("%q, %v", got, err)
	}
	keys, err := ring.Published(w.ctx, w.env)
	w.must(err)
	if len(keys) != 2 || len(keys[0].Sealed)+len(keys[1].Sealed) != 0 {
		t.Errorf("listed are %d keys", len(keys))
	}
}

func TestKeysOfOpaqueTokensArePublishedToNobody(t *testing.T) {
	w := newWorld(t)
	ring := w.node()
	w.seal(ring, "apps", "x")
	signing, err := ring.Signing(w.ctx, w.env, "apps", jose.ES256)
	w.must(err)
	set, err := jose.ParseKeySet(signing.JWKS)
	w.must(err)
	if len(set) != 2 || strings.Contains(string(signing.JWKS), string(keyring.OpaqueAlgorithm)) {
		t.Errorf("the published set is %s", signing.JWKS)
	}
	if _, err := signing.AccessSigner(keyring.OpaqueAlgorithm); err == nil {
		t.Error("something signs with a key that seals")
	}
}

func TestAnOpaqueTokenIsBounded(t *testing.T) {
	w := newWorld(t)
	sealing, err := w.node().Sealing(w.ctx, w.env, "apps")
	w.must(err)
	for size := range 200 {
		token, err := sealing.Sign(rand.Reader, make([]byte, size))
		w.must(err)
		if len(token) != keyring.OpaqueLength(size) {
			t.Fatalf("%d bytes become %d, not %d", size, len(token), keyring.OpaqueLength(size))
		}
	}
	_, err = sealing.Sign(rand.Reader, make([]byte, jose.MaxTokenBytes))
	w.is(err, keyring.ErrTooLarge)
	_, err = sealing.Sign(bytes.NewReader(nil), []byte("x"))
	if err == nil {
		t.Error("sealed without randomness")
	}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s"} {
		if shown := fmt.Sprintf(verb, sealing); shown != "keyring.Opaque(hidden)" {
			t.Errorf("%s shows %s", verb, shown)
		}
	}
}
