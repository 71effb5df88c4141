package account_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"go/ast"
	"go/parser"
	"go/token"
	"net/http"
	"net/url"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"sallyport/pure/customer"
	"sallyport/service/audit"
	"sallyport/store"
	"sallyport/web/account"
)

// pages are all that show something, forms all that do something.
var (
	pages = []string{
		"/account", "/account/sessions", "/account/ways", "/account/password", "/account/app", "/account/app/remove", "/account/recovery-codes", "/account/passkey/remove", "/account/passkey/add", "/account/phone/add", "/account/phone/remove", "/account/questions/remove",
		"/account/applications", "/account/activity", "/account/sign-out-everywhere",
		"/account/activity/one", "/account/addresses", "/account/addresses/add", "/account/addresses/username", "/account/addresses/remove", "/account/addresses/first", "/account/accounts", "/account/accounts/one",
		"/account/accounts/claim", "/account/accounts/share", "/account/accounts/leave", "/account/accounts/invited", "/account/agreements", "/account/data", "/account/data/download",
		"/account/data/delete", "/account/recent", "/account/you", "/account/card", "/account/card/end",
	}
	// open are those that take a link of a message and nobody's session: a test of their own
	// tries them.
	open  = []string{"/account/undo"}
	forms = map[string]url.Values{
		"/account/sessions/end":          {"session": {"00"}},
		"/account/sessions/end-others":   {},
		"/account/password":              {"old-password": {danasPassword}, "new-password": {"correct horse battery"}},
		"/account/app":                   {"offer": {"x"}, "code": {"123456"}},
		"/account/app/remove":            {},
		"/account/passkey/remove":        {},
		"/account/passkey/add":           {"offer": {"x"}, "passkey": {"{}"}},
		"/account/phone/add":             {"phone-number": {"+12125550123"}},
		"/account/phone/prove":           {"phone-number": {"+12125550123"}, "offer": {"x"}, "code": {"123456"}},
		"/account/phone/remove":          {},
		"/account/card":                  {"to": {"acc_x/prm_x"}},
		"/account/card/end":              {},
		"/account/questions/remove":      {},
		"/account/recovery-codes":        {},
		"/account/applications/withdraw": {"from": {"my-account"}},
		"/account/sign-out-everywhere":   {},
		"/account/activity/one":          {"was": {"not-me"}},
		"/account/addresses/add":         {"address": {"new@mail.test"}},
		"/account/addresses/prove":       {"address": {"new@mail.test"}, "challenge": {"x"}, "code": {"123456"}, "verified": {"true"}},
		"/account/addresses/username":    {"new-username": {"someone"}},
		"/account/addresses/remove":      {},
		"/account/addresses/first":       {},
		"/account/accounts/claim":        {"number": {"1"}},
		"/account/accounts/share":        {"address": {"x@mail.test"}, "role": {"owner"}},
		"/account/accounts/remove":       {"member": {"00"}},
		"/account/accounts/uninvite":     {"invitation": {"00"}},
		"/account/accounts/leave":        {},
		"/account/accounts/invited":      {},
		"/account/agreements":            {"purpose": {"news"}, "version": {"1"}, "answer": {"yes"}},
		"/account/data/download":         {},
		"/account/you":                   {"name": {"Mallory"}, "detail-household": {"9"}, "groups": {"staff"}},
		"/account/agreements/proof":      {},
		"/account/data/delete":           {"confirmation": {"DELETE"}},
	}
)

func TestTheListsOfThisTestAreWhole(t *testing.T) {
	var shown, done []string
	for at, route := range account.Routes() {
		if slices.Contains(open, "/account"+at) {
			continue
		}
		if route.Shows {
			shown = append(shown, "/account"+at)
		}
		if route.Does {
			done = append(done, "/account"+at)
		}
	}
	for name, both := range map[string][2][]string{"pages": {shown, slices.Clone(pages)}, "forms": {done, keys(forms)}} {
		slices.Sort(both[0])
		slices.Sort(both[1])
		if !slices.Equal(both[0], both[1]) {
			t.Errorf("there are the %s %v, and %v are tried", name, both[0], both[1])
		}
	}
}

