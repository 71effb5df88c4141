package interop

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"sallyport/interop/harness"
)

// setUp uses a link that sets a password, and gives the page behind it.
func (b *browser) setUp(link, password string) shown {
	b.Helper()
	b.at = b.send(http.MethodPost, link, url.Values{harness.FieldNew: {password}}).next
	return b.send(http.MethodGet, b.at, nil)
}

// enrol sets up the app whose key the page shows, and gives that key.
func (b *browser) enrol(page shown) (key string) {
	b.Helper()
	found := keyShown.FindStringSubmatch(page.text)
	if found == nil {
		b.Fatalf("no key is shown, but %d: %s", page.status, page.text)
	}
	b.give(harness.FieldCode, totp(b.T, found[1], b.now()))
	b.give("codes-kept", "1")
	if !b.isIn() {
		b.Fatal("they are not in with the new app")
	}
	return found[1]
}

// enter signs in with what the app shows, and gives where that leads.
func (b *browser) enter(name, password, key string) (next string) {
	b.Helper()
	b.give(harness.FieldUsername, name)
	b.password(name, password)
	return b.give(harness.FieldCode, totp(b.T, key, b.now())).next
}

func (s *staff) link(args ...string) string {
	s.Helper()
	return strings.TrimSpace(s.nodes[0].Run(s.T, append([]string{"operator", "link"}, args...)...))
}

// Robin's phone is gone, then Robin's colleague goes, and is asked back.
func TestALostPhoneIsReplacedAndWhoLeavesIsOutOnEveryNode(t *testing.T) {
	t.Parallel()
	const password = "osprey over tin harbour"
	s := newStaff(t)
	s.operator("sasha")
	robin, old, codes := s.operator("robin")
	there := robin.twin(s.nodes[1])

	forgotten, lost := s.link("robin"), s.link("robin", "--lost-authenticator")
	if !robin.isIn() || !there.isIn() {
		t.Error("a link that nobody used ends sessions")
	}
	s.pass(time.Minute)
	found := s.browser(s.nodes[1])
	if page := found.setUp(forgotten, "herring over lead harbour"); !strings.Contains(page.text, `name="`+harness.FieldCode+`"`) || keyShown.MatchString(page.text) {
		t.Errorf("who found the link to a lost password is shown %d %s", page.status, page.text)
	}
	if robin.isIn() || there.isIn() || found.isIn() {
		t.Error("a session outlives the password")
	}

	again := s.browser(s.nodes[1])
	key := again.enrol(again.setUp(lost, password))
	if key == old {
		t.Error("the new key is the old one")
	}
	s.pass(time.Minute)
	for name, text := range map[string]string{harness.FieldCode: totp(t, old, s.now()), harness.FieldRecovery: codes[0]} {
		b := s.browser(s.nodes[0])
		b.ask("robin")
		b.password("robin", password)
		if got := b.give(name, text); got.status != http.StatusUnprocessableEntity {
			t.Errorf("the old %s is answered with %d", name, got.status)
		}
	}

	s.nodes[0].Run(t, "operator", "disable", "robin")
	if again.isIn() {
		t.Error("who was disabled at one node is in at the other")
	}
	if said := s.nodes[0].Try(t, "operator", "link", "robin"); said.Code == 0 || !strings.Contains(said.Err, "SP-2606") {
		t.Errorf("a link for somebody disabled: %+v", said)
	}
	again.ask("robin")
	if got := again.password("robin", password); got.status != http.StatusUnprocessableEntity {
		t.Errorf("who is disabled gives the right password: %d", got.status)
	}
	if said := s.nodes[0].Try(t, "operator", "disable", "sasha"); said.Code == 0 || !strings.Contains(said.Err, "SP-2605") {
		t.Errorf("the last owner is disabled: %+v", said)
	}
	s.nodes[0].Run(t, "operator", "enable", "robin")
	if again.isIn() {
		t.Error("being enabled revives a session")
	}
	again.at = again.send(http.MethodGet, s.console+"/", nil).next
	if again.enter("robin", password, key); !again.isIn() {
		t.Error("who was enabled is not let in")
	}
}

// A browser that was left open does nothing risky.
func TestWhatIsRiskyAsksForBothFactorsAgainAndComesBack(t *testing.T) {
	t.Parallel()
	s := newStaff(t)
	robin, key, _ := s.operator("robin")
	risky := s.console + "/operators/invite"
	if got := robin.send(http.MethodGet, risky, nil); got.status != http.StatusOK {
		t.Fatalf("just signed in they get %d: %s", got.status, got.text)
	}
	s.pass(6 * time.Minute)
	got := robin.send(http.MethodGet, risky, nil)
	if got.status != http.StatusSeeOther || !strings.HasPrefix(got.next, s.console+"/signin?") {
		t.Fatalf("six minutes later they get %d to %s", got.status, got.next)
	}
	if !robin.isIn() {
		t.Error("they are signed out")
	}
	robin.at = got.next
	if next := robin.enter("robin", newPassword, key); next != risky {
		t.Errorf("having signed in again they are led to %q, want %s", next, risky)
	}
	if got := robin.send(http.MethodGet, risky, nil); got.status != http.StatusOK {
		t.Errorf("having signed in again they get %d", got.status)
	}
}
