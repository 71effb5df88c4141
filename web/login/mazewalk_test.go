package login_test

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"sallyport/protocol/otp"
	"sallyport/protocol/passkey/passkeytest"
	"sallyport/pure/customer"
	"sallyport/pure/journey"
	"sallyport/service/directory"
	"sallyport/service/signin"
	"sallyport/web/account"
)

// appOf is an authenticator app, and the last step of which a code was given.
type appOf struct {
	key  otp.Key
	used int64
}

// wanderer is a browser whose owner does anything, and what they gave with it.
type wanderer struct {
	*visitor
	m       *maze
	name    string // by which it registers
	as      string // whom they were asked to be
	page    place
	tickets []string
	sent    []request
	old     []form
	code    string // that was sent last at their doing
	apps    []*appOf
	fresh   string // password that they chose last
	making  *passkeytest.Credential
	asserts []string // that they sent
	asked   [][]byte // challenges of before

	gave          map[string]bool // addresses of which they gave a code that was sent there
	first, second map[customer.ID]bool
	ends          map[customer.ID]bool // whose link that takes back they sent just now
	facts         string               // number of the account that the form just now proves
}

// request is what a browser sent.
type request struct {
	method, to string
	form       url.Values
}

func (m *maze) wanderer(i int) *wanderer {
	return &wanderer{
		visitor: m.visitor(), m: m, name: fmt.Sprintf("new%d", i), gave: map[string]bool{},
		first: map[customer.ID]bool{}, second: map[customer.ID]bool{}, ends: map[customer.ID]bool{},
	}
}

// one in n times.
func (m *maze) one(n int) bool { return m.r.IntN(n) == 0 }

func oneOf[T any](m *maze, of []T) T { return of[m.r.IntN(len(of))] }

// walk has somebody do one thing, and judges what came of it.
func (m *maze) walk() {
	m.t.Helper()
	m.Pass(time.Millisecond)
	w := oneOf(m, m.crowd)
	if m.one(12) {
		m.Pass(oneOf(m, []time.Duration{time.Second, 20 * time.Second, 31 * time.Second, 5 * time.Minute, time.Hour}))
	}
	if m.one(60) {
		m.operate()
	}
	w.ask()
}

// operate is what others do meanwhile: they publish documents and journeys, and give
// access.
func (m *maze) operate() {
	if m.one(2) {
		m.apply()
		return
	}
	groups := []string{"insiders", "newcomers"}
	_, err := m.Directory.Change(m.t.Context(), m.Live, m.somebody().id, directory.Patch{Groups: &groups}, "operator/rita")
	m.must(err)
}

// ask chooses what to send.
func (w *wanderer) ask() {
	m := w.m
	forms := w.page.forms()
	switch n := m.r.IntN(100); {
	case n < 60 && len(forms) > 0 && !w.tires(forms):
		w.send(w.fill(w.form(forms), !m.one(10)))
	case n < 68 && len(w.page.links()) > 0:
		w.send(request{http.MethodGet, w.link(), nil})
	case n < 72 && len(w.sent) > 0:
		w.send(oneOf(m, w.sent))
	case n < 75:
		if other := oneOf(m, m.crowd); len(other.sent) > 0 {
			w.send(oneOf(m, other.sent))
		}
	case n < 78 && len(w.old) > 0:
		w.send(w.fill(oneOf(m, w.old), true))
	case n < 80:
		w.send(w.fill(form{to: mazeURL + oneOf(m, m.saw.all), fields: w.anything()}, false))
	default:
		w.send(request{http.MethodGet, w.somewhere(), nil})
	}
}

// missing tells whether nothing was done yet at an address.
func (m *maze) missing(to string) bool {
	at, err := url.Parse(to)
	return err == nil && m.saw.posted[at.Path] == 0 && slices.Contains(m.saw.all, at.Path)
}

