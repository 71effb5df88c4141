package sources

import (
	"fmt"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"sallyport/interop/harness"
	"sallyport/service/source/sourcetest"
)

// What a tree needs so that people can set a new password, with mail by an adapter.
const recovering = `---
kind: journey
name: recovery
purpose: recovery
steps:
  - {name: identifier, ask: identifier}
  - {name: address, ask: verify}
  - {name: second, ask: totp}
  - {name: password, ask: new-password}
---
kind: sender
name: post
channel: email
url: %s
secret: post
from: no-reply@harbourlight.test
`

// forgetful is a portal of our own making, which knows whose address is whose.
func forgetful(t testing.TB, mail *mailbox) *old {
	t.Helper()
	rows := "CREATE TABLE users (id integer PRIMARY KEY, email text NOT NULL, email_ok boolean NOT NULL, hash text NOT NULL);\n"
	for i, p := range []struct {
		email string
		ok    bool
	}{{ana, true}, {ben, false}, {cas, true}} {
		rows += fmt.Sprintf("INSERT INTO users VALUES (%d, '%s', %t, '%s');\n", i+1, p.email, p.ok, bcrypted(t, []byte(before), "$2b$"))
	}
	query := "SELECT id, email, email_ok, hash FROM users WHERE "
	d := sourcetest.StartPostgreSQL(t, rows)
	o := database(t, d, &old{more: fmt.Sprintf(recovering, mail.url)},
		[]string{"csv", "postgres", query + "lower(email) = lower(:identifier)", query + "id > :after ORDER BY id LIMIT :limit", "id"})
	o.yaml = "key: id\nmap: [{from: email, to: email, verified: email_ok, required: true}]\nhash: {from: hash}\n" + o.yaml
	return o
}

// Whom the portal knows, and somebody whom nobody does; their names are of one length,
// so that pages can be compared.
const (
	ana    = "ana@portal.test"
	ben    = "ben@portal.test" // whose address nobody verified
	cas    = "cas@portal.test"
	eve    = "eve@portal.test" // unknown
	before = "a tractor in the harbour"
	behind = "quiet lantern over marshes"
)

// Nobody was moved, and people forgot their passwords. Those whom the portal knows by a
// verified address come along by a code; while it is gone they wait, and lose nothing.
func TestPeerPostgreSQLLosesWhoForgotTheirPassword(t *testing.T) {
	t.Parallel()
	mail := newMailbox(t)
	o := forgetful(t, mail)
	h := newHere(t, o)
	h.Keep(before, behind)
	adapters := filepath.Join(t.TempDir(), "post")
	must(t, os.WriteFile(adapters, []byte("an adapter's secret"), 0o600))
	h.Run(t, "secret", "put", "post", "--file", adapters)

	one, page := h.forgets(t, 0, ana)
	for n, name := range []string{ben, eve} {
		if _, other := h.forgets(t, n+1, name); alike(other, name) != alike(page, ana) {
			t.Errorf("the page tells who is known:\n%s\nand\n%s", alike(page, ana), alike(other, name))
		}
	}
	code := mail.code(t, ana)
	h.outbox(t, map[string]int{"sent": 1, "dropped nobody": 2})
	if now := h.standing(t); len(now) > 0 && now["imported"]+now["staged"]+now["held"] > 0 {
		t.Errorf("before a code was given: %v", now)
	}

	o.stop()
	late, _ := one.Fill(page, map[string]string{harness.FieldCode: code}, callback)
	if late == nil || late.Status != http.StatusServiceUnavailable || !strings.Contains(late.Text, `id="error"`) {
		t.Fatalf("while the portal is gone, the right code is answered with %+v", late)
	}
	another, waiting := h.forgets(t, 3, cas)
	if alike(waiting, cas) != alike(page, ana) {
		t.Errorf("the page tells who is waited for:\n%s", alike(waiting, cas))
	}
	h.outbox(t, map[string]int{"sent": 1, "dropped nobody": 2, "queued not-found-out": 1})
	o.start(t)

	h.sets(t, one, late, code)
	h.came(t, 1)
	h.sets(t, another, waiting, mail.code(t, cas))
	h.came(t, 2)
	for n, name := range []string{ana, cas} {
		if got := h.signIn(t, 10+n, name, behind); got != "" {
			t.Errorf("%s with the new password: %s", name, got)
		}
		if got := h.signIn(t, 20+n, name, before); got != notTheirs {
			t.Errorf("%s with the one before: %q", name, got)
		}
	}
	if n := mail.count(ben) + mail.count(eve); n > 0 {
		t.Errorf("%d codes went to who should get none", n)
	}
}

