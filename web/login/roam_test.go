package login_test

import (
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"sallyport/pure/customer"
	"sallyport/pure/journey"
	"sallyport/service/audit"
	"sallyport/service/signin"
	"sallyport/service/signin/signintest"
	"sallyport/store"
)

// roamer is a browser whose owner sends anything, and what they have shown with it.
type roamer struct {
	*visitor
	tickets []string
	read    map[string]bool   // addresses of which they gave a code that was sent there
	said    map[string]bool   // passwords that they gave
	came    map[string]string // the newest code by the page that it was asked for on
	again   func() seen       // what they sent last
}

// known is somebody whom the model follows: by which password and addresses they prove
// who they are.
type known struct {
	id        customer.ID
	password  string
	addresses []string // by which they are found
	phones    []string // that are their second factors
}

// roam is a crowd that goes through all pages by random forms, and a model that judges
// it by what was shown alone: it knows no journey.
type roam struct {
	*site
	t      *testing.T
	r      *rand.Rand
	crowd  []*roamer
	known  []*known
	codes  map[string]string  // by the address that they were sent to
	chosen map[string]*roamer // new passwords, and who chose them
	sent   int
}

// roamJourneys let people register, recover, put a second factor off, and have phones.
func roamJourneys() string {
	const password = "  - {name: password, ask: password}\n"
	tree := strings.Replace(signintest.Tree, password, "  - {name: password, ask: password, or: code}\n  - {name: code, ask: totp, when: enrolled, factors: [text, call]}\n", 1)
	tree = strings.Replace(tree, "environments:\n", "groups:\n  - {name: newcomers}\nattributes:\n  - {name: household, title: People in your household, type: number, owner: retail, purpose: advice, classification: personal, retention: relationship, self_service: true}\nenvironments:\n", 1)
	journeys := strings.Replace(signintest.Journeys, "  - {name: about-you", "  - {name: second, ask: totp, factors: [text, call], defer: 2}\n  - {name: about-you", 1)
	return tree + journeys
}

func newRoam(t *testing.T, seed uint64) *roam {
	t.Helper()
	r := &roam{site: newSite(t, nil), t: t, r: rand.New(rand.NewPCG(seed, 11)), codes: map[string]string{}, chosen: map[string]*roamer{}}
	r.Apply(r.Live, roamJourneys())
	for i, name := range []string{"dana", "otis", "mia"} {
		k := &known{password: name + " counts barges", addresses: []string{name + "@mail.test"}}
		k.id = r.everyAddress(name, r.Hash(k.password))
		if i < 2 {
			k.phones = []string{fmt.Sprintf("+1212555014%d", i)}
			r.setUp(k)
		}
		r.known = append(r.known, k)
	}
	for range 3 {
		b := &roamer{visitor: newVisitor(t), read: map[string]bool{}, said: map[string]bool{}, came: map[string]string{}}
		for _, purpose := range []journey.Purpose{"", "", journey.Registration, journey.Recovery} {
			strict := len(b.tickets) == 1
			b.tickets = append(b.tickets, r.ticket(func(t *signin.Ticket) { t.Purpose, t.TwoFactors = purpose, strict }))
		}
		r.crowd = append(r.crowd, b)
	}
	return r
}

// setUp makes a phone the second factor of somebody, as they would.
func (r *roam) setUp(k *known) {
	r.t.Helper()
	v, page := newVisitor(r.t), r.ticket(func(t *signin.Ticket) { t.TwoFactors = true })
	v.name(page, k.addresses[0])
	v.password(page, k.addresses[0], k.password)
	v.send(http.MethodPost, page, url.Values{"act": {"phone"}})
	v.send(http.MethodPost, page, url.Values{"act": {"phone"}, "way": {"text"}, "phone": k.phones})
	v.send(http.MethodPost, page, url.Values{"code": {r.Outbox.Last().Code}})
	v.send(http.MethodPost, page, url.Values{"codes-kept": {"1"}})
	if !r.hasSecond(k) {
		r.t.Fatalf("%v has no second factor", k.addresses)
	}
	r.sent, _ = r.Outbox.Counts()
}

func (r *roam) factors(k *known) (ids []string) {
	all, err := r.Store.Factors(r.t.Context(), r.Live.ID, k.id)
	if err != nil {
		r.t.Fatal(err)
	}
	for _, f := range all {
		if !f.Confirmed.IsZero() && f.Kind == store.FactorPhone {
			ids = append(ids, fmt.Sprint(f.ID))
		}
	}
	return ids
}

func (r *roam) hasSecond(k *known) bool { return len(r.factors(k)) > 0 }

// stands is what nobody may change who has not proved that they are somebody.
func (r *roam) stands(k *known) string {
	c, err := r.Store.Credential(r.t.Context(), r.Live.ID, k.id)
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		r.t.Fatal(err)
	}
	return fmt.Sprint(r.factors(k), c.Updated.UnixNano())
}