// form is one of a page, rather one that nobody sent yet.
func (w *wanderer) form(all []form) form {
	for _, f := range all {
		if w.m.missing(f.to) && !w.m.one(5) {
			return f
		}
	}
	return oneOf(w.m, all)
}

// link is one of the page, rather one that leads where nobody did anything yet.
func (w *wanderer) link() string {
	all := w.page.links()
	for _, to := range all {
		if w.m.missing(to) && !w.m.one(4) {
			return to
		}
	}
	if home := slices.IndexFunc(all, func(to string) bool { return strings.Contains(to, "/accounts/one?") }); home >= 0 && !w.m.one(3) {
		return all[home]
	}
	return oneOf(w.m, all)
}

// tires tells whether all that a page does ends what somebody walks in, and was done
// before.
func (w *wanderer) tires(all []form) bool {
	return !w.m.one(6) && !slices.ContainsFunc(all, func(f form) bool {
		at, _ := url.Parse(f.to)
		ends := slices.Contains([]string{"/signout", "/account/sign-out-everywhere", "/account/sessions/end-others", "/account/data/delete", "/account/undo"}, at.Path)
		return !ends || w.m.missing(f.to)
	})
}

// anything is a form that no page has.
func (w *wanderer) anything() (all []field) {
	names := []string{"step", "act", "way", "code", "password", "username", "phone", "groups", "customer", "field-groups", "verified", "role", "address", "offer", "passkey", "t"}
	for range 4 {
		all = append(all, field{name: oneOf(w.m, names), kind: "text"})
	}
	if f := w.page.forms(); len(f) > 0 { // with the token of a session
		all = append(all, f[0].fields...)
	}
	return all
}

// somewhere is an address that somebody may know.
func (w *wanderer) somewhere() string {
	m := w.m
	if m.one(3) && len(m.post.newest) > 0 {
		to := oneOf(m, m.post.newest)
		if _, secret, is := strings.Cut(to, account.InvitedPath); is {
			w.as, _, _ = strings.Cut(m.post.invited[secret], "@")
		}
		if strings.HasPrefix(to, "/") {
			return mazeURL + to
		}
		return to
	}
	if w.session() != "" && !m.one(4) {
		missing := slices.DeleteFunc(slices.Clone(m.saw.all), func(at string) bool { return m.saw.posted[at] > 0 })
		if len(missing) > 0 && m.one(2) {
			return mazeURL + oneOf(m, []string{strings.Replace(oneOf(m, missing), "/prove", "/add", 1), "/account/ways", "/account/accounts", "/account/addresses"})
		}
		return mazeURL + oneOf(m, append(m.saw.all, "/account", "/account/ways", "/account/addresses", "/account/accounts", "/account/activity", "/account/sessions", "/account/applications", "/account/recent"))
	}
	if len(w.tickets) == 0 || m.one(3) {
		t := signin.Ticket{Return: "/customers/authorize/continue?r=abc", Application: "my-account", TwoFactors: m.one(4)}
		t.Purpose = oneOf(m, []journey.Purpose{"", "", journey.Registration, journey.Recovery})
		location, err := m.SignIn.Begin(m.t.Context(), m.Live, t)
		m.must(err)
		w.tickets = append(w.tickets, mazeURL+location)
	}
	of := w
	if other := oneOf(m, m.crowd); m.one(10) && len(other.tickets) > 0 {
		of = other
	}
	return of.tickets[len(of.tickets)-1-m.r.IntN(min(3, len(of.tickets)))] + oneOf(m, []string{"", "", "", "", "&back=1", "&recovery=1", "&codes=1", "&instead=recovery"})
}

// persona is whom they are about to be, as far as the page says.
func (w *wanderer) persona() *persona {
	m := w.m
	shown := ""
	if found := identityOf.FindStringSubmatch(w.page.text); found != nil {
		shown, _, _ = strings.Cut(found[1], "@")
	}
	current, err := m.SignIn.Current(m.t.Context(), m.Live, w.session())
	for id, p := range m.people {
		if p.name == shown || err == nil && shown == "" && current.Customer.ID == id {
			return p
		}
	}
	return nil
}

