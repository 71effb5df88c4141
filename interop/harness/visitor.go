package harness

import (
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"strings"
	"testing"
	"time"
)

// Visitor is a person with a browser that knows no JavaScript: it follows links and
// redirections, keeps cookies, and fills in forms. It is for one goroutine.
type Visitor struct {
	t      testing.TB
	client *http.Client

	// Planted are the cookies that answers set, in order.
	Planted []*http.Cookie
}

// NewVisitor returns a visitor without cookies.
func NewVisitor(t testing.TB) *Visitor {
	t.Helper()
	return NewVisitorOver(t, http.DefaultTransport)
}

// NewVisitorOver is NewVisitor for whom the way to the server is a special one.
func NewVisitorOver(t testing.TB, way http.RoundTripper) *Visitor {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	return &Visitor{t: t, client: &http.Client{
		Transport: way,
		Jar:       trustingJar{jar},
		Timeout:   30 * time.Second,
		// Redirections are followed by hand, to stop at the application's door.
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
}

// trustingJar treats loopback as secure, as browsers do: cookies marked Secure are
// sent to http://localhost.
type trustingJar struct{ http.CookieJar }

func (j trustingJar) SetCookies(u *url.URL, cookies []*http.Cookie) {
	j.CookieJar.SetCookies(asSecure(u), cookies)
}

func (j trustingJar) Cookies(u *url.URL) []*http.Cookie { return j.CookieJar.Cookies(asSecure(u)) }

func asSecure(u *url.URL) *url.URL {
	secure := *u
	secure.Scheme = "https"
	return &secure
}

// Page is one answer that is not a redirection.
type Page struct {
	URL    *url.URL
	Status int
	Text   string
}

// Visit opens address and follows redirections until there is a page, or until one
// leads to stop. Then the page is nil, and what was sent there is returned, whether
// in the query or in the fragment.
func (v *Visitor) Visit(address, stop string) (*Page, url.Values) {
	v.t.Helper()
	req, err := http.NewRequestWithContext(v.t.Context(), http.MethodGet, address, nil)
	if err != nil {
		v.t.Fatal(err)
	}
	return v.follow(req, stop)
}

func (v *Visitor) follow(req *http.Request, stop string) (*Page, url.Values) {
	v.t.Helper()
	for range 20 {
		res, err := v.client.Do(req)
		if err != nil {
			v.t.Fatal(err)
		}
		v.Planted = append(v.Planted, res.Cookies()...)
		text, err := io.ReadAll(io.LimitReader(res.Body, 1<<20))
		res.Body.Close()
		if err != nil {
			v.t.Fatal(err)
		}
		next, err := res.Location()
		if err != nil {
			return &Page{URL: req.URL, Status: res.StatusCode, Text: string(text)}, nil
		}
		if sent, ok := arrived(next, stop); ok {
			return nil, sent
		}
		if req, err = http.NewRequestWithContext(v.t.Context(), http.MethodGet, next.String(), nil); err != nil {
			v.t.Fatal(err)
		}
	}
	v.t.Fatal("the redirections do not end")
	return nil, nil
}

// arrived says whether next is the address stop with parameters, and which.
func arrived(next *url.URL, stop string) (url.Values, bool) {
	if stop == "" || !strings.HasPrefix(next.String(), stop) {
		return nil, false
	}
	sent := next.Query()
	if fragment, err := url.ParseQuery(next.Fragment); err == nil {
		for name, values := range fragment {
			sent[name] = append(sent[name], values...)
		}
	}
	return sent, true
}

// SignIn starts at an authorization request and answers every page as person would,
// until it is sent to redirectURI. It returns what was sent there.
func (v *Visitor) SignIn(authorizationRequest, redirectURI string, person Person) url.Values {
	v.t.Helper()
	page, sent := v.Visit(authorizationRequest, redirectURI)
	for range 10 {
		if page == nil {
			return sent
		}
		page, sent = v.Answer(page, person, redirectURI)
	}
	v.t.Fatalf("sign-in does not end; the last page is %s:\n%s", page.URL, tail(page.Text))
	return nil
}

// Answer fills in the one question that a page asks and returns what follows, as Visit
// does.
func (v *Visitor) Answer(page *Page, person Person, stop string) (*Page, url.Values) {
	v.t.Helper()
	answer, err := answerTo(page, person)
	if err != nil {
		v.t.Fatal(err)
	}
	return v.follow(answer.WithContext(v.t.Context()), stop)
}

// answerTo fills in the form of a page.
func answerTo(page *Page, person Person) (*http.Request, error) {
	forms, err := parseForms(page)
	if err != nil {
		return nil, err
	}
	for _, f := range forms {
		_, asksName := f.fields[FieldUsername]
		_, asksPassword := f.fields[FieldPassword]
		switch {
		case asksPassword:
			f.fields.Set(FieldPassword, person.Password)
			return f.press(ButtonSubmit)
		case asksName:
			f.fields.Set(FieldUsername, person.Username)
			return f.press(ButtonSubmit)
		case f.has(ButtonConsent):
			return f.press(ButtonConsent)
		}
	}
	return nil, fmt.Errorf("%s (%d) asks for something else:\n%s", page.URL, page.Status, tail(page.Text))
}

// Fill gives the values to the form of a page that asks for all of them, presses its
// button, and returns what follows, as Visit does. A form that shows only where a
// script runs is filled in as the script would.
func (v *Visitor) Fill(page *Page, values map[string]string, stop string) (*Page, url.Values) {
	v.t.Helper()
	forms, err := parseForms(page)
	if err != nil {
		v.t.Fatal(err)
	}
	for _, f := range forms {
		asked := true
		for name := range values {
			_, has := f.fields[name]
			asked = asked && has
		}
		button := f.submit()
		if !asked || button == "" {
			continue
		}
		for name, value := range values {
			f.fields.Set(name, value)
		}
		sent, err := f.press(button)
		if err != nil {
			v.t.Fatal(err)
		}
		return v.follow(sent.WithContext(v.t.Context()), stop)
	}
	v.t.Fatalf("%s (%d) asks for something else:\n%s", page.URL, page.Status, tail(page.Text))
	return nil, nil
}
