package admin

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"sallyport/pure/access"
	"sallyport/service/audit"
	"sallyport/service/issue"
	"sallyport/service/operator"
	"sallyport/service/replay"
)

// decided records a decision of the live revision.
func (r *realm) decided(scopes ...access.Scope) {
	r.Helper()
	live := r.live("acme")
	request := access.Request{
		Application: "web", Grant: access.AuthorizationCode, Subject: &access.Subject{}, Scopes: scopes, At: r.now(), Assurance: access.OneFactor,
	}
	outcome := access.Decide(live.Snapshot().Servers["apps"].Access, request)
	kind, result := audit.TokenIssued, audit.OK
	if !outcome.Allowed {
		kind, result = audit.TokenRefused, "access_denied"
	}
	r.must(r.cfg.Audit.Record(r.Context(), live.ID, audit.Entry{
		Type: kind, Actor: audit.Application("web"), Application: "web", Result: result,
		Detail: issue.Record{Server: "apps", Revision: live.Snapshot().Revision, Request: request, Outcome: outcome},
	}))
}

// last reads the last line of a stream.
func last(t *testing.T, text string) replay.Report {
	t.Helper()
	lines := strings.Split(strings.TrimSpace(text), "\n")
	var report replay.Report
	if err := json.Unmarshal([]byte(lines[len(lines)-1]), &report); err != nil {
		t.Fatalf("%v: %s", err, text)
	}
	return report
}

func TestPastRequestsAreAskedAgainOfARevisionAndOfATree(t *testing.T) {
	r := newRealm(t)
	r.decided("billing.read.bill")
	r.decided("billing.read.bill")
	r.decided("nothing.read.here")
	owner := r.token(r.operator("ada", operator.Owner, placeLetters["N"]), Scopes())
	auditor := r.token(r.operator("uma", operator.Auditor, placeLetters["N"]), Scopes())
	since := `"since":"` + r.now().Add(-time.Hour).UTC().Format(time.RFC3339) + `"`
	for _, body := range []string{`{` + since + `}`, `{` + since + `,"revision":1}`} {
		status, text := r.debugs(auditor, "/access/replay", body)
		if report := last(t, text); status != 200 || report.Replayed != 3 || report.Same != 3 || !report.Complete || report.Revision != 1 {
			t.Errorf("%s: %d %s", body, status, text)
		}
	}
	_, tree, err := r.cfg.Registry.Revision(t.Context(), r.live("acme"), 1)
	r.must(err)
	files := tree.Files()
	was := string(files["tree.yaml"])
	files["tree.yaml"] = []byte(strings.Replace(was, "assigned: {apps: [billing.read.bill]}", "assigned: {apps: []}", 1))
	encoded, err := json.Marshal(files)
	r.must(err)
	body := `{` + since + `,"files":` + string(encoded) + `}`
	status, text := r.debugs(owner, "/access/replay", body)
	report := last(t, text)
	if status != 200 || report.Less != 2 || report.More != 0 || len(report.Changes) != 1 || report.Changes[0].Count != 2 || report.Changes[0].Scope != "billing.read.bill" || report.Revision != 0 {
		t.Errorf("%d %s", status, text)
	}
	// A tree could be written to ask whose address it was.
	if status, text := r.debugs(auditor, "/access/replay", body); status != 403 {
		t.Errorf("an auditor replays a tree: %d %s", status, text)
	}
	for _, wrong := range []string{`{"since":"2999-01-01T00:00:00Z"}`, `{` + since + `,"revision":99}`, `{}`} {
		if status, text := r.debugs(owner, "/access/replay", wrong); status < 400 || status >= 500 {
			t.Errorf("%s: %d %s", wrong, status, text)
		}
	}
	found, _, err := r.cfg.Ledger.Events(t.Context(), r.live("acme").ID, "type:audit.read", "", 10)
	r.must(err)
	if len(found) < 3 || !strings.Contains(string(found[0].Detail), `"replay":true`) {
		t.Errorf("that somebody replayed is not recorded: %+v", found)
	}
}