// fill answers a form, sensibly or not.
func (w *wanderer) fill(f form, well bool) request {
	m, p, values := w.m, w.persona(), url.Values{}
	boxes := map[string][]field{}
	for _, x := range f.fields {
		switch {
		case x.kind == "hidden" && x.name == "passkey":
			values.Set(x.name, w.passkey(f, p))
		case x.kind == "hidden":
			values.Set(x.name, x.value)
		case x.kind == "radio" || x.kind == "checkbox" || x.kind == "":
			boxes[x.name] = append(boxes[x.name], x)
		case well:
			values.Set(x.name, w.sensible(x, p))
		default:
			values.Set(x.name, oneOf(m, []string{"", "x", "dana", "otis@mail.test", "000000", w.code, strings.Repeat("x", 5000), "\x00\xff", w.sensible(x, p)}))
		}
	}
	for name, of := range boxes {
		if box := oneOf(m, of); name != "premises" && (!m.one(6) || box.kind == "radio") {
			values.Set(name, box.value)
		}
		if i := slices.IndexFunc(of, func(x field) bool { return x.checked }); i >= 0 && strings.HasPrefix(name, "question-") {
			values.Set(name, of[i].value)
		}
	}
	to := f.to
	if len(f.buttons) > 0 {
		b := oneOf(m, f.buttons)
		if b.name != "" {
			values.Set(b.name, b.value)
		}
		if b.to != "" {
			to = b.to
		}
	}
	if w.page.heading() == "We are preparing your access" {
		m.Pass(11 * time.Second)
	}
	return request{http.MethodPost, to, values}
}

// sensible is what somebody types who wants to get on.
func (w *wanderer) sensible(x field, p *persona) string {
	m := w.m
	someone := m.somebody()
	if p == nil {
		p = someone
	}
	switch name := x.name; {
	case name == "username" && x.value != "":
		return x.value
	case name == "username" && w.page.heading() == "Create an account":
		return oneOf(m, []string{w.name, w.name, "new0", "dana"}) + "@mail.test"
	case name == "username" && w.as != "" && !m.one(3):
		return w.as + "@mail.test"
	case name == "username":
		return someone.name + "@mail.test"
	case name == "password", name == "old-password":
		return p.password
	case name == "new-password":
		return fmt.Sprintf("slow barges under bridges %d", m.r.IntN(1_000_000))
	case name == "recovery-code" && len(p.recovery) > 0:
		return oneOf(m, p.recovery)
	case name == "code":
		return w.codeFor(p)
	case name == "phone", name == "phone-number":
		return oneOf(m, []string{"+12125550177", "+12125550178", "+12125550190"})
	case name == "address":
		return oneOf(m, []string{w.name + "@mail.test", "+12125550190", "other" + w.name + "@mail.test", "kim@mail.test", "mia@mail.test", "dana@mail.test"})
	case name == "new-username":
		return oneOf(m, []string{"barge" + w.name, "dana"})
	case name == "number", name == "account-number":
		return oneOf(m, []string{"HL-1", "HL-2", "HL-3", "HL-900"})
	case name == "fact-postcode":
		return oneOf(m, []string{"ab12cd", "AB1 2CD", "AB1 2CD", "AB1 2CE"})
	case name == "fact-last-bill":
		return oneOf(m, []string{"84.20", "84.2", "84.20", "85"})
	case name == "field-household":
		return oneOf(m, []string{"2", "3", "many"})
	case name == "confirmation":
		return oneOf(m, []string{"DELETE", "no"})
	case strings.HasPrefix(name, "answer-"):
		return oneOf(m, []string{"rex ", "rex ", "rex ", "tom "}) + name
	}
	return oneOf(m, []string{"Ana", "Ben"})
}