// proved tells whether a browser has shown enough to be somebody's.
func (b *roamer) proved(r *roam, k *known, second bool) bool {
	one := b.said[k.password]
	for _, address := range k.addresses {
		one = one || b.read[address]
		for fresh, by := range r.chosen { // a password that its owner chose
			one = one || b.said[fresh] && by.read[address]
		}
	}
	two := !second
	for _, phone := range k.phones {
		two = two || b.read[phone]
	}
	return one && two
}

func (r *roam) pick(from ...string) string { return from[r.r.IntN(len(from))] }

// form is anything that a page could send, or that none could.
func (r *roam) form(b *roamer) url.Values {
	name := r.pick("dana@mail.test", "otis@mail.test", "mia@mail.test", "new@mail.test", "newer@mail.test", "ghost", "+1 212 555 0140", "", "\x00\xff", strings.Repeat("x", 300))
	step := r.pick("address", "address", "password", "second", "code", "about-you", "registration.about-you", "registration.second", "nowhere")
	code := r.pick(slices.Concat(slices.Sorted(maps.Keys(r.codes)), []string{"000001", "", "x"})...)
	if last := r.Outbox.Last().Code; r.r.IntN(2) == 0 {
		code = last
	}
	switch r.r.IntN(12) {
	case 0, 1, 2:
		return url.Values{"username": {name}}
	case 3, 4:
		known := []string{"dana counts barges", "otis counts barges", "mia counts barges", "wrong"}
		return url.Values{"username": {name}, "password": {r.pick(slices.Concat(known, slices.Sorted(maps.Keys(r.chosen)))...)}}
	case 5, 6:
		return url.Values{"step": {step}, "code": {code}}
	case 7:
		return url.Values{"code": {code}}
	case 8:
		fresh := fmt.Sprintf("slow barges under bridges %d", r.r.IntN(1_000_000))
		return url.Values{"step": {r.pick("password", "password", step)}, "new-password": {fresh}}
	case 9:
		return url.Values{"act": {r.pick("phone", "skip", "code", "another", "choose", "app", "again", "nothing")}, "way": {r.pick("text", "call", "email")}, "step": {r.pick("", step)}, "phone": {r.pick("+12125550140", "+12125550177", "x")}}
	case 10:
		return url.Values{"step": {step}, "field-name": {"Ana"}, "field-household": {r.pick("2", "many")}, "field-groups": {"staff"}, "groups": {"staff"}, "verified": {"true"}, "customer": {r.known[0].id.String()}}
	}
	return url.Values{"codes-kept": {"1"}, "recovery-code": {r.pick("", "0000-0000-0000")}}
}

// sense is a form that the page asks for: else hardly anybody would come far.
func (r *roam) sense(page, code string) url.Values {
	has := func(what string) bool { return strings.Contains(page, what) }
	form := url.Values{}
	if _, rest, found := strings.Cut(page, `name="step" value="`); found {
		step, _, _ := strings.Cut(rest, `"`)
		form.Set("step", step)
	}
	switch {
	case has(`name="new-password"`):
		form.Set("new-password", fmt.Sprintf("slow barges under bridges %d", r.r.IntN(1_000_000)))
	case has(`name="phone"`):
		return url.Values{"act": {"phone"}, "way": {"text"}, "phone": {"+12125550177"}}
	case has(`id="totp-key"`):
		return url.Values{"act": {r.pick("phone", "skip")}}
	case has(`name="codes-kept"`):
		return url.Values{"codes-kept": {"1"}}
	case has(`name="field-name"`), has(`name="field-household"`):
		form.Set("field-name", "Ana")
		form.Set("field-household", "2")
	case has(`name="code"`):
		form.Set("code", code)
	case has(`name="password"`):
		for _, k := range r.known {
			if has(`value="` + k.addresses[0] + `"`) {
				return url.Values{"username": {k.addresses[0]}, "password": {k.password}}
			}
		}
		return url.Values{"username": {"new@mail.test"}, "password": {"wrong"}}
	default:
		return url.Values{"username": {r.pick("dana@mail.test", "otis@mail.test", "mia@mail.test", "new@mail.test", "newer@mail.test")}}
	}
	return form
}

// step has somebody do one thing, and judges what came of it.
func (r *roam) step() {
	b := r.crowd[r.r.IntN(len(r.crowd))]
	page := b.tickets[r.r.IntN(len(b.tickets))]
	if r.r.IntN(10) == 0 { // somebody else's
		page = r.crowd[r.r.IntN(len(r.crowd))].tickets[r.r.IntN(len(b.tickets))]
	}
	before, second := map[*known]string{}, map[*known]bool{}
	for _, k := range r.known {
		before[k], second[k] = r.stands(k), r.hasSecond(k)
	}
	do := func() seen {
		return b.open(page + r.pick("", "&back=1", "&recovery=1", "&codes=1", "&instead=recovery", "&k=x"))
	}
	form := url.Values{}
	switch n := r.r.IntN(10); {
	case n == 0 && b.again != nil:
		do = b.again
	case n == 1:
		r.Pass(time.Duration(r.r.IntN(90)) * time.Second)
	case n > 2 && n < 7:
		form = r.sense(b.open(page).text, b.came[page])
		do = func() seen { return b.send(http.MethodPost, page, form) }
	case n > 2:
		form = r.form(b)
		do = func() seen { return b.send(http.MethodPost, page, form) }
	}
	b.said[form.Get("password")] = true
	if to := r.codes[form.Get("code")]; to != "" {
		b.read[to] = true
	}
	if fresh := form.Get("new-password"); fresh != "" {
		r.chosen[fresh], b.said[fresh] = b, true
	}
	b.again = do
	session := b.session(r)
	got := do()
	if sent, _ := r.Outbox.Counts(); sent > r.sent {
		r.sent = sent
		m := r.Outbox.Last()
		r.codes[m.Code], b.came[page] = m.Address, m.Code
	}
	r.judge(b, got, form, before, second)
	if now := b.session(r); now != session {
		r.judgeSession(b, now, second)
	}
}

