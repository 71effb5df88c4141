package console

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"sallyport/pure/access"
	"sallyport/service/audit"
	"sallyport/service/issue"
	"sallyport/service/operator"
)

func TestTheReplayTellsWhoWouldGetMoreAndWhoLess(t *testing.T) {
	s := newSite(t)
	live, _ := s.cfg.Registry.ByName("harbourlight", "production")
	request := access.Request{
		Application: "spa", Grant: access.AuthorizationCode, Subject: &access.Subject{Groups: []access.Group{"residential"}},
		Scopes: []access.Scope{"billing.write.payment"}, At: s.now.Add(-time.Minute), Assurance: access.OneFactor,
	}
	outcome := access.Decide(live.Snapshot().Servers["apps"].Access, request)
	s.now = s.now.Add(-time.Minute)
	s.must(s.cfg.Audit.Record(t.Context(), live.ID, audit.Entry{
		Type: audit.TokenIssued, Actor: audit.Application("spa"), Application: "spa", Customer: s.dana.String(), Result: audit.OK,
		Detail: issue.Record{Server: "apps", Revision: 1, Request: request, Outcome: outcome}, Personal: map[string]string{"address": "198.51.100.7"},
	}))
	s.now = s.now.Add(time.Minute)
	at := "/e/harbourlight/production/replay"
	s.as(operator.Auditor, "harbourlight")
	if page := s.open(at).Body.String(); !strings.Contains(page, "Nothing was replayed yet") || !strings.Contains(page, "sallyport access replay DIR") {
		t.Error("it does not say what to do")
	}
	if page := s.open(at + "?since=24h&revision=1").Body.String(); !strings.Contains(page, "No decision would have been another") || !strings.Contains(page, "1 the same") {
		t.Error("the revision that decided decides otherwise")
	}
	s.changed("assigned: {apps: [billing.read.bill, billing.write.payment]}\n---\nkind: application\nname: mobile", "assigned: {apps: [billing.read.bill]}\n---\nkind: application\nname: mobile")
	page := s.open(at + "?since=24h&revision=2").Body.String()
	for _, want := range []string{"lost", "spa", "billing.write.payment", "the same"} {
		if !strings.Contains(page, want) {
			t.Errorf("it does not say %q", want)
		}
	}
	for _, word := range []string{s.dana.String(), "198.51.100.7", "residential"} {
		if strings.Contains(page, word) {
			t.Errorf("it tells %q", word)
		}
	}
	for path, want := range map[string]int{"?since=1h&revision=99": http.StatusNotFound, "?since=1h&revision=x": http.StatusNotFound, "?since=long": http.StatusOK} {
		if got := s.open(at + path); got.Code != want {
			t.Errorf("%s: %d, want %d", path, got.Code, want)
		}
	}
	found, _, err := s.cfg.Ledger.Events(t.Context(), live.ID, "type:audit.read", "", 9)
	s.must(err)
	if len(found) < 2 || !strings.Contains(string(found[0].Detail), `"replay":true`) {
		t.Error("that somebody replayed is not recorded")
	}
}

// changed applies the tree with one text for another.
func (s *site) changed(old, text string) {
	s.Helper()
	live, _ := s.cfg.Registry.ByName("harbourlight", "production")
	_, tree, err := s.cfg.Registry.Revision(s.Context(), live, live.Snapshot().Revision)
	s.must(err)
	was := string(tree.Files()["tree.yaml"])
	if !strings.Contains(was, old) {
		s.Fatalf("the tree has no %q", old)
	}
	s.applied(map[string][]byte{"tree.yaml": []byte(strings.Replace(was, old, text, 1))})
}
