package console

import (
	"net/url"
	"strings"
	"testing"

	"sallyport/pure/customer"
	"sallyport/service/audit"
	"sallyport/service/operator"
	"sallyport/store"
)

func TestACustomerIsErasedByWhoTypesTheirIdAsTheyWereSeen(t *testing.T) {
	s := newSite(t)
	s.furnish()
	live, _ := s.cfg.Registry.ByName("harbourlight", "production")
	s.must(s.store.Write(t.Context(), live.ID, func(tx store.Tx) error {
		// They own one account, of which another is a member; the other owns nothing.
		if err := tx.PutMember(t.Context(), customer.Member{Account: customer.AccountID{3, byte(live.ID)}, Customer: s.dana, Role: customer.Owner, Since: s.now}); err != nil {
			return err
		}
		alone := customer.AccountID{8}
		if err := tx.PutAccount(t.Context(), customer.Account{ID: alone, Number: "HL-8", State: customer.AccountOpen, Created: s.now, Updated: s.now}); err != nil {
			return err
		}
		return tx.PutMember(t.Context(), customer.Member{Account: alone, Customer: s.dana, Role: customer.Owner, Since: s.now})
	}))
	id := s.dana.String()
	at := "/e/harbourlight/production/customers/" + id
	s.as(operator.Desk, "harbourlight")
	if page := s.open(at).Body.String(); strings.Contains(page, "Erase customer") {
		t.Error("somebody is offered what is not theirs")
	}
	s.as(operator.Privacy, "harbourlight")
	page := s.open(at + "/erase").Body.String()
	for _, want := range []string{"goes with them", "stays, and nobody owns it", `name="version" value="1"`, id, "What stays"} {
		if !strings.Contains(page, want) {
			t.Errorf("the page does not say %q", want)
		}
	}
	form := func(typed, reason, version string) url.Values {
		return url.Values{"customer": {typed}, "reason": {reason}, "version": {version}}
	}
	signed := s.has.SignedIn
	s.has.SignedIn = s.now.Add(-freshFor - 1)
	if got := s.post(at+"/erase", form(id, "their wish", "1")); got.Code != 303 || !s.asked.Reauthenticate || !s.asked.TwoFactors {
		t.Errorf("an old sign-in: %d, asked %+v", got.Code, s.asked)
	}
	s.has.SignedIn = signed
	for name, test := range map[string]struct {
		values url.Values
		want   int
		says   string
	}{
		"another's id":        {form(s.things("harbourlight").disabled, "their wish", "1"), 422, "Type the id"},
		"no id":               {form("", "their wish", "1"), 422, "Type the id"},
		"no reason":           {form(id, " ", "1"), 422, "Say why"},
		"no version":          {form(id, "their wish", "0"), 404, ""},
		"a version never was": {form(id, "their wish", "9"), 409, "Somebody changed"},
	} {
		got := s.post(at+"/erase", test.values)
		if _, err := s.cfg.Directory.Show(t.Context(), live.ID, s.dana); got.Code != test.want || !strings.Contains(got.Body.String(), test.says) || err != nil {
			t.Errorf("%s: %d, %v", name, got.Code, err)
		}
	}
	got := s.post(at+"/erase", form(" "+id+" ", "their wish", "1"))
	if got.Code != 303 {
		t.Fatalf("%d\n%s", got.Code, got.Body)
	}
	if page := s.open(leads(got.Header().Get("Location"))); !strings.Contains(page.Body.String(), "They are erased") {
		t.Error("the page does not say what was done")
	}
	if again := s.open(at); again.Code != 404 {
		t.Errorf("they are still there: %d", again.Code)
	}
	found, _, err := s.cfg.Ledger.Events(t.Context(), live.ID, "type:"+string(audit.CustomerErased), "", 9)
	s.must(err)
	if len(found) != 1 || found[0].Actor != "operator/privacy.harbourlightx" || !strings.Contains(string(found[0].Detail), `"reason":"their wish"`) || !strings.Contains(string(found[0].Detail), `"ownerless"`) {
		t.Errorf("the ledger says %+v", found)
	}
}
