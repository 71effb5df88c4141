package account_test

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"sallyport/pure/config"
	"sallyport/pure/customer"
	"sallyport/pure/message"
	"sallyport/service/audit"
	"sallyport/service/claim"
	"sallyport/service/directory"
	"sallyport/service/environment"
	"sallyport/service/notify"
	"sallyport/service/signin"
	"sallyport/service/signin/signintest"
	"sallyport/store"
)

// outbox takes what the directory has to say. It is safe for concurrent use.
type outbox struct {
	mu      sync.Mutex
	queued  []notify.Message
	notices []notify.Notice
}

func (o *outbox) Queue(_ context.Context, _ store.Tx, _ *environment.Live, m notify.Message) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.queued = append(o.queued, m)
	return nil
}

func (o *outbox) Tell(_ context.Context, _ store.Tx, _ *environment.Live, n notify.Notice) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.notices = append(o.notices, n)
	return nil
}

func (o *outbox) told(what message.Name) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	return slices.ContainsFunc(o.notices, func(n notify.Notice) bool { return n.What == what })
}

// claims answers as it is told, and remembers what was said.
type claims struct {
	answer claim.Answer
	who    claim.Claimant
	said   claim.Said
	theirs []customer.Account // that follow from what they proved
}

func (*claims) Asks(*environment.Live, string) ([]config.FactSpec, bool) {
	return []config.FactSpec{{Name: "postcode", Title: "Postcode", Hint: "Of the premises"}}, true
}

func (*claims) Need(*environment.Live, string) int { return 1 }

func (c *claims) Claim(_ context.Context, _ *environment.Live, who claim.Claimant, said claim.Said) (claim.Answer, error) {
	c.who, c.said = who, said
	if said.Number == "?" {
		return claim.Answer{}, claim.ErrNumber
	}
	return c.answer, nil
}

func (c *claims) Follow(_ context.Context, _ *environment.Live, who claim.Claimant) ([]customer.Account, bool, error) {
	c.who = who
	return c.theirs, false, nil
}

// home is an account with one owner and two places.
func (s *site) home(owner customer.ID) (customer.Account, []customer.Premises) {
	s.T.Helper()
	ctx, number, name := context.Background(), "HL-"+owner.String()[len(owner.String())-6:], "12 Wharf Lane"
	d := directory.New(directory.Config{Store: s.Store, Audit: s.Audit, Feed: s.Registry, Now: s.Now})
	a, err := d.OpenAccount(ctx, s.Live, directory.AccountPatch{Number: &number, Name: &name}, "operator", "operator/rita")
	if err == nil {
		err = d.Join(ctx, s.Live, directory.Joining{Account: a.ID, Customer: owner, Role: customer.Owner, Grounds: directory.Grounds{How: directory.ByOperator}}, "operator/rita")
	}
	var places []customer.Premises
	for _, line := range []string{"12 Wharf Lane", "Boathouse"} {
		var p customer.Premises
		if err == nil {
			p, err = d.PutPremises(ctx, s.Live.ID, customer.Premises{Account: a.ID, Address: customer.Address{Lines: []string{line}, Town: "Orchard"}}, "operator/rita")
		}
		places = append(places, p)
	}
	if err != nil {
		s.T.Fatal(err)
	}
	return a, places
}

// proved gives a customer an address that is proved.
func (s *site) proved(id customer.ID, address string) {
	s.T.Helper()
	d := directory.New(directory.Config{Store: s.Store, Audit: s.Audit, Feed: s.Registry, Now: s.Now})
	if _, err := d.Prove(context.Background(), s.Live, id, customer.Email, address, "", directory.ProvedByCode, "system"); err != nil {
		s.T.Fatal(err)
	}
}

// also is another customer who is signed in.
func (s *site) also(name string) (*visitor, customer.ID) {
	s.T.Helper()
	id := s.Customer(name, s.Hash(danasPassword))
	v := s.visitor()
	v.signIn("/account", name, danasPassword)
	return v, id
}

func one(a customer.Account) string { return "?account=" + a.ID.String() }

var valueOf = func(p seen, name string) string {
	if m := regexp.MustCompile(`name="` + name + `" value="([^"]*)"`).FindStringSubmatch(p.text); m != nil {
		return m[1]
	}
	return ""
}

