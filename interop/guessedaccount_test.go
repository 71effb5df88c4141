package interop

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
)

func (s *siege) atPasskeys() attack {
	p, _ := s.customer()
	thief := s.browser(s.nodes[1])
	thief.from = "198.51.100.66"
	thief.name(s, p.Username)
	return attack{
		most: guesses, // nobody guesses at signatures
		guess: func(b *browser, i int) shown {
			return b.as(thief, url.Values{"passkey": {fmt.Sprintf(`{"id":"%d"}`, i)}})
		},
		owner: func() bool { return s.browser(s.nodes[0]).enters(s, p.Person) },
	}
}

// facts are those of the account of a number.
func facts(i, wrong int) url.Values {
	return url.Values{"number": {fmt.Sprintf("HL-%04d", i)}, "fact-postcode": {fmt.Sprintf("%05d", 10_000+i)}, "fact-meter": {fmt.Sprintf("%07d", 7_000_000+i+wrong)}}
}

func (s *siege) atClaims() attack {
	_, i := s.customer()
	address := "claims@acme.test"
	thief := s.browser(s.nodes[1])
	thief.from = "198.51.100.66"
	thief.instead(s, "registration", address)
	thief.give("step", "address", "code", s.post.code(s.T, address, 0))
	if got := thief.give("step", "password", "new-password", newPassword+" of theirs"); got.status != http.StatusSeeOther {
		s.Fatalf("the new password: %d %s", got.status, tellProblem(got))
	}
	return attack{
		most: claimLimit, looked: says("does not match our records"), told: [2]string{"account.unproven", "wrong-facts"},
		guess: func(b *browser, n int) shown {
			return b.as(thief, with(facts(i, n+1), "step", "account", "account-number", fmt.Sprintf("HL-%04d", i)))
		},
	}
}

// claimLimit is how many claims of one customer, and of one account, are looked at.
const claimLimit = 5

func (s *siege) atOwnClaims() attack {
	p, i := s.customer()
	home := s.home(p.Person)
	_, hidden := home.account("/accounts/claim")
	return attack{
		most: claimLimit, told: [2]string{"account.unproven", "wrong-facts"},
		guess: func(b *browser, n int) shown {
			return b.as(home, with(facts(i, n+1), "form", hidden.Get("form")))
		},
	}
}

func (s *siege) atOwnPasswords() attack {
	p, _ := s.customer()
	thief, home := s.home(p.Person), s.home(p.Person) // somebody sits down at a browser that was left open
	_, hidden := thief.account("/password")
	return attack{
		most: passwordLimit, told: [2]string{"password.refused", "wrong-password"},
		guess: func(b *browser, i int) shown {
			return b.as(thief, with(hidden, "old-password", fmt.Sprint("guess ", i), "new-password", newPassword+" and more"))
		},
		owner: func() bool { return home.entersAnew(s, p.Person) },
	}
}

func (s *siege) atNewApps() attack {
	p, _ := s.customer()
	home := s.home(p.Person)
	page, hidden := home.account("/app")
	key := keyShown.FindStringSubmatch(page.text)[1]
	return attack{
		most: codeLimit, told: [2]string{"factor.refused", "wrong-code"},
		guess: func(b *browser, i int) shown {
			return b.as(home, with(hidden, "code", six(i, totp(s.T, key, s.now()))))
		},
		owner: func() bool { return home.entersAnew(s, p.Person) },
	}
}

func (s *siege) atNewAddresses() attack {
	p, _ := s.customer()
	home := s.home(p.Person)
	proof, right := home.addAddress(s, "more@acme.test")
	return attack{
		most: sentCodeLimit, looked: says(notTheCode),
		guess: func(b *browser, i int) shown { return b.as(home, with(proof, "code", six(i, right))) },
		owner: func() bool { return home.entersAnew(s, p.Person) },
	}
}

// addAddress asks for a further address in the portal, and gives the form that takes the
// code which goes there, and the code. The browser is where that form goes.
func (b *browser) addAddress(s *siege, address string) (proof url.Values, code string) {
	b.Helper()
	_, hidden := b.account("/addresses/add")
	proof = hiddenIn(b.send(http.MethodPost, b.at, with(hidden, "address", address)).text)
	code = s.post.code(s.T, address, 0)
	b.at = strings.TrimSuffix(b.at, "add") + "prove"
	return proof, code
}

// proveAddress gives a customer a further address.
func (b *browser) proveAddress(s *siege, address string) {
	b.Helper()
	proof, code := b.addAddress(s, address)
	if got := b.send(http.MethodPost, b.at, with(proof, "code", code)); got.status != http.StatusSeeOther {
		b.Fatalf("%s is not taken: %d %s", address, got.status, tellProblem(got))
	}
}

func (s *siege) atNewPhones() attack {
	p, i := s.customer()
	home := s.home(p.Person)
	_, hidden := home.account("/phone/add")
	number := fmt.Sprintf("+1212666%04d", i)
	proof := hiddenIn(home.send(http.MethodPost, home.at, with(hidden, "phone-number", number, "way", "text")).text)
	right := s.post.code(s.T, number, 0)
	home.at = strings.TrimSuffix(home.at, "add") + "prove"
	return attack{
		most: sentCodeLimit, looked: says(notTheCode),
		guess: func(b *browser, i int) shown { return b.as(home, with(proof, "code", six(i, right))) },
		owner: func() bool { return home.entersAnew(s, p.Person) },
	}
}
