package login_test

import (
	"context"
	crand "crypto/rand"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"sallyport/protocol/passkey/passkeytest"
	"sallyport/pure/config"
	"sallyport/pure/customer"
	"sallyport/pure/journey"
	"sallyport/service/audit"
	"sallyport/service/claim"
	"sallyport/service/code"
	"sallyport/service/directory"
	"sallyport/service/environment"
	"sallyport/service/issue"
	"sallyport/service/keyring"
	"sallyport/service/notify"
	"sallyport/service/signin"
	"sallyport/service/signin/signintest"
	"sallyport/service/undo"
	"sallyport/store"
	"sallyport/web/account"
	"sallyport/web/clientaddr"
	"sallyport/web/login"
)

// maze is a world in which every step there is is asked, with all pages of customers.
type maze struct {
	*signintest.World
	t       *testing.T
	r       *rand.Rand
	handler http.Handler
	post    *postman
	saw     *saw
	people  map[customer.ID]*persona
	gone    map[customer.ID]bool      // who registered, and may be erased by now
	since   map[customer.ID]time.Time // when they set up their first second factor
	crowd   []*wanderer
	mail    map[string]code.Message // by code and link that stand in it
	sent    int
	last    map[customer.ID]standing
	terms   int // versions
}

// persona is by what somebody of the maze proves who they are.
type persona struct {
	id       customer.ID
	name     string
	password string
	apps     []*appOf
	cards    []string
	keys     []*passkeytest.Credential
	recovery []string
}

// postman keeps what people are told.
type postman struct {
	undo    map[string]customer.ID // by link
	invited map[string]string      // by secret, the address that it went to
	cards   map[string]customer.ID // by code
	newest  []string               // links, by path and query
}

func (p *postman) Queue(_ context.Context, _ store.Tx, _ *environment.Live, m notify.Message) error {
	if _, secret, is := strings.Cut(m.Values["link"], account.InvitedPath); is {
		p.invited[secret] = m.To.Address
		p.newest = append(p.newest, account.InvitedPath+secret)
	}
	return nil
}

func (p *postman) Tell(_ context.Context, _ store.Tx, _ *environment.Live, n notify.Notice) error {
	for _, id := range n.Addresses {
		if n.Link == nil || !id.Verified {
			continue
		}
		if at, err := url.Parse(n.Link(id)); err == nil && at.Query().Has(undo.Key) {
			p.undo[at.Query().Get(undo.Key)] = n.Customer.ID
			p.newest = append(p.newest, at.RequestURI())
		}
	}
	return nil
}

func (p *postman) Card(_ context.Context, _ store.Tx, _ *environment.Live, l code.Letter) error {
	for _, one := range l.Codes {
		p.cards[one] = l.Customer.ID
	}
	return nil
}

// mazeRecords are accounts of the business's own: that of HL-7 follows from what its
// owner proved.
var mazeRecords = []string{
	"HL-1,x1@mail.test,(212) 555-0161,AB1 2CD,84.20", "HL-2,x2@mail.test,(212) 555-0162,AB1 2CD,84.20",
	"HL-3,x3@mail.test,(212) 555-0163,AB1 2CD,84.20", "HL-7,new0@mail.test,(212) 555-0190,AB1 2CD,84.20",
}

// mazeTree asks everything. Versions of documents and of journeys come while people walk.
func mazeTree(versions int) string {
	var said strings.Builder
	for i := range versions {
		fmt.Fprintf(&said, "  - {version: v%d, from: \"2026-01-%02d\", texts: [{language: en, title: Terms, text: \"Pay, %d times.\"}]}\n", i, i%28+1, i)
	}
	patience := fmt.Sprintf("%ds", 10+versions%3) // another journey, with another digest
	tree := strings.Replace(signintest.Tree, "  - {name: password, ask: password}\n", `  - {name: password, ask: password, or: code}
  - {name: code, ask: totp, factors: [text, call], defer: 3}
  - {name: terms, ask: terms}
  - {name: questions, ask: questions, skip: true}
  - {name: access, ask: access, groups: [insiders], patience: `+patience+`}
`, 1)
	tree = strings.Replace(tree, "environments:\n", `groups:
  - {name: newcomers}
  - {name: insiders}
attributes:
  - {name: household, title: People in your household, type: number, owner: retail, purpose: advice, classification: personal, retention: relationship, self_service: true}
environments:
`, 1)
	journeys := strings.Replace(signintest.Journeys, "  - {name: second, ask: totp}\n", `  - {name: second, ask: totp}
  - name: questions
    ask: questions
    questions:
      - {name: pet, texts: {en: "What was your first pet called?"}}
      - {name: teacher, texts: {en: "Who taught you to read?"}}
`, 1)
	journeys = strings.Replace(journeys, "  - {name: about-you", "  - {name: terms, ask: terms}\n  - {name: account, ask: claim, skip: true}\n  - {name: about-you", 1)
	return tree + journeys + `
---
kind: document
name: terms
title: Terms of service
versions:
` + said.String() + `---
kind: purpose
name: tips
title: Tips
basis: consent
version: v1
texts: [{language: en, title: Tips, text: May we send tips?}]
---
kind: records
name: billing
table: accounts.csv
facts:
  - {name: postcode, title: Postcode, form: code}
  - {name: last-bill, title: Amount of the last bill, field: last_bill, form: amount}
automatic: {email: mail, phone: phone}
account: {postcode: postcode}
`
}

