package directory_test

import (
	"context"
	"strings"
	"sync"
	"testing"
	"time"

	"sallyport/pure/customer"
	"sallyport/service/audit"
	"sallyport/service/directory"
	"sallyport/store"
)

func TestSecretsArePostedToWhereTheyLive(t *testing.T) {
	w := newTown(t)
	dana, lee := w.person("dana"), w.person("lee")
	a := w.account("HL-1", dana)
	address := customer.Address{Lines: []string{"12 Wharf Lane", "Flat 3"}, Town: "Harbour", Postcode: "90210", Country: "US"}
	p, err := w.PutPremises(t.Context(), w.live.ID, customer.Premises{Account: a.ID, Address: address}, rita)
	w.ok(err)
	to := directory.Posting{Customer: dana, Account: a.ID}
	post := func(to directory.Posting, want error) string {
		t.Helper()
		got, err := w.PostalAddress(t.Context(), w.live.ID, to)
		w.is(err, want)
		return got
	}
	post(to, directory.ErrUnsettled) // an operator wrote it just now
	w.now = w.now.Add(directory.SettledAfter)
	if got := post(to, nil); got != "12 Wharf Lane\nFlat 3\nHarbour 90210\nUS" {
		t.Errorf("it goes to %q", got)
	}
	post(directory.Posting{Customer: lee, Account: a.ID}, store.ErrNotFound)
	post(directory.Posting{Customer: dana, Account: a.ID, Premises: customer.PremisesID{1}}, store.ErrNotFound)
	post(directory.Posting{Customer: dana, Account: customer.AccountID{1}}, store.ErrNotFound)

	// Whoever is made a member by an operator is not posted to by their word of today.
	join := directory.Joining{Account: a.ID, Customer: lee, Role: customer.Occupier, Grounds: directory.Grounds{How: directory.ByOperator}}
	w.ok(w.Join(t.Context(), w.live, join, rita))
	post(directory.Posting{Customer: lee, Account: a.ID}, directory.ErrUnsettled)
	w.now = w.now.Add(directory.SettledAfter)
	post(directory.Posting{Customer: lee, Account: a.ID}, nil)
	join.Role = customer.Agent
	w.ok(w.Join(t.Context(), w.live, join, rita))
	post(directory.Posting{Customer: lee, Account: a.ID}, store.ErrNotFound)

	// An address that was written anew is new; of several one is named.
	p.Address.Lines = []string{"1 Elsewhere"}
	p, err = w.PutPremises(t.Context(), w.live.ID, p, rita)
	w.ok(err)
	post(to, directory.ErrUnsettled)
	w.now = w.now.Add(directory.SettledAfter)
	_, err = w.PutPremises(t.Context(), w.live.ID, customer.Premises{Account: a.ID}, rita)
	w.ok(err)
	post(to, store.ErrNotFound)
	to.Premises = p.ID
	if got := post(to, nil); !strings.HasPrefix(got, "1 Elsewhere") {
		t.Errorf("it goes to %q", got)
	}
	closed := customer.AccountClosed
	_, err = w.ChangeAccount(t.Context(), w.live, a.ID, directory.AccountPatch{State: &closed}, rita)
	w.ok(err)
	post(to, store.ErrNotFound)
}

func TestWhatTheBusinessKeepsIsPostedToAtOnce(t *testing.T) {
	w := newTown(t)
	dana := w.person("dana")
	a := customer.Account{ID: customer.AccountID{7}, Number: "HL-7", State: customer.AccountOpen, Source: "connector/billing", Created: w.now, Updated: w.now}
	address := customer.Address{Lines: []string{"12 Wharf Lane"}, Town: "Harbour"}
	w.ok(w.store.Write(t.Context(), w.live.ID, func(tx store.Tx) error {
		if err := tx.PutAccount(t.Context(), a); err != nil {
			return err
		}
		if err := tx.PutPremises(t.Context(), customer.Premises{ID: customer.PremisesID{1}, Account: a.ID, Address: address, Created: w.now, Updated: w.now}); err != nil {
			return err
		}
		return tx.PutMember(t.Context(), customer.Member{Account: a.ID, Customer: dana, Role: customer.Owner, Since: w.now, By: "customer/" + dana.String()})
	}))
	got, err := w.PostalAddress(t.Context(), w.live.ID, directory.Posting{Customer: dana, Account: a.ID})
	w.ok(err)
	if got != "12 Wharf Lane\nHarbour" {
		t.Errorf("it goes to %q", got)
	}
	// Beside it an operator's is new, whatever the account is.
	w.now = w.now.Add(time.Minute)
	p, err := w.PutPremises(t.Context(), w.live.ID, customer.Premises{Account: a.ID, Address: address}, rita)
	w.ok(err)
	_, err = w.PostalAddress(t.Context(), w.live.ID, directory.Posting{Customer: dana, Account: a.ID, Premises: p.ID})
	w.is(err, directory.ErrUnsettled)
}