// judge fails if anything came of it that was not proved.
func (r *roam) judge(b *roamer, got seen, form url.Values, before map[*known]string, second map[*known]bool) {
	r.t.Helper()
	if got.StatusCode >= 500 {
		r.t.Fatalf("%v was answered with %d", form, got.StatusCode)
	}
	for _, k := range r.known {
		if r.stands(k) == before[k] {
			continue
		}
		if !b.proved(r, k, second[k]) {
			r.t.Fatalf("%v changed how %v signs in, and gave %v and read %v", form, k.addresses, b.said, b.read)
		}
		for phone := range b.read { // one of those that they set up
			if strings.HasPrefix(phone, "+") {
				k.phones = append(k.phones, phone)
			}
		}
	}
	if _, err := r.SignIn.Current(r.t.Context(), r.Live, b.session(r)); errors.Is(err, signin.ErrNoSession) && strings.Contains(got.Header.Get("Location"), "authorize/continue") {
		r.t.Fatal("somebody without a session is led on")
	}
}

// judgeSession fails if a session began for somebody whom the browser has not proved to
// be, or at more than it proved. One that began before a second factor was set up lives on.
func (r *roam) judgeSession(b *roamer, cookie string, second map[*known]bool) {
	r.t.Helper()
	current, err := r.SignIn.Current(r.t.Context(), r.Live, cookie)
	if errors.Is(err, signin.ErrNoSession) {
		return
	}
	if err != nil {
		r.t.Fatal(err)
	}
	if len(current.Customer.Attributes["groups"]) > 0 || slices.Contains(current.Customer.Groups, "staff") {
		r.t.Fatalf("somebody gave themselves %+v", current.Customer)
	}
	for _, k := range r.known {
		if current.Customer.ID != k.id {
			continue
		}
		if !b.proved(r, k, second[k]) || second[k] && current.Session.Assurance != "mfa" {
			r.t.Fatalf("%v is signed in at %s, second factor %v, by who gave %v and read %v", k.addresses, current.Session.Assurance, second[k], b.said, b.read)
		}
	}
}

func (b *roamer) session(r *roam) string {
	at, _ := url.Parse(r.url)
	for _, c := range b.client.Jar.Cookies(at) {
		if c.Name == signin.CookieName(r.Live.ID, false) {
			return c.Value
		}
	}
	return ""
}

// resumes fails unless every walk that was left goes on where it stopped, twice the same.
func (r *roam) resumes() {
	r.t.Helper()
	for _, b := range r.crowd {
		for _, page := range b.tickets {
			one, two := b.open(page), b.open(page)
			if one.StatusCode >= 500 || one.StatusCode != two.StatusCode || normal(one.text) != normal(two.text) {
				r.t.Errorf("a walk goes on with %d, and then with %d", one.StatusCode, two.StatusCode)
			}
		}
	}
}

// roams sends a crowd through the pages for so many steps, and tells how often they came
// to what is to be proved for.
func roams(t *testing.T, seed uint64, steps int) map[audit.Type]int {
	r := newRoam(t, seed)
	for range steps {
		r.step()
	}
	r.resumes()
	came := map[audit.Type]int{}
	for _, what := range feats {
		came[what] = len(r.Events(what))
	}
	return came
}

// feats are what a crowd is to come to by proper ways, so that the others mean something.
var feats = []audit.Type{audit.SignedIn, audit.CustomerRegistered, audit.PasswordSet, audit.PasswordRecovered, audit.StepSkipped, audit.FactorUsed, audit.FactorRefused}

// Three browsers send forms of every kind, in and out of order, twice, late, with tickets
// and codes of others, and with fields that no page has. A model that knows what they have
// shown, and nothing of journeys, judges each answer.
func TestWhoeverRoamsThroughPagesGetsNowhereUnproved(t *testing.T) {
	crowds := uint64(4)
	if testing.Short() {
		crowds = 1
	}
	came := map[audit.Type]int{}
	for seed := range crowds {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			for what, n := range roams(t, seed, 250) {
				came[what] += n
			}
		})
	}
	t.Log(came)
	for _, what := range feats {
		if came[what] == 0 && !testing.Short() {
			t.Errorf("nobody came to %s", what)
		}
	}
}
