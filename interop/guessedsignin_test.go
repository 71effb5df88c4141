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

// namesLimit is how many guesses at a password there are by all names of a person
// together; whoever guesses does not see where it ends.
const namesLimit = 3 * passwordLimit

// atAllNames is guesses at one person's password by each of four names.
func (s *siege) atAllNames() attack {
	p, i := s.customer()
	home := s.home(p.Person)
	more := fmt.Sprintf("second%02d@acme.test", i)
	home.proveAddress(s, more)
	username := fmt.Sprintf("customer%02d", i)
	_, hidden := home.account("/addresses/username")
	if got := home.send(http.MethodPost, home.at, with(hidden, "new-username", username)); got.status != http.StatusSeeOther {
		s.Fatalf("the username is not taken: %d %s", got.status, tellProblem(got))
	}
	all := []string{p.Email, phoneOf(i), username, more}
	thieves := make([]*browser, len(all))
	for k, name := range all {
		thieves[k] = s.browser(s.nodes[k%2])
		thieves[k].from = "198.51.100.66"
		thieves[k].name(s, name)
		if known := s.device(); !known.entersAs(s, name, p.Password) {
			s.Fatalf("%s is no name of theirs", name)
		}
	}
	return attack{
		most: namesLimit, told: [2]string{"signin.refused", "wrong-password"}, unread: "too-many-by-other-names",
		guess: func(b *browser, n int) shown {
			k := n / 4 % len(all) // of each from both nodes and from all addresses
			return b.as(thieves[k], url.Values{"username": {all[k]}, "password": {fmt.Sprint("guess ", n)}})
		},
		owner: func() bool { s.household = home; return home.entersAnew(s, p.Person) },
	}
}

// entersAs is enters by any of a person's names.
func (b *browser) entersAs(s *siege, name, password string) bool {
	b.Helper()
	return b.enters(s, harness.Person{Username: name, Password: password})
}

// entersAnew signs in on a browser that is signed in.
func (b *browser) entersAnew(s *siege, p harness.Person) bool {
	b.Helper()
	b.send(http.MethodPost, strings.TrimSuffix(b.console, "/console")+"/signout", url.Values{})
	return b.enters(s, p)
}

// atAnswers is whoever reads somebody's mail, at the questions of their recovery.
func (s *siege) atAnswers() attack {
	const address = "asked@acme.test"
	right := url.Values{"step": {"questions"}, "answer-1": {"Rex"}, "answer-2": {"Wharf Lane"}}
	home := s.device()
	home.instead(s, "registration", address)
	home.give("step", "address", "code", s.post.code(s.T, address, 0))
	home.give("step", "password", "new-password", newPassword+" of theirs")
	home.give("step", "account", "act", "skip")
	if got := home.send(http.MethodPost, home.at, with(right, "question-1", "pet", "question-2", "street")); !home.arrives(got) {
		s.Fatalf("the questions are not set up: %d %s", got.status, tellProblem(got))
	}
	home.send(http.MethodPost, strings.TrimSuffix(home.console, "/console")+"/signout", url.Values{})
	recovers := func(b *browser) {
		before := s.post.count(address)
		b.instead(s, "recovery", address)
		b.give("step", "address", "code", s.post.code(s.T, address, before))
	}
	thief := s.browser(s.nodes[1])
	thief.from = "198.51.100.66"
	recovers(thief)
	return attack{
		most: codeLimit, told: [2]string{"factor.refused", "wrong-answers"},
		guess: func(b *browser, i int) shown {
			return b.as(thief, with(right, "answer-1", fmt.Sprint("guess ", i)))
		},
		owner: func() bool {
			recovers(home)
			got := home.send(http.MethodPost, home.at, right)
			page := home.send(http.MethodGet, home.at, nil)
			return got.status == http.StatusSeeOther && strings.Contains(page.text, `name="new-password"`)
		},
	}
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