// forgets has somebody at the n-th address say that they forgot their password, and gives
// the page that asks for the code.
func (h *here) forgets(t testing.TB, n int, name string) (*harness.Visitor, *harness.Page) {
	t.Helper()
	v := from(t, 30_000+n)
	page, _ := v.Visit(h.Issuers["main"]+"/authorize?"+url.Values{
		"response_type": {"code"}, "client_id": {"web-app"}, "redirect_uri": {callback}, "scope": {"openid"}, "state": {"s"},
		"code_challenge": {"E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"}, "code_challenge_method": {"S256"},
	}.Encode(), callback)
	page, _ = v.Visit(page.URL.String()+"&instead=recovery", callback)
	page, _ = v.Fill(page, map[string]string{harness.FieldUsername: name}, callback)
	if page == nil || page.Status != http.StatusOK {
		t.Fatalf("%s forgot a password and is shown %+v", name, page)
	}
	return v, page
}

var unlike = regexp.MustCompile(`[A-Za-z0-9_-]{20,}`)

// alike is a page without what differs between any two.
func alike(p *harness.Page, name string) string {
	return unlike.ReplaceAllString(strings.ReplaceAll(p.Text, name, "…"), "…")
}

// sets gives the code and sets the new password.
func (h *here) sets(t testing.TB, v *harness.Visitor, page *harness.Page, code string) {
	t.Helper()
	page, _ = v.Fill(page, map[string]string{harness.FieldCode: code}, callback)
	page, _ = v.Fill(page, map[string]string{harness.FieldNew: behind}, callback)
	if page != nil && page.Status != http.StatusOK {
		t.Fatalf("the new password is answered with %d\n%s", page.Status, page.Text)
	}
}

// came checks that so many came along, and by what.
func (h *here) came(t testing.TB, n int) {
	t.Helper()
	if now := h.standing(t); now["imported"] != n {
		t.Errorf("of %d people: %v", n, now)
	}
	var page struct {
		Events []struct {
			Detail struct{ Way, State, Proof string }
		}
	}
	h.RunJSON(t, &page, "audit", "query", "type:migration.admitted")
	proved := 0
	for _, e := range page.Events {
		if e.Detail.Way == "jit" && e.Detail.State == "imported" && e.Detail.Proof == "recovery" {
			proved++
		}
	}
	if proved != n || len(page.Events) != n {
		t.Errorf("of %d people the ledger tells %+v", n, page.Events)
	}
}

// outbox waits until the messages are where they should be.
func (h *here) outbox(t testing.TB, want map[string]int) {
	t.Helper()
	var list struct {
		Messages []struct{ State, Reason string }
	}
	eventually(t, func() bool {
		h.RunJSON(t, &list, "messages", "list")
		got := map[string]int{}
		for _, m := range list.Messages {
			if m.State == "sent" {
				m.Reason = ""
			}
			got[strings.TrimSpace(m.State+" "+m.Reason)]++
		}
		return fmt.Sprint(got) == fmt.Sprint(want)
	}, func() string { return fmt.Sprintf("of messages: %+v, want %v", list.Messages, want) })
}

// eventually asks again and again.
func eventually(t testing.TB, done func() bool, tell func() string) {
	t.Helper()
	deadline := time.After(time.Minute)
	for !done() {
		select {
		case <-deadline:
			t.Fatal(tell())
		case <-time.After(50 * time.Millisecond):
		}
	}
}
