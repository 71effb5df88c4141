package keyring_test

import (
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"sallyport/service/audit"
	"sallyport/service/keyring"
	"sallyport/service/verify/verifytest"
	"sallyport/store"
)

func newAuthority(t *testing.T) (*verifytest.World, *keyring.Authority) {
	w := verifytest.New(t, verifytest.Tree("http://127.0.0.1:1"), nil)
	return w, keyring.NewAuthority(w.Ring)
}

func pool(t *testing.T, text []byte) *x509.CertPool {
	t.Helper()
	p := x509.NewCertPool()
	if !p.AppendCertsFromPEM(text) {
		t.Fatal("no certificate in PEM")
	}
	return p
}

func verifyFor(w *verifytest.World, c *x509.Certificate, roots *x509.CertPool, usage x509.ExtKeyUsage) error {
	_, err := c.Verify(x509.VerifyOptions{Roots: roots, CurrentTime: w.Now(), KeyUsages: []x509.ExtKeyUsage{usage}})
	return err
}

func TestTheGatewaysCertificateIsForClientsOnlyAndLivesADay(t *testing.T) {
	w, a := newAuthority(t)
	bundle, err := a.CACertificate(t.Context(), w.Live.ID)
	w.Must(err)
	c, err := a.ClientCertificate(t.Context(), w.Live.ID)
	w.Must(err)
	roots := pool(t, bundle)
	if err := verifyFor(w, c.Leaf, roots, x509.ExtKeyUsageClientAuth); err != nil {
		t.Error(err)
	}
	if verifyFor(w, c.Leaf, roots, x509.ExtKeyUsageServerAuth) == nil {
		t.Error("it would pass for a server's")
	}
	if life := c.Leaf.NotAfter.Sub(w.Now()); life > 24*time.Hour {
		t.Errorf("it lives for %s", life)
	}
	again, err := a.ClientCertificate(t.Context(), w.Live.ID)
	w.Must(err)
	if again != c {
		t.Error("a fresh one was made though there is time")
	}
	w.Pass(17 * time.Hour)
	renewed, err := a.ClientCertificate(t.Context(), w.Live.ID)
	w.Must(err)
	if renewed == c || verifyFor(w, renewed.Leaf, roots, x509.ExtKeyUsageClientAuth) != nil {
		t.Error("it was not renewed in time")
	}
}

func TestABackEndsCertificateIsForItsNamesOnly(t *testing.T) {
	w, a := newAuthority(t)
	cert, key, err := a.IssueServer(t.Context(), w.Live.ID, []string{"billing.example", "127.0.0.1"}, audit.Operator("rita"))
	w.Must(err)
	pair, err := tls.X509KeyPair(cert, key)
	w.Must(err)
	leaf, err := x509.ParseCertificate(pair.Certificate[0])
	w.Must(err)
	trust, err := a.Trust(t.Context(), w.Live.ID)
	w.Must(err)
	if err := verifyFor(w, leaf, trust.Pool, x509.ExtKeyUsageServerAuth); err != nil {
		t.Error(err)
	}
	if verifyFor(w, leaf, trust.Pool, x509.ExtKeyUsageClientAuth) == nil {
		t.Error("a back end could pass for the gateway")
	}
	for name, want := range map[string]bool{"billing.example": true, "127.0.0.1": true, "other.example": false, "127.0.0.2": false} {
		if (leaf.VerifyHostname(name) == nil) != want {
			t.Errorf("%s: valid is %v", name, !want)
		}
	}
	events, _, err := w.Store.AuditEvents(t.Context(), w.Live.ID, store.AuditQuery{Type: string(audit.CertificateIssued), Limit: 10})
	w.Must(err)
	if len(events) != 1 || events[0].Actor != "operator/rita" || !strings.Contains(string(events[0].Body), leaf.SerialNumber.Text(16)) ||
		!strings.Contains(string(events[0].Body), "billing.example") || strings.Contains(string(events[0].Body), "PRIVATE") {
		t.Errorf("the ledger says %+v", events)
	}
}

func TestOnlyHostsAreCertified(t *testing.T) {
	w, a := newAuthority(t)
	tests := map[string]struct {
		names []string
		good  bool
	}{
		"none":                         {nil, false},
		"too many":                     {slices.Repeat([]string{"a.example"}, 33), false},
		"a host and both addresses":    {[]string{"Billing-1.internal.example", "10.0.0.7", "fd00::7"}, true},
		"a name without dots":          {[]string{"billing"}, true},
		"a wildcard":                   {[]string{"*.example"}, false},
		"an empty name":                {[]string{""}, false},
		"a name with an empty label":   {[]string{"a..example"}, false},
		"a name with a dot at its end": {[]string{"a.example."}, false},
		"what is almost an address":    {[]string{"10.0.0.300"}, false},
		"a URL":                        {[]string{"https://a.example"}, false},
		"a name with a port":           {[]string{"a.example:443"}, false},
		"a line break":                 {[]string{"a.example\n"}, false},
		"letters of other alphabets":   {[]string{"bücher.example"}, false},
		"a label of 64":                {[]string{strings.Repeat("a", 64) + ".example"}, false},
		"one bad name of two":          {[]string{"a.example", "-a.example"}, false},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			_, _, err := a.IssueServer(t.Context(), w.Live.ID, test.names, audit.System)
			if test.good && err != nil || !test.good && !errors.Is(err, keyring.ErrNames) {
				t.Errorf("got %v", err)
			}
		})
	}
}

