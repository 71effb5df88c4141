//go:build unix

package authserver_test

import (
	"crypto/sha256"
	"crypto/subtle"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"

	"sallyport/service/verify"
	"sallyport/web/authserver"
)

// BenchmarkIntrospect prints what DESIGN's budget asks for: the CPU of an
// introspection over that of one verification with HTTP, Basic, form and JSON.
// Every token is one that the node has not seen lately; those that it has are
// cheaper.
func BenchmarkIntrospect(b *testing.B) {
	s := newSiteOf(b, limited(many))
	secret := s.Secret("payright")
	issued := func() (forms []string) {
		for range 256 {
			token := s.post(partners, machine(), basic("payright", secret)).AccessToken
			forms = append(forms, url.Values{"token": {token}}.Encode())
		}
		return forms
	}
	forms := issued()
	s.Apply(opaque(limited(many)))
	sealedForms := issued()
	forgetful := authserver.New(authserver.Config{
		Registry: s.Registry, Issue: s.Issue, SignIn: s.signIn, Now: s.Now, Log: slog.New(slog.DiscardHandler),
		Verifier: verify.New(verify.Config{Ring: s.Ring, Registry: s.Feed, Now: s.Now, Remembered: 1}),
		Address:  func(r *http.Request) netip.Addr { return netip.MustParseAddrPort(r.RemoteAddr).Addr() },
	})
	floor := measure(b, each(forms, verificationFloor(b, s, secret)), secret)
	fresh := measure(b, each(forms, forgetful), secret)
	sealed := measure(b, each(sealedForms, forgetful), secret)
	seen := measure(b, each(forms[:1], s.handler), secret)
	b.ReportMetric(float64(fresh)/float64(floor), "ratio")
	b.ReportMetric(float64(sealed)/float64(floor), "ratio-opaque")
	b.ReportMetric(float64(seen)/float64(floor), "ratio-seen")
	b.ReportMetric(float64(floor.Microseconds()), "cpu-us/floor")
	b.ReportMetric(0, "ns/op")
}

// each gives every request the next of forms, and the name that it would have
// in production.
func each(forms []string, handler http.Handler) http.Handler {
	var turn atomic.Int64
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		form := forms[int(turn.Add(1))%len(forms)]
		r.Host, r.URL.Path = "id.harbourlight.test", "/hl/enterprise/introspect"
		r.Body, r.ContentLength = io.NopCloser(strings.NewReader(form)), int64(len(form))
		handler.ServeHTTP(w, r)
	})
}

// verificationFloor does what no introspection can leave out, and nothing else.
func verificationFloor(b *testing.B, s *site, secret string) http.Handler {
	signing, err := s.Issue.Signing(b.Context(), s.View(), s.View().Snapshot.Servers["enterprise"])
	if err != nil {
		b.Fatal(err)
	}
	want := sha256.Sum256([]byte(secret))
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, password, _ := r.BasicAuth()
		digest := sha256.Sum256([]byte(password))
		if err := r.ParseForm(); err != nil || subtle.ConstantTimeCompare(digest[:], want[:]) != 1 {
			http.Error(w, "no", http.StatusUnauthorized)
			return
		}
		payload, _, err := signing.Access.Verify(r.PostForm.Get("token"))
		var claims map[string]any
		if err != nil || json.Unmarshal(payload, &claims) != nil {
			http.Error(w, "no", http.StatusUnauthorized)
			return
		}
		claims["active"] = true
		w.Header().Set("Content-Type", "application/json")
		w.Header().Set("Cache-Control", "no-store")
		_ = json.NewEncoder(w).Encode(claims)
	})
}