func TestAnAccountIsSharedAcceptedAndTakenAway(t *testing.T) {
	s := newSite(t, nil)
	dana, id := s.dana()
	lee, leeID := s.also("lee")
	a, places := s.home(id)
	dana.open("/account/accounts").shows(t, 200, "12 Wharf Lane", "Owner")
	dana.open("/account/accounts/share"+one(a)).shows(t, 200, "Boathouse")
	share := "/account/accounts/share" + one(a)
	dana.post("/account/sessions", share, "address", "lee@mail.test", "role", "occupier", "premises", places[1].ID.String()).leads(t, s, "/account/accounts/one"+one(a))
	dana.open("/account/accounts/one"+one(a)).shows(t, 200, "The invitation is on its way.", "l•••@mail.test")

	link := s.outbox.queued[0].Values["link"]
	if !strings.HasPrefix(link, s.url+"/account/accounts/invited?t=") {
		t.Fatalf("the link is %q", link)
	}
	lee.open(link).shows(t, 404, "does not count") // the address is not proved yet
	s.proved(leeID, "lee@mail.test")
	s.visitor().open(link).shows(t, 303)
	lee.open(link).shows(t, 200, "Link 12 Wharf Lane to you?", "occupier")
	lee.post("/account/sessions", link).leads(t, s, "/account/accounts/one"+one(a))
	page := lee.open("/account/accounts/one" + one(a))
	page.shows(t, 200, "Occupier", "Boathouse", "dana")
	page.lacks(t, "dana@mail.test", id.String(), "Stop sharing", "Share this account")
	lee.post("/account/sessions", link).shows(t, 404, "does not count")
	// A page of an owner is not one of an occupier's.
	lee.open(share).shows(t, 403, "Only owners")
	lee.post("/account/sessions", share, "address", "eve@mail.test", "role", "owner").shows(t, 403, "Only owners")

	mine := dana.open("/account/accounts/one" + one(a))
	mine.lacks(t, "lee@mail.test", leeID.String())
	key := valueOf(mine, "member")
	lee.post("/account/sessions", "/account/accounts/remove"+one(a), "member", key).shows(t, 404, "no such member")
	dana.post("/account/sessions", "/account/accounts/remove"+one(a), "member", key).leads(t, s, "/account/accounts/one"+one(a))
	lee.open("/account/accounts/one"+one(a)).shows(t, 404, "no such account")
	lee.open("/account/accounts").shows(t, 200, "No account is linked to you.")
	if !s.outbox.told(message.AccountLeft) {
		t.Error("they were not told")
	}
	dana.post("/account/sessions", "/account/accounts/leave"+one(a)).shows(t, 409, "needs an owner")
}

func TestAnotherCustomersAccountLooksLikeNone(t *testing.T) {
	s := newSite(t, nil)
	dana, _ := s.dana()
	_, robID := s.also("rob")
	a, places := s.home(robID)
	none := dana.open("/account/accounts/one?account=" + customer.AccountID{1}.String())
	theirs := dana.open("/account/accounts/one" + one(a))
	if none.text != theirs.text || theirs.StatusCode != 404 {
		t.Errorf("they differ: %d and %d", none.StatusCode, theirs.StatusCode)
	}
	for _, path := range []string{"/account/accounts/share", "/account/accounts/leave", "/account/accounts/remove", "/account/accounts/uninvite"} {
		dana.post("/account/sessions", path+one(a), "address", "eve@mail.test", "role", "owner", "premises", places[0].ID.String()).shows(t, 404)
	}
	members, err := s.Store.MembersOf(t.Context(), s.Live.ID, a.ID, customer.ID{}, 10)
	if err != nil || len(members) != 1 || len(s.outbox.queued) != 0 {
		t.Errorf("there are %+v, %v; sent %v", members, err, s.outbox.queued)
	}
}

func TestPremisesOfAnotherAccountAreNotShared(t *testing.T) {
	s := newSite(t, nil)
	dana, id := s.dana()
	_, robID := s.also("rob")
	a, _ := s.home(id)
	_, theirs := s.home(robID)
	share := "/account/accounts/share" + one(a)
	dana.post("/account/sessions", share, "address", "lee@mail.test", "role", "agent", "premises", theirs[0].ID.String()).shows(t, 422, "Choose among the premises")
	for _, address := range []string{"", "lee", "lee@mail.test\r\nBcc: all@mail.test", strings.Repeat("a", 15<<10) + "@mail.test", "рaypal@mail.test"} {
		dana.post("/account/sessions", share, "address", address, "role", "owner").shows(t, 422, "Enter an e-mail address")
	}
	dana.post("/account/sessions", share, "address", "lee@mail.test", "role", "king").shows(t, 422, "Choose what they will be")
	if len(s.outbox.queued) != 0 {
		t.Errorf("sent %+v", s.outbox.queued)
	}
}