// somebody is one of the people.
func (m *maze) somebody() *persona {
	ids := make([]string, 0, len(m.people))
	by := map[string]*persona{}
	for _, p := range m.people {
		ids, by[p.name] = append(ids, p.name), p
	}
	slices.Sort(ids)
	return by[oneOf(m, ids)]
}

// codeFor is the code that a page asks for.
func (w *wanderer) codeFor(p *persona) string {
	m := w.m
	now := func(a *appOf) string {
		if step := a.key.Step(m.Now()); step == a.used && !m.one(6) {
			m.Pass(30 * time.Second)
		}
		a.used = a.key.Step(m.Now())
		return a.key.Code(a.used)
	}
	heading := w.page.heading()
	switch found := keyShown.FindStringSubmatch(w.page.text); {
	case found != nil:
		secret, err := otp.ParseSecret(found[1])
		m.must(err)
		key, err := otp.KeyOf(secret, "", 0, 0)
		m.must(err)
		a := &appOf{key: key}
		w.apps = append(w.apps, a)
		return now(a)
	case heading == "Enter the code of your app" && len(p.apps) > 0:
		return now(oneOf(m, p.apps))
	case strings.Contains(heading, "card") && len(p.cards) > 0:
		return oneOf(m, p.cards)
	}
	return w.code
}

// passkey signs what a page asks for, or something that looks like it.
func (w *wanderer) passkey(f form, p *persona) string {
	m, t := w.m, w.m.t
	if f.made != "" {
		var asked struct {
			Challenge string
			User      struct{ ID string }
		}
		m.must(json.Unmarshal([]byte(f.made), &asked))
		challenge, err := base64.RawURLEncoding.DecodeString(asked.Challenge)
		m.must(err)
		w.making = passkeytest.New(t, passkeytest.ES256, oneOf(m, []string{mazeHost, mazeHost, mazeHost, "evil.test"}))
		w.making.UserHandle, err = base64.RawURLEncoding.DecodeString(asked.User.ID)
		m.must(err)
		return string(w.making.Attest(t, challenge, oneOf(m, []string{mazeURL, mazeURL, mazeURL, "https://evil.test"})))
	}
	var asked []struct{ Challenge string }
	if json.Unmarshal([]byte(f.asked), &asked) != nil || len(asked) == 0 {
		return oneOf(m, append([]string{"{}"}, w.asserts...))
	}
	challenge, err := base64.RawURLEncoding.DecodeString(asked[0].Challenge)
	m.must(err)
	w.asked = append(w.asked, challenge)
	for p == nil || len(p.keys) == 0 || m.one(8) { // somebody else
		p = m.somebody()
		if len(p.keys) == 0 && m.one(4) {
			return "{}"
		}
	}
	key, origin, foul := *oneOf(m, p.keys), mazeURL, true
	switch m.r.IntN(10) {
	case 0:
		key.RPID = "evil.test"
	case 1:
		challenge = oneOf(m, w.asked[:max(1, len(w.asked)-1)])
		foul = len(w.asked) > 1
	case 2:
		origin = "https://evil.test"
	case 3:
		if len(w.asserts) > 0 {
			return oneOf(m, w.asserts)
		}
		foul = false
	case 4:
		key.Flags, foul = passkeytest.Present, false
		w.second[p.id] = true
	default:
		foul = false
	}
	if !foul {
		w.second[p.id] = true
		w.first[p.id] = w.first[p.id] || key.Flags&passkeytest.Verified != 0
	}
	text := string(key.Assert(t, challenge, origin))
	w.asserts = append(w.asserts, text)
	return text
}

func (w *wanderer) session() string {
	at, _ := url.Parse(mazeURL)
	for _, c := range w.client.Jar.Cookies(at) {
		if c.Name == signin.CookieName(w.m.Live.ID, true) {
			return c.Value
		}
	}
	return ""
}
