package login_test

import (
	"context"
	"io"
	"log/slog"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"sallyport/service/signin"
	"sallyport/service/signin/signintest"
	"sallyport/store"
	"sallyport/store/postgres"
	"sallyport/store/postgres/pgtest"
	"sallyport/web/clientaddr"
	"sallyport/web/login"
)

// site is the pages of a world, served on loopback.
type site struct {
	*signintest.World
	url     string
	handler http.Handler
}

// onServer is the engine of a PostgreSQL that the test starts.
func onServer(t testing.TB, now func() time.Time, watch func(statement string)) (store.Store, error) {
	return postgres.Open(context.Background(), postgres.Config{DSN: pgtest.Start(t), Now: now, Watch: watch})
}

func newSite(t *testing.T, change func(*signin.Config)) *site {
	t.Helper()
	return newSiteOn(t, signintest.Embedded, change)
}

func newSiteOn(t *testing.T, engine signintest.Engine, change func(*signin.Config)) *site {
	t.Helper()
	server := httptest.NewUnstartedServer(nil)
	address := "http://" + server.Listener.Addr().String()
	w := signintest.NewOn(t, engine, address, change)
	server.Config.Handler = login.New(login.Config{
		Registry: w.Registry, SignIn: w.SignIn, Address: clientaddr.Resolver{}.From, NewTrace: w.Audit.NewTrace,
		Log: slog.New(slog.NewTextHandler(t.Output(), nil)),
	})
	server.Start()
	t.Cleanup(server.Close)
	return &site{World: w, url: address, handler: server.Config.Handler}
}

// ticket begins a sign-in, and gives the page's address.
func (s *site) ticket(change ...func(*signin.Ticket)) string {
	s.T.Helper()
	t := signin.Ticket{Return: "/customers/authorize/continue?r=abc", Application: "my-account"}
	for _, c := range change {
		c(&t)
	}
	location, err := s.SignIn.Begin(context.Background(), s.Live, t)
	if err != nil {
		s.T.Fatal(err)
	}
	return s.url + location
}

// visitor has a browser that keeps cookies and follows nothing.
type visitor struct {
	t      *testing.T
	client *http.Client
}

// speaking is the language that visitors' browsers prefer; empty: they do not say.
var speaking = ""

func newVisitor(t *testing.T) *visitor {
	jar, _ := cookiejar.New(nil) // no options, no error
	return &visitor{t, &http.Client{Jar: jar, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}}
}

// seen is one answer.
type seen struct {
	*http.Response
	text string
}

func (v *visitor) send(method, address string, form url.Values, headers ...string) seen {
	v.t.Helper()
	var body io.Reader
	if form != nil {
		body = strings.NewReader(form.Encode())
	}
	request, err := http.NewRequestWithContext(v.t.Context(), method, address, body)
	if err != nil {
		v.t.Fatal(err)
	}
	if form != nil {
		request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	if speaking != "" {
		request.Header.Set("Accept-Language", speaking)
	}
	for i := 0; i < len(headers); i += 2 {
		request.Header.Set(headers[i], headers[i+1])
	}
	response, err := v.client.Do(request)
	if err != nil {
		v.t.Fatal(err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		v.t.Fatal(err)
	}
	return seen{response, string(text)}
}

func (v *visitor) open(address string) seen { return v.send(http.MethodGet, address, nil) }

func (v *visitor) name(page, username string) seen {
	return v.send(http.MethodPost, page, url.Values{"username": {username}})
}

func (v *visitor) password(page, username, password string) seen {
	return v.send(http.MethodPost, page, url.Values{"username": {username}, "password": {password}})
}
