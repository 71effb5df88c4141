package interop

import (
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"sallyport/interop/harness"
)

// How often operators' secrets may be tried at once (signin.DefaultLimits).
const (
	guesses       = 200
	passwordLimit = 10
	codeLimit     = 10
)

// together starts n at once, and waits for all.
func together(n int, do func(i int)) {
	ready := make(chan struct{})
	var group sync.WaitGroup
	for i := range n {
		group.Go(func() {
			<-ready
			do(i)
		})
	}
	close(ready)
	group.Wait()
}

// tally counts outcomes.
type tally struct {
	mu    sync.Mutex
	count map[int]int
}

func (c *tally) add(status int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.count == nil {
		c.count = map[int]int{}
	}
	c.count[status]++
}

func forgedAddress(i int) string { return fmt.Sprintf("203.0.%d.%d", i/250, i%250) }

// Two hundred guesses at once, over two nodes, from addresses that the attacker
// makes up: no more passwords and codes are looked at than the limit allows, by
// the ledger's own count, and the owner's own device is not locked out.
func TestGuessesOverTwoNodesFromForgedAddressesAreCountedTogether(t *testing.T) {
	s := newStaff(t)
	home, key, _ := s.operator("robin")
	home.leave()

	browsers := make([]*browser, guesses)
	for i := range browsers {
		browsers[i] = s.browser(s.nodes[i%2])
		browsers[i].forged = forgedAddress(i)
		browsers[i].ask("robin")
	}
	var answers tally
	began := time.Now()
	together(guesses, func(i int) { answers.add(browsers[i].password("robin", fmt.Sprint("guess ", i)).status) })
	evaluated := s.events("signin.refused", "wrong-password")
	t.Logf("%d guesses at a password in %v: %d evaluated; answers %v", guesses, time.Since(began).Round(time.Millisecond), evaluated, answers.count)
	if evaluated == 0 || evaluated > passwordLimit || answers.count[http.StatusUnprocessableEntity] != evaluated {
		t.Errorf("%d passwords were looked at, want 1 to %d", evaluated, passwordLimit)
	}
	stranger := s.browser(s.nodes[0])
	stranger.ask("robin")
	if got := stranger.password("robin", newPassword); evaluated == passwordLimit && got.status != http.StatusTooManyRequests {
		t.Errorf("an unknown device may try the right password: %d", got.status)
	}

	s.pass(time.Minute)
	home.ask("robin")
	if got := home.password("robin", newPassword); got.status != http.StatusSeeOther {
		t.Fatalf("Robin's own device is locked out: %d %s", got.status, got.text)
	}
	home.give(harness.FieldCode, totp(t, key, s.now()))
	if !home.isIn() {
		t.Error("Robin's own device is not let in")
	}
	guessAtCodes(t, s, home, key)
}

// guessAtCodes is the same by somebody who has the password and a page that asks
// for a code, copied to both nodes.
func guessAtCodes(t *testing.T, s *staff, home *browser, key string) {
	home.leave()
	s.pass(time.Hour) // passwords may be tried again
	thief := s.browser(s.nodes[0])
	thief.ask("robin")
	if got := thief.password("robin", newPassword); got.status != http.StatusSeeOther {
		t.Fatalf("the thief's password: %d", got.status)
	}
	right := map[string]bool{}
	for _, around := range []time.Duration{-time.Minute, -30 * time.Second, 0, 30 * time.Second, time.Minute} {
		right[totp(t, key, s.now().Add(around))] = true
	}
	var answers tally
	together(guesses, func(i int) {
		b := thief.twin(s.nodes[i%2])
		b.forged = forgedAddress(i)
		name, text := harness.FieldCode, fmt.Sprintf("%06d", 7919*i)
		switch {
		case i%4 == 3:
			name, text = harness.FieldRecovery, fmt.Sprintf("0000-0000-%04d", i)
		case right[text]:
			text = "1"
		}
		answers.add(b.give(name, text).status)
	})
	evaluated := s.events("factor.refused", "wrong-code")
	t.Logf("%d guesses at a code: %d evaluated; answers %v", guesses, evaluated, answers.count)
	if evaluated == 0 || evaluated > codeLimit || answers.count[http.StatusUnprocessableEntity] > codeLimit {
		t.Errorf("%d codes were looked at, want 1 to %d", evaluated, codeLimit)
	}
	if got := thief.give(harness.FieldCode, totp(t, key, s.now())); evaluated == codeLimit && got.status != http.StatusTooManyRequests {
		t.Errorf("behind the limit the right code is looked at: %d", got.status)
	}
	home.ask("robin")
	home.password("robin", newPassword)
	home.give(harness.FieldCode, totp(t, key, s.now()))
	if !home.isIn() {
		t.Error("Robin's own device is not let in")
	}
}

// What is good once is good once on all nodes together.
func TestACodeARecoveryCodeAndALinkAreGoodOnceOverTwoNodes(t *testing.T) {
	s := newStaff(t)
	link := strings.TrimSpace(s.nodes[0].Run(t, "operator", "link"))
	var answers tally
	together(8, func(i int) {
		form := url.Values{"username": {fmt.Sprint("racer", i)}, "name": {""}, harness.FieldNew: {newPassword}}
		answers.add(s.browser(s.nodes[i%2]).send(http.MethodPost, link, form).status)
	})
	if !maps.Equal(answers.count, map[int]int{http.StatusSeeOther: 1, http.StatusGone: 7}) {
		t.Errorf("of eight who use a link: %v", answers.count)
	}

	_, key, codes := s.operator("robin")
	for name, given := range map[string]func() (string, string){
		"a code":          func() (string, string) { return harness.FieldCode, totp(t, key, s.now()) },
		"a recovery code": func() (string, string) { return harness.FieldRecovery, codes[7] },
	} {
		t.Run(strings.ReplaceAll(name, " ", "-"), func(t *testing.T) {
			s.pass(time.Hour)
			browsers := make([]*browser, 8)
			for i := range browsers {
				browsers[i] = s.browser(s.nodes[i%2])
				browsers[i].ask("robin")
				browsers[i].password("robin", newPassword)
			}
			field, text := given()
			together(len(browsers), func(i int) { browsers[i].give(field, text) })
			in := 0
			for _, b := range browsers {
				if b.isIn() {
					in++
				}
			}
			if in != 1 {
				t.Errorf("%d of %d came in by %s, want 1", in, len(browsers), name)
			}
		})
	}
}
