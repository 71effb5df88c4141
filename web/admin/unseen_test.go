package admin

import (
	"net/http"
	"strings"
	"testing"

	"sallyport/service/audit"
	"sallyport/service/operator"
)

// Whether somebody is a customer is personal already. Whoever asks, by whichever
// route, and gets no more than that, stands in the ledger with what they typed.
func TestNobodyLearnsUnseenWhetherSomebodyIsACustomer(t *testing.T) {
	r := newRealm(t)
	token := r.token(r.operator("robin", operator.Owner, operator.Place{Tenant: "acme"}), Scopes())
	here := Prefix + "/environments/acme/preview"
	for _, test := range []struct {
		name, method, path, body string
		want                     int
	}{
		{"reading one who is not there", "GET", "/customers/kim", "", http.StatusNotFound},
		{"disabling one at a version that nobody has", "PUT", "/customers/dana/state", `{"state":"disabled"}`, http.StatusPreconditionFailed},
		{"disabling one who is not there", "PUT", "/customers/kim/state", `{"state":"disabled"}`, http.StatusNotFound},
		{"signing one out at a version that nobody has", "POST", "/customers/dana/sign-out", "", http.StatusPreconditionFailed},
		{"asking what one gets who is not there", "POST", "/access/explain", `{"application":"web","customer":"kim"}`, http.StatusNotFound},
	} {
		t.Run(test.name, func(t *testing.T) {
			env := r.live("acme").ID
			count := func() int {
				events, _, err := r.cfg.Ledger.Events(t.Context(), env, "type:"+string(audit.CustomersSearched)+" actor:operator/robin", "", 100)
				r.must(err)
				if len(events) > 0 && !strings.Contains(string(events[0].Personal), `"typed":"`) {
					t.Errorf("what was typed is not kept: %s", events[0].Personal)
				}
				return len(events)
			}
			before := count()
			answer, p := r.ask(sent{method: test.method, path: here + test.path, body: test.body, token: token, header: map[string]string{"If-Match": `"1"`}})
			if answer.Code != test.want {
				t.Errorf("%d %s, want %d", answer.Code, p.Code, test.want)
			}
			if count() != before+1 {
				t.Error("nobody was seen asking")
			}
		})
	}
}

func TestTheRecordsOfAMigrationAreShownToNobodyUnseen(t *testing.T) {
	r := newRealm(t)
	env := r.live("acme")
	token := r.token(r.operator("robin", operator.Owner, operator.Place{Tenant: "acme"}), Scopes())
	status := Prefix + "/environments/acme/preview/migrations/old"
	_, p := r.ask(sent{method: "POST", path: status + "/runs", body: "ID,LOGIN\n1,\n", token: token, header: map[string]string{"Content-Type": "text/csv"}})
	if p.Code != "" {
		t.Fatal(p)
	}
	for _, test := range []struct {
		name, path string
		seen       int
	}{
		{"counts alone", status + "?held=0", 0},
		{"records", status, 1},
	} {
		answer, _ := r.ask(sent{method: "GET", path: test.path, token: token})
		events, _, err := r.cfg.Ledger.Events(t.Context(), env.ID, "type:"+string(audit.RecordsViewed)+" actor:operator/robin", "", 9)
		r.must(err)
		if answer.Code != http.StatusOK || strings.Contains(answer.Body.String(), `"key":"1"`) != (test.seen == 1) || len(events) != test.seen {
			t.Errorf("%s: %d %s, and %d events", test.name, answer.Code, answer.Body, len(events))
		}
	}
}