func TestAnAccountIsClaimedByItsNumber(t *testing.T) {
	s := newSite(t, nil)
	dana, id := s.dana()
	a, _ := s.home(id)
	dana.open("/account/accounts/claim").shows(t, 200, "Account number", "Postcode")
	const at = "/account/accounts/claim"
	s.claims.answer = claim.Answer{Outcome: claim.Refused, Reference: "ref-1"}
	dana.post("/account/sessions", at, "number", "HL-1", "fact-postcode", "10001", "fact-secret", "x").shows(t, 422, "does not show", "ref-1")
	if s.claims.who.Customer != id || s.claims.said.Number != "HL-1" || len(s.claims.said.Facts) != 1 || s.claims.said.Facts["postcode"] != "10001" {
		t.Errorf("%+v says %+v", s.claims.who, s.claims.said)
	}
	dana.post("/account/sessions", at, "number", "?").shows(t, 422, "Enter the number")
	s.claims.said = claim.Said{}
	dana.post("/account/sessions", at, "number", "HL-1", "fact-postcode", " ").shows(t, 422, "not enough", "at least 1")
	if s.claims.said.Number != "" {
		t.Error("too few answers cost a try")
	}
	s.claims.answer.Outcome = claim.Unavailable
	dana.post("/account/sessions", at, "number", "HL-1", "fact-postcode", "10001").shows(t, 503, "cannot look accounts up")
	s.claims.answer.Outcome = claim.Waits
	dana.post("/account/sessions", at, "number", "HL-1", "fact-postcode", "10001").leads(t, s, "/account/accounts")
	dana.open("/account/accounts").shows(t, 200, "We look at it ourselves")
	s.claims.answer = claim.Answer{Outcome: claim.Linked, Account: a}
	dana.post("/account/sessions", at, "number", "HL-1", "fact-postcode", "10001").leads(t, s, "/account/accounts/one"+one(a))
}

func TestAnAddressIsAddedOnceItIsProved(t *testing.T) {
	s := newSite(t, nil)
	dana, id := s.dana()
	const add, prove = "/account/addresses/add", "/account/addresses/prove"
	page := dana.post("/account/sessions", add, "address", " New@Mail.test ")
	page.shows(t, 200, "We sent a code")
	challenge := valueOf(page, "challenge")
	dana.post("/account/sessions", prove, "address", "new@mail.test", "challenge", challenge, "code", "000000", "verified", "true").shows(t, 422, "not the code")
	dana.post("/account/sessions", prove, "address", "else@mail.test", "challenge", challenge, "code", s.Outbox.Last().Code).shows(t, 422, "not good any more")
	// In another's session it is worth nothing.
	rob, robID := s.also("rob")
	rob.post("/account/sessions", prove, "address", "new@mail.test", "challenge", challenge, "code", s.Outbox.Last().Code).shows(t, 422, "not good any more")
	dana.post("/account/sessions", prove, "address", "new@mail.test", "challenge", challenge, "code", s.Outbox.Last().Code).leads(t, s, "/account/addresses")
	dana.open("/account/addresses").shows(t, 200, "n•••@mail.test", "It is yours now")
	dana.post("/account/sessions", prove, "address", "new@mail.test", "challenge", challenge, "code", s.Outbox.Last().Code).shows(t, 422, "not good any more")
	if !s.outbox.told(message.AddressAdded) {
		t.Error("the others were not told")
	}
	// What somebody else proved is theirs; that it is, only who can read its mail hears.
	page = rob.post("/account/sessions", add, "address", "new@mail.test")
	page.shows(t, 200, "We sent a code")
	rob.post("/account/sessions", prove, "address", "new@mail.test", "challenge", valueOf(page, "challenge"), "code", s.Outbox.Last().Code).shows(t, 409, "Somebody else")
	if all, err := s.Store.Identifiers(t.Context(), s.Live.ID, robID); err != nil || len(all) != 2 {
		t.Errorf("rob has %+v, %v", all, err)
	}
	for _, odd := range []string{"", "x", "a@b", "а@mail.test\x00", strings.Repeat("9", 400), "pаypal@mail.test"} {
		dana.post("/account/sessions", add, "address", odd).shows(t, 422)
	}
	if all, err := s.Store.Identifiers(t.Context(), s.Live.ID, id); err != nil || len(all) != 3 {
		t.Errorf("dana has %+v, %v", all, err)
	}
}