// Whoever sits at somebody's open browser accepts an invitation to an account of their own,
// and tells the help desk that a phone was lost: the card goes to them, until its owner had
// a week to hear of it.
func TestNoSecretIsPostedToTheAccountOfWhoeverInvitedThemJustNow(t *testing.T) {
	w := newTown(t)
	dana, mallory := w.person("dana"), w.person("mallory")
	a := w.account("HL-9", mallory)
	_, err := w.PutPremises(t.Context(), w.live.ID, customer.Premises{Account: a.ID, Address: customer.Address{Lines: []string{"1 Thieves' Row"}, Town: "Harbour"}}, rita)
	w.ok(err)
	w.now = w.now.Add(directory.SettledAfter)
	var secret string
	_, err = w.Invite(t.Context(), w.live, directory.Inviting{
		Account: a.ID, Role: customer.Occupier, Kind: customer.Email, Address: "dana@mail.test", By: audit.Customer(mallory.String()),
		Link: func(s string) string { secret = s; return "https://acme.example/" + s },
	})
	w.ok(err)
	_, err = w.Accept(t.Context(), w.live, secret, dana)
	w.ok(err)
	to := directory.Posting{Customer: dana, Account: a.ID}
	_, err = w.PostalAddress(t.Context(), w.live.ID, to)
	w.is(err, directory.ErrUnsettled)
	w.now = w.now.Add(directory.SettledAfter)
	_, err = w.PostalAddress(t.Context(), w.live.ID, to)
	w.ok(err)
}

// meddler does something just before the store is written to.
type meddler struct {
	directory.Store
	once sync.Once
	do   func()
}

func (m *meddler) Write(ctx context.Context, env store.EnvironmentID, change func(store.Tx) error) error {
	m.once.Do(m.do)
	return m.Store.Write(ctx, env, change)
}

func TestAnInvitationIsForWhoeverHasTheAddressThen(t *testing.T) {
	for name, meanwhile := range map[string]func(w *town, lee customer.ID){
		"they gave it up": func(w *town, lee customer.ID) {
			w.ok(w.Remove(t.Context(), w.live, lee, customer.Email, "lee@mail.test", "", audit.Customer(lee.String())))
		},
		"an operator took it": func(w *town, lee customer.ID) {
			w.ok(w.Remove(t.Context(), w.live, lee, customer.Email, "lee@mail.test", "", rita))
		},
		"they were disabled": func(w *town, lee customer.ID) { w.ok(w.Disable(t.Context(), w.live.ID, lee, rita)) },
	} {
		t.Run(name, func(t *testing.T) {
			w := newTown(t)
			dana, lee := w.person("dana"), w.person("lee")
			a := w.account("HL-1", dana)
			var secret string
			_, err := w.Invite(t.Context(), w.live, directory.Inviting{
				Account: a.ID, Role: customer.Occupier, Kind: customer.Email, Address: "lee@mail.test", By: audit.Customer(dana.String()),
				Link: func(s string) string { secret = s; return "https://acme.example/" + s },
			})
			w.ok(err)
			slow := w.with(func(c *directory.Config) { c.Store = &meddler{Store: w.store, do: func() { meanwhile(w, lee) }} })
			_, err = slow.Accept(t.Context(), w.live, secret, lee)
			w.is(err, directory.ErrInvitation)
			found, err := w.ShowAccount(t.Context(), w.live.ID, a.ID)
			w.ok(err)
			if len(found.Members) != 1 || len(found.Invitations) != 1 {
				t.Errorf("%d members, %d invitations", len(found.Members), len(found.Invitations))
			}
		})
	}
}
