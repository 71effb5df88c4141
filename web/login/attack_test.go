package login_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"sallyport/service/audit"
	"sallyport/service/signin"
	"sallyport/service/signin/signintest"
	"sallyport/store"
	"sallyport/web/clientaddr"
	"sallyport/web/login"
)

// Nothing about an answer tells whether somebody has that name.
func TestKnownAndUnknownNamesGetTheSameAnswers(t *testing.T) {
	s := newSite(t, func(c *signin.Config) { c.Limits.Account = signin.Limit{Burst: 2, Interval: time.Minute} })
	s.Customer("known", s.Hash("tractor"))
	s.Customer("nopas", "")
	off := s.Customer("isoff", s.Hash("tractor"))
	if err := s.Directory.Disable(t.Context(), s.Live.ID, off, audit.System); err != nil {
		t.Fatal(err)
	}
	type look struct {
		Status int
		Header http.Header
		Page   string
	}
	walk := func(name, password string) (looks []look) {
		v := newVisitor(t)
		page := s.ticket()
		steps := []seen{v.open(page), v.name(page, name), v.open(page), v.password(page, name, password), v.password(page, name, password), v.password(page, name, password)}
		for _, step := range steps {
			step.Header.Del("Date")
			if c := step.Header.Get("Set-Cookie"); c != "" { // its value is sealed, and as long for all
				step.Header.Set("Set-Cookie", fmt.Sprint(len(c)))
			}
			if l := step.Header.Get("Location"); l != "" {
				step.Header.Set("Location", normal(l))
			}
			looks = append(looks, look{step.StatusCode, step.Header, strings.ReplaceAll(normal(step.text), name, "NAME")})
		}
		return looks
	}
	want := walk("nobdy", "tractor")
	for name, password := range map[string]string{"known": "wrong!!", "nopas": "tractor", "isoff": "tractor"} {
		if diff := cmp.Diff(want, walk(name, password)); diff != "" {
			t.Errorf("%s differs from a name that nobody has:\n%s", name, diff)
		}
	}
}

func TestForgedForwardedAddressesBuyNoGuesses(t *testing.T) {
	s := newSite(t, func(c *signin.Config) {
		c.Limits.Account = signin.Limit{Burst: 1000, Interval: time.Minute}
		c.Limits.Source = signin.Limit{Burst: 5, Interval: time.Minute}
	})
	s.Customer("dana", s.Hash("tractor"))
	var evaluated atomic.Int32
	var group sync.WaitGroup
	for i := range 200 {
		group.Go(func() {
			v := newVisitor(t)
			page := s.ticket()
			v.name(page, "dana")
			form := url.Values{"username": {"dana"}, "password": {fmt.Sprint("guess", i)}}
			forged := fmt.Sprintf("203.0.113.%d", i)
			got := v.send(http.MethodPost, page, form, "X-Forwarded-For", forged, "X-Real-IP", forged, "Forwarded", "for="+forged)
			switch got.StatusCode {
			case http.StatusUnprocessableEntity:
				evaluated.Add(1)
			case http.StatusTooManyRequests:
			default:
				t.Errorf("status %d", got.StatusCode)
			}
		})
	}
	group.Wait()
	if evaluated.Load() != 5 {
		t.Errorf("%d guesses were evaluated, want 5", evaluated.Load())
	}
}

func TestFormsOfOtherWebsitesAreRefused(t *testing.T) {
	s := newSite(t, nil)
	s.Customer("dana", s.Hash("tractor"))
	v := newVisitor(t)
	page := s.ticket()
	v.name(page, "dana")
	form := url.Values{"username": {"dana"}, "password": {"tractor"}}
	for _, headers := range [][]string{
		{"Sec-Fetch-Site", "cross-site"},
		{"Sec-Fetch-Site", "same-site"},
		{"Origin", "https://evil.test"},
		{"Origin", "null"},
		{"Origin", "http://127.0.0.1.evil.test"},
		{"Sec-Fetch-Site", "cross-site", "Origin", s.url},
	} {
		for _, address := range []string{page, s.url + "/signout"} {
			if got := v.send(http.MethodPost, address, form, headers...); got.StatusCode != http.StatusForbidden || len(got.Cookies()) != 0 {
				t.Errorf("%v gets %d with cookies %v, want 403 without", headers, got.StatusCode, got.Cookies())
			}
		}
	}
	if got := v.send(http.MethodPost, page, form, "Origin", s.url, "Sec-Fetch-Site", "same-origin"); got.StatusCode != http.StatusSeeOther {
		t.Errorf("our own form gets %d", got.StatusCode)
	}
}