func TestAnAddressThatIsProvedBringsTheAccountThatFollowsFromIt(t *testing.T) {
	s := newSite(t, nil)
	dana, id := s.dana()
	s.claims.theirs = []customer.Account{{Number: "HL-1"}}
	page := dana.post("/account/sessions", "/account/addresses/add", "address", "new@mail.test")
	dana.post("/account/sessions", "/account/addresses/prove", "address", "new@mail.test", "challenge", valueOf(page, "challenge"), "code", s.Outbox.Last().Code).leads(t, s, "/account/addresses")
	dana.open("/account/addresses").shows(t, 200, "it is linked to you")
	if s.claims.who.Customer != id {
		t.Errorf("the account is looked for in the name of %+v", s.claims.who)
	}
}

func TestACustomerChoosesWhichProvenAddressComesFirst(t *testing.T) {
	s := newSite(t, nil)
	dana, id := s.dana()
	links := func() (all []string) {
		for _, m := range regexp.MustCompile(`href="([^"]*/addresses/first[^"]*)"`).FindAllStringSubmatch(dana.open("/account/addresses").text, -1) {
			all = append(all, m[1])
		}
		return all
	}
	if all := links(); len(all) != 0 {
		t.Fatalf("with one proven address there are %v", all)
	}
	for _, address := range []string{"one@mail.test", "two@mail.test"} {
		_, err := s.people.Prove(t.Context(), s.Live, id, customer.Email, address, "", directory.ProvedByCode, audit.Customer(id.String()))
		if err != nil {
			t.Fatal(err)
		}
	}
	all := links()
	if len(all) != 1 || strings.Contains(all[0], "mail") {
		t.Fatalf("links are %v", all)
	}
	dana.open("/account/addresses").shows(t, 200, "Comes first", "Let it come first")
	dana.open(all[0]).shows(t, 200, "Let t•••@mail.test come first?", `id="address-first"`)
	other, _ := s.also("rob") // the link is of Dana's session alone
	other.post("/account/sessions", all[0]).leads(t, s, "/account/addresses")
	dana.post("/account/sessions", all[0]).leads(t, s, "/account/addresses")
	dana.open("/account/addresses").shows(t, 200, "It comes first now")
	held, err := s.Store.Identifiers(t.Context(), s.Live.ID, id)
	if first, _ := customer.First(held, customer.Email); err != nil || first.Value != "two@mail.test" {
		t.Errorf("first is %+v, %v", first, err)
	}
	if !s.outbox.told(message.FirstAddress) {
		t.Error("the others were not told")
	}
}

func TestUsernamesAreNotFoundOutByTrying(t *testing.T) {
	s := newSite(t, nil)
	dana, _ := s.dana()
	s.Customer("rob", "")
	const at = "/account/addresses/username"
	dana.post("/account/sessions", at, "new-username", "rob").shows(t, 409, "taken")
	for _, odd := range []string{"", "pаypal", strings.Repeat("x", 15<<10), "a\u202eb"} {
		dana.post("/account/sessions", at, "new-username", odd).shows(t, 422)
	}
	dana.post("/account/sessions", at, "new-username", "dana.hill").leads(t, s, "/account/addresses")
	limited := false
	for range 40 {
		limited = limited || dana.post("/account/sessions", at, "new-username", "rob").StatusCode == http.StatusTooManyRequests
	}
	if !limited {
		t.Error("forty tries, and no end")
	}
}

