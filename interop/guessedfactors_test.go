package interop

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
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

// manage asks the management API by the socket of a node, as the command line does.
func (s *siege) manage(method, path string, body any) {
	s.Helper()
	sockets, err := filepath.Glob(filepath.Join(s.nodes[0].Dir, "state", "sallyport", "*", "*.sock"))
	if more, _ := filepath.Glob(filepath.Join(os.TempDir(), "sallyport-*.sock")); len(sockets) == 0 {
		sockets = more
	}
	if err != nil || len(sockets) == 0 {
		s.Fatalf("no socket: %v", err)
	}
	text, _ := json.Marshal(body)
	for _, socket := range sockets {
		client := &http.Client{Transport: &http.Transport{DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
			return new(net.Dialer).DialContext(ctx, "unix", socket)
		}}}
		req, _ := http.NewRequest(method, "http://sallyport/admin/v1/environments/acme/preview"+path, bytes.NewReader(text))
		req.Header.Set("Content-Type", "application/json")
		req.Header.Set("Sallyport-Operator", "robin")
		answer, err := client.Do(req)
		if err != nil {
			continue
		}
		defer answer.Body.Close()
		if answer.StatusCode >= 300 {
			s.Fatalf("%s %s: %s", method, path, answer.Status)
		}
		return
	}
	s.Fatal("no socket answers")
}

var cardCodes = regexp.MustCompile(`(?m)^\s*\d+\s+([0-9a-zA-Z-]{4,})\s*$`)

func (s *siege) atCards() attack {
	p, _ := s.customer()
	address := "12 Wharf Lane\nPort Harbour\n" + p.Username
	s.manage(http.MethodPost, "/customers/"+url.PathEscape(p.Username)+"/card", map[string]string{"address": address, "reason": "has no phone"})
	await(s.T, offWithin*6, "the card is posted", func() bool { return s.post.count(address) > 0 })
	letter := s.post.sent[address][0]
	var codes []string
	for _, m := range cardCodes.FindAllStringSubmatch(letter, -1) {
		codes = append(codes, m[1])
	}
	if len(codes) < 3 {
		s.Fatalf("the letter says %q", letter)
	}
	home := s.device()
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