func keys(m map[string]url.Values) (all []string) {
	for k := range m {
		all = append(all, k)
	}
	return all
}

// state is all that could have changed of a customer.
func (s *site) state(id customer.ID) (all []any) {
	s.T.Helper()
	ctx := context.Background()
	sessions, _, err := s.Store.SessionsOf(ctx, s.Live.ID, store.SessionPage{Customer: id, At: s.Now(), Limit: 200})
	grants, err2 := s.Store.GrantsOf(ctx, s.Live.ID, store.GrantPage{Customer: id, At: s.Now(), Limit: 200})
	factors, err3 := s.Store.Factors(ctx, s.Live.ID, id)
	passkeys, err6 := s.Store.Passkeys(ctx, s.Live.ID, id)
	who, err4 := s.Store.Customer(ctx, s.Live.ID, id)
	password, err5 := s.Store.Credential(ctx, s.Live.ID, id)
	for _, err := range []error{err, err2, err3, err4, err5, err6} {
		if err != nil {
			s.T.Fatal(err)
		}
	}
	return []any{len(sessions), len(grants), len(factors), len(passkeys), who.Version, password.Version}
}

func same(a, b []any) bool { return slices.Equal(a, b) }

func TestNothingChangesByWhatAStrangersPageSends(t *testing.T) {
	s := newSite(t, nil)
	v, id := s.dana()
	s.grant(id, "my-account", nil)
	token := v.open("/account/sessions").token()
	before := s.state(id)
	for path, fields := range forms {
		form := url.Values{"form": {token}}
		for k, f := range fields {
			form[k] = f
		}
		for _, headers := range [][]string{
			{"Sec-Fetch-Site", "cross-site"},
			{"Sec-Fetch-Site", "same-site"},
			{"Origin", "https://evil.test"},
			{"Origin", "null"},
			{"Origin", "http://127.0.0.1.evil.test"},
			{"Sec-Fetch-Site", "cross-site", "Origin", s.url},
		} {
			v.send(http.MethodPost, path, form, headers...).shows(t, 403, "another website")
		}
		// Of an old browser that says nothing of where the form came from.
		for _, wrong := range []string{"", "x", token[1:], token + "A"} {
			form.Set("form", wrong)
			v.send(http.MethodPost, path, form).shows(t, 403, "not of your present session")
		}
		form.Del("form")
		v.send(http.MethodPost, path, form).shows(t, 403)
		// A link cannot do it either, whatever it carries.
		form.Set("form", token)
		if got := v.open(path + "?" + form.Encode()); got.StatusCode >= 500 {
			t.Errorf("GET %s gives %d", path, got.StatusCode)
		}
	}
	if after := s.state(id); !same(before, after) {
		t.Errorf("was %v, is %v", before, after)
	}
}

// Mallory is signed in as herself, and knows every name of Dana's.
func TestWhatIsSomebodyElsesLooksLikeWhatNeverWas(t *testing.T) {
	s := newSite(t, nil)
	v, dana := s.dana()
	s.grant(dana, "my-account", nil)
	other := s.visitor()
	other.signIn("/account", "dana", danasPassword)
	hers := v.open("/account/sessions").sessions()[0]
	danasToken := v.open("/account/sessions").token()
	before := s.state(dana)

	mallory := s.visitor()
	s.Customer("mallory", s.Hash(danasPassword))
	mallory.signIn("/account", "mallory", danasPassword)
	for _, page := range pages {
		got := mallory.open(page + "?session=" + hers + "&customer=" + dana.String())
		got.lacks(t, "dana", hers, dana.String())
	}
	unknown := mallory.post("/account/sessions", "/account/sessions/end", "session", strings.Repeat("01", 16))
	for name, got := range map[string]seen{
		"her session":           mallory.post("/account/sessions", "/account/sessions/end", "session", hers),
		"her session, as other": mallory.post("/account/sessions", "/account/sessions/end", "session", hers, "customer", dana.String()),
		"nothing":               mallory.post("/account/sessions", "/account/sessions/end"),
	} {
		if got.StatusCode != 404 || got.text != unknown.text {
			t.Errorf("%s: %d, another page than for an unknown one", name, got.StatusCode)
		}
	}
	mallory.post("/account/sessions", "/account/applications/withdraw", "from", "my-account").shows(t, 404)
	mallory.send(http.MethodPost, "/account/sessions/end-others", url.Values{"form": {danasToken}}).shows(t, 403, "not of your present session")
	mallory.post("/account/sessions", "/account/sessions/end-others").leads(t, s, "/account/sessions")
	mallory.post("/account/sign-out-everywhere", "/account/sign-out-everywhere", "customer", dana.String())
	if after := s.state(dana); !same(before, after) {
		t.Errorf("Dana's was %v, is %v", before, after)
	}
	v.open("/account").shows(t, 200)
}

