package admin

import (
	"context"
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"sallyport/service/audit"
	"sallyport/service/directory"
	"sallyport/service/environment"
	"sallyport/service/notify"
	"sallyport/service/operator"
	"sallyport/store"
)

// letterbox is what people were written.
type letterbox struct{ sent []notify.Message }

// Queue implements directory.Notifier.
func (l *letterbox) Queue(_ context.Context, _ store.Tx, _ *environment.Live, m notify.Message) error {
	l.sent = append(l.sent, m)
	return nil
}

// Tell implements directory.Notifier.
func (*letterbox) Tell(context.Context, store.Tx, *environment.Live, notify.Notice) error { return nil }

func TestTheHelpDeskInvites(t *testing.T) {
	r := newRealm(t)
	desk := r.token(r.operator("robin", operator.Desk, operator.Place{Tenant: "acme"}), Scopes())
	live := r.live("acme")
	for _, number := range []string{"HL-1", "HL-2"} {
		_, err := r.cfg.Directory.OpenAccount(t.Context(), live, directory.AccountPatch{Number: &number}, "operator", "operator/test")
		r.must(err)
	}
	at := Prefix + "/environments/acme/preview/accounts/HL-1/invitations"
	ask := func(method, path, body string, status int, code Code) (page AccountInvitations) {
		t.Helper()
		answer, p := r.ask(sent{method: method, path: path, body: body, token: desk})
		if answer.Code != status || p.Code != code {
			t.Fatalf("%s %s: %d %s", method, path, answer.Code, answer.Body)
		}
		_ = json.Unmarshal(answer.Body.Bytes(), &page)
		return page
	}
	for body, want := range map[string]Code{
		`{"address":"nobody","role":"agent"}`:                           FieldInvalid,
		`{"address":"sam@mail.test","role":"king"}`:                     RequestInvalid,
		`{"address":"sam@mail.test","role":"agent","premises":["x"]}`:   RequestInvalid,
		`{"address":"a@mail.test","role":"agent","inviter":"cus_1"}`:    RequestInvalid,
		`{"address":"` + strings.Repeat("a", 400) + `","role":"agent"}`: RequestInvalid,
	} {
		ask("POST", at, body, http.StatusUnprocessableEntity, want)
	}
	page := ask("POST", at, `{"address":"Sam@Mail.test","role":"occupier","language":"es","reason":"at the counter"}`, http.StatusOK, "")
	if len(page.Invitations) != 1 || page.Invitations[0].Address != "sam@mail.test" || page.Invitations[0].By != "operator/robin" {
		t.Fatalf("%+v", page)
	}
	one := page.Invitations[0]
	if len(r.letterbox.sent) != 1 || !strings.Contains(r.letterbox.sent[0].Values["link"], r.cfg.Invited) || r.letterbox.sent[0].To.Language != "es" {
		t.Errorf("they were written %+v", r.letterbox.sent)
	}
	if secret := r.letterbox.sent[0].Values["link"]; strings.Contains(secret, one.ID) {
		t.Error("what is shown lets somebody in")
	}
	ask("POST", Prefix+"/environments/acme/preview/accounts/HL-2/invitations/"+one.ID+"/revoke", `{}`, http.StatusNotFound, NotFound)
	ask("POST", at+"/"+one.ID[:10]+"/revoke", `{}`, http.StatusNotFound, NotFound)
	if page := ask("POST", at+"/"+one.ID+"/revoke", `{"reason":"wrong address"}`, http.StatusOK, ""); len(page.Invitations) != 0 {
		t.Errorf("%+v", page)
	}
	ask("POST", at+"/"+one.ID+"/revoke", `{}`, http.StatusNotFound, NotFound)
	for kind, want := range map[audit.Type]int{audit.MemberInvited: 1, audit.InvitationWithdrawn: 1, audit.AccountViewed: 2} {
		found, _, err := r.cfg.Ledger.Events(t.Context(), live.ID, "type:"+string(kind)+" actor:operator/robin", "", 9)
		r.must(err)
		if len(found) != want {
			t.Errorf("%d of %s", len(found), kind)
		}
		for _, e := range found {
			if strings.Contains(string(e.Detail), "sam@") {
				t.Errorf("%s tells the address", kind)
			}
		}
	}
	// One address is not written to over and over, whoever asks.
	for n := range 6 {
		answer, p := r.ask(sent{method: "POST", path: at, body: `{"address":"lee@mail.test","role":"agent"}`, token: desk})
		if n < 5 && answer.Code != http.StatusOK || n == 5 && p.Code != NotNow {
			t.Errorf("invitation %d: %d %s", n, answer.Code, answer.Body)
		}
	}
}
