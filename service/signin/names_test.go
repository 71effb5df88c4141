package signin_test

import (
	"fmt"
	"net/netip"
	"slices"
	"testing"

	"sallyport/pure/journey"
	"sallyport/service/audit"
	"sallyport/service/signin"
)

// Who uses up the guesses at one name sees the same of any other: of the same person, of
// somebody else, of nobody.
func TestGuessesAtOneNameTellNothingOfAnother(t *testing.T) {
	about := func(other string) (seen []string) {
		w := world(t, limited(three, three, roomy))
		w.Customer("dana", w.Hash("tractor"))
		w.Customer("otis", w.Hash("tractor"))
		for i, name := range []string{"dana", "dana", "dana", "dana", other, other, other, other, other} {
			b := w.Browser()
			b.Address = netip.AddrFrom4([4]byte{198, 51, 100, byte(i)})
			a := b.SignIn(name, "guess")
			seen = append(seen, fmt.Sprint(a.Page.Page, a.Page.Problem, a.Page.RetryAfter, len(a.Cookies)))
		}
		return seen
	}
	hers := about("dana@mail.test")
	for _, other := range []string{"otis@mail.test", "ghost@mail.test"} {
		if seen := about(other); !slices.Equal(seen, hers) {
			t.Errorf("%q of another name of hers, %q of %s", hers, seen, other)
		}
	}
}

// Beyond three names at their full rate nothing is looked at, and everything is wrong; on
// her own device Dana comes in all the same, and the ledger says what happened.
func TestAllNamesOfAPersonAreBoundedAtPasswords(t *testing.T) {
	w := world(t, limited(three, three, roomy))
	dana := w.Customer("dana", w.Hash("tractor"))
	home := w.Browser()
	goesOn(t, home.SignIn("dana", "tractor"))
	delete(home.Cookies, signin.CookieName(w.Live.ID, true))
	aliases := []string{"dana", "dana@mail.test", "dana2@mail.test", "dana3@mail.test"}
	for _, more := range aliases[2:] {
		verify(w, dana, more)
	}
	for _, name := range aliases {
		for range 3 {
			shows(t, w.Browser().SignIn(name, "guess"), journey.PasswordPage, journey.NotRecognised)
		}
	}
	verify(w, dana, "dana4@mail.test")
	shows(t, w.Browser().SignIn("dana4@mail.test", "tractor"), journey.PasswordPage, journey.NotRecognised)
	if e := w.Events(audit.SignInRefused); e[0].Result != "too-many-by-other-names" {
		t.Errorf("the ledger says %q", e[0].Result)
	}
	goesOn(t, home.SignIn("dana4@mail.test", "tractor"))
}
