package interop

import (
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strings"

	"sallyport/interop/harness"
)

// withApp sets an app up in the portal, and gives its key and recovery codes.
func (s *siege) withApp(p harness.Person) (home *browser, key string, codes []string) {
	s.Helper()
	home = s.home(p)
	page, hidden := home.account("/app")
	found := keyShown.FindStringSubmatch(page.text)
	if found == nil {
		s.Fatalf("no key is shown, but %d", page.status)
	}
	key = found[1]
	done := home.send(http.MethodPost, home.at, with(hidden, "code", totp(s.T, key, s.now())))
	for _, m := range recoveryShown.FindAllStringSubmatch(done.text, -1) {
		codes = append(codes, m[1])
	}
	if len(codes) != 10 {
		s.Fatalf("no app is set up: %d %s", done.status, tellProblem(done))
	}
	s.nodes[0].Keep(append(codes, key)...)
	s.nodes[1].Keep(append(codes, key)...)
	return home, key, codes
}

// atSecond is whoever knows a password, at the second factor.
func (s *siege) atSecond(p harness.Person) *browser {
	thief := s.browser(s.nodes[1])
	thief.from = "198.51.100.66"
	thief.name(s, p.Username)
	if got := thief.password(p.Username, p.Password); got.status != http.StatusSeeOther {
		s.Fatalf("the thief's password: %d %s", got.status, tellProblem(got))
	}
	return thief
}

func (s *siege) atApps() attack {
	p, _ := s.customer()
	home, key, codes := s.withApp(p.Person)
	thief := s.atSecond(p.Person)
	return attack{
		most: codeLimit, told: [2]string{"factor.refused", "wrong-code"},
		guess: func(b *browser, i int) shown {
			if i%5 == 4 { // both kinds are counted together
				return b.as(thief, url.Values{harness.FieldRecovery: {fmt.Sprintf("0000-0000-%04d", i)}})
			}
			return b.as(thief, url.Values{harness.FieldCode: {six(i, totp(s.T, key, s.now()))}})
		},
		owner: func() bool { return home.entersBy(s, p.Person, harness.FieldRecovery, codes[0]) },
	}
}

// entersBy signs in with a second factor.
func (b *browser) entersBy(s *siege, p harness.Person, field, text string) bool {
	b.Helper()
	b.send(http.MethodPost, strings.TrimSuffix(b.console, "/console")+"/signout", url.Values{})
	b.name(s, p.Username)
	b.password(p.Username, p.Password)
	got := b.give(field, text)
	if got.status == http.StatusUnprocessableEntity || got.status == http.StatusTooManyRequests {
		b.Log(got.status, tellProblem(got))
	}
	return b.arrives(got)
}

func (s *siege) atRecoveryCodes() attack {
	p, _ := s.customer()
	home, _, codes := s.withApp(p.Person)
	thief := s.atSecond(p.Person)
	return attack{
		most: codeLimit, told: [2]string{"factor.refused", "wrong-code"},
		guess: func(b *browser, i int) shown {
			return b.as(thief, url.Values{harness.FieldRecovery: {fmt.Sprintf("0000-0000-%04d", i)}})
		},
		owner: func() bool { return home.entersBy(s, p.Person, harness.FieldRecovery, codes[1]) },
	}
}

// wantsTwo is how an application asks for two factors.
const wantsTwo = `{"id_token":{"acr":{"essential":true,"values":["mfa"]}}}`

// strict gives a password where the application wants two factors.
func (b *browser) strict(s *siege, p harness.Person) {
	b.Helper()
	b.at = b.send(http.MethodGet, s.signInRequest(s.nodes[0])+"&claims="+url.QueryEscape(wantsTwo), nil).next
	b.give(harness.FieldUsername, p.Username)
	if got := b.password(p.Username, p.Password); got.status != http.StatusSeeOther {
		b.Fatalf("the password: %d %s", got.status, tellProblem(got))
	}
}

func (s *siege) atPhones() attack {
	p, i := s.customer()
	home := s.device()
	home.strict(s, p.Person)
	home.give("act", "phone")
	if got := home.give("act", "phone", "way", "text", "phone", phoneOf(i)); got.status != http.StatusSeeOther {
		s.Fatalf("the phone is not taken: %d %s", got.status, tellProblem(got))
	}
	if got := home.give("code", s.post.code(s.T, phoneOf(i), 0)); got.status != http.StatusSeeOther {
		s.Fatalf("the phone's code is not taken: %d %s", got.status, tellProblem(got))
	}
	home.give("codes-kept", "1")
	before := s.post.count(phoneOf(i))
	thief := s.atSecond(p.Person)
	right := s.post.code(s.T, phoneOf(i), before)
	return attack{
		most: sentCodeLimit, looked: says(notTheCode), told: [2]string{"factor.refused", "wrong-code"},
		guess: func(b *browser, i int) shown { return b.as(thief, url.Values{"code": {six(i, right)}}) },
		owner: func() bool {
			home.send(http.MethodPost, strings.TrimSuffix(home.console, "/console")+"/signout", url.Values{})
			before := s.post.count(phoneOf(i))
			home.name(s, p.Username)
			home.password(p.Username, p.Password)
			return home.arrives(home.give("code", s.post.code(s.T, phoneOf(i), before)))
		},
	}
}

var cardCodes = regexp.MustCompile(`(?m)^\s*\d+\s+([0-9a-zA-Z-]{4,})\s*$`)

func (s *siege) atCards() attack {
	p, i := s.customer()
	home := s.home(p.Person)
	_, hidden := home.account("/accounts/claim")
	if got := home.send(http.MethodPost, home.at, with(facts(i, 0), "form", hidden.Get("form"))); got.status != http.StatusSeeOther {
		s.Fatalf("the account is not theirs: %d %s", got.status, tellProblem(got))
	}
	s.nodes[0].Run(s.T, "customers", "card", "post", p.Username, "--account", fmt.Sprintf("HL-%04d", i), "--reason", "has no phone")
	address := fmt.Sprintf("%d Wharf Lane\n%05d", i+1, 10_000+i)
	await(s.T, 6*offWithin, "the card is posted", func() bool { return s.post.count(address) > 0 })
	letter := s.post.sent[address][0]
	var codes []string
	for _, m := range cardCodes.FindAllStringSubmatch(letter, -1) {
		codes = append(codes, m[1])
	}
	if len(codes) < 3 {
		s.Fatalf("the letter says %q", letter)
	}
	home = s.device()
	home.strict(s, p.Person)
	got := home.give("code", codes[0])
	if !home.arrives(got) && !home.arrives(home.give("codes-kept", "1")) {
		s.Fatalf("a code of the card: %d %s", got.status, tellProblem(got))
	}
	thief := s.atSecond(p.Person)
	return attack{
		most: codeLimit, told: [2]string{"factor.refused", "wrong-code"},
		guess: func(b *browser, i int) shown { return b.as(thief, url.Values{"code": {six(i, "")}}) },
		owner: func() bool { return home.entersBy(s, p.Person, "code", codes[1]) },
	}
}
