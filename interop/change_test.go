package interop

import (
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"
	"golang.org/x/oauth2/clientcredentials"

	"sallyport/interop/harness"
)

// traffic is callers that do not rest while an operator changes things. What one of
// them meets that is not the right answer is kept.
type traffic struct {
	over    atomic.Bool
	all     sync.WaitGroup
	mu      sync.Mutex
	wrong   []string
	answers map[string]int
}

// keep lets do run again and again, pausing between; its error is a failed request.
func (l *traffic) keep(what string, pause time.Duration, do func() error) {
	l.all.Go(func() {
		for !l.over.Load() {
			err := do()
			l.mu.Lock()
			if l.answers[what]++; err != nil {
				l.wrong = append(l.wrong, what+": "+err.Error())
			}
			l.mu.Unlock()
			time.Sleep(pause) // the demo's product takes 20 calls a second
		}
	})
}

// meet waits until every kind of request was made anew, from beginning to end.
func (l *traffic) meet(t *testing.T) {
	t.Helper()
	counts := func() map[string]int {
		l.mu.Lock()
		defer l.mu.Unlock()
		return maps.Clone(l.answers)
	}
	before := counts()
	await(t, 30*time.Second, "the traffic meets what is new", func() bool {
		for what, now := range counts() {
			if now < before[what]+2 {
				return false
			}
		}
		return true
	})
}

// end stops the traffic and fails t for whatever went wrong in it.
func (l *traffic) end(t *testing.T) {
	t.Helper()
	l.over.Store(true)
	l.all.Wait()
	for i, text := range l.wrong {
		if i == 10 {
			t.Errorf("and %d more", len(l.wrong)-i)
			break
		}
		t.Error(text)
	}
	t.Logf("answered meanwhile: %v", l.answers)
}

// Revisions are applied and every key is rotated while a machine gets tokens and calls
// the gateway, a customer's application refreshes, and a service verifies by the key
// set it keeps. Nobody may notice.
func TestRevisionsAndKeysChangeUnderLoadWithoutAFailedRequest(t *testing.T) {
	demo := harness.StartDemo(t, harness.Launch{})
	tree := filepath.Join(t.TempDir(), "tree")
	demo.Run(t, "pull", tree, "--env", "harbourlight/production")
	l := &traffic{answers: map[string]int{}}
	l.machine(t, demo)
	l.customer(t, demo)
	l.document(demo)

	const rounds = 6
	for i := range rounds {
		edited := amend(t, filepath.Join(tree, "servers.yaml"), "access: 15m", "access: 16m")
		if i%2 == 1 {
			edited = amend(t, filepath.Join(tree, "servers.yaml"), "access: 16m", "access: 15m")
		}
		if !edited {
			t.Fatal("the tree says nothing of lifetimes")
		}
		demo.Run(t, "apply", tree, "--env", "harbourlight/production", "--yes", "--break-glass", "an exercise")
		for name := range demo.Issuers {
			demo.Run(t, "keys", "rotate", name, "--env", "harbourlight/production")
		}
		l.meet(t)
	}
	l.end(t)
	for _, what := range []string{"machine", "refresh", "document"} {
		if l.answers[what] < rounds {
			t.Errorf("only %d requests of %s met the changes", l.answers[what], what)
		}
	}
}

// amend replaces a text of a file, if it is there.
func amend(t *testing.T, name, from, to string) bool {
	t.Helper()
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(text), from) {
		return false
	}
	if err := os.WriteFile(name, []byte(strings.ReplaceAll(string(text), from, to)), 0o600); err != nil {
		t.Fatal(err)
	}
	return true
}

// machine is PayRight: a new token, and a call of the gateway with it. Beside it, the
// call is made with a token that was got before the first change.
func (l *traffic) machine(t *testing.T, demo *harness.Server) {
	m := newMachine(demo, harness.PayRight)
	config := clientcredentials.Config{
		ClientID: m.ClientID, ClientSecret: m.ClientSecret, Scopes: []string{harness.ScopeWritePosting},
		TokenURL: m.Issuer + "/token", AuthStyle: oauth2.AuthStyleInHeader,
	}
	old := m.mustToken(t, harness.ScopeWritePosting)
	l.keep("machine", 200*time.Millisecond, func() error {
		token, err := config.Token(t.Context())
		if err != nil {
			return err
		}
		demo.Keep(token.AccessToken)
		return post(t, demo, m.SubscriptionKey, token.AccessToken)
	})
	l.keep("old token", 200*time.Millisecond, func() error { return post(t, demo, m.SubscriptionKey, old) })
}