// The same session cookie under the name of another environment is nobody there.
func TestASessionOfOneEnvironmentIsNoneOfAnother(t *testing.T) {
	s := newSite(t, nil)
	v, _ := s.dana()
	at, _ := url.Parse(s.url)
	for _, c := range v.client.Jar.Cookies(at) {
		name := strings.Replace(c.Name, strconv.Itoa(int(s.Live.ID)), strconv.Itoa(int(s.Preview.ID)), 1)
		v.client.Jar.SetCookies(at, []*http.Cookie{{Name: name, Value: c.Value, Path: "/"}})
	}
	token := v.open("/account/sessions").token()
	for _, page := range pages {
		if to := v.open("/preview" + page).Header.Get("Location"); !strings.HasPrefix(to, s.url+"/preview/signin?t=") {
			t.Errorf("%s in preview leads to %q", page, to)
		}
	}
	for path, fields := range forms {
		form := url.Values{"form": {token}}
		for k, f := range fields {
			form[k] = f
		}
		if to := v.send(http.MethodPost, "/preview"+path, form).Header.Get("Location"); !strings.HasPrefix(to, s.url+"/preview/signin?t=") {
			t.Errorf("the form of %s in preview leads to %q", path, to)
		}
	}
	v.open("/account").shows(t, 200)
}

// An environment below another's address keeps to its own.
func TestPagesLeadToTheirOwnEnvironment(t *testing.T) {
	s := newSite(t, nil)
	s.Live, s.Preview = s.Preview, s.Live
	s.Customer("dana", s.Hash(danasPassword))
	v := s.visitor()
	v.signIn("/preview/account", "dana", danasPassword).leads(t, s, "/preview/account")
	for _, path := range pages {
		page := v.open("/preview" + path)
		if to := page.Header.Get("Location"); to != "" {
			if !strings.HasPrefix(to, s.url+"/preview/account/") {
				t.Errorf("%s leads to %q", path, to)
			}
			continue
		}
		for _, m := range regexp.MustCompile(`(?:href|action|src)="(/[^"]*)"`).FindAllStringSubmatch(page.text, -1) {
			if !strings.HasPrefix(m[1], "/preview/") {
				t.Errorf("%s leads to %q", path, m[1])
			}
		}
	}
	v.post("/preview/account/sessions", "/preview/account/sessions/end-others").leads(t, s, "/preview/account/sessions")
}

// What strangers and customers write is text and nothing else.
func TestNothingThatSomebodyWroteIsMarkup(t *testing.T) {
	s := newSite(t, nil)
	const evil = `<img src=x onerror=alert(1)>"'&`
	id := s.Customer("dana", s.Hash(danasPassword))
	s.write(func(tx store.Tx) error {
		c, err := s.Store.Customer(context.Background(), s.Live.ID, id)
		if err != nil {
			return err
		}
		c.Name = evil
		return tx.UpdateCustomer(context.Background(), c)
	})
	v := s.visitor()
	v.agent = "Firefox/1 " + evil
	v.signIn("/account", "dana", danasPassword)
	s.grant(id, evil, func(g *store.Grant) { g.Scopes = []string{evil} })
	for _, page := range pages {
		got := v.open(page + "?application=" + url.QueryEscape(evil) + "&before=&x=" + url.QueryEscape(evil))
		if strings.Contains(got.text, "<img src=x") || strings.Contains(got.text, "onerror=alert(1)>") {
			t.Errorf("%s shows it as it is", page)
		}
	}
	// A word of our own that somebody plants is not said.
	at, _ := url.Parse(s.url)
	v.client.Jar.SetCookies(at, []*http.Cookie{{Name: "sallyport-" + strconv.Itoa(int(s.Live.ID)) + "-said", Value: "evil", Path: "/"}})
	v.open("/account").lacks(t, "evil", `id="status"`)
}

