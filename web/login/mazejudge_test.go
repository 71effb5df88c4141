package login_test

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"

	"sallyport/pure/customer"
	"sallyport/service/audit"
	"sallyport/service/code"
	"sallyport/service/signin"
	"sallyport/service/undo"
	"sallyport/store"
)

// The parts of somebody that may become otherwise.
const (
	partPassword  = "password"
	partFactors   = "second factors"
	partPasskeys  = "passkeys"
	partAddresses = "addresses"
	partAccounts  = "accounts"
	partSaid      = "details and agreements"
	partGroups    = "groups"
	partGone      = "erased"
	partSession   = "session"
	partNew       = "registered"
	partElsewhere = "taken up on another device"
)

// standing is what is kept of somebody, by part.
type standing struct {
	parts  map[string]string
	second bool
	ids    []customer.Identifier
	member []store.Membership
	keys   []store.Passkey
}

func (m *maze) standing(id customer.ID) standing {
	m.t.Helper()
	ctx, s := m.t.Context(), standing{parts: map[string]string{}}
	c, err := m.Store.Customer(ctx, m.Live.ID, id)
	if errors.Is(err, store.ErrNotFound) {
		s.parts[partGone] = "gone"
		return s
	}
	m.must(err)
	s.parts[partGroups] = strings.Join(c.Groups, " ")
	kept, err := m.Store.Credential(ctx, m.Live.ID, id)
	if !errors.Is(err, store.ErrNotFound) {
		m.must(err)
		s.parts[partPassword] = fmt.Sprint(kept.Updated.UnixNano())
	}
	factors, err := m.Store.Factors(ctx, m.Live.ID, id)
	m.must(err)
	for _, f := range factors {
		switch {
		case f.Confirmed.IsZero() && f.Kind != store.FactorAnswers:
			continue
		case f.Kind == store.FactorTOTP, f.Kind == store.FactorPhone, f.Kind == store.FactorCard:
			s.second = true
		}
		s.parts[partFactors] += fmt.Sprintf("%s %x %d;", f.Kind, f.ID, f.Confirmed.UnixNano())
	}
	s.keys, err = m.Store.Passkeys(ctx, m.Live.ID, id)
	m.must(err)
	for _, k := range s.keys {
		s.parts[partPasskeys] += string(k.ID) + ";"
		s.second = s.second || !k.Discoverable
	}
	s.ids, err = m.Store.Identifiers(ctx, m.Live.ID, id)
	m.must(err)
	for _, i := range s.ids {
		s.parts[partAddresses] += fmt.Sprint(i.Kind, " ", i.Value, i.Verified, ";")
	}
	s.member, err = m.Store.Memberships(ctx, m.Live.ID, id, customer.AccountID{}, 200)
	m.must(err)
	for _, one := range s.member {
		s.parts[partAccounts] += fmt.Sprint(one.Account.Number, one.Member.Role, ";")
	}
	said, err := m.Store.Agreements(ctx, m.Live.ID, id)
	m.must(err)
	s.parts[partSaid] = fmt.Sprint(c.Name, c.Attributes, len(said))
	for _, one := range said {
		s.parts[partSaid] += fmt.Sprint(one.Kind, one.Document, one.Version, one.Holds())
	}
	return s
}

// writing are the tables of what is kept of somebody.
var writing = regexp.MustCompile(`^\s*(?:INSERT INTO|UPDATE|DELETE FROM|WITH|COPY)[^;]*\b(customers|identifiers|credentials|factors|passkeys|account_members|agreements)\b`)

// written tells whether something of anybody was written since the last time.
func (m *maze) written() bool {
	return slices.ContainsFunc(m.Asked(), func(statement string) bool { return writing.MatchString(statement) })
}

// standings are those of all, as they were when they were last looked at, if nothing was
// written since.
func (m *maze) standings() map[customer.ID]standing {
	if !m.written() && len(m.last) == len(m.people) {
		return m.last
	}
	m.last = map[customer.ID]standing{}
	for id := range m.people {
		m.last[id] = m.standing(id)
	}
	_ = m.Asked()
	return m.last
}

