package directory_test

import (
	"bytes"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"sallyport/pure/customer"
	"sallyport/pure/message"
	"sallyport/service/audit"
	"sallyport/service/directory"
	"sallyport/store"
)

func TestOnlyRegisteredFieldsAreWritten(t *testing.T) {
	w := newTown(t)
	dana := w.person("dana")
	for name, test := range map[string]struct {
		patch directory.Patch
		field string
		err   error
	}{
		"an attribute nobody registered":  {directory.Patch{Attributes: map[string]*string{"admin": ptr("true")}}, "attributes.admin", directory.ErrUnregistered},
		"an attribute of accounts":        {directory.Patch{Attributes: map[string]*string{"tariff": ptr("tide")}}, "attributes.tariff", directory.ErrUnregistered},
		"a value of another type":         {directory.Patch{Attributes: map[string]*string{"meters": ptr("many")}}, "attributes.meters", directory.ErrValue},
		"a group nobody registered":       {directory.Patch{Groups: &[]string{"admins"}}, "groups", directory.ErrUnregistered},
		"a name of 64 kB":                 {directory.Patch{Name: ptr(strings.Repeat("a", 64<<10))}, "name", customer.ErrTooLong},
		"a name that turns the line over": {directory.Patch{Name: ptr("a\u202eb")}, "name", customer.ErrCharacter},
		"a name of an attribute of 64 kB": {directory.Patch{Attributes: map[string]*string{strings.Repeat("a", 64<<10): ptr("x")}}, "attributes.?", directory.ErrUnregistered},
	} {
		_, err := w.Change(t.Context(), w.live, dana, test.patch, rita)
		var wrong *directory.FieldError
		if !errors.As(err, &wrong) || wrong.Field != test.field || !errors.Is(err, test.err) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if got := w.events(dana); got != nil {
		t.Errorf("something was written: %v", got)
	}
	c, err := w.Change(t.Context(), w.live, dana, directory.Patch{
		Name: ptr(" Dana  Reyes "), Groups: &[]string{"solar", "members", "solar"}, Attributes: map[string]*string{"meters": ptr("3")},
	}, rita)
	w.ok(err)
	if c.Name != "Dana Reyes" || !slices.Equal(c.Groups, []string{"members", "solar"}) || c.Attributes["meters"] != "3" {
		t.Errorf("%+v", c)
	}
	stored, err := w.Show(t.Context(), w.live.ID, dana)
	w.ok(err)
	if stored.Customer.Version != c.Version {
		t.Errorf("version %d, told %d", stored.Customer.Version, c.Version)
	}
}

func TestCustomersWriteWhatTheyMay(t *testing.T) {
	w := newTown(t)
	dana := w.person("dana")
	_, err := w.ChangeOwn(t.Context(), w.live, dana, directory.OwnPatch{Attributes: map[string]*string{"meters": ptr("9")}})
	w.is(err, directory.ErrNotYours)
	c, err := w.ChangeOwn(t.Context(), w.live, dana, directory.OwnPatch{Attributes: map[string]*string{"nickname": ptr("Dee")}})
	w.ok(err)
	if c.Attributes["nickname"] != "Dee" {
		t.Errorf("%+v", c)
	}
	_, err = w.Expecting(1).ChangeOwn(t.Context(), w.live, dana, directory.OwnPatch{Name: ptr("D")})
	w.is(err, store.ErrConflict)
}

func TestAnIdentifierIsVerifiedByProofAlone(t *testing.T) {
	w := newTown(t)
	dana, lee := w.person("dana"), w.person("lee")
	own := audit.Customer(dana.String())
	i, err := w.Add(t.Context(), w.live, dana, customer.Phone, "212 555 0142", "US", rita)
	w.ok(err)
	if i.Verified || i.Source != "operator" {
		t.Errorf("%+v", i)
	}
	i, err = w.Prove(t.Context(), w.live, dana, customer.Phone, "+12125550142", "", directory.ProvedByCode, own)
	w.ok(err)
	if !i.Verified || i.Proof.By != "code" || i.Proof.At != w.now || i.Source != "customer" {
		t.Errorf("%+v", i)
	}
	// Proved once, it does not become less.
	_, err = w.Add(t.Context(), w.live, dana, customer.Phone, "+12125550142", "", rita)
	w.ok(err)
	p, err := w.Show(t.Context(), w.live.ID, dana)
	w.ok(err)
	if at := slices.IndexFunc(p.Identifiers, func(i customer.Identifier) bool { return i.Kind == customer.Phone }); !p.Identifiers[at].Verified {
		t.Error("an unproved addition took the proof away")
	}
	_, err = w.Prove(t.Context(), w.live, lee, customer.Phone, "+12125550142", "", directory.ProvedByCode, own)
	w.is(err, directory.ErrTaken) // somebody else proved it
	_, err = w.Add(t.Context(), w.live, lee, customer.Username, "d\u0430na", "", rita)
	w.is(err, customer.ErrLookalike)
	_, err = w.Add(t.Context(), w.live, lee, customer.Username, "dana", "", rita)
	w.is(err, directory.ErrTaken)
	if len(w.told.notices) != 1 || w.told.notices[0].What != message.AddressAdded {
		t.Errorf("told %+v", w.told.notices)
	}
}

func TestWhoeverProvesAnAddressHasIt(t *testing.T) {
	w := newTown(t)
	dana, mallory := w.person("dana"), w.person("mallory")
	_, err := w.Add(t.Context(), w.live, mallory, customer.Email, "dana@work.test", "", rita)
	w.ok(err)
	_, err = w.Add(t.Context(), w.live, dana, customer.Email, "dana@work.test", "", rita)
	w.is(err, directory.ErrTaken) // without proof, nobody wins
	_, err = w.Prove(t.Context(), w.live, dana, customer.Email, "Dana@Work.test", "", directory.ProvedByLink, audit.Customer(dana.String()))
	w.ok(err)
	person, err := w.Find(t.Context(), w.live.ID, "dana@work.test", "")
	w.ok(err)
	if person.Customer.ID != dana {
		t.Error("it is still whose it was")
	}
	if got := w.events(mallory); !slices.Equal(got, []string{"identifier.added", "identifier.removed"}) {
		t.Errorf("mallory hears %v", got)
	}
}

// squatter is somebody whose only identifier is an address that they never proved.
func (w *town) squatter(address string) customer.ID {
	w.t.Helper()
	var id customer.ID
	_, _ = rand.Read(id[:])
	w.ok(w.store.Write(w.t.Context(), w.live.ID, func(tx store.Tx) error {
		return tx.CreateCustomers(w.t.Context(), []store.NewCustomer{{
			Customer:    customer.Customer{ID: id, State: customer.Active, Created: w.now, Updated: w.now},
			Identifiers: []customer.Identifier{{Kind: customer.Email, Value: address, Display: address, Source: "migration/orchard"}},
		}})
	}))
	return id
}

func TestWhoeverIsLeftWithoutAnIdentifierIsHeld(t *testing.T) {
	w := newTown(t)
	dana, mallory := w.person("dana"), w.squatter("dana@work.test")
	w.now = w.now.Add(time.Hour)
	own := audit.Customer(dana.String())
	_, err := w.Prove(t.Context(), w.live, dana, customer.Email, "dana@work.test", "", directory.ProvedByCode, own)
	w.ok(err)
	p, err := w.Show(t.Context(), w.live.ID, mallory)
	w.ok(err)
	if p.Customer.State != customer.Disabled || p.Customer.NotBefore != w.now || len(p.Identifiers) != 0 {
		t.Errorf("the other is %+v", p)
	}
	held, _, err := w.Tagged(t.Context(), w.live.ID, directory.TagNoIdentifier, customer.ID{}, 9)
	w.ok(err)
	if len(held) != 1 || held[0].ID != mallory {
		t.Errorf("the help desk finds %+v", held)
	}
	if got := w.events(mallory); !slices.Equal(got, []string{"identifier.removed", "customer.changed"}) {
		t.Errorf("the ledger tells of %v", got)
	}
	_, err = w.Prove(t.Context(), w.live, mallory, customer.Email, "dana@work.test", "", directory.ProvedByCode, audit.Customer(mallory.String()))
	w.is(err, directory.ErrTaken)
	// The help desk gives them another, and lets them in again.
	_, err = w.Add(t.Context(), w.live, mallory, customer.Username, "mal", "", rita)
	w.ok(err)
	w.ok(w.Enable(t.Context(), w.live.ID, mallory, rita))
	tags, err := w.Tags(t.Context(), w.live.ID, mallory)
	w.ok(err)
	if len(tags) != 0 {
		t.Errorf("still tagged %v", tags)
	}
}

// Of two nodes that prove one address at once, each for somebody else, one has it; whoever
// lost it loses it once.
func TestOfTwoWhoProveAnAddressAtOnceOneHasIt(t *testing.T) {
	w := newTown(t)
	for n := range 10 {
		address := fmt.Sprintf("dana%d@work.test", n)
		squatter := w.squatter(address)
		people := []customer.ID{w.person(fmt.Sprintf("ana%d", n)), w.person(fmt.Sprintf("bea%d", n)), squatter}
		errs := make([]error, len(people))
		var all sync.WaitGroup
		for i, id := range people {
			all.Go(func() {
				_, errs[i] = w.Prove(t.Context(), w.live, id, customer.Email, address, "", directory.ProvedByCode, audit.Customer(id.String()))
			})
		}
		all.Wait()
		won := 0
		for _, err := range errs {
			switch {
			case err == nil:
				won++
			case !errors.Is(err, directory.ErrTaken) && !errors.Is(err, store.ErrConflict):
				t.Error(err)
			}
		}
		person, err := w.Find(t.Context(), w.live.ID, address, "")
		w.ok(err)
		if !person.Identifier.Verified || won != 1 {
			t.Errorf("%d won, it is of %+v", won, person)
		}
		if person.Customer.ID != squatter && errs[2] == nil {
			t.Error("whoever proved it first lost it")
		}
	}
}

func TestTheLastIdentifierStays(t *testing.T) {
	w := newTown(t)
	dana := w.person("dana")
	w.ok(w.Remove(t.Context(), w.live, dana, customer.Username, "dana", "", rita))
	w.is(w.Remove(t.Context(), w.live, dana, customer.Email, "dana@mail.test", "", rita), directory.ErrLastIdentifier)
	w.is(w.Remove(t.Context(), w.live, dana, customer.Email, "lee@mail.test", "", rita), store.ErrNotFound)
	for i := range directory.MaxIdentifiers {
		_, err := w.Add(t.Context(), w.live, dana, customer.Username, fmt.Sprintf("dana%d", i), "", rita)
		w.ok(err)
	}
	_, err := w.Add(t.Context(), w.live, dana, customer.Username, "one.too.many", "", rita)
	w.is(err, directory.ErrTooManyIdentifiers)
}

func TestWhatIsDueIsAskedOnceAndAgain(t *testing.T) {
	w := newTown(t)
	dana := w.person("dana")
	own := audit.Customer(dana.String())
	due := func(registering bool) (names []string) {
		all, err := w.Due(t.Context(), w.live, dana, directory.Occasion{Application: "x", Languages: []string{"es-MX"}, Registering: registering})
		w.ok(err)
		for _, d := range all {
			names = append(names, d.Name+" "+d.Version+" "+d.Wording.Language)
		}
		return names
	}
	if got := due(true); !slices.Equal(got, []string{"terms 1 en", "tips 1 es"}) {
		t.Fatal(got)
	}
	if got := due(false); !slices.Equal(got, []string{"terms 1 en"}) {
		t.Fatal(got)
	}
	terms := directory.Answer{Kind: store.AgreedDocument, Document: "terms", Version: "1", Evidence: directory.Evidence{Language: "en"}}
	for name, wrong := range map[string]directory.Answer{
		"a version that does not hold yet": {Kind: store.AgreedDocument, Document: "terms", Version: "2"},
		"a document that there is not":     {Kind: store.AgreedDocument, Document: "none", Version: "1"},
		"a no to a document":               {Kind: store.AgreedDocument, Document: "terms", Version: "1", Refused: true},
		"a kind that there is not":         {Kind: "pact", Document: "terms", Version: "1"},
	} {
		if err := w.Agree(t.Context(), w.live, dana, []directory.Answer{wrong}, own); !errors.Is(err, directory.ErrNotAsked) {
			t.Errorf("%s: %v", name, err)
		}
	}
	w.ok(w.Agree(t.Context(), w.live, dana, []directory.Answer{terms, {Kind: store.AgreedPurpose, Document: "tips", Version: "1", Refused: true}}, own))
	if got := due(true); got != nil {
		t.Fatalf("asked again: %v", got)
	}
	if may, err := w.Permits(t.Context(), w.live, dana, "tips"); err != nil || may {
		t.Errorf("%v, %v", may, err)
	}
	w.now = time.Date(2026, 12, 2, 0, 0, 0, 0, time.UTC)
	if got := due(false); !slices.Equal(got, []string{"terms 2 en"}) {
		t.Fatalf("a new version: %v", got)
	}
	w.is(w.Withdraw(t.Context(), w.live, dana, directory.Withdrawal{Kind: store.AgreedDocument, Document: "terms"}, own), directory.ErrRequired)
	w.is(w.Withdraw(t.Context(), w.live, dana, directory.Withdrawal{Kind: store.AgreedPurpose, Document: "none"}, own), store.ErrNotFound)
	if got := w.events(dana); !slices.Equal(got, []string{"agreement.given", "agreement.refused"}) {
		t.Error(got)
	}
}

// To take a yes back is as easy as to say it, and leaves as good a proof.
func TestAYesIsTakenBackByANo(t *testing.T) {
	w := newTown(t)
	dana := w.person("dana")
	own := audit.Customer(dana.String())
	say := func(refused bool) {
		t.Helper()
		w.now = w.now.Add(time.Minute)
		w.ok(w.Agree(t.Context(), w.live, dana, []directory.Answer{{Kind: store.AgreedPurpose, Document: "tips", Version: "1", Refused: refused, Evidence: directory.Evidence{Language: "en"}}}, own))
	}
	is := func(may bool, want ...string) {
		t.Helper()
		if got, err := w.Permits(t.Context(), w.live, dana, "tips"); err != nil || got != may {
			t.Errorf("allowed: %v, %v", got, err)
		}
		if got := w.events(dana); !slices.Equal(got, want) {
			t.Errorf("the ledger has %q, want %q", got, want)
		}
	}
	say(false)
	say(true)
	is(false, "agreement.given", "agreement.withdrawn")
	said, err := w.Agreements(t.Context(), w.live.ID, dana)
	w.ok(err)
	if len(said) != 2 || !said[0].Withdrawn.Equal(w.now) || said[0].Replaced || !said[1].Refused || !said[1].Withdrawn.IsZero() || len(said[1].Evidence) == 0 {
		t.Errorf("kept is %+v", said)
	}
	say(true) // a no to a no takes nothing back
	say(false)
	w.now = w.now.Add(time.Minute)
	back := directory.Withdrawal{Kind: store.AgreedPurpose, Document: "tips", Evidence: directory.Evidence{By: string(rita)}}
	w.ok(w.Because("by letter").Withdraw(t.Context(), w.live, dana, back, rita))
	is(false, "agreement.given", "agreement.withdrawn", "agreement.refused", "agreement.given", "agreement.withdrawn")
	if due, err := w.Due(t.Context(), w.live, dana, directory.Occasion{Registering: true, Languages: []string{"en"}}); err != nil || len(due) != 1 || due[0].Name != "terms" {
		t.Errorf("due is %+v, %v", due, err)
	}
}

func TestAYesToWhatIsNotAskedAnyMoreIsTakenBackToo(t *testing.T) {
	w := newTown(t)
	dana := w.person("dana")
	w.ok(w.store.Write(t.Context(), w.live.ID, func(tx store.Tx) error {
		return tx.PutAgreement(t.Context(), store.Agreement{Customer: dana, Kind: store.AgreedPurpose, Document: "old", Version: "1", Given: w.now})
	}))
	w.now = w.now.Add(time.Minute)
	back := directory.Withdrawal{Kind: store.AgreedPurpose, Document: "old"}
	w.ok(w.Withdraw(t.Context(), w.live, dana, back, audit.Customer(dana.String())))
	w.is(w.Withdraw(t.Context(), w.live, dana, back, audit.Customer(dana.String())), store.ErrNotFound)
	if got := w.events(dana); !slices.Equal(got, []string{"agreement.withdrawn"}) {
		t.Error(got)
	}
}

func TestAnAccountIsLeftAndTakenAway(t *testing.T) {
	w := newTown(t)
	dana, lee, kim := w.person("dana"), w.person("lee"), w.person("kim")
	a := w.account("HL-1", dana)
	join := directory.Joining{Account: a.ID, Customer: lee, Role: customer.Occupier}
	w.ok(w.Join(t.Context(), w.live, join, rita))
	leave := func(who customer.ID, by audit.Actor) error {
		return w.Leave(t.Context(), w.live, directory.Parting{Account: a.ID, Customer: who}, by)
	}
	w.is(leave(dana, audit.Customer(dana.String())), directory.ErrLastOwner)
	w.is(leave(dana, audit.Customer(lee.String())), directory.ErrNotOwner)
	w.is(leave(dana, rita), directory.ErrLastOwner)
	w.is(w.Leave(t.Context(), w.live, directory.Parting{Account: a.ID, Customer: dana, Orphan: true}, audit.Customer(dana.String())), directory.ErrLastOwner)
	w.is(leave(lee, audit.Customer(kim.String())), directory.ErrNotOwner)
	w.is(w.Join(t.Context(), w.live, directory.Joining{Account: a.ID, Customer: dana, Role: customer.Agent}, rita), directory.ErrLastOwner)
	w.ok(leave(lee, audit.Customer(dana.String()))) // an owner takes it away
	w.is(leave(lee, rita), store.ErrNotFound)
	join.Role = customer.Owner
	w.ok(w.Join(t.Context(), w.live, join, rita))
	w.ok(leave(dana, audit.Customer(dana.String())))
	w.ok(w.Leave(t.Context(), w.live, directory.Parting{Account: a.ID, Customer: lee, Orphan: true}, rita))
	if _, err := w.ChangeAccount(t.Context(), w.live, a.ID, directory.AccountPatch{State: ptr(customer.AccountClosed)}, rita); err != nil {
		t.Fatal(err)
	}
	w.is(w.Join(t.Context(), w.live, join, rita), directory.ErrClosed)
}

// invite sends an invitation and gives the secret of its link.
func (w *town) invite(a customer.Account, by audit.Actor, address string) (string, error) {
	var secret string
	_, err := w.Invite(w.t.Context(), w.live, directory.Inviting{
		Account: a.ID, Role: customer.Occupier, Kind: customer.Email, Address: address, By: by, ByName: "Dana",
		Link: func(s string) string { secret = s; return "https://acme.example/account/invited?t=" + s },
	})
	return secret, err
}

func TestAnInvitationIsForWhoeverItWasSentToOnce(t *testing.T) {
	w := newTown(t)
	dana, lee, mallory := w.person("dana"), w.person("lee"), w.person("mallory")
	a := w.account("HL-1", dana)
	own := audit.Customer(dana.String())
	_, err := w.invite(a, audit.Customer(mallory.String()), "mallory@mail.test")
	w.is(err, directory.ErrNotOwner)
	secret, err := w.invite(a, own, "Lee@Mail.test")
	w.ok(err)
	if m := w.told.messages; len(m) != 1 || m[0].To.Address != "Lee@Mail.test" || !strings.Contains(m[0].Values["link"], secret) || m[0].Until.IsZero() {
		t.Fatalf("sent %+v", m)
	}
	open, err := w.store.Invitations(t.Context(), w.live.ID, a.ID)
	w.ok(err)
	if text := fmt.Sprintf("%+v", open); len(open) != 1 || strings.Contains(text, secret) {
		t.Errorf("what is sent is stored: %s", text)
	}
	_, err = w.Accept(t.Context(), w.live, secret, mallory) // who found the link
	w.is(err, directory.ErrInvitation)
	_, err = w.Accept(t.Context(), w.live, secret+"x", lee)
	w.is(err, directory.ErrInvitation)
	var won, lost int
	var mu sync.Mutex
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			_, err := w.Accept(t.Context(), w.live, secret, lee)
			mu.Lock()
			defer mu.Unlock()
			if err == nil {
				won++
			} else if errors.Is(err, directory.ErrInvitation) || errors.Is(err, directory.ErrMember) {
				lost++
			}
		})
	}
	all.Wait()
	if won != 1 || lost != 7 {
		t.Errorf("%d won, %d lost", won, lost)
	}
	page, err := w.ShowAccount(t.Context(), w.live.ID, a.ID)
	w.ok(err)
	at := slices.IndexFunc(page.Members, func(m store.AccountMember) bool { return m.Member.Customer == lee })
	if at < 0 || page.Members[at].Member.Role != customer.Occupier || !strings.Contains(page.Members[at].Member.Evidence, dana.String()) {
		t.Errorf("%+v", page.Members)
	}
}