func TestAFormThatIsNoFormIsRefused(t *testing.T) {
	s := newSite(t, nil)
	v, _ := s.dana()
	token := v.open("/account/sessions").token()
	v.send(http.MethodPost, "/account/password", url.Values{"form": {token}, "old-password": {strings.Repeat("x", 20<<10)}}).shows(t, 400, "could not read")
	v.send(http.MethodPost, "/account/sessions/end-others", nil).shows(t, 400)
}

var (
	heading = regexp.MustCompile(`<h1[ >]`)
	anyID   = regexp.MustCompile(` id="([^"]+)"`)
	input   = regexp.MustCompile(`<input [^>]*>`)
)

// Every page keeps to what holds for all: headers, one heading, ids once, a label
// for each field, no script, and a size that a telephone on a bad day can take.
func TestEveryPageIsSafeAndSmall(t *testing.T) {
	const budget = 14 << 10
	s := newSite(t, nil)
	s.AskForCodes("enrolled")
	v, id := s.dana()
	for range 25 {
		s.visitor().signIn("/account", "dana", danasPassword)
		s.grant(id, "my-account", nil)
		s.Pass(time.Millisecond)
	}
	for _, path := range pages {
		page := v.open(path + "?application=my-account")
		if page.StatusCode == http.StatusSeeOther {
			continue // she has no app
		}
		h := page.Header
		for name, want := range map[string]string{
			"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff", "Referrer-Policy": "same-origin", "X-Frame-Options": "DENY",
			"Cross-Origin-Opener-Policy": "same-origin", "Content-Type": "text/html; charset=utf-8",
			"Content-Security-Policy": "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'",
		} {
			if h.Get(name) != want {
				t.Errorf("%s: %s is %q, want %q", path, name, h.Get(name), want)
			}
		}
		page.lacks(t, "<script", "style=", "javascript:", "Sallyport", " onclick")
		if n := len(heading.FindAllString(page.text, -1)); n != 1 {
			t.Errorf("%s has %d main headings", path, n)
		}
		ids := map[string]bool{}
		for _, m := range anyID.FindAllStringSubmatch(page.text, -1) {
			if ids[m[1]] {
				t.Errorf("%s has the id %q twice", path, m[1])
			}
			ids[m[1]] = true
		}
		for _, tag := range input.FindAllString(page.text, -1) {
			unseen := strings.Contains(tag, `aria-hidden="true"`) || strings.Contains(tag, `type="hidden"`)
			if m := anyID.FindStringSubmatch(tag); !unseen && (m == nil || !strings.Contains(page.text, `<label for="`+m[1]+`">`)) {
				t.Errorf("%s: %s has no label", path, tag)
			}
		}
		total := squeezed(t, page.text)
		for _, m := range regexp.MustCompile(`(?:href|src)="(/assets/[^"]+)"`).FindAllStringSubmatch(page.text, -1) {
			total += squeezed(t, v.open(m[1]).text)
		}
		t.Logf("%s: %d bytes, of %d", path, total, budget)
		if total > budget {
			t.Errorf("%s and what it needs take %d bytes, more than %d", path, total, budget)
		}
	}
	for path := range forms {
		got := v.send(http.MethodPost, path, url.Values{})
		if got.Header.Get("Cache-Control") != "no-store" {
			t.Errorf("the answer of %s may be kept", path)
		}
	}
}

func squeezed(t *testing.T, text string) int {
	t.Helper()
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	if _, err := w.Write([]byte(text)); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Len()
}