func TestTheLastAddressStaysAndWhatIsRemovedIsTold(t *testing.T) {
	s := newSite(t, nil)
	dana, id := s.dana()
	links := regexp.MustCompile(`href="([^"]*/addresses/remove[^"]*)"`).FindAllStringSubmatch(dana.open("/account/addresses").text, -1)
	if len(links) != 2 || strings.Contains(links[0][1], "dana") {
		t.Fatalf("links are %v", links)
	}
	first, last := links[0][1], links[1][1]
	other, _ := s.also("rob")
	other.post("/account/sessions", first).leads(t, s, "/account/addresses")
	dana.open(first).shows(t, 200, "Remove")
	dana.post("/account/sessions", first).leads(t, s, "/account/addresses")
	if !s.outbox.told(message.AddressRemoved) {
		t.Error("the old address was not told")
	}
	dana.post("/account/sessions", last).shows(t, 409, "all that you can be found by")
	if all, err := s.Store.Identifiers(t.Context(), s.Live.ID, id); err != nil || len(all) != 1 {
		t.Errorf("there are %+v, %v", all, err)
	}
}

const agreements = `
---
kind: purpose
name: news
title: News
version: "1"
texts: [{language: en, text: We write to you about offers.}]
---
kind: document
name: terms
title: Terms of use
asked: never
versions:
  - {version: "2026-01", from: 2026-01-01, texts: [{language: en, text: "Be kind.\n\nPay your bill."}]}
`

func TestPreferencesAreAnsweredByTheVersionThatWasShown(t *testing.T) {
	s := newSite(t, nil)
	dana, id := s.dana()
	dana.open("/account/agreements").shows(t, 200, "You agreed to nothing here.")
	s.Apply(s.Live, signintest.Tree+agreements)
	d := directory.New(directory.Config{Store: s.Store, Audit: s.Audit, Feed: s.Registry, Now: s.Now})
	if err := d.Agree(t.Context(), s.Live, id, []directory.Answer{{Kind: store.AgreedDocument, Document: "terms", Version: "2026-01"}}, "system"); err != nil {
		t.Fatal(err)
	}
	const at = "/account/agreements"
	dana.open(at).shows(t, 200, "We write to you about offers.", "Terms of use", "Pay your bill.", "2026-01", "○</span> No")
	dana.post("/account/sessions", at, "purpose", "news", "version", "0", "answer", "yes").shows(t, 409)
	dana.post("/account/sessions", at, "purpose", "terms", "version", "2026-01", "answer", "yes").shows(t, 409)
	dana.post("/account/sessions", at, "purpose", "news", "version", "1", "answer", "perhaps").shows(t, 409)
	dana.post("/account/sessions", at, "purpose", "news", "version", "1", "answer", "yes").leads(t, s, at)
	dana.open(at).shows(t, 200, "●</span> Yes", "you said so")
	s.Pass(time.Minute)
	dana.post("/account/sessions", at, "purpose", "news", "version", "1", "answer", "no").leads(t, s, at)
	if may, err := d.Permits(t.Context(), s.Live, id, "news"); may || err != nil {
		t.Errorf("allowed: %v, %v", may, err)
	}
	dana.open(at).shows(t, 200, "taken back on", "delete your account", "/account/data/delete")
	if got := s.Events(audit.AgreementWithdrawn); len(got) != 1 {
		t.Errorf("the ledger has %+v", got)
	}
	// What is asked no more is shown as long as a yes to it stands.
	s.Pass(time.Minute)
	dana.post("/account/sessions", at, "purpose", "news", "version", "1", "answer", "yes").leads(t, s, at)
	s.Apply(s.Live, signintest.Tree)
	s.Pass(time.Minute)
	dana.open(at).shows(t, 200, "What is not asked any more", "Take it back", `value="news"`)
	dana.post("/account/sessions", at, "purpose", "news", "answer", "yes").shows(t, 409)
	dana.post("/account/sessions", at, "purpose", "news", "answer", "no").leads(t, s, at)
	dana.post("/account/sessions", at, "purpose", "news", "answer", "no").shows(t, 409)
	dana.open(at).lacks(t, "What is not asked any more")
}

func (p seen) event(t *testing.T) string {
	t.Helper()
	m := regexp.MustCompile(`href="([^"]*/activity/one[^"]*)"`).FindStringSubmatch(p.text)
	if m == nil {
		t.Fatalf("nothing is asked about:\n%s", p.text)
	}
	return m[1]
}

