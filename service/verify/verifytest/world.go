// Package verifytest builds a small world of live services on embedded
// storage, with a clock that tests move and tokens that they sign at will. The
// tests of verify, subscribe and web/gateway start from it. Only tests import it.
package verifytest

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"io"
	"log/slog"
	"maps"
	"path/filepath"
	"sync/atomic"
	"testing"
	"time"

	"sallyport/protocol/jose"
	"sallyport/pure/config"
	"sallyport/service/audit"
	"sallyport/service/environment"
	"sallyport/service/keyring"
	"sallyport/service/verify"
	"sallyport/store"
	"sallyport/store/sqlite"
)

// World is everything that a test needs. Its fields are the real services.
type World struct {
	T        testing.TB
	Store    *sqlite.Store
	Audit    *audit.Log
	Registry *environment.Registry
	Live     *environment.Live
	Ring     *keyring.Ring
	Verify   *verify.Service

	offset atomic.Int64 // how far the clock is ahead
}

// New builds a world whose environment has the configuration of files. more
// runs before the registry starts, so that services can subscribe.
func New(t testing.TB, files map[string]string, more func(*World)) *World {
	t.Helper()
	w := &World{T: t}
	ctx := context.Background()
	var err error
	w.Store, err = sqlite.Open(ctx, sqlite.Config{Path: filepath.Join(t.TempDir(), "world.db"), Now: w.Now})
	w.Must(err)
	t.Cleanup(func() { _ = w.Store.Close() })
	log := slog.New(slog.DiscardHandler)
	w.Audit = audit.New(w.Store, w.Now, rand.Reader)
	w.Registry = environment.New(environment.Config{
		Store: w.Store, Audit: w.Audit, Now: w.Now, Log: log,
		Builtin: map[string]string{"listen.url": "https://id.example", "listen.gateway": "http://api.example"},
	})
	master, err := keyring.GenerateMaster(io.Discard)
	w.Must(err)
	w.Ring = keyring.New(keyring.Config{Store: w.Store, Master: master, Audit: w.Audit, Now: w.Now, Rand: rand.Reader})
	w.Registry.Subscribe(func(_ context.Context, e store.FeedEntry) {
		if e.Kind == store.KeysChanged {
			w.Ring.Forget(e.Env, e.Subject)
		}
	})
	w.Verify = verify.New(verify.Config{Ring: w.Ring, Registry: w.Registry, Now: w.Now})
	if more != nil {
		more(w)
	}
	w.Hear()
	w.Live, err = w.Registry.Create(ctx, "harbourlight", "production", false, "tester")
	w.Must(err)
	w.Apply(files)
	return w
}

// Must ends the test on an error.
func (w *World) Must(err error) {
	w.T.Helper()
	if err != nil {
		w.T.Fatal(err)
	}
}

// Now is the world's clock.
func (w *World) Now() time.Time { return time.Now().Add(time.Duration(w.offset.Load())) }

// Pass lets time pass without the feed being heard.
func (w *World) Pass(d time.Duration) { w.offset.Add(int64(d)) }

// Hear reads the feed to its end.
func (w *World) Hear() {
	w.T.Helper()
	w.Must(w.Registry.Start(context.Background()))
}

// Apply makes files the newest revision.
func (w *World) Apply(files map[string]string) {
	w.T.Helper()
	content := map[string][]byte{}
	for name, text := range files {
		content[name] = []byte(text)
	}
	tree, problems := config.Parse(content)
	if config.Refused(problems) {
		w.T.Fatalf("tree: %v", problems)
	}
	var base int64
	if snapshot := w.Live.Snapshot(); snapshot != nil {
		base = snapshot.Revision
	}
	_, _, err := w.Registry.Apply(context.Background(), w.Live.ID, environment.Change{Tree: tree, Base: base, Author: "tester"})
	w.Must(err)
}

// Publish puts an entry into the feed and hears it.
func (w *World) Publish(kind store.FeedKind, subject string) {
	w.T.Helper()
	now := w.Now()
	w.Must(w.Store.Write(context.Background(), w.Live.ID, func(tx store.Tx) error {
		return tx.Publish(context.Background(), store.FeedEntry{Kind: kind, Subject: subject, At: now, Until: now.Add(25 * time.Hour)})
	}))
	w.Hear()
}

// Server is an authorization server of the live snapshot.
func (w *World) Server(name string) *config.LiveServer { return w.Live.Snapshot().Servers[name] }

// Claims are those of a good token of server for a machine, to be changed.
func (w *World) Claims(server, application, scope string) map[string]any {
	s := w.Server(server)
	now := w.Now().Unix()
	return map[string]any{
		"iss": s.Issuer, "aud": s.Audience, "sub": "app:" + application, "client_id": application, "scope": scope,
		"iat": now, "exp": now + 600, "jti": base64.RawURLEncoding.EncodeToString(random(24)), "rev": 1,
	}
}

// Person makes claims those of a customer.
func Person(claims map[string]any, subject string, grant store.GrantID, session store.SessionID) map[string]any {
	c := maps.Clone(claims)
	c["sub"], c["sid"] = subject, base64.RawURLEncoding.EncodeToString(session[:])
	c["jti"] = base64.RawURLEncoding.EncodeToString(append(grant[:], random(8)...))
	c["auth_time"], c["acr"] = c["iat"], "pwd"
	return c
}

// Sign signs claims as an access token of server, whatever they say.
func (w *World) Sign(server string, claims map[string]any) string {
	w.T.Helper()
	signer, err := w.signing(server).AccessSigner(jose.ES256)
	w.Must(err)
	return w.sign(signer, claims)
}

// Seal makes claims an opaque access token of server, whatever they say.
func (w *World) Seal(server string, claims map[string]any) string {
	w.T.Helper()
	sealing, err := w.Ring.Sealing(context.Background(), w.Live.ID, server)
	w.Must(err)
	payload, err := json.Marshal(claims)
	w.Must(err)
	token, err := sealing.Sign(rand.Reader, payload)
	w.Must(err)
	return token
}

// SignID signs claims as an ID token of server.
func (w *World) SignID(server string, claims map[string]any) string {
	w.T.Helper()
	signer, err := w.signing(server).IDSigner(jose.ES256)
	w.Must(err)
	return w.sign(signer, claims)
}

func (w *World) signing(server string) *keyring.Signing {
	w.T.Helper()
	signing, err := w.Ring.Signing(context.Background(), w.Live.ID, server, jose.ES256)
	w.Must(err)
	return signing
}

func (w *World) sign(signer *jose.Signer, claims map[string]any) string {
	w.T.Helper()
	payload, err := json.Marshal(claims)
	w.Must(err)
	token, err := signer.Sign(nil, payload)
	w.Must(err)
	return token
}

func random(n int) []byte {
	raw := make([]byte, n)
	_, _ = rand.Read(raw)
	return raw
}
