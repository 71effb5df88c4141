package authserver_test

import (
	"crypto/rand"
	"io"
	"log/slog"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"sallyport/protocol/jose"
	"sallyport/protocol/otp"
	"sallyport/service/directory"
	"sallyport/service/issue"
	"sallyport/service/signin"
	"sallyport/service/signin/signintest"
	"sallyport/service/verify"
	"sallyport/web/authserver"
	"sallyport/web/clientaddr"
	"sallyport/web/login"
)

// fresh is a feed that nobody misses.
type fresh struct{}

func (fresh) Fresh() error { return nil }
func (fresh) Wake()        {}

// house is the authorization server with the pages of sign-in behind it, as one
// browser sees both.
type house struct {
	*signintest.World
	url    string
	client *http.Client
}

func newHouse(t *testing.T) *house {
	t.Helper()
	server := httptest.NewUnstartedServer(nil)
	address := "http://" + server.Listener.Addr().String()
	w := signintest.New(t, address, nil)
	log := slog.New(slog.NewTextHandler(t.Output(), nil))
	pages := login.New(login.Config{
		Registry: w.Registry, SignIn: w.SignIn, Address: clientaddr.Resolver{}.From, NewTrace: w.Audit.NewTrace, Log: log,
	})
	secrets := directory.NewSecrets(directory.SecretsConfig{Store: w.Store, Audit: w.Audit, Feed: fresh{}, Now: w.Now, Rand: rand.Reader})
	server.Config.Handler = authserver.New(authserver.Config{
		Registry: w.Registry, SignIn: w.SignIn, Address: clientaddr.Resolver{}.From, Now: w.Now, Log: log, Next: pages,
		Issue:    issue.New(issue.Config{Store: w.Store, Keys: w.Ring, Secrets: secrets, Feed: fresh{}, Audit: w.Audit, Now: w.Now, Rand: rand.Reader}),
		Verifier: verify.New(verify.Config{Ring: w.Ring, Registry: w.Registry, Now: w.Now}),
	})
	server.Start()
	t.Cleanup(server.Close)
	jar, _ := cookiejar.New(nil) // no options, no error
	return &house{w, address, &http.Client{Jar: jar, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}}
}

// send gives what an address answers and where it leads.
func (h *house) send(address string, form url.Values) (text, location string) {
	h.T.Helper()
	method, content := http.MethodGet, io.Reader(nil)
	if form != nil {
		method, content = http.MethodPost, strings.NewReader(form.Encode())
	}
	r, err := http.NewRequestWithContext(h.T.Context(), method, address, content)
	if err != nil {
		h.T.Fatal(err)
	}
	if form != nil {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	response, err := h.client.Do(r)
	if err != nil {
		h.T.Fatal(err)
	}
	defer response.Body.Close()
	all, err := io.ReadAll(response.Body)
	if err != nil {
		h.T.Fatal(err)
	}
	return string(all), response.Header.Get("Location")
}

// authorize sends a request of the world's application.
func (h *house) authorize(changes ...string) (text, location string) {
	return h.send(h.url+"/customers/authorize?"+request(append([]string{
		"redirect_uri", "https://my.harbourlight.test/callback",
	}, changes...)...).Encode(), nil)
}

// password goes from a page of sign-in to where name and password lead.
func (h *house) password(page string) string {
	h.send(page, url.Values{"username": {"dana"}})
	_, location := h.send(page, url.Values{"username": {"dana"}, "password": {"tractor"}})
	return location
}

func (h *house) cookie() string {
	at, _ := url.Parse(h.url) // our own
	for _, c := range h.client.Jar.Cookies(at) {
		if c.Name == signin.CookieName(h.Live.ID, false) {
			return c.Value
		}
	}
	return ""
}

var keyText = regexp.MustCompile(`id="totp-key">([A-Z2-7 ]+)<`)

// A customer without a second factor signs in by password, is sent back for one
// by an essential acr, types the password again, enrols, and gets a code that says
// so. The cookie from before is worth nothing then (ASVS 5.0 V7, Zitadel CVE-2024-28197).
func TestSteppingUpFromPasswordToCode(t *testing.T) {
	h := newHouse(t)
	h.Customer("dana", h.Hash("tractor"))
	h.AskForCodes("enrolled")
	_, page := h.authorize()
	_, location := h.send(h.password(page), nil)
	if !strings.Contains(location, "https://my.harbourlight.test/callback?code=") {
		t.Fatalf("one factor leads to %q", location)
	}
	before := h.cookie()

	h.Pass(time.Minute)
	_, page = h.authorize("claims", essentialMFA)
	text, _ := h.send(page, nil)
	if !strings.Contains(text, `name="username"`) {
		t.Fatalf("the session alone leads past the first factor: %s", text)
	}
	text, _ = h.send(h.password(page), nil)
	found := keyText.FindStringSubmatch(text)
	if found == nil {
		t.Fatalf("no key to enrol: %s", text)
	}
	if _, location := h.authorize("prompt", "none", "claims", essentialMFA); !strings.Contains(location, "error=login_required") {
		t.Errorf("half-way there: %q", location)
	}
	secret, err := otp.ParseSecret(found[1])
	if err != nil {
		t.Fatal(err)
	}
	app := otp.Key{Secret: secret, Algorithm: otp.SHA1, Digits: 6, Period: 30 * time.Second}
	h.send(page, url.Values{"code": {app.Code(app.Step(h.Now()))}})
	_, back := h.send(page, url.Values{"codes-kept": {"1"}})
	if _, location = h.send(back, nil); !strings.Contains(location, "https://my.harbourlight.test/callback?code=") {
		t.Fatalf("two factors lead to %q", location)
	}
	if h.cookie() == before {
		t.Error("the cookie is the same after stepping up")
	}
	if _, err := h.SignIn.Current(t.Context(), h.Live, before); err == nil {
		t.Error("the cookie from before still opens the session")
	}
	if _, location = h.authorize("prompt", "none", "claims", essentialMFA); !strings.Contains(location, "code=") {
		t.Errorf("with two factors proved: %q", location)
	}
	h.Pass(time.Minute)
	if _, location = h.authorize("prompt", "none", "acr_values", "mfa", "max_age", "30"); !strings.Contains(location, "error=login_required") {
		t.Errorf("factors older than max_age: %q", location)
	}
}

// An ID token of somebody else asks for them; the session that is there must not
// lead back to the question for ever.
func TestAHintAtSomebodyElseAsksForThemOnce(t *testing.T) {
	h := newHouse(t)
	h.Customer("dana", h.Hash("tractor"))
	_, page := h.authorize()
	h.send(h.password(page), nil)
	signing, err := h.Ring.Signing(t.Context(), h.Live.ID, "customers", jose.ES256)
	if err != nil {
		t.Fatal(err)
	}
	signer, err := signing.IDSigner(jose.ES256)
	if err != nil {
		t.Fatal(err)
	}
	hint, err := signer.Sign(nil, []byte(`{"iss":"`+h.url+`/customers","sub":"somebody-else"}`))
	if err != nil {
		t.Fatal(err)
	}
	h.Pass(time.Minute)
	_, page = h.authorize("id_token_hint", hint)
	text, location := h.send(page, nil)
	if !strings.Contains(text, `name="username"`) {
		t.Fatalf("nobody is asked: %q %s", location, text)
	}
	if _, location = h.send(h.password(page), nil); !strings.Contains(location, "error=login_required") {
		t.Errorf("the same customer again: %q", location)
	}
}