// post is a payment; its error is any answer but success.
func post(t *testing.T, demo *harness.Server, key, token string) error {
	body := strings.NewReader(`{"account":"` + harness.DanasAccount + `","amount_cents":1,"reference":"counter 7"}`)
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, demo.Gateway+harness.PathPayments, body)
	if err != nil {
		return err
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set(harness.HeaderKey, key)
	req.Header.Set("Authorization", "Bearer "+token)
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	if res.StatusCode/100 != 2 {
		return fmt.Errorf("the gateway answered %s", res.Status)
	}
	return nil
}

// customer is Dana's application: it refreshes, verifies the ID token by the keys that
// it keeps, and asks who she is.
func (l *traffic) customer(t *testing.T, demo *harness.Server) {
	rp := newRelyingParty(t, demo)
	verifier := oauth2.GenerateVerifier()
	token := rp.redeem(t, rp.code(t, verifier, "n"), verifier)
	known := rp.provider.Verifier(&oidc.Config{ClientID: rp.app.ClientID})
	l.keep("refresh", 50*time.Millisecond, func() error {
		next, err := rp.oauth.TokenSource(rp.context(t), &oauth2.Token{RefreshToken: token.RefreshToken}).Token()
		if err != nil {
			return err
		}
		token = next
		rp.keep(next)
		raw, _ := next.Extra("id_token").(string)
		if _, err := known.Verify(rp.context(t), raw); err != nil {
			return err
		}
		_, err = rp.provider.UserInfo(rp.context(t), oauth2.StaticTokenSource(next))
		return err
	})
}

// document is whoever reads what an issuer says of itself.
func (l *traffic) document(demo *harness.Server) {
	for _, issuer := range demo.Issuers {
		for _, path := range []string{"/.well-known/openid-configuration", "/jwks"} {
			l.keep("document", 20*time.Millisecond, func() error { return found(http.DefaultClient, issuer+path) })
		}
	}
}

func found(client *http.Client, address string) error {
	res, err := client.Get(address)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusOK {
		return fmt.Errorf("%s: %s", address, res.Status)
	}
	return nil
}

// Certificates are renewed while callers connect anew for each request and others keep
// their connections. All certificates are trusted from the start, as by one authority.
func TestCertificatesAreRenewedUnderLoadWithoutAFailedRequest(t *testing.T) {
	const renewals = 4
	dir, trusted := t.TempDir(), x509.NewCertPool()
	var made []pair
	for number := range int64(renewals) {
		p := selfSigned(t, t.TempDir(), number, "localhost")
		text, err := os.ReadFile(p.cert)
		if err != nil || !trusted.AppendCertsFromPEM(text) {
			t.Fatalf("certificate %d: %v", number, err)
		}
		made = append(made, p)
	}
	serve := pair{cert: filepath.Join(dir, "cert.pem"), key: filepath.Join(dir, "key.pem")}
	serve.become(t, made[0], 0)
	server := starter(t, harness.Launch{Flags: []string{"--tls-cert", serve.cert, "--tls-key", serve.key}})

	keySet := server.Issuers["main"] + "/jwks"
	l := &traffic{answers: map[string]int{}}
	for name, anew := range map[string]bool{"new connection": true, "kept connection": false} {
		client := &http.Client{Timeout: 10 * time.Second, Transport: &http.Transport{
			DisableKeepAlives: anew, TLSClientConfig: &tls.Config{RootCAs: trusted},
		}}
		l.keep(name, time.Millisecond, func() error { return found(client, keySet) })
	}
	for number := int64(1); number < renewals; number++ {
		serve.become(t, made[number], number)
		await(t, 10*time.Second, "the renewed certificate is served", func() bool { return serial(t, server.URL) == number })
	}
	l.end(t)
}

// become writes another pair over this one, as tools that renew certificates do: in either
// order, and for a moment the two do not belong together.
func (p pair) become(t *testing.T, next pair, number int64) {
	t.Helper()
	// The file system may keep times in steps; the new files are newer in any case.
	newer := time.Now().Add(time.Duration(number) * 2 * time.Second)
	for from, to := range map[string]string{next.key: p.key, next.cert: p.cert} {
		text, err := os.ReadFile(from)
		if err != nil {
			t.Fatal(err)
		}
		replaceFile(t, to, text)
		if err := os.Chtimes(to, newer, newer); err != nil {
			t.Fatal(err)
		}
	}
}
