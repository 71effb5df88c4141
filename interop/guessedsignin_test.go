package interop

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"sallyport/interop/harness"
)

func (s *siege) atPasswords() attack {
	p, _ := s.customer()
	home, thief := s.home(p.Person), s.browser(s.nodes[1])
	thief.from = "198.51.100.66"
	thief.name(s, p.Username)
	return attack{
		most: passwordLimit, told: [2]string{"signin.refused", "wrong-password"},
		guess: func(b *browser, i int) shown {
			return b.as(thief, url.Values{"username": {p.Username}, "password": {fmt.Sprint("guess ", i)}})
		},
		owner: func() bool { return home.entersAnew(s, p.Person) },
	}
}

// entersAnew signs in on a browser that is signed in.
func (b *browser) entersAnew(s *siege, p harness.Person) bool {
	b.Helper()
	b.send(http.MethodPost, strings.TrimSuffix(b.console, "/console")+"/signout", url.Values{})
	return b.enters(s, p)
}

// insteadOfPassword asks for a code instead of a password.
func (b *browser) insteadOfPassword(s *siege, p harness.Person) (code string) {
	b.Helper()
	b.name(s, p.Username)
	before := s.post.count(p.Email)
	if got := b.give("username", p.Username, "act", "code"); got.status != http.StatusSeeOther {
		b.Fatalf("no code is sent: %d %s", got.status, tellProblem(got))
	}
	return s.post.code(s.T, p.Email, before)
}

func (s *siege) atCodesForPasswords() attack {
	p, _ := s.customer()
	home, thief := s.home(p.Person), s.browser(s.nodes[1])
	thief.from = "198.51.100.66"
	right := thief.insteadOfPassword(s, p.Person)
	return attack{
		most: sentCodeLimit, looked: says(notTheCode), told: [2]string{"factor.refused", "wrong-code"},
		guess: func(b *browser, i int) shown {
			return b.as(thief, url.Values{"step": {"password"}, "code": {six(i, right)}})
		},
		owner: func() bool { return home.entersAnew(s, p.Person) },
	}
}

// sentCodeLimit is how many guesses there are at a code that was sent.
const sentCodeLimit = 5

// instead leads from a sign-in page to another journey, and gives a name there.
func (b *browser) instead(s *siege, journey, name string) {
	b.Helper()
	b.begin(s)
	b.at = b.send(http.MethodGet, b.at+"&instead="+journey, nil).next
	if got := b.give(harness.FieldUsername, name); got.status != http.StatusSeeOther {
		b.Fatalf("%s: %d %s", journey, got.status, tellProblem(got))
	}
}

func (s *siege) atRegistrations() attack {
	address := "new@acme.test"
	thief := s.browser(s.nodes[1])
	thief.from = "198.51.100.66"
	thief.instead(s, "registration", address)
	right := s.post.code(s.T, address, 0)
	return attack{
		most: sentCodeLimit, looked: says(notTheCode), told: [2]string{"factor.refused", "wrong-code"},
		guess: func(b *browser, i int) shown {
			return b.as(thief, url.Values{"step": {"address"}, "code": {six(i, right)}})
		},
	}
}

func (s *siege) atRecoveries() attack {
	p, _ := s.customer()
	home, thief := s.home(p.Person), s.browser(s.nodes[1])
	thief.from = "198.51.100.66"
	thief.instead(s, "recovery", p.Username)
	right := s.post.code(s.T, p.Email, 0)
	return attack{
		most: sentCodeLimit, looked: says(notTheCode), told: [2]string{"factor.refused", "wrong-code"},
		guess: func(b *browser, i int) shown {
			return b.as(thief, url.Values{"step": {"address"}, "code": {six(i, right)}})
		},
		owner: func() bool { // their own recovery, on their own device
			before := s.post.count(p.Email)
			home.send(http.MethodPost, strings.TrimSuffix(home.console, "/console")+"/signout", url.Values{})
			home.instead(s, "recovery", p.Username)
			return home.give("step", "address", "code", s.post.code(s.T, p.Email, before)).status == http.StatusSeeOther
		},
	}
}