// send sends something, follows where it leads, and judges what came of it.
func (w *wanderer) send(r request) {
	m := w.m
	m.t.Helper()
	clear(w.ends)
	w.facts = ""
	w.note(r)
	before, cookie := m.standings(), w.session()
	current, _ := m.SignIn.Current(m.t.Context(), m.Live, cookie)
	var got seen
	if r.method == http.MethodPost {
		got = w.visitor.send(r.method, r.to, r.form, "Origin", mazeURL, "Sec-Fetch-Site", "same-origin")
	} else {
		got = w.visitor.open(r.to)
	}
	w.mailed()
	at, _ := url.Parse(r.to)
	if got.StatusCode >= 500 {
		m.t.Fatalf("%s %s %v was answered with %d", r.method, at.Path, r.form, got.StatusCode)
	}
	if r.method == http.MethodPost && got.StatusCode < 400 && !strings.Contains(got.Header.Get("Location"), "/signin?t=") || r.method == http.MethodPost && at.Path == "/signin" && got.StatusCode == http.StatusSeeOther {
		m.saw.posted[at.Path]++
	}
	w.judge(r, at.Path, before, current)
	if now := w.session(); now != cookie {
		w.judgeSession(now, before)
	}
	if w.sent = append(w.sent, r); len(w.sent) > 8 {
		w.sent = w.sent[1:]
	}
	if f := w.page.forms(); len(f) > 0 {
		if w.old = append(w.old, f...); len(w.old) > 8 {
			w.old = w.old[len(w.old)-8:]
		}
	}
	w.page = place{got, r.to}
	if at.Path == "/signin" && got.StatusCode == http.StatusGone { // it is over
		w.tickets = slices.DeleteFunc(w.tickets, func(t string) bool { return strings.HasPrefix(r.to, t) })
	}
	switch to := got.Header.Get("Location"); {
	case strings.Contains(to, "/authorize/continue"):
		w.page = place{w.visitor.open(mazeURL + "/account"), mazeURL + "/account"}
	case strings.HasPrefix(to, mazeURL) && !m.one(10):
		w.page = place{w.visitor.open(to), to}
		if strings.Contains(to, "/signin?t=") && (len(w.tickets) == 0 || w.tickets[len(w.tickets)-1] != to) {
			w.tickets = append(w.tickets, strings.Replace(to, "&given=1", "", 1))
		}
	}
	w.mailed()
	if w.page.StatusCode >= 500 {
		m.t.Fatalf("%s was answered with %d", w.page.at, w.page.StatusCode)
	}
	if p := w.persona(); p != nil && strings.Contains(w.page.text, `id="recovery-codes"`) {
		p.recovery = nil
		for _, found := range codesShown.FindAllStringSubmatch(w.page.text, -1) {
			p.recovery = append(p.recovery, found[1])
		}
	}
}

// mailed reads what was sent.
func (w *wanderer) mailed() {
	m := w.m
	if sent, _ := m.Outbox.Counts(); sent > m.sent {
		m.sent = sent
		last := m.Outbox.Last()
		w.code, m.mail[last.Code] = last.Code, last
		if at, err := url.Parse(last.Link); err == nil && at.Query().Has(code.LinkKey) {
			m.mail[at.Query().Get(code.LinkKey)] = last
			m.post.newest = append(m.post.newest, last.Link)
		}
	}
	for one, id := range m.post.cards {
		if p := m.people[id]; p != nil && !slices.Contains(p.cards, one) {
			p.cards = append(p.cards, one)
		}
	}
	if most := len(m.post.newest) - 6; most > 0 {
		m.post.newest = m.post.newest[most:]
	}
}

