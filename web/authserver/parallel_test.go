package authserver_test

import (
	"context"
	"crypto/rand"
	"log/slog"
	"net/http"
	"net/netip"
	"net/url"
	"sync"
	"testing"

	"sallyport/service/audit"
	"sallyport/service/directory"
	"sallyport/service/issue"
	"sallyport/store"
	"sallyport/web/authserver"
)

// refusedOf sends forms all at once and tells how many were not answered by a token.
func (s *site) refusedOf(forms []url.Values, options ...func(*http.Request)) (refused int) {
	var mu sync.Mutex
	var all sync.WaitGroup
	for _, form := range forms {
		all.Go(func() {
			got := s.post(partners, form, options...)
			mu.Lock()
			defer mu.Unlock()
			if got.Status != http.StatusOK {
				refused++
			}
		})
	}
	all.Wait()
	return refused
}

// A partner's nightly job with many workers was told of too many failures, for
// the commits that its assertions were waiting for.
func TestManyRightAssertionsAtOnceAreAllTaken(t *testing.T) {
	s := newSigningSite(t)
	var forms []url.Values
	for range 64 {
		forms = append(forms, asserting(machine(), s.assertion()))
	}
	if n := s.refusedOf(forms); n != 0 {
		t.Errorf("%d of %d were refused", n, len(forms))
	}
	// Replays count, though nothing is held for them while they are looked at.
	var limited tokens
	for range 12 {
		limited = s.post(partners, forms[0])
	}
	if limited.Status != http.StatusTooManyRequests {
		t.Errorf("after twelve replays: %+v", limited)
	}
	if n := len(s.Events(audit.TokenRefused)); n > 10 {
		t.Errorf("the ledger tells of %d replays", n)
	}
}

// gathering holds whoever reads secrets until all are there.
type gathering struct {
	*directory.Secrets
	all *sync.WaitGroup
}

func (g gathering) Ready(ctx context.Context, env store.EnvironmentID, application string) error {
	g.all.Done()
	g.all.Wait()
	return g.Secrets.Ready(ctx, env, application)
}

// Nobody knows the secrets of a client after a start or a rotation: what reading
// them takes is not held against the client.
func TestManyRightSecretsAtOnceAreAllTaken(t *testing.T) {
	s := newSite(t)
	secret := s.Secret("payright")
	g := gathering{s.Secrets, &sync.WaitGroup{}}
	g.all.Add(64)
	s.handler = authserver.New(authserver.Config{
		Registry: s.Registry, SignIn: s.signIn, Now: s.Now, Log: slog.New(slog.DiscardHandler),
		Issue: issue.New(issue.Config{
			Store: s.Store, Keys: s.Ring, Secrets: g, Feed: s.Feed, Audit: s.Audit, Now: s.Now, Rand: rand.Reader,
		}),
		Address: func(r *http.Request) netip.Addr { return netip.MustParseAddrPort(r.RemoteAddr).Addr() },
	})
	forms := make([]url.Values, 64)
	for i := range forms {
		forms[i] = machine()
	}
	if n := s.refusedOf(forms, basic("payright", secret)); n != 0 {
		t.Errorf("%d of %d were refused", n, len(forms))
	}
}
