package console

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"sallyport/pure/customer"
	"sallyport/service/operator"
	"sallyport/store"
)

// Where the tests send forms: a risky page with a form, and a form without one.
const (
	paper = env + "/papers"
	shred = paper + "/shred"
)

// papers adds a risky page to the table for one test, and counts what is done.
func papers(t *testing.T) (done *int) {
	t.Helper()
	before := routes
	t.Cleanup(func() { routes = before })
	done = new(int)
	do := func(x *exchange) {
		*done++
		x.w.WriteHeader(http.StatusNoContent)
	}
	show := func(x *exchange) {
		token, err := x.token()
		if err != nil {
			t.Error(err)
		}
		_, _ = x.w.Write([]byte(token))
	}
	routes = append(routes[:len(routes):len(routes)],
		route{pattern: paper, action: operator.ReadKeys, show: show, act: operator.RotateKeys, do: do, size: 1000, fresh: true},
		route{pattern: shred, act: operator.RotateKeys, do: do, fresh: true})
	return done
}

const papersAt = "/e/harbourlight/production/papers"

// form sends one as a browser does that has just opened the page.
func (s *site) form(path, token string, change ...func(*http.Request)) *httptest.ResponseRecorder {
	s.Helper()
	r := httptest.NewRequest(http.MethodPost, host+path, strings.NewReader(url.Values{formField: {token}}.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Origin", host)
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	for _, c := range change {
		c(r)
	}
	return s.send(r)
}

// token opens the page and reads what its form holds.
func (s *site) token() string {
	s.Helper()
	got := s.open(papersAt)
	if got.Code != http.StatusOK {
		s.Fatalf("the page is not opened: %d", got.Code)
	}
	return got.Body.String()
}

func TestASessionOfOneFactorOpensNothing(t *testing.T) {
	s := newSite(t)
	done := papers(t)
	s.as(operator.Owner, "")
	token := s.token()
	for _, assurance := range []string{"pwd", "", "MFA", "mfa "} {
		s.has.Assurance = assurance
		paths := s.paths("harbourlight")
		for _, r := range routes {
			if r.show == nil {
				continue
			}
			s.asked.TwoFactors = false
			if got := s.open(paths[r.pattern]); got.Code != http.StatusSeeOther || !s.asked.TwoFactors {
				t.Errorf("%q opens %s: %d", assurance, r.pattern, got.Code)
			}
		}
		if got := s.form(papersAt, token); got.Code != http.StatusSeeOther || *done != 0 {
			t.Errorf("%q sends a form: %d", assurance, got.Code)
		}
	}
}

func TestAFormIsTakenFromTheOperatorsOwnPageAlone(t *testing.T) {
	s := newSite(t)
	done := papers(t)
	s.as(operator.Owner, "")
	token := s.token()
	header := func(name, value string) func(*http.Request) {
		return func(r *http.Request) { r.Header.Set(name, value) }
	}
	for name, test := range map[string]struct {
		token  string
		change func(*http.Request)
		want   int
	}{
		"another website":                {token, header("Sec-Fetch-Site", "cross-site"), 403},
		"a neighbouring website":         {token, header("Sec-Fetch-Site", "same-site"), 403},
		"a sandbox":                      {token, func(r *http.Request) { r.Header.Del("Sec-Fetch-Site"); r.Header.Set("Origin", "null") }, 403},
		"another origin, an old browser": {token, func(r *http.Request) { r.Header.Del("Sec-Fetch-Site"); r.Header.Set("Origin", "https://evil.example") }, 403},
		"no token":                       {"", header("X", ""), 403},
		"half a token":                   {token[:20], header("X", ""), 403},
		"a changed token":                {string(token[0]^1) + token[1:], header("X", ""), 403},
		"a form that is no form":         {token, header("Content-Type", "application/json"), 403},
		"too much":                       {token + strings.Repeat("A", 1000), header("X", ""), 413},
	} {
		if got := s.form(papersAt, test.token, test.change); got.Code != test.want || *done != 0 {
			t.Errorf("%s: %d, done %d times", name, got.Code, *done)
		}
	}
	mine := s.has
	s.has = store.Session{ID: store.SessionID{8}, SignedIn: s.now, Assurance: "mfa"}
	if got := s.form(papersAt, token); got.Code != http.StatusForbidden || *done != 0 {
		t.Errorf("under another session: %d", got.Code)
	}
	s.has = mine
	for i, path := range []string{papersAt, papersAt + "/shred"} {
		if got := s.form(path, token); got.Code != http.StatusNoContent || *done != i+1 {
			t.Errorf("our own page: %d, done %d times", got.Code, *done)
		}
	}
}

func TestAFormIsForWhoMayDoWhatItSays(t *testing.T) {
	s := newSite(t)
	done := papers(t)
	s.as(operator.Auditor, "harbourlight")
	if got := s.form(papersAt, s.token()); got.Code != http.StatusForbidden || *done != 0 {
		t.Errorf("who may only read does it: %d", got.Code)
	}
	s.as(operator.Security, "orchard")
	if got := s.form(papersAt, "x"); got.Code != http.StatusNotFound || *done != 0 {
		t.Errorf("a neighbour does it: %d", got.Code)
	}
	s.who = customer.ID{}
	if got := s.form(papersAt, "x"); got.Code != http.StatusSeeOther || *done != 0 {
		t.Errorf("nobody does it: %d", got.Code)
	}
}

func TestRiskyThingsWantARecentSignIn(t *testing.T) {
	s := newSite(t)
	done := papers(t)
	s.as(operator.Security, "")
	token := s.token()
	for _, test := range []struct {
		name string
		age  time.Duration
		send func() *httptest.ResponseRecorder
		want int
		back string
	}{
		{"the page at once", 0, func() *httptest.ResponseRecorder { return s.open(papersAt) }, 200, ""},
		{"the page while there is time for its form", 5 * time.Minute, func() *httptest.ResponseRecorder { return s.open(papersAt) }, 200, ""},
		{"the page later", 5*time.Minute + 1, func() *httptest.ResponseRecorder { return s.open(papersAt + "?q=1") }, 303, papersAt + "?q=1"},
		{"the form in time", 10 * time.Minute, func() *httptest.ResponseRecorder { return s.form(papersAt, token) }, 204, ""},
		{"the form too late", 10*time.Minute + 1, func() *httptest.ResponseRecorder { return s.form(papersAt, token) }, 303, papersAt},
		{"a form without a page", 10*time.Minute + 1, func() *httptest.ResponseRecorder { return s.form(papersAt+"/shred", token) }, 303, papersAt},
		{"another page", 8 * time.Hour, func() *httptest.ResponseRecorder { return s.open("/e/harbourlight/production/keys") }, 200, ""},
	} {
		before := *done
		s.has.SignedIn = s.now.Add(-test.age)
		got := test.send()
		if got.Code != test.want || test.want == 303 && *done != before {
			t.Errorf("%s: %d, want %d", test.name, got.Code, test.want)
		}
		if asked := s.asked; test.back != "" && (asked.Return != test.back || !asked.Reauthenticate || !asked.TwoFactors || asked.Hint == "") {
			t.Errorf("%s: they are asked %+v", test.name, asked)
		}
	}
}