// apply makes the newest tree that of the environment.
func (m *maze) apply() {
	m.t.Helper()
	m.terms++
	tree, problems := config.Parse(map[string][]byte{
		"tree.yaml": []byte(mazeTree(m.terms)), "harbourlight.svg": []byte(signintest.Logo),
		"accounts.csv": []byte("number,mail,phone,postcode,last_bill\n" + strings.Join(mazeRecords, "\n") + "\n"),
	})
	if config.Refused(problems) {
		m.t.Fatal(problems)
	}
	_, _, err := m.Registry.Apply(context.Background(), m.Live.ID, environment.Change{Tree: tree, Base: m.Live.Snapshot().Revision, Author: "tester"})
	m.must(err)
}

func (m *maze) must(err error) {
	m.t.Helper()
	if err != nil {
		m.t.Fatal(err)
	}
}

func newMaze(t *testing.T, engine signintest.Engine, seed uint64, saw *saw) *maze {
	t.Helper()
	m := &maze{
		t: t, r: rand.New(rand.NewPCG(seed, 13)), saw: saw, people: map[customer.ID]*persona{}, gone: map[customer.ID]bool{}, since: map[customer.ID]time.Time{}, mail: map[string]code.Message{},
		post: &postman{undo: map[string]customer.ID{}, invited: map[string]string{}, cards: map[string]customer.ID{}},
	}
	log := slog.New(slog.NewTextHandler(t.Output(), nil))
	var taken *undo.Service
	var claims *claim.Service
	var cards *code.Cards
	m.World = signintest.NewOn(t, engine, signintest.URL, func(c *signin.Config) {
		ring, master, all := c.Keys.(*keyring.Ring), c.Sealer.(*keyring.Master), c.Store.(store.Store)
		taken = undo.New(undo.Config{Store: all, Keys: ring, Sealer: master, Feed: c.Feed.(*environment.Registry), Audit: c.Audit, Notices: m.post, Now: c.Now, Rand: c.Rand, Cost: c.Cost})
		claims = claim.New(claim.Config{Store: all, Keys: ring, Audit: c.Audit, Log: log, Now: c.Now, Rand: c.Rand, Region: "US"})
		cards = code.NewCards(code.CardsConfig{Store: all, Sealer: master, Letters: m.post, Audit: c.Audit, Now: c.Now, Rand: c.Rand})
		c.Undo, c.Notices, c.Cards = taken, m.post, cards
		c.Tasks[journey.Claim] = claims.Task()
	})
	t.Cleanup(func() { _ = claims.Close() })
	m.apply()
	people := directory.New(directory.Config{Store: m.Store, Audit: m.Audit, Feed: m.Registry, Now: m.Now, Notify: m.post, Undo: taken})
	secrets := directory.NewSecrets(directory.SecretsConfig{Store: m.Store, Audit: m.Audit, Feed: m.Registry, Now: m.Now, Rand: crand.Reader})
	portal := account.New(account.Config{
		Undo: taken, Missing: store.ErrNotFound, Audit: m.Audit, Claims: claims, Region: "US", Codes: m.Codes,
		Registry: m.Registry, SignIn: m.SignIn, Directory: people, Ring: m.Ring, Invalid: store.ErrInvalid, Conflict: store.ErrConflict,
		Access: issue.New(issue.Config{Store: m.Store, Keys: m.Ring, Secrets: secrets, Feed: m.Registry, Audit: m.Audit, Now: m.Now, Rand: crand.Reader}),
		Ledger: &audit.Reader{Store: m.Store, Now: m.Now}, Address: clientaddr.Resolver{}.From, NewTrace: m.Audit.NewTrace, Now: m.Now, Log: log,
	})
	m.handler = login.New(login.Config{
		Registry: m.Registry, SignIn: &witness{m.SignIn, saw, map[string]journey.Page{}}, Address: clientaddr.Resolver{}.From, NewTrace: m.Audit.NewTrace, Log: log, Next: portal,
	})
	m.settle(people, cards)
	for i := range 2 {
		m.crowd = append(m.crowd, m.wanderer(i))
	}
	return m
}

