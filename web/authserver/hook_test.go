package authserver_test

import (
	"encoding/base64"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"

	"sallyport/service/issue/issuetest"
)

// What an application is told where a service of its server's owner had the last
// word: that it may try again, or that it may not, and by which reference to ask.
func TestAnApplicationIsToldWhetherToTryAgainAfterAHook(t *testing.T) {
	var says atomic.Value
	says.Store(`{"id":"%ID%"}`)
	receiver := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		token, _ := io.ReadAll(r.Body)
		payload, _ := base64.RawURLEncoding.DecodeString(strings.Split(string(token), ".")[1])
		var question struct {
			ID string `json:"jti"`
		}
		_ = json.Unmarshal(payload, &question)
		w.Header().Set("Content-Type", "application/json")
		_, _ = io.WriteString(w, strings.ReplaceAll(says.Load().(string), "%ID%", question.ID))
	}))
	defer receiver.Close()
	tree := strings.Replace(issuetest.Tree, "audience: https://api.harbourlight.test/enterprise\n", "audience: https://api.harbourlight.test/enterprise\nhooks: [risk]\n", 1) +
		"\n---\nkind: hook\nname: risk\nurl: " + receiver.URL + "/ask\njudges: [payments.write.posting]\n"
	s := newSiteOf(t, tree)
	secret := s.Secret("payright")
	for _, test := range []struct {
		says   string
		status int
		code   string
		scope  string
	}{
		{`{"id":"%ID%"}`, 200, "", "payments.write.posting usage.read.interval"},
		{`{"id":"%ID%","remove":["payments.write.posting"]}`, 200, "", "usage.read.interval"},
		{`{"id":"%ID%","remove":["usage.read.interval"]}`, 503, "temporarily_unavailable", ""},
		{`{"id":"another"}`, 503, "temporarily_unavailable", ""},
	} {
		says.Store(test.says)
		got := s.post(partners, machine("scope", "payments.write.posting usage.read.interval"), basic("payright", secret))
		if got.Status != test.status || got.Error != test.code || got.Scope != test.scope || (got.Reference == "") != (test.code == "") {
			t.Errorf("%s: %+v", test.says, got)
		}
	}
	says.Store(`{"id":"%ID%","remove":["payments.write.posting"]}`)
	if got := s.post(partners, machine("scope", "payments.write.posting"), basic("payright", secret)); got.Status != 400 || got.Error != "access_denied" || got.Reference == "" {
		t.Errorf("nothing is left: %+v", got)
	}
}