// note is what a form gives away of whoever sends it. It errs to their side: what proves
// something somewhere counts for ever.
func (w *wanderer) note(r request) {
	m := w.m
	for _, typed := range []string{r.form.Get("password"), r.form.Get("old-password")} {
		for id, p := range m.people {
			w.first[id] = w.first[id] || typed != "" && typed == p.password
		}
	}
	if sent, is := m.mail[r.form.Get("code")]; is {
		w.gave[sent.Address] = true
		if sent.Purpose == code.Factor {
			w.second[sent.Customer] = true
		}
	}
	for id, p := range m.people {
		for _, typed := range []string{r.form.Get("code"), r.form.Get("recovery-code")} {
			w.second[id] = w.second[id] || typed != "" && (slices.Contains(p.recovery, typed) || slices.Contains(p.cards, typed))
		}
		for _, a := range p.apps {
			if _, right := a.key.Match(r.form.Get("code"), m.Now(), 0); right {
				w.second[id] = true
			}
		}
	}
	if id, is := m.post.undo[r.form.Get(undo.Key)]; is {
		w.ends[id] = true
	}
	number := r.form.Get("number") + r.form.Get("account-number")
	if plain := strings.ToLower(strings.ReplaceAll(r.form.Get("fact-postcode"), " ", "")); plain == "ab12cd" && strings.HasPrefix(r.form.Get("fact-last-bill"), "84.2") {
		w.facts = number
	}
	if fresh := r.form.Get("new-password"); fresh != "" {
		w.fresh = fresh
	}
}

// proved tells whether they showed enough to be somebody's.
func (w *wanderer) proved(id customer.ID, before standing) bool {
	one := w.first[id]
	for _, i := range before.ids {
		one = one || w.gave[i.Value]
	}
	return one && (!before.second || w.second[id])
}

// mayGoOn tells whether they may go on in a walk: who proved who they are before they had
// a second factor is asked for it by the next.
func (w *wanderer) mayGoOn(id customer.ID, before standing) bool {
	if w.m.Now().Sub(w.m.since[id]) < walkLasts {
		before.second = false
	}
	return w.proved(id, before)
}

// walkLasts is for how long the pages of one walk are good.
const walkLasts = 30 * time.Minute

// judge fails for whatever became otherwise without a proper way.
func (w *wanderer) judge(r request, path string, before map[customer.ID]standing, current *signin.Current) {
	m := w.m
	m.t.Helper()
	if !m.written() {
		return
	}
	m.newcomers(w)
	m.last = nil
	for id, was := range before {
		is, p := m.standing(id), m.people[id]
		own := current != nil && current.Customer.ID == id
		for _, part := range []string{partGone, partPassword, partFactors, partPasskeys, partAddresses, partAccounts, partSaid, partGroups} {
			if was.parts[part] == is.parts[part] {
				continue
			}
			m.saw.changed[part]++
			if is.parts[partGone] != "" && part != partGone {
				continue // with all the rest
			}
			why := ""
			switch {
			case w.ends[id] && path == "/account/undo":
			case part == partGroups:
				why = "groups are nobody's own to change"
			case part == partAddresses && w.tookAway(was, is):
			case part == partAccounts:
				why = w.wrongly(r, path, id, was, is, before, current)
			case !own && part == partSaid && w.mayGoOn(id, was):
			case !own && !w.proved(id, was):
				why = fmt.Sprintf("they gave %v, first factor %v, second factor %v of %v", w.gave, w.first[id], w.second[id], was.second)
			case path != "/signin" && part != partSaid && (current == nil || m.Now().Sub(current.Session.SignedIn) > signin.FreshFor):
				why = "it wants a fresh sign-in"
			case part == partAddresses && w.unproved(was, is) != "":
				why = "they gave no code that went to " + w.unproved(was, is)
			}
			if why != "" {
				m.t.Fatalf("%s %s %v changed %s of %s from %q to %q: %s", r.method, path, r.form, part, p.name, was.parts[part], is.parts[part], why)
			}
			switch part {
			case partPassword:
				p.password = w.fresh
			case partFactors:
				p.apps = append(p.apps, w.apps...)
			case partPasskeys:
				if len(is.keys) > len(was.keys) {
					p.keys = append(p.keys, w.making)
				}
			}
		}
		if is.second && !was.second {
			m.since[id], w.second[id] = m.Now(), true
		}
		if is.parts[partGone] != "" {
			delete(m.people, id)
		}
	}
}