// phoned has somebody set up a phone, as they would.
func (m *maze) phoned(p *persona) {
	m.t.Helper()
	location, err := m.SignIn.Begin(m.t.Context(), m.Live, signin.Ticket{Return: "/customers/authorize/continue?r=abc", Application: "my-account"})
	m.must(err)
	v, page := m.visitor(), mazeURL+location
	v.name(page, p.name)
	v.password(page, p.name, p.password)
	v.send(http.MethodPost, page, url.Values{"act": {"phone"}})
	v.send(http.MethodPost, page, url.Values{"act": {"phone"}, "way": {"text"}, "phone": {"+1212555015" + fmt.Sprint(len(p.name)+len(m.people))}})
	v.send(http.MethodPost, page, url.Values{"code": {m.Outbox.Last().Code}})
	v.send(http.MethodPost, page, url.Values{"codes-kept": {"1"}})
	if !m.standing(p.id).second {
		m.t.Fatalf("%s has no second factor", p.name)
	}
}

// settle has people live there: one with an app, a phone, a card, a passkey, a security
// key, and nothing besides a password each, and an account that two of them know.
func (m *maze) settle(people *directory.Directory, cards *code.Cards) {
	ctx, number, name := m.t.Context(), "HL-900", "12 Wharf Lane"
	home, err := people.OpenAccount(ctx, m.Live, directory.AccountPatch{Number: &number, Name: &name}, "operator", "operator/rita")
	m.must(err)
	for _, line := range []string{"12 Wharf Lane", "Boathouse"} {
		_, err := people.PutPremises(ctx, m.Live.ID, customer.Premises{Account: home.ID, Address: customer.Address{Lines: []string{line}, Town: "Orchard"}}, "operator/rita")
		m.must(err)
	}
	for _, name := range []string{"dana", "otis", "mia", "kim", "lee", "pat"} {
		p := &persona{name: name, password: name + " counts barges"}
		p.id = m.Customer(name, m.Hash(p.password))
		m.people[p.id] = p
		_, err := people.Prove(ctx, m.Live, p.id, customer.Email, name+"@mail.test", "", directory.ProvedByCode, audit.System)
		m.must(err)
		g := store.Grant{
			Application: "my-account", Server: "customers", Customer: p.id, GrantType: "authorization_code", Scopes: []string{"billing.read.bill", "openid"},
			Detail: []byte("{}"), Refreshable: true, Created: m.Now(), Used: m.Now(), Expires: m.Now().Add(2000 * time.Hour),
		}
		_, _ = crand.Read(g.ID[:])
		m.must(m.Store.Write(ctx, m.Live.ID, func(tx store.Tx) error { return tx.CreateGrant(ctx, g) }))
		switch name {
		case "mia", "dana":
			m.must(people.Join(ctx, m.Live, directory.Joining{Account: home.ID, Customer: p.id, Role: customer.Owner, Grounds: directory.Grounds{How: directory.ByOperator}}, "operator/rita"))
		case "lee":
			m.must(cards.Issue(ctx, m.Live, p.id, code.CardOrder{Address: "12 Wharf Lane\nPort Harbour", By: "operator/rita", Reason: "asked for it"}))
			for one := range m.post.cards {
				p.cards = append(p.cards, one)
			}
			_, err := cards.Take(ctx, m.Live, p.id, p.cards[0])
			m.must(err)
		case "otis":
			m.phoned(p)
		case "kim", "pat":
			if name == "pat" {
				m.phoned(p)
			}
			key := passkeytest.New(m.t, passkeytest.ES256, mazeHost)
			m.Passkey(p.id, key, func(s *store.Passkey) { s.Discoverable = name == "kim" })
			p.keys = append(p.keys, key)
		}
	}
	insiders := []string{"insiders"}
	for _, p := range m.people {
		if p.name == "mia" || p.name == "dana" || p.name == "kim" {
			_, err := people.Change(ctx, m.Live, p.id, directory.Patch{Groups: &insiders}, "operator/rita")
			m.must(err)
		}
	}
	m.Pass(directory.SettledAfter + time.Hour)
	m.sent, _ = m.Outbox.Counts()
}

const mazeHost = "id.harbourlight.test"
