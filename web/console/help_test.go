package console

import (
	"net/url"
	"strings"
	"testing"

	"sallyport/pure/customer"
	"sallyport/service/audit"
	"sallyport/service/operator"
)

// leads tells where a form leads to, without the host.
func leads(location string) string { return strings.TrimPrefix(location, host) }

func TestACustomerIsHelpedAsTheyWereSeenAndForAReason(t *testing.T) {
	s := newSite(t)
	s.as(operator.Desk, "harbourlight")
	live, _ := s.cfg.Registry.ByName("harbourlight", "production")
	at := "/e/harbourlight/production/customers/" + s.dana.String()
	state := func() (customer.State, int64) {
		p, err := s.cfg.Directory.Show(t.Context(), live.ID, s.dana)
		s.must(err)
		return p.Customer.State, p.Customer.Version
	}
	_, seen := state()
	said := ""
	form := func(reason, version string) url.Values { return url.Values{"reason": {reason}, "version": {version}} }
	for name, test := range map[string]struct {
		values url.Values
		want   int
		says   string
	}{
		"no reason":           {form(" ", "1"), 422, "Say why"},
		"too long a reason":   {form(strings.Repeat("x", 501), "1"), 422, "in fewer words"},
		"no version":          {form("theft", ""), 404, ""},
		"a version never was": {form("theft", "99"), 409, "Somebody changed the customer"},
	} {
		got := s.post(at+"/disable", test.values)
		if now, _ := state(); got.Code != test.want || !strings.Contains(got.Body.String(), test.says) || now != customer.Active {
			t.Errorf("%s: %d, they are %s", name, got.Code, now)
		}
	}
	if page := s.open(at + "/disable").Body.String(); !strings.Contains(page, `name="version" value="1"`) || seen != 1 {
		t.Error("the page does not hold the version that it shows")
	}
	if got := s.post(at+"/disable", form("theft", "1")); got.Code != 303 || !strings.HasPrefix(leads(got.Header().Get("Location")), at+"?done=disabled.") {
		t.Fatalf("%d %v\n%s", got.Code, got.Header(), got.Body)
	} else {
		said = leads(got.Header().Get("Location"))
	}
	found, _, err := s.cfg.Ledger.Events(t.Context(), live.ID, "type:customer.changed", "", 9)
	s.must(err)
	if len(found) != 1 || found[0].Actor != "operator/desk.harbourlightx" || string(found[0].Detail) != `{"before":"active","after":"disabled","reason":"theft"}` {
		t.Errorf("the ledger says %+v", found)
	}
	page := s.open(said).Body.String()
	if !strings.Contains(page, "They are disabled") || !strings.Contains(page, "Enable customer") || strings.Contains(page, "Disable customer") {
		t.Error("the page does not say what was done")
	}
	if got := s.post(at+"/disable", form("again", "2")); got.Code != 303 && got.Code != 409 {
		t.Errorf("twice: %d", got.Code)
	}
	_, version := state()
	if got := s.post(at+"/enable", form("it was found", "2")); got.Code != 303 || version != 2 {
		t.Errorf("%d at version %d", got.Code, version)
	}
	if got := s.post(at+"/sign-out", form("to be sure", "3")); got.Code != 303 {
		t.Errorf("%d", got.Code)
	}
	if now, _ := state(); now != customer.Active {
		t.Errorf("they are %s", now)
	}
}

func TestAnAddressSaysNothingInWordsOfItsOwn(t *testing.T) {
	s := newSite(t)
	s.as(operator.Owner, "")
	mine := leads(s.post("/e/harbourlight/production/keys/"+s.things("harbourlight").key, url.Values{}).Header().Get("Location"))
	if page := s.open(mine).Body.String(); !strings.Contains(page, `role="status"`) {
		t.Error("what was done is not said")
	}
	s.has.ID[0]++
	for _, address := range []string{"/e/harbourlight/production/keys?done=You+have+won", "/e/harbourlight/production/keys?done=rotated", mine} {
		if page := s.open(address).Body.String(); strings.Contains(page, "won") || strings.Contains(page, `role="status"`) {
			t.Errorf("%s is believed", address)
		}
	}
}

func TestAFileOfCustomersIsRecorded(t *testing.T) {
	s := newSite(t)
	s.as(operator.Desk, "harbourlight")
	live, _ := s.cfg.Registry.ByName("harbourlight", "production")
	if got := s.open("/e/harbourlight/production/customers.csv?q=da"); got.Code != 200 || !strings.Contains(got.Body.String(), ",dana,username,<b>Dana,active,residential") {
		t.Errorf("%d %s", got.Code, got.Body)
	}
	found, _, err := s.cfg.Ledger.Events(t.Context(), live.ID, "type:"+string(audit.CustomersSearched), "", 9)
	s.must(err)
	if len(found) != 1 || !strings.Contains(string(found[0].Personal), `"typed":"da"`) {
		t.Errorf("%+v", found)
	}
	if got := s.open("/e/harbourlight/production/customers.csv"); got.Code != 404 {
		t.Errorf("all of them: %d", got.Code)
	}
}