// Whoever makes a new type of event decides here whether customers see it.
func TestForEveryTypeOfEventItIsDecidedWhetherCustomersSeeIt(t *testing.T) {
	const file = "../../service/audit/types.go"
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	parsed, err := parser.ParseFile(token.NewFileSet(), file, text, 0)
	if err != nil {
		t.Fatal(err)
	}
	shown, hidden := account.Decided()
	for _, kind := range shown {
		if slices.Contains(hidden, kind) {
			t.Errorf("%s is both shown and hidden", kind)
		}
	}
	count := 0
	for _, d := range parsed.Decls {
		g, ok := d.(*ast.GenDecl)
		if !ok || g.Tok != token.CONST {
			continue
		}
		for _, spec := range g.Specs {
			value, err := strconv.Unquote(spec.(*ast.ValueSpec).Values[0].(*ast.BasicLit).Value)
			if err != nil {
				t.Fatal(err)
			}
			count++
			if kind := audit.Type(value); !slices.Contains(shown, kind) && !slices.Contains(hidden, kind) {
				t.Errorf("nothing says whether customers see %s: it belongs into sentences or into untold", value)
			}
		}
	}
	if count != len(shown)+len(hidden) {
		t.Errorf("there are %d types, and %d are decided on", count, len(shown)+len(hidden))
	}
}

// A thief's form is on its way at the moment at which the owner signs them out: it came in
// a session that lived, and does nothing in one that does not.
func TestNothingIsDoneInASessionThatEndedSinceTheFormCame(t *testing.T) {
	s := newSite(t, nil)
	ends := map[string]func(id customer.ID){
		"signed out everywhere": func(id customer.ID) {
			if err := s.people.SignOut(t.Context(), s.Live.ID, id, "customer/"+audit.Actor(id.String())); err != nil {
				t.Error(err)
			}
		},
		"this session ended": func(id customer.ID) {
			all, _, err := s.Store.SessionsOf(t.Context(), s.Live.ID, store.SessionPage{Customer: id, At: s.Now(), Limit: 9})
			if err != nil {
				t.Error(err)
			}
			s.write(func(tx store.Tx) error { return tx.EndSession(t.Context(), all[0].ID, s.Now()) })
		},
	}
	count := 0
	for name, end := range ends {
		for at, form := range map[string][]string{
			"/account/addresses/prove": nil, "/account/addresses/username": {"new-username", "second.name"}, "/account/addresses/remove": nil,
			"/account/addresses/first": nil, "/account/accounts/share": {"address", "mallory@mail.test", "role", "owner"}, "/account/data/delete": {"confirmation", "DELETE"},
		} {
			count++
			who := "visitor" + strconv.Itoa(count)
			v, id := s.also(who)
			s.proved(id, who+"@work.test")
			s.proved(id, who+"@home.test")
			a, _ := s.home(id)
			switch at {
			case "/account/addresses/prove":
				page := v.post("/account/sessions", "/account/addresses/add", "address", "mallory@mail.test")
				form = []string{"address", "mallory@mail.test", "challenge", valueOf(page, "challenge"), "code", s.Outbox.Last().Code}
			case "/account/addresses/remove", "/account/addresses/first":
				links := regexp.MustCompile(at+`\?one=[0-9a-f]+`).FindAllString(v.open("/account/addresses").text, -1)
				if len(links) == 0 {
					t.Fatalf("%s: no link", at)
				}
				at = links[len(links)-1]
			case "/account/accounts/share":
				at += one(a)
			}
			names, err := s.Store.Identifiers(t.Context(), s.Live.ID, id)
			if err != nil {
				t.Fatal(err)
			}
			s.meanwhile = func() {
				s.Pass(time.Second)
				end(id)
			}
			if got := v.post("/account/sessions", at, form...); got.StatusCode != http.StatusSeeOther || !strings.Contains(got.Header.Get("Location"), "/signin") {
				t.Errorf("%s: %s answers %d %s", name, at, got.StatusCode, got.Header.Get("Location"))
			}
			after, err := s.Store.Identifiers(t.Context(), s.Live.ID, id)
			invited, err2 := s.Store.Invitations(t.Context(), s.Live.ID, a.ID)
			if !slices.Equal(names, after) || len(invited) > 0 || err != nil || err2 != nil {
				t.Errorf("%s: %s left %+v and %d invitations, %v %v", name, at, after, len(invited), err, err2)
			}
		}
	}
}