func TestAnInvitationEndsWithItsTimeItsSenderAndItsTaker(t *testing.T) {
	w := newTown(t)
	dana, lee, kim := w.person("dana"), w.person("lee"), w.person("kim")
	a := w.account("HL-1", dana)
	own := audit.Customer(dana.String())
	late, err := w.invite(a, own, "lee@mail.test")
	w.ok(err)
	w.now = w.now.Add(directory.InvitationLife)
	_, err = w.Accept(t.Context(), w.live, late, lee)
	w.is(err, directory.ErrInvitation)

	orphan, err := w.invite(a, own, "lee@mail.test")
	w.ok(err)
	w.ok(w.Join(t.Context(), w.live, directory.Joining{Account: a.ID, Customer: kim, Role: customer.Owner}, rita))
	w.ok(w.Leave(t.Context(), w.live, directory.Parting{Account: a.ID, Customer: dana}, own))
	_, err = w.Accept(t.Context(), w.live, orphan, lee) // whoever sent it owns nothing any more
	w.is(err, directory.ErrInvitation)

	w.now = w.now.Add(time.Minute)
	back, err := w.invite(a, audit.Customer(kim.String()), "lee@mail.test")
	w.ok(err)
	open, err := w.store.Invitations(t.Context(), w.live.ID, a.ID)
	w.ok(err)
	last := open[len(open)-1].Hash
	w.is(w.Uninvite(t.Context(), w.live, a.ID, last, own), directory.ErrNotOwner)
	w.is(w.Uninvite(t.Context(), w.live, customer.AccountID{9}, last, rita), directory.ErrInvitation)
	w.ok(w.Uninvite(t.Context(), w.live, a.ID, last, audit.Customer(kim.String())))
	_, err = w.Accept(t.Context(), w.live, back, lee)
	w.is(err, directory.ErrInvitation)
	w.now = w.now.Add(48 * time.Hour)
	for i := range directory.MaxInvitations {
		if _, err = w.invite(a, rita, fmt.Sprintf("x%d@mail.test", i)); err != nil {
			break
		}
	}
	_, err = w.invite(a, rita, "x@mail.test")
	w.is(err, directory.ErrTooManyInvitations)
}