// Everything but the page of the state it is in is refused safely, whatever is
// called and with whosever cookies (a reset flow was once skipped so).
func TestNoStepCanBeSkipped(t *testing.T) {
	s := newSite(t, nil)
	s.Customer("dana", s.Hash("tractor"))
	dana, mallory := newVisitor(t), newVisitor(t)
	page := s.ticket()
	dana.name(page, "dana")
	// Mallory knows the address, but has no cookie of this journey.
	if got := mallory.password(page, "dana", "tractor"); got.StatusCode != 422 || !strings.Contains(got.text, "interrupted") {
		t.Errorf("without the journey's cookie: %d", got.StatusCode)
	}
	if got := mallory.send(http.MethodPost, page, url.Values{"password": {"tractor"}}); got.StatusCode != 422 {
		t.Errorf("a password without a name: %d", got.StatusCode)
	}
	if got := dana.send(http.MethodPost, page, url.Values{}); got.StatusCode != 422 {
		t.Errorf("an empty form: %d", got.StatusCode)
	}
	// What stands in the address of a POST is no form.
	if got := dana.send(http.MethodPost, page+"&username=dana&password=tractor", url.Values{"username": {"dana"}}); strings.Contains(got.Header.Get("Location"), "continue") {
		t.Error("a password in the address was taken")
	}
	if got := dana.send(http.MethodGet, page+"&username=dana&password=tractor", nil); got.StatusCode != 200 {
		t.Errorf("a password in the address of a GET: %d", got.StatusCode)
	}
}

func TestWhatIsTypedIsOnlyText(t *testing.T) {
	s := newSite(t, nil)
	v := newVisitor(t)
	page := s.ticket(func(t *signin.Ticket) { t.Hint = `"><img src=x onerror=alert(1)>` })
	if got := v.open(page); strings.Contains(got.text, "<img src=x") {
		t.Error("the hint is markup")
	}
	v.name(page, `<script>alert(1)</script>`)
	if got := v.open(page); !strings.Contains(got.text, "&lt;script&gt;alert(1)") {
		t.Error("the name is not shown as text")
	}
}

func TestStrangeRequests(t *testing.T) {
	s := newSite(t, nil)
	v := newVisitor(t)
	page := s.ticket()
	tests := []struct {
		name, method, address string
		form                  url.Values
		headers               []string
		want                  int
	}{
		{"a form larger than any", http.MethodPost, page, url.Values{"username": {strings.Repeat("x", 20_000)}}, nil, 400},
		{"a method that is none of ours", http.MethodDelete, page, nil, nil, 405},
		{"a changed ticket", http.MethodGet, page[:len(page)-2], nil, nil, 400},
		{"a form for a changed ticket", http.MethodPost, page[:len(page)-2], url.Values{"username": {"dana"}}, nil, 400},
		{"an escaped path", http.MethodGet, s.url + "/%73ignin", nil, nil, 404},
		{"an asset that is not there", http.MethodGet, s.url + "/assets/nothing.css", nil, nil, 404},
		{"a way out of the assets", http.MethodGet, s.url + "/assets/../signin.go", nil, nil, 404},
		{"only the head", http.MethodHead, page, nil, nil, 200},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got := v.send(test.method, test.address, test.form, test.headers...)
			if got.StatusCode != test.want {
				t.Errorf("status %d, want %d", got.StatusCode, test.want)
			}
			if got.Header.Get("X-Content-Type-Options") != "nosniff" || got.Header.Get("Content-Security-Policy") == "" {
				t.Error("the answer lacks the safe headers")
			}
		})
	}
}

// secure serves the pages as if behind TLS, with the host that is configured.
func secure(t *testing.T) (*signintest.World, func(method, target, body string, headers ...string) *http.Response) {
	w := signintest.New(t, signintest.URL, nil)
	h := login.New(login.Config{Registry: w.Registry, SignIn: w.SignIn, Address: clientaddr.Resolver{}.From, NewTrace: w.Audit.NewTrace, Ribbon: "DEMO"})
	return w, func(method, target, body string, headers ...string) *http.Response {
		r := httptest.NewRequest(method, target, strings.NewReader(body))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		for i := 0; i < len(headers); i += 2 {
			if headers[i] == "Host" {
				r.Host = headers[i+1]
			}
			r.Header.Add(headers[i], headers[i+1])
		}
		recorder := httptest.NewRecorder()
		h.ServeHTTP(recorder, r)
		return recorder.Result()
	}
}

