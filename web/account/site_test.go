package account_test

import (
	"context"
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

	"sallyport/pure/customer"
	"sallyport/service/audit"
	"sallyport/service/code"
	"sallyport/service/directory"
	"sallyport/service/environment"
	"sallyport/service/issue"
	"sallyport/service/signin"
	"sallyport/service/signin/signintest"
	"sallyport/service/undo"
	"sallyport/store"
	"sallyport/web/account"
	"sallyport/web/clientaddr"
	"sallyport/web/login"
)

// site is the pages of a world, served on loopback behind those of sign-in.
type site struct {
	*signintest.World
	url     string
	handler http.Handler
	outbox  *outbox
	claims  *claims
	undo    *undo.Service
	people  *directory.Directory

	meanwhile func() // happens once, behind the look whether a sign-in is fresh; nil: nothing does
}

// hurried lets something happen between the look at a session and what is done in it.
type hurried struct {
	*signin.Service
	site *site
}

func (h *hurried) Fresh(ctx context.Context, live *environment.Live, current *signin.Current, within time.Duration) error {
	err := h.Service.Fresh(ctx, live, current, within)
	if do := h.site.meanwhile; do != nil && within == signin.FreshFor {
		h.site.meanwhile = nil
		do()
	}
	return err
}

func newSite(t *testing.T, change func(*signin.Config)) *site {
	t.Helper()
	server := httptest.NewUnstartedServer(nil)
	address := "http://" + server.Listener.Addr().String()
	w := signintest.New(t, address, change)
	log := slog.New(slog.NewTextHandler(t.Output(), nil))
	secrets := directory.NewSecrets(directory.SecretsConfig{Store: w.Store, Audit: w.Audit, Feed: w.Registry, Now: w.Now, Rand: rand.Reader})
	mail, claimed := &outbox{}, &claims{}
	people := directory.New(directory.Config{Store: w.Store, Audit: w.Audit, Feed: w.Registry, Now: w.Now, Notify: mail})
	undone := undo.New(undo.Config{
		Store: w.Store, Keys: w.Ring, Sealer: w.Master, Feed: w.Registry, Audit: w.Audit, Notices: mail, Now: w.Now, Rand: rand.Reader, Cost: signintest.Cost,
	})
	s := &site{World: w, url: address, undo: undone, people: people, outbox: mail, claims: claimed}
	pages := account.New(account.Config{
		Undo:    undone,
		Missing: store.ErrNotFound, Audit: w.Audit, Claims: claimed, Region: "US",
		Codes:    code.New(code.Config{Store: w.Store, Keys: w.Ring, Messages: w.Outbox, Audit: w.Audit, Now: w.Now, Rand: rand.Reader}),
		Registry: w.Registry, SignIn: &hurried{w.SignIn, s}, Directory: people, Ring: w.Ring, Invalid: store.ErrInvalid, Conflict: store.ErrConflict,
		Access: issue.New(issue.Config{Store: w.Store, Keys: w.Ring, Secrets: secrets, Feed: w.Registry, Audit: w.Audit, Now: w.Now, Rand: rand.Reader}),
		Ledger: &audit.Reader{Store: w.Store, Now: w.Now}, Address: clientaddr.Resolver{}.From, NewTrace: w.Audit.NewTrace, Now: w.Now, Log: log,
	})
	server.Config.Handler = login.New(login.Config{
		Registry: w.Registry, SignIn: w.SignIn, Address: clientaddr.Resolver{}.From, NewTrace: w.Audit.NewTrace, Log: log, Next: pages,
	})
	server.Start()
	t.Cleanup(server.Close)
	s.handler = server.Config.Handler
	return s
}

// visitor has a browser that keeps cookies and follows nothing.
type visitor struct {
	*site
	client *http.Client
	agent  string
}

const firefox = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0"

func (s *site) visitor() *visitor {
	jar, _ := cookiejar.New(nil) // no options, no error
	return &visitor{s, &http.Client{Jar: jar, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}, firefox}
}