func TestEnvironmentsDoNotTrustEachOther(t *testing.T) {
	w, a := newAuthority(t)
	other, err := w.Registry.Create(t.Context(), "harbourlight", "preview", false, "tester")
	w.Must(err)
	c, err := a.ClientCertificate(t.Context(), other.ID)
	w.Must(err)
	trust, err := a.Trust(t.Context(), w.Live.ID)
	w.Must(err)
	if verifyFor(w, c.Leaf, trust.Pool, x509.ExtKeyUsageClientAuth) == nil {
		t.Error("the preview's gateway passes for production's")
	}
}

func TestRotationIsAnnouncedAheadAndTheOldAuthorityFadesOut(t *testing.T) {
	w, a := newAuthority(t)
	before, err := a.CACertificate(t.Context(), w.Live.ID)
	w.Must(err)
	if n := certificates(before); n != 2 {
		t.Fatalf("%d certificates are published, want the current and the next", n)
	}
	old, err := a.ClientCertificate(t.Context(), w.Live.ID)
	w.Must(err)
	w.Must(a.Rotate(t.Context(), w.Live.ID, 48*time.Hour, audit.System))
	fresh, err := a.ClientCertificate(t.Context(), w.Live.ID)
	w.Must(err)
	if err := verifyFor(w, fresh.Leaf, pool(t, before), x509.ExtKeyUsageClientAuth); err != nil {
		t.Errorf("back ends with the list from before do not know the new gateway: %v", err)
	}
	during, err := a.CACertificate(t.Context(), w.Live.ID)
	w.Must(err)
	if verifyFor(w, old.Leaf, pool(t, during), x509.ExtKeyUsageClientAuth) != nil || certificates(during) != 3 {
		t.Error("the old authority ended at once")
	}
	w.Pass(49 * time.Hour)
	a.Forget(w.Live.ID, "ca/gateway")
	after, err := a.CACertificate(t.Context(), w.Live.ID)
	w.Must(err)
	if certificates(after) != 2 {
		t.Errorf("%d certificates are published two days later", certificates(after))
	}
}

func TestACompromisedAuthorityEndsAtOnce(t *testing.T) {
	w, a := newAuthority(t)
	old, err := a.ClientCertificate(t.Context(), w.Live.ID)
	w.Must(err)
	w.Must(a.Rotate(t.Context(), w.Live.ID, 0, audit.Operator("olive")))
	trust, err := a.Trust(t.Context(), w.Live.ID)
	w.Must(err)
	if verifyFor(w, old.Leaf, trust.Pool, x509.ExtKeyUsageClientAuth) == nil {
		t.Error("its certificates are still trusted")
	}
}

// Whoever can write the database, but has not the master key, cannot make
// themselves an authority.
func TestAPlantedAuthorityIsRefused(t *testing.T) {
	w, a := newAuthority(t)
	other, err := w.Registry.Create(t.Context(), "harbourlight", "preview", false, "tester")
	w.Must(err)
	for _, env := range []store.EnvironmentID{w.Live.ID, other.ID} {
		_, err := a.Trust(t.Context(), env)
		w.Must(err)
	}
	ours, err := w.Store.Keys(t.Context(), w.Live.ID, "ca/gateway")
	w.Must(err)
	theirs, err := w.Store.Keys(t.Context(), other.ID, "ca/gateway")
	w.Must(err)
	planted := ours[0]
	planted.ID, planted.State, planted.Public, planted.Expires = "planted", store.KeyOld, theirs[0].Public, w.Now().Add(time.Hour)
	w.Must(w.Store.Write(t.Context(), w.Live.ID, func(tx store.Tx) error { return tx.PutKey(t.Context(), planted) }))
	a.Forget(w.Live.ID, "ca/gateway")
	if _, err := a.Trust(t.Context(), w.Live.ID); err == nil {
		t.Error("it is trusted")
	}
}

func TestAllNodesHaveOneAuthority(t *testing.T) {
	w, a := newAuthority(t)
	b := keyring.NewAuthority(w.Ring)
	one, err := a.CACertificate(t.Context(), w.Live.ID)
	w.Must(err)
	two, err := b.CACertificate(t.Context(), w.Live.ID)
	w.Must(err)
	if string(one) != string(two) {
		t.Error("two nodes have different authorities")
	}
}

func certificates(text []byte) (n int) {
	for {
		block, rest := pem.Decode(text)
		if block == nil {
			return n
		}
		n, text = n+1, rest
	}
}