func TestCookiesAreBoundToTheHostAndHiddenFromScripts(t *testing.T) {
	w, send := secure(t)
	w.Customer("dana", w.Hash("tractor"))
	location, err := w.SignIn.Begin(t.Context(), w.Live, signin.Ticket{Return: "/customers/authorize/continue?r=abc", Application: "my-account"})
	if err != nil {
		t.Fatal(err)
	}
	first := send(http.MethodPost, signintest.URL+location, "username=dana")
	if len(first.Cookies()) != 1 {
		t.Fatalf("got cookies %v", first.Cookies())
	}
	c := first.Cookies()[0]
	last := send(http.MethodPost, signintest.URL+location, "username=dana&password=tractor", "Cookie", c.Name+"="+c.Value)
	if got := last.Header.Get("Location"); got != signintest.URL+"/customers/authorize/continue?r=abc" {
		t.Errorf("it leads to %q", got)
	}
	for _, c := range append(last.Cookies(), c) {
		if !strings.HasPrefix(c.Name, "__Host-signin-") || !c.Secure || !c.HttpOnly || c.Path != "/" || c.Domain != "" || c.SameSite != http.SameSiteLaxMode {
			t.Errorf("the cookie is %v", c)
		}
	}
	if len(last.Cookies()) != 3 {
		t.Errorf("got %v, want a session, a device, and the journey's end", last.Cookies())
	}
}

func TestAddressesAreTheConfiguredOnesWhateverTheHeadersSay(t *testing.T) {
	w, send := secure(t)
	location, err := w.SignIn.Begin(t.Context(), w.Live, signin.Ticket{Return: "/x"})
	if err != nil {
		t.Fatal(err)
	}
	got := send(http.MethodPost, signintest.URL+location, "username=dana", "X-Forwarded-Host", "evil.test", "X-Forwarded-Proto", "http", "Forwarded", "host=evil.test")
	if l := got.Header.Get("Location"); !strings.HasPrefix(l, signintest.URL+"/signin?") {
		t.Errorf("it leads to %q", l)
	}
	if got := send(http.MethodGet, signintest.URL+location, "", "Host", "evil.test"); got.StatusCode != http.StatusNotFound {
		t.Errorf("another host gets %d", got.StatusCode)
	}
}

func TestSigningOutEndsTheSession(t *testing.T) {
	s := newSite(t, nil)
	s.Customer("dana", s.Hash("tractor"))
	v := newVisitor(t)
	page := s.ticket()
	v.name(page, "dana")
	v.password(page, "dana", "tractor")
	if got := v.open(s.url + "/signout"); !strings.Contains(got.text, "signed in as dana") {
		t.Error("it does not say who signs out")
	}
	if n := len(s.Events(audit.SignedOut)); n != 0 {
		t.Error("opening the page signed out")
	}
	for range 2 {
		if got := v.send(http.MethodPost, s.url+"/signout", url.Values{}); !strings.Contains(got.text, "You are signed out") {
			t.Errorf("got %d", got.StatusCode)
		}
	}
	if n := len(s.Events(audit.SignedOut)); n != 1 {
		t.Errorf("the ledger tells %d times of it, want once", n)
	}
}

// hanging hangs up once something was written: the attempt is reserved, and the
// password not yet looked at.
type hanging struct {
	signin.Store
	up func()
}

func (h hanging) Write(ctx context.Context, env store.EnvironmentID, do func(store.Tx) error) error {
	defer h.up()
	return h.Store.Write(ctx, env, do)
}

func TestAGuesserWhoHangsUpIsCountedAndRecorded(t *testing.T) {
	hangUp := func() {}
	s := newSite(t, func(c *signin.Config) {
		c.Limits.Account = signin.Limit{Burst: 3, Interval: time.Minute}
		c.Store = hanging{c.Store, func() { hangUp() }}
	})
	s.Customer("dana", s.Hash("tractor"))
	for i := range 5 {
		v := newVisitor(t)
		page := s.ticket()
		cookie := v.name(page, "dana").Header.Get("Set-Cookie")
		ctx, cancel := context.WithCancel(t.Context())
		hangUp = cancel
		form := url.Values{"username": {"dana"}, "password": {fmt.Sprint("guess", i)}}
		r := httptest.NewRequestWithContext(ctx, http.MethodPost, page, strings.NewReader(form.Encode()))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.Header.Set("Cookie", strings.SplitN(cookie, ";", 2)[0])
		s.handler.ServeHTTP(httptest.NewRecorder(), r)
		hangUp = func() {}
		if ctx.Err() == nil {
			t.Fatal("they did not hang up")
		}
		cancel()
	}
	if refused, limited := len(s.Events(audit.SignInRefused)), len(s.Events(audit.SignInLimited)); refused != 3 || limited != 1 {
		t.Errorf("the ledger tells of %d refusals and %d limits, want 3 and 1", refused, limited)
	}
}