// newcomers notes who registered, by an address that they proved.
func (m *maze) newcomers(w *wanderer) {
	for _, e := range m.Events(audit.CustomerRegistered) {
		id, err := customer.ParseID(e.Customer)
		m.must(err)
		if m.people[id] != nil || m.gone[id] {
			continue
		}
		is := m.standing(id)
		if is.parts[partGone] != "" {
			continue
		}
		if unproved := w.unproved(standing{}, is); unproved != "" || len(is.ids) == 0 || is.parts[partGroups] != "newcomers" {
			m.t.Fatalf("somebody registered as %+v, and gave %v", is.parts, w.gave)
		}
		name, _, _ := strings.Cut(is.ids[0].Value, "@")
		m.people[id] = &persona{id: id, name: name, password: w.fresh}
		m.gone[id] = true
		m.saw.changed[partNew]++
	}
}

// unproved is an address that counts as proved now, and to which nothing was sent that
// they gave.
func (w *wanderer) unproved(was, is standing) string {
	for _, i := range is.ids {
		if i.Verified && !slices.ContainsFunc(was.ids, func(o customer.Identifier) bool { return o.Value == i.Value && o.Verified }) && !w.gave[i.Value] {
			return i.Value
		}
	}
	return ""
}

// tookAway tells whether all that became otherwise is that addresses are gone which nobody
// had proved, and which they proved.
func (w *wanderer) tookAway(was, is standing) bool {
	for _, i := range is.ids {
		if !slices.ContainsFunc(was.ids, func(o customer.Identifier) bool { return o == i }) {
			return false
		}
	}
	for _, i := range was.ids {
		if !slices.ContainsFunc(is.ids, func(o customer.Identifier) bool { return o == i }) && (i.Verified || !w.gave[i.Value]) {
			return false
		}
	}
	return true
}

// wrongly says why somebody's accounts may not have become what they are; empty if they may.
func (w *wanderer) wrongly(r request, path string, id customer.ID, was, is standing, all map[customer.ID]standing, current *signin.Current) string {
	m := w.m
	own := current != nil && current.Customer.ID == id
	has := func(of standing, number string) *store.Membership {
		for i := range of.member {
			if of.member[i].Account.Number == number {
				return &of.member[i]
			}
		}
		return nil
	}
	for _, one := range was.member {
		if has(is, one.Account.Number) != nil || own {
			continue
		}
		var by *store.Membership
		if current != nil {
			by = has(all[current.Customer.ID], one.Account.Number)
		}
		if by == nil || by.Member.Role != customer.Owner {
			return "an account went that was theirs"
		}
	}
	for _, one := range is.member {
		if has(was, one.Account.Number) != nil {
			continue
		}
		at, _ := url.Parse(r.to)
		invited := m.post.invited[at.Query().Get("t")]
		switch number := one.Account.Number; {
		case !own && !w.mayGoOn(id, was):
			return "they are not them"
		case w.facts == number:
		case path == "/account/accounts/invited" && invited != "" && slices.ContainsFunc(was.ids, func(i customer.Identifier) bool { return i.Verified && i.Value == invited }):
		case number == "HL-7" && strings.Contains(is.parts[partAddresses], "new0@mail.testtrue") && strings.Contains(is.parts[partAddresses], "+12125550190true"):
		default:
			return "nothing shows that it is theirs"
		}
	}
	return ""
}

// judgeSession fails if a session began for somebody whom they have not proved to be, or
// at more than they proved.
func (w *wanderer) judgeSession(cookie string, before map[customer.ID]standing) {
	m := w.m
	m.t.Helper()
	current, err := m.SignIn.Current(m.t.Context(), m.Live, cookie)
	if errors.Is(err, signin.ErrNoSession) {
		return
	}
	m.must(err)
	m.saw.changed[partSession]++
	id := current.Customer.ID
	was, known := before[id]
	if !known { // who registered just now
		was = m.standing(id)
	}
	second := slices.ContainsFunc(current.Session.Methods, func(how string) bool { return !slices.Contains([]string{"pwd", "email", "kba"}, how) })
	if !w.mayGoOn(id, was) || was.second && !second && m.Now().Sub(m.since[id]) >= walkLasts {
		m.t.Fatalf("somebody is signed in as %s by %v, who gave %v, first factor %v, second factor %v of %v", m.people[id].name, current.Session.Methods, w.gave, w.first[id], w.second[id], was.second)
	}
}
