package keyring_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"strings"
	"sync"
	"testing"

	"sallyport/service/keyring"
	"sallyport/store"
)

func (w *world) secret(r *keyring.Ring, env store.EnvironmentID, purpose string) *keyring.Secret {
	w.Helper()
	s, err := r.Secret(w.ctx, env, purpose)
	w.must(err)
	return s
}

func TestASealedSecretOpensUnderItsLabelUnchangedAndWhole(t *testing.T) {
	w := newWorld(t)
	s := w.secret(w.node(), w.env, "code")
	plain := []byte("customer and scopes")
	sealed := s.Seal("production/apps", plain)
	if len(sealed) != len(plain)+28 || bytes.Equal(sealed, s.Seal("production/apps", plain)) {
		t.Errorf("%d bytes, or the same twice", len(sealed))
	}
	if opened, err := s.Open("production/apps", sealed); err != nil || !bytes.Equal(opened, plain) {
		t.Fatalf("%q, %v", opened, err)
	}
	for i := range sealed {
		changed := bytes.Clone(sealed)
		changed[i] ^= 0x80
		_, err := s.Open("production/apps", changed)
		w.is(err, keyring.ErrSealed)
		_, err = s.Open("production/apps", sealed[:i])
		w.is(err, keyring.ErrSealed)
	}
	for _, label := range []string{"", "production/app", "production/apps ", "preview/apps"} {
		_, err := s.Open(label, sealed)
		w.is(err, keyring.ErrSealed)
	}
	_, err := s.Open("production/apps", append(sealed, 0))
	w.is(err, keyring.ErrSealed)
}

func TestATagIsOfItsMessageAlone(t *testing.T) {
	w := newWorld(t)
	s := w.secret(w.node(), w.env, "refresh")
	tag := s.MAC([]byte("grant 7, counter 3"))
	if !s.Authentic([]byte("grant 7, counter 3"), tag[:]) {
		t.Fatal("its own tag is refused")
	}
	if s.Authentic([]byte("grant 7, counter 4"), tag[:]) || s.Authentic([]byte("grant 7, counter 3"), tag[:31]) ||
		s.Authentic([]byte("grant 7, counter 3"), nil) || s.Authentic([]byte("grant 7, counter 3"), append(tag[:], 0)) {
		t.Error("another tag is taken")
	}
	for i := range tag {
		changed := tag
		changed[i] ^= 1
		if s.Authentic([]byte("grant 7, counter 3"), changed[:]) {
			t.Errorf("byte %d may change", i)
		}
	}
	var all sync.WaitGroup
	for i := range 8 {
		all.Go(func() {
			message := []byte(fmt.Sprint("message ", i))
			for range 200 {
				if tag := s.MAC(message); !s.Authentic(message, tag[:]) {
					t.Error("tags of parallel callers mix")
					return
				}
			}
		})
	}
	all.Wait()
}

func TestPurposesAndEnvironmentsNeverShareASecret(t *testing.T) {
	w := newWorld(t)
	r := w.node()
	preview := w.environment("preview")
	code := w.secret(r, w.env, "code")
	sealed, tag := code.Seal("label", []byte("x")), code.MAC([]byte("x"))
	for name, other := range map[string]*keyring.Secret{
		"another purpose": w.secret(r, w.env, "cookie"), "another environment": w.secret(r, preview, "code"),
	} {
		if _, err := other.Open("label", sealed); err == nil || other.Authentic([]byte("x"), tag[:]) {
			t.Errorf("%s has the same secret", name)
		}
	}
}

func TestNodesAgreeOnASecretThatTheyMakeAtTheSameMoment(t *testing.T) {
	w := newWorld(t)
	for round := range 5 {
		purpose := fmt.Sprint("purpose-", round)
		tags := make([][32]byte, 6)
		var all sync.WaitGroup
		for i := range tags {
			r := w.node()
			all.Go(func() {
				s, err := r.Secret(w.ctx, w.env, purpose)
				if err != nil {
					t.Error(err)
					return
				}
				tags[i] = s.MAC(nil)
			})
		}
		all.Wait()
		for _, tag := range tags[1:] {
			if tag != tags[0] {
				t.Fatal("nodes have different secrets")
			}
		}
		if n := w.keys("secret/" + purpose); n[store.KeyCurrent] != 1 {
			t.Fatalf("stored are %v", n)
		}
	}
}

func TestAMovedOrForeignSecretIsNotLent(t *testing.T) {
	w := newWorld(t)
	w.secret(w.node(), w.env, "code")
	w.secret(w.node(), w.env, "cookie")
	preview := w.environment("preview")
	w.secret(w.node(), preview, "code")

	other, err := keyring.GenerateMaster(io.Discard)
	w.must(err)
	_, err = w.nodeOver(w.store, other).Secret(w.ctx, w.env, "code")
	w.is(err, keyring.ErrMaster)

	w.attack(`UPDATE keys SET sealed = (SELECT sealed FROM keys WHERE env = ?1 AND owner = 'secret/cookie') WHERE env = ?1 AND owner = 'secret/code'`, int64(w.env))
	_, err = w.node().Secret(w.ctx, w.env, "code")
	w.is(err, keyring.ErrMaster)
	w.attack(`UPDATE keys SET sealed = (SELECT sealed FROM keys WHERE env = ? AND owner = 'secret/code') WHERE env = ? AND owner = 'secret/code'`, int64(preview), int64(w.env))
	_, err = w.node().Secret(w.ctx, w.env, "code")
	w.is(err, keyring.ErrMaster)
	w.attack(`UPDATE keys SET sealed = (SELECT sealed FROM keys WHERE env = ?1 AND owner = 'secret/cookie'),
		id = (SELECT id FROM keys WHERE env = ?1 AND owner = 'secret/cookie') WHERE env = ?1 AND owner = 'secret/code'`, int64(w.env))
	_, err = w.node().Secret(w.ctx, w.env, "code")
	w.is(err, keyring.ErrMaster)
}

func TestTheMasterKeyOfTheStoreIsProven(t *testing.T) {
	w := newWorld(t)
	for range 2 {
		w.must(w.node().Prove(w.ctx))
	}
	other, err := keyring.GenerateMaster(io.Discard)
	w.must(err)
	err = w.nodeOver(w.store, other).Prove(w.ctx)
	w.is(err, keyring.ErrMaster)
}

func TestASecretShowsItselfNowhere(t *testing.T) {
	w := newWorld(t)
	s := w.secret(w.node(), w.env, "cookie")
	var log bytes.Buffer
	slog.New(slog.NewTextHandler(&log, nil)).Info("x", "secret", s)
	//lint:ignore SA9005 that it shows nothing is what is tested
	encoded, _ := json.Marshal(s)
	if text := log.String() + string(encoded); !strings.Contains(text, "hidden") || len(text) > 150 {
		t.Errorf("shown: %s", text)
	}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%x", "%d"} {
		if text := fmt.Sprintf(verb, s); text != "keyring.Secret(hidden)" {
			t.Errorf("%s shows %s", verb, text)
		}
	}
}

func TestARestartFindsTheSameSecret(t *testing.T) {
	w := newWorld(t)
	before := w.secret(w.node(), w.env, "code")
	sealed, tag := before.Seal("label", []byte("value")), before.MAC([]byte("value"))
	w.must(w.store.Close())
	w.open()
	after := w.secret(w.node(), w.env, "code")
	if opened, err := after.Open("label", sealed); err != nil || string(opened) != "value" || !after.Authentic([]byte("value"), tag[:]) {
		t.Errorf("%q, %v", opened, err)
	}
}
