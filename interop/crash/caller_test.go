package crash

import (
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/oauth2"

	"sallyport/demo/meterman"
	"sallyport/interop/harness"
)

// caller is an OAuth client of one server process. A connection is never used twice,
// so that what fails is what was asked, and not the request before it.
type caller struct {
	node *node
	home home
	http *http.Client
}

func (n *node) caller(h home) caller {
	return caller{n, h, &http.Client{
		Transport: &http.Transport{DisableKeepAlives: true}, Timeout: 30 * time.Second,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
}

// answer is one of the token endpoint.
type answer struct {
	AccessToken  string `json:"access_token"`
	RefreshToken string `json:"refresh_token"`
	ExpiresIn    int    `json:"expires_in"`
	Error        string `json:"error"`

	status int
	text   string
}

// jti is the id of the access token.
func (a answer) jti(t testing.TB) string {
	t.Helper()
	parts := strings.Split(a.AccessToken, ".")
	if len(parts) != 3 {
		t.Fatalf("there is no access token in %d %s", a.status, a.Error)
	}
	text, err := base64.RawURLEncoding.DecodeString(parts[1])
	if err != nil {
		t.Fatal(err)
	}
	var claims struct {
		ID string `json:"jti"`
	}
	if err := json.Unmarshal(text, &claims); err != nil {
		t.Fatal(err)
	}
	return claims.ID
}

// ask posts a form to the token endpoint of server. Its error is one of the transport.
func (c caller) ask(t testing.TB, server, client string, form url.Values) (answer, error) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, c.node.Issuers[server]+"/token", strings.NewReader(form.Encode()))
	if err != nil {
		t.Fatal(err)
	}
	req.SetBasicAuth(client, c.home.secrets[client])
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	res, err := c.http.Do(req)
	if err != nil {
		return answer{}, err
	}
	defer res.Body.Close()
	text, err := io.ReadAll(io.LimitReader(res.Body, 1<<20))
	if err != nil {
		return answer{}, err
	}
	a := answer{status: res.StatusCode, text: string(text)}
	if err := json.Unmarshal(text, &a); err != nil {
		t.Fatalf("the token endpoint answered %d %s", res.StatusCode, text)
	}
	return a, nil
}

// must is ask where everything but an answer fails t.
func (c caller) must(t testing.TB, server, client string, form url.Values) answer {
	t.Helper()
	a, err := c.ask(t, server, client, form)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// machineForm asks for a token as PayRight does.
func machineForm() url.Values {
	return url.Values{"grant_type": {"client_credentials"}, "scope": {harness.ScopeWritePosting}}
}

// machine gets a token for PayRight.
func (c caller) machine(t testing.TB) answer {
	t.Helper()
	a := c.must(t, harness.ServerEnterprise, harness.PayRight, machineForm())
	if a.status != http.StatusOK {
		t.Fatalf("PayRight was answered %d %s", a.status, a.Error)
	}
	return a
}

// permit is what My Account has once Dana signed in.
type permit struct{ code, verifier, redirect string }

// signIn signs Dana in, in a browser of her own.
func (c caller) signIn(t testing.TB) permit {
	t.Helper()
	p := permit{verifier: oauth2.GenerateVerifier(), redirect: c.home.redirect(t)}
	dana := meterman.People()[0]
	config := oauth2.Config{
		ClientID: harness.MyAccount, RedirectURL: p.redirect, Scopes: []string{"openid", "offline_access", harness.ScopeReadBill},
		Endpoint: oauth2.Endpoint{AuthURL: c.node.Issuers[harness.ServerApps] + "/authorize"},
	}
	request := config.AuthCodeURL(rand.Text(), oauth2.S256ChallengeOption(p.verifier))
	sent := harness.NewVisitor(t).SignIn(request, p.redirect, harness.Person{Username: dana.Login, Password: dana.Password})
	if p.code = sent.Get("code"); p.code == "" {
		t.Fatalf("signing in led to %v", sent)
	}
	return p
}

// redirect is where My Account waits for codes.
func (h home) redirect(t testing.TB) string {
	t.Helper()
	tree, err := os.ReadFile(filepath.Join(h.tree(), "tenant.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(tree), `my-account-url: "`)
	base, _, found := strings.Cut(rest, `"`)
	if !found {
		t.Fatal("the tree does not say where My Account is")
	}
	return base + "/callback"
}

func (c caller) redeem(t testing.TB, p permit) (answer, error) {
	t.Helper()
	return c.ask(t, harness.ServerApps, harness.MyAccount, url.Values{
		"grant_type": {"authorization_code"}, "code": {p.code}, "redirect_uri": {p.redirect}, "code_verifier": {p.verifier},
	})
}

func (c caller) refresh(t testing.TB, token string) (answer, error) {
	t.Helper()
	return c.ask(t, harness.ServerApps, harness.MyAccount, url.Values{"grant_type": {"refresh_token"}, "refresh_token": {token}})
}

// userinfo asks who the holder of an access token is, and gives the status.
func (c caller) userinfo(t testing.TB, token string) int {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, c.node.Issuers[harness.ServerApps]+"/userinfo", nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+token)
	res, err := c.http.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	res.Body.Close()
	return res.StatusCode
}