func TestWhoeverSaysThatItWasNotThemIsSignedOutEverywhere(t *testing.T) {
	s := newSite(t, nil)
	dana, _ := s.dana()
	thief := s.visitor()
	thief.signIn("/account", "dana", danasPassword)
	at := dana.open("/account/activity").event(t)
	dana.open(at).shows(t, 200, "Was this you?", "Signed in")
	other, _ := s.also("rob")
	other.open(at).leads(t, s, "/account/activity")
	dana.post("/account/sessions", at, "was", "me").leads(t, s, "/account/activity")
	dana.open("/account/activity").shows(t, 200, "We noted that it was you")
	thief.open("/account").shows(t, 200)
	s.Pass(time.Minute)
	answer := dana.post("/account/sessions", at, "was", "not-me")
	if to := answer.Header.Get("Location"); answer.StatusCode != 303 || !strings.Contains(to, "/signin?t=") {
		t.Errorf("got %d, leading to %q", answer.StatusCode, to)
	}
	thief.open("/account").shows(t, 303)
	if len(s.Events(audit.ActivityDenied)) != 1 || len(s.Events(audit.ActivityConfirmed)) != 1 {
		t.Error("the ledger was not told")
	}
}

func TestEverythingIsDownloadedAsOneFile(t *testing.T) {
	s := newSite(t, nil)
	dana, id := s.dana()
	const at = "/account/data/download"
	file := dana.post("/account/sessions", at)
	var all map[string]any
	if err := json.Unmarshal([]byte(file.text), &all); err != nil || !strings.Contains(file.text, id.String()) {
		t.Fatalf("%v:\n%s", err, file.text)
	}
	if strings.Contains(strings.ToLower(file.text), "sallyport") {
		t.Errorf("the file names the product: %.200s", file.text)
	}
	if got := file.Header.Get("Content-Disposition"); got != `attachment; filename="my-data.json"` || file.Header.Get("Cache-Control") != "no-store" {
		t.Errorf("headers are %v", file.Header)
	}
	s.Pass(signin.FreshFor + time.Second)
	stale := dana.send(http.MethodPost, at, url.Values{"form": {dana.open("/account/data").token()}}, "Origin", s.url, "Sec-Fetch-Site", "same-origin")
	if strings.Contains(stale.text, id.String()) {
		t.Error("with an old sign-in too")
	}
}

func TestDeletionWantsTheWordAndAFreshSignIn(t *testing.T) {
	s := newSite(t, nil)
	dana, id := s.dana()
	const at = "/account/data/delete"
	dana.post("/account/sessions", at, "confirmation", "yes").shows(t, 422, "Type DELETE")
	if _, err := s.Store.Customer(t.Context(), s.Live.ID, id); err != nil {
		t.Fatal(err)
	}
	dana.post("/account/sessions", at, "confirmation", " delete ").shows(t, 200, "You are deleted")
	if _, err := s.Store.Customer(t.Context(), s.Live.ID, id); err == nil {
		t.Error("they are still there")
	}
	dana.open("/account").shows(t, 303)
	if !s.outbox.told(message.Erased) {
		t.Error("nobody was told")
	}
}

func TestWhatIsRiskyAboutPeopleWantsAFreshSignIn(t *testing.T) {
	s := newSite(t, nil)
	dana, id := s.dana()
	a, _ := s.home(id)
	token := dana.open("/account/agreements").token()
	if token == "" {
		token = dana.open("/account/sessions").token()
	}
	s.Pass(signin.FreshFor + time.Second)
	before := s.state(id)
	for _, path := range []string{"/account/addresses/add", "/account/addresses/username", "/account/addresses/remove", "/account/addresses/first", "/account/accounts/share" + one(a), "/account/accounts/leave" + one(a), "/account/accounts/claim", "/account/data/download", "/account/data/delete"} {
		for _, method := range []string{http.MethodGet, http.MethodPost} {
			form := url.Values{"form": {token}, "confirmation": {"DELETE"}, "address": {"x@mail.test"}, "role": {"owner"}, "new-username": {"dana2"}}
			if method == http.MethodGet {
				form = nil
			}
			answer := dana.send(method, path, form, "Origin", s.url, "Sec-Fetch-Site", "same-origin")
			if to := answer.Header.Get("Location"); answer.StatusCode != 303 || !strings.Contains(to, "/signin?t=") {
				t.Errorf("%s %s gives %d, leading to %q", method, path, answer.StatusCode, to)
			}
		}
	}
	if !same(before, s.state(id)) || len(s.outbox.queued) != 0 {
		t.Error("something changed")
	}
}
