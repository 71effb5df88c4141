package signin_test

import (
	"errors"
	"strings"
	"testing"

	"sallyport/protocol/passkey/passkeytest"
	"sallyport/pure/journey"
	"sallyport/service/environment"
	"sallyport/service/signin"
	"sallyport/service/signin/signintest"
	"sallyport/store"
)

const orchardURL = "https://my.orchard.test"

// branded gives the world a second brand with a host, and production as seen there.
func branded(t *testing.T, w *signintest.World) *environment.Live {
	t.Helper()
	const password = "  - {name: password, ask: password}\n"
	tree := strings.Replace(signintest.Tree, password, password+"  - {name: code, ask: totp, when: enrolled}\n", 1)
	w.Apply(w.Live, strings.Replace(tree, "---\n", "---\n{kind: brand, name: orchard, hosts: [my.orchard.test]}\n---\n", 1))
	there, _, found := w.Registry.Route(environment.Pages, "my.orchard.test", "/signin")
	if !found {
		t.Fatal("nobody answers at the brand's host")
	}
	return there
}

func at(w *signintest.World, live *environment.Live) *signintest.Browser {
	b := w.Browser()
	b.Live = live
	return b
}

func TestASessionIsOfTheHostAtWhichItBegan(t *testing.T) {
	w := world(t, nil)
	w.Customer("dana", w.Hash("tractor"))
	orchard := branded(t, w)
	there, here := at(w, orchard), w.Browser()
	if a := there.SignIn("dana", "tractor"); a.Next != orchardURL+"/customers/authorize/continue?r=abc" {
		t.Fatalf("got %+v leading to %q", a.Page, a.Next)
	}
	goesOn(t, here.SignIn("dana", "tractor"))
	for _, test := range []struct {
		name   string
		live   *environment.Live
		cookie string
		counts bool
	}{
		{"the brand's own", orchard, there.Session(), true},
		{"the environment's own", w.Live, here.Session(), true},
		{"the brand's, carried to the environment's address", w.Live, there.Session(), false},
		{"the environment's, carried to the brand's host", orchard, here.Session(), false},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, err := w.SignIn.Current(t.Context(), test.live, test.cookie)
			if test.counts && err != nil || !test.counts && !errors.Is(err, signin.ErrNoSession) {
				t.Errorf("got %v", err)
			}
		})
	}
}

func TestPagesAtABrandsHostAskForPasskeysOfThatHost(t *testing.T) {
	w := world(t, nil)
	orchard := branded(t, w)
	id := w.Customer("dana", w.Hash("tractor"))
	elsewhere, there := passkeytest.New(t, passkeytest.ES256, party), passkeytest.New(t, passkeytest.ES256, "my.orchard.test")
	w.Passkey(id, elsewhere, nil)
	w.Passkey(id, there, nil)
	b := at(w, orchard)
	ticket := b.Ticket()
	page := b.Open(ticket)
	if q := page.Passkey.Requests; len(q) != 1 || q[0].RPID != "my.orchard.test" {
		t.Fatalf("asked is %+v", q)
	}
	shows(t, b.Passkey(ticket, "", there.Assert(t, asked(t, page), signintest.URL)), journey.IdentifierPage, journey.PasskeyRefused)
	if a := b.Passkey(ticket, "", there.Assert(t, asked(t, b.Open(ticket)), orchardURL)); a.Next != orchardURL+"/customers/authorize/continue?r=abc" {
		t.Errorf("got %+v", a.Page)
	}
}

// Else whoever knows the password would choose the host at which nobody asks for more.
func TestASecondFactorOfAnotherHostIsNotLeftOut(t *testing.T) {
	w := world(t, nil)
	orchard := branded(t, w)
	key := passkeytest.New(t, passkeytest.ES256, party)
	w.Passkey(w.Customer("dana", w.Hash("tractor")), key, func(p *store.Passkey) { p.Discoverable = false })
	b := at(w, orchard)
	ticket := b.Ticket()
	b.Name(ticket, "dana")
	shows(t, b.Password(ticket, "dana", "tractor"), journey.PasskeyPage, "")
	if page := b.Open(ticket); page.Passkey != nil {
		t.Errorf("asked is %+v, of which no browser gives any here", page.Passkey)
	}
	shows(t, b.Passkey(ticket, "dana", key.Assert(t, make([]byte, 32), orchardURL)), journey.PasskeyPage, journey.PasskeyRefused)
	if b.Session() != "" {
		t.Error("there is a session")
	}
}