// seen is one answer.
type seen struct {
	*http.Response
	text string
}

func (v *visitor) send(method, address string, form url.Values, headers ...string) seen {
	v.T.Helper()
	var body io.Reader
	if form != nil {
		body = strings.NewReader(form.Encode())
	}
	if strings.HasPrefix(address, "/") {
		address = v.url + address
	}
	request, err := http.NewRequestWithContext(context.Background(), method, address, body)
	if err != nil {
		v.T.Fatal(err)
	}
	request.Header.Set("User-Agent", v.agent)
	if form != nil {
		request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	for i := 0; i < len(headers); i += 2 {
		request.Header.Set(headers[i], headers[i+1])
	}
	response, err := v.client.Do(request)
	if err != nil {
		v.T.Fatal(err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		v.T.Fatal(err)
	}
	return seen{response, string(text)}
}

func (v *visitor) open(address string) seen { return v.send(http.MethodGet, address, nil) }

var tokenOf = regexp.MustCompile(`name="form" value="([^"]+)"`)

// token is what the forms of a page hold; empty if it has none.
func (p seen) token() string {
	if found := tokenOf.FindStringSubmatch(p.text); found != nil {
		return found[1]
	}
	return ""
}

// post sends a form as the page at would, with its own token.
func (v *visitor) post(page, to string, fields ...string) seen {
	v.T.Helper()
	form := url.Values{"form": {v.open(page).token()}}
	for i := 0; i < len(fields); i += 2 {
		form.Set(fields[i], fields[i+1])
	}
	return v.send(http.MethodPost, to, form, "Origin", v.url, "Sec-Fetch-Site", "same-origin")
}

// signIn goes through sign-in from an address of these pages, and gives where
// that ends.
func (v *visitor) signIn(address, username, password string) seen {
	v.T.Helper()
	page := v.open(address)
	to := page.Header.Get("Location")
	if !strings.Contains(to, "/signin?t=") {
		v.T.Fatalf("%s gives %d, leading to %q; want to sign in", address, page.StatusCode, to)
	}
	v.send(http.MethodPost, to, url.Values{"username": {username}})
	last := v.send(http.MethodPost, to, url.Values{"username": {username}, "password": {password}})
	if last.StatusCode != http.StatusSeeOther {
		v.T.Fatalf("signing in gives %d:\n%s", last.StatusCode, last.text)
	}
	return last
}

const danasPassword = "a tractor in the rain"

// dana is a customer who is signed in.
func (s *site) dana() (*visitor, customer.ID) {
	s.T.Helper()
	id := s.Customer("dana", s.Hash(danasPassword))
	v := s.visitor()
	v.signIn("/account", "dana", danasPassword)
	return v, id
}

// sessions are the names of the sessions that a page offers to end.
func (p seen) sessions() (names []string) {
	for _, m := range regexp.MustCompile(`name="session" value="([0-9a-f]+)"`).FindAllStringSubmatch(p.text, -1) {
		names = append(names, m[1])
	}
	return names
}

// grant is one of an application's for a customer.
func (s *site) grant(id customer.ID, application string, change func(*store.Grant)) store.Grant {
	s.T.Helper()
	g := store.Grant{
		Application: application, Server: "customers", Customer: id, GrantType: "authorization_code", Scopes: []string{"billing.read.bill", "openid"},
		Detail: []byte("{}"), Refreshable: true, Created: s.Now(), Used: s.Now(), Expires: s.Now().Add(24 * time.Hour),
	}
	_, _ = rand.Read(g.ID[:])
	if change != nil {
		change(&g)
	}
	s.write(func(tx store.Tx) error { return tx.CreateGrant(context.Background(), g) })
	return g
}

func (s *site) write(do func(store.Tx) error) {
	s.T.Helper()
	if err := s.Store.Write(context.Background(), s.Live.ID, do); err != nil {
		s.T.Fatal(err)
	}
}
