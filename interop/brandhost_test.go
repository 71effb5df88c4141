package interop

import (
	"context"
	"io"
	"net"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"sallyport/interop/harness"
)

// The second brand of the demo has a host of its own, which leads to the same server.
// A page there shows that brand and nobody else, neither the sister nor the vendor.
func TestAPageAtABrandsHostShowsThatBrandAlone(t *testing.T) {
	t.Parallel()
	demo := harness.StartDemo(t, harness.Launch{})
	at, err := url.Parse(demo.URL)
	if err != nil {
		t.Fatal(err)
	}
	own := at.Host
	at.Host = net.JoinHostPort("orchard.localhost", at.Port())
	// Browsers know that names below localhost are this machine; other programs ask.
	way := &http.Transport{DialContext: (&here{to: own}).DialContext}
	client := http.Client{Transport: way}
	answer, err := client.Get(at.String() + "/account")
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	page := string(body)
	if answer.Request.URL.Host != at.Host || !strings.HasSuffix(answer.Request.URL.Path, "/signin") {
		t.Errorf("led to %s", answer.Request.URL)
	}
	for _, want := range []string{"Orchard Valley Power", "/assets/logo-orchard-", "/assets/brand-orchard-"} {
		if !strings.Contains(page, want) {
			t.Errorf("%q is not on the page", want)
		}
	}
	visible := strings.ToLower(regexp.MustCompile(`(?s)<[^>]*>`).ReplaceAllString(page, " "))
	for _, other := range []string{"harbourlight", "sallyport"} {
		if strings.Contains(visible, other) {
			t.Errorf("the page says %q:\n%s", other, visible)
		}
	}
	if answer, err := client.Get(at.String() + "/apps/.well-known/openid-configuration"); err != nil || answer.StatusCode != http.StatusNotFound {
		t.Errorf("an issuer answers there: %v, %v", answer, err)
	}
}

// here dials one address, whatever is asked for.
type here struct{ to string }

// DialContext is that of an http.Transport.
func (h *here) DialContext(ctx context.Context, network, _ string) (net.Conn, error) {
	var d net.Dialer
	return d.DialContext(ctx, network, h.to)
}