// Taking invitations back is no way to write to somebody without end.
func TestAnAddressIsNotInvitedWithoutEnd(t *testing.T) {
	w := newTown(t)
	dana := w.person("dana")
	a, own := w.account("HL-1", dana), audit.Customer(dana.String())
	sent := 0
	for ; sent < 100; sent++ {
		if _, err := w.invite(a, own, "victim@mail.test"); err != nil {
			w.is(err, directory.ErrTooManyInvitations)
			break
		}
		open, err := w.store.Invitations(t.Context(), w.live.ID, a.ID)
		w.ok(err)
		for _, o := range open {
			w.ok(w.Uninvite(t.Context(), w.live, a.ID, o.Hash, own))
		}
	}
	if sent != 5 {
		t.Errorf("%d invitations went to one address, want 5", sent)
	}
	_, err := w.invite(a, own, "somebody.else@mail.test")
	w.ok(err)
}

func TestADossierHoldsWhatIsKeptAndNobodyElse(t *testing.T) {
	w := newTown(t)
	dana, lee := w.person("dana"), w.person("lee")
	a := w.account("HL-1", dana)
	w.ok(w.Join(t.Context(), w.live, directory.Joining{Account: a.ID, Customer: lee, Role: customer.Occupier}, rita))
	_, err := w.PutPremises(t.Context(), w.live.ID, customer.Premises{Account: a.ID, Address: customer.Address{Town: "Harbour"}}, rita)
	w.ok(err)
	_, err = w.Tag(t.Context(), w.live.ID, dana, []string{"VIP"}, nil, rita)
	w.ok(err)
	w.ok(w.Agree(t.Context(), w.live, dana, []directory.Answer{{Kind: store.AgreedDocument, Document: "terms", Version: "1"}}, audit.Customer(dana.String())))
	w.ok(w.store.Write(t.Context(), w.live.ID, func(tx store.Tx) error {
		return tx.PutCredential(t.Context(), store.Credential{Customer: dana, Sealed: []byte("TOP-SECRET-HASH"), Scheme: "argon2id", Updated: w.now})
	}))
	var out bytes.Buffer
	w.ok(w.Dossier(t.Context(), w.live, dana, rita, &out))
	var doc map[string]any
	if err := json.Unmarshal(out.Bytes(), &doc); err != nil {
		t.Fatalf("%v in\n%s", err, out.String())
	}
	for _, want := range []string{"dana@mail.test", "HL-1", "Harbour", "vip", "terms", "customer.disclosed", "owner", "argon2id"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("%q is not in it", want)
		}
	}
	for _, not := range []string{"lee", "SECRET", "rita"} {
		if strings.Contains(out.String(), not) {
			t.Errorf("%q is in it", not)
		}
	}
	w.is(w.Dossier(t.Context(), w.live, customer.ID{1}, rita, &out), store.ErrNotFound)
}

