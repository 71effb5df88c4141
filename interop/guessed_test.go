package interop

import (
	"fmt"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// attack is two hundred guesses at one secret.
type attack struct {
	guess func(b *browser, i int) shown // sends one, from wherever b says that it is
	most  int                           // that may be looked at
	// looked tells which answers say that somebody looked; nil: those with status 422.
	looked func(shown) bool
	// told are the type and the result of events of which there is one for each that was
	// looked at; empty: none is told.
	told [2]string
	// unread is the result of events of that type for what was answered as if somebody had
	// looked, though nobody did; empty: there is no such thing.
	unread string
	// owner does the same with the right secret, and tells whether it worked; nil: there is
	// no right one.
	owner func() bool
}

// attacks are all, by their row in docs/reference/guessing.md.
func (s *siege) attacks() map[string]func() attack {
	return map[string]func() attack{
		"password":                              s.atPasswords,
		"code instead of a password":            s.atCodesForPasswords,
		"code of an app":                        s.atApps,
		"recovery code":                         s.atRecoveryCodes,
		"code by text or call":                  s.atPhones,
		"code of a card":                        s.atCards,
		"code that registers":                   s.atRegistrations,
		"code that recovers":                    s.atRecoveries,
		"answers to security questions":         s.atAnswers,
		"number and facts of an account":        s.atClaims,
		"present password":                      s.atOwnPasswords,
		"code of a new app":                     s.atNewApps,
		"code to a new address":                 s.atNewAddresses,
		"code to a new phone":                   s.atNewPhones,
		"number and facts, of who is signed in": s.atOwnClaims,
		"link of an invitation":                 s.atInvitations,
		"link that takes a change back":         s.atUndoing,
		"secret of an application":              s.atSecrets("/token", url.Values{"grant_type": {"client_credentials"}}),
		"code or refresh token":                 s.atGrants,
		"secret, to introspect":                 s.atSecrets("/introspect", url.Values{"token": {"a"}}),
		"secret, to revoke":                     s.atSecrets("/revoke", url.Values{"token": {"a"}}),
		"access token, at userinfo":             s.atUserinfo,
		"key or access token, at the gateway":   s.atGateway,
		"access token of an operator":           s.atManagement,
		"link that sets an operator up":         s.atLinks,
		"passkey":                               s.atPasskeys,
	}
}

var secretRow = regexp.MustCompile(`(?m)^\| ([^|]+) \| ` + "`(?:GET, )?POST ")

// Two hundred guesses at once at whatever takes a secret, to two nodes: half of them from
// addresses that a proxy vouches for, each another, half from one that claims to be many.
// No more is looked at than the reference says; it is the list of what there is to guess
// at. Meanwhile the owner is let in where they were before.
func TestNoMoreGuessesAreLookedAtThanTheReferenceSays(t *testing.T) {
	s := newSiege(t)
	text, err := os.ReadFile(filepath.Join("..", "docs", "reference", "guessing.md"))
	if err != nil {
		t.Fatal(err)
	}
	attacks := s.attacks()
	for _, row := range secretRow.FindAllStringSubmatch(string(text), -1) {
		name := strings.TrimSpace(row[1])
		if strings.HasPrefix(name, "operator's ") {
			continue // TestGuessesOverTwoNodesFromForgedAddressesAreCountedTogether
		}
		prepare, known := attacks[name]
		if !known {
			t.Errorf("nobody guesses at: %s", name)
			continue
		}
		delete(attacks, name)
		s.besiege(t, name, prepare)
	}
	s.besiege(t, "all names of one person", s.atAllNames)
	for name := range attacks {
		t.Errorf("the reference does not know: %s", name)
	}
}

// besiege prepares an attack and withstands it, as a test of its own.
func (s *siege) besiege(t *testing.T, name string, prepare func() attack) {
	t.Run(strings.ReplaceAll(name, " ", "-"), func(t *testing.T) {
		outer := s.staff.T
		s.staff.T = t
		defer func() { s.staff.T = outer }()
		s.withstands(prepare())
	})
}

// withstands is one attack.
func (s *siege) withstands(a attack) {
	before, unread := 0, 0
	if a.told[0] != "" {
		before = s.counted(a.told[0], a.told[1])
	}
	if a.unread != "" {
		unread = s.counted(a.told[0], a.unread)
	}
	answers := make([]shown, guesses)
	together(guesses, func(i int) {
		b := s.browser(s.nodes[i%2])
		b.forged = forgedAddress(i)
		b.from = neighbours
		if i%4 < 2 { // of both nodes
			b.from = fmt.Sprintf("100.64.%d.%d", s.next, i)
		}
		answers[i] = a.guess(b, i)
	})
	looked, statuses := 0, map[int]int{}
	for _, answer := range answers {
		statuses[answer.status]++
		if a.looked == nil && answer.status == http.StatusUnprocessableEntity || a.looked != nil && a.looked(answer) {
			looked++
		}
		if answer.status >= 500 && answer.status != http.StatusServiceUnavailable {
			s.Errorf("a guess was answered with %d", answer.status)
		}
	}
	if a.unread != "" {
		unread = s.counted(a.told[0], a.unread) - unread
		s.Logf("%d more seemed to be", unread)
		looked -= unread
	}
	s.Logf("%d were looked at, at most %d; answers %v", looked, a.most, statuses)
	if looked == 0 || looked > a.most {
		s.Errorf("%d of %d were looked at, want 1 to %d", looked, guesses, a.most)
	}
	if a.told[0] != "" {
		if told := s.counted(a.told[0], a.told[1]) - before; told != looked {
			s.Errorf("the ledger tells of %d that were looked at, want %d", told, looked)
		}
	}
	if s.household != nil {
		s.household.from = neighbours // where the guesses came from, too
	}
	if a.owner != nil && !a.owner() {
		s.Error("the owner is not let in where they were before")
	}
}

// neighbours is the address of those who claim to be many.
const neighbours = "203.0.113.9"

// as sends a form as the thief would, from where b is.
func (b *browser) as(thief *browser, form url.Values) shown {
	twin := *b
	twin.client = &http.Client{Transport: b.client.Transport, Jar: thief.client.Jar, Timeout: b.client.Timeout, CheckRedirect: b.client.CheckRedirect}
	return twin.send(http.MethodPost, thief.at, form)
}

// six is a code that is not right.
func six(i int, right string) string {
	if code := fmt.Sprintf("%06d", (7919*i+1)%1_000_000); code != right {
		return code
	}
	return "999983"
}

// says tells answers on which a page says something.
func says(what string) func(shown) bool {
	return func(a shown) bool { return strings.Contains(tellProblem(a), what) }
}

const (
	notTheCode = "This is not the code that we sent"
	codeSpoken = "This code does not match"
)