func TestWhoeverIsErasedIsForgottenAndTheLedgerSaysSo(t *testing.T) {
	w := newTown(t)
	dana, lee := w.person("dana"), w.person("lee")
	alone, shared := w.account("HL-1", dana), w.account("HL-2", dana)
	w.ok(w.Join(t.Context(), w.live, directory.Joining{Account: shared.ID, Customer: lee, Role: customer.Occupier}, rita))
	w.ok(w.Agree(t.Context(), w.live, dana, []directory.Answer{{Kind: store.AgreedDocument, Document: "terms", Version: "1", Evidence: directory.Evidence{Address: "192.0.2.7"}}}, audit.Customer(dana.String())))
	said, err := w.Agreements(t.Context(), w.live.ID, dana)
	w.ok(err)
	w.told.notices = nil
	_, err = w.Expecting(9).Erase(t.Context(), w.live, dana, rita)
	w.is(err, store.ErrConflict)
	left, err := w.Because("asked by letter").Erase(t.Context(), w.live, dana, rita)
	w.ok(err)
	if !slices.Equal(left.Accounts, []customer.AccountID{alone.ID}) || !slices.Equal(left.Ownerless, []customer.AccountID{shared.ID}) {
		t.Errorf("%+v", left)
	}
	page, _, err := w.store.AuditEvents(t.Context(), w.live.ID, store.AuditQuery{Type: string(audit.CustomerErased), Limit: 9})
	w.ok(err)
	body := string(page[0].Body)
	if !strings.Contains(body, directory.AgreementDigest(said[0])) || !strings.Contains(body, "asked by letter") || strings.Contains(body, "mail.test") || strings.Contains(body, "192.0.2.7") {
		t.Errorf("the ledger keeps %s", body)
	}
	if n := w.told.notices; len(n) != 1 || n[0].What != message.Erased || !n[0].Customer.ID.IsZero() || len(n[0].Addresses) != 2 {
		t.Errorf("told %+v", n)
	}
	feed, err := w.store.FeedAfter(t.Context(), 0, 100)
	w.ok(err)
	if !slices.ContainsFunc(feed, func(e store.FeedEntry) bool { return e.Kind == store.CustomerRevoked && e.Subject == dana.String() }) {
		t.Error("other nodes do not hear of it")
	}
	_, err = w.Show(t.Context(), w.live.ID, dana)
	w.is(err, store.ErrNotFound)
	_, err = w.Erase(t.Context(), w.live, dana, rita)
	w.is(err, store.ErrNotFound)
	if _, err := w.Show(t.Context(), w.live.ID, lee); err != nil {
		t.Error(err)
	}
}
