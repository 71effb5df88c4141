package console

import (
	"net/url"
	"strings"
	"testing"

	"sallyport/pure/customer"
	"sallyport/service/audit"
	"sallyport/service/claim"
	"sallyport/service/environment"
	"sallyport/service/operator"
	"sallyport/store"
)

// waiting is the claim of an environment's disabled customer.
func waiting(live *environment.Live) store.ClaimID { return store.ClaimID{4, byte(live.ID)} }

// waits makes a claim that waits, to the account that [site.household] makes.
func (s *site) waits(tx store.Tx, id store.ClaimID, who customer.ID) error {
	return tx.PutClaim(s.Context(), store.Claim{
		ID: id, Customer: who, Place: "<b>billing", Number: "HL-1", State: store.ClaimWaits, Reason: claim.BecauseOwned,
		Evidence: []byte(`{"by":"facts","place":"billing","right":["<b>postcode"],"wrong":["last-bill"]}`), Created: s.now, Updated: s.now,
	})
}

func TestClaimsAreShownWithWhatTheyWentBy(t *testing.T) {
	s := newSite(t)
	s.furnish()
	s.as(operator.Privacy, "")
	live, _ := s.cfg.Registry.ByName("harbourlight", "production")
	things, at := s.things("harbourlight"), "/e/harbourlight/production/claims"
	for path, wants := range map[string][]string{
		"":                              {"HL-1", "&lt;b&gt;postcode", "last-bill", "Somebody owns the account already."},
		"?number=hl-1":                  {"HL-1", "&lt;b&gt;postcode"},
		"?number=hl-2":                  {"There is no such claim."},
		"?state=granted":                {"There is no such claim."},
		"?state=any":                    {"&lt;b&gt;postcode"},
		"?customer=" + things.disabled:  {"&lt;b&gt;postcode", `name="customer" value="` + things.disabled},
		"?customer=" + s.dana.String():  {"There is no such claim."},
		"/" + things.claim:              {"Claim to HL-1", "/accounts/" + things.account(), "/customers/" + things.disabled, "&lt;b&gt;billing", "&lt;b&gt;postcode"},
		"?after=" + things.claim:        {"There is no such claim."},
		"?state=<b>&number=HL-1&after=": {"&lt;b&gt;postcode"},
	} {
		got := s.open(at + path)
		for _, want := range wants {
			if got.Code != 200 || !strings.Contains(got.Body.String(), want) {
				t.Errorf("%s: %d, without %q", path, got.Code, want)
			}
		}
		if strings.Contains(got.Body.String(), "Grant claim") {
			t.Errorf("%s offers what is not theirs", path)
		}
	}
	for path, want := range map[string]int{"?number=" + strings.Repeat("x", 90): 400, "?customer=x": 404, "?after=x": 404, "/clm_none": 404, "/" + s.things("orchard").claim: 404} {
		if got := s.open(at + path); got.Code != want {
			t.Errorf("%.40s: %d, want %d", path, got.Code, want)
		}
	}
	for kind, want := range map[string]int{"type:" + string(audit.CustomersSearched): 8, "type:" + string(audit.CustomerViewed): 1} {
		found, _, err := s.cfg.Ledger.Events(t.Context(), live.ID, kind, "", 99)
		s.must(err)
		if len(found) != want || kind == "type:"+string(audit.CustomerViewed) && found[0].Customer != things.disabled {
			t.Errorf("%s is in the ledger %d times", kind, len(found))
		}
	}
}

func TestAClaimIsDecidedAsItWasSeenAndForAReason(t *testing.T) {
	s := newSite(t)
	s.furnish()
	live, _ := s.cfg.Registry.ByName("harbourlight", "production")
	s.must(s.store.Write(t.Context(), live.ID, func(tx store.Tx) error { return s.waits(tx, store.ClaimID{9}, s.dana) }))
	s.as(operator.Desk, "harbourlight")
	at := "/e/harbourlight/production/claims/"
	hers, off := at+claim.IDText(store.ClaimID{9}), at+claim.IDText(waiting(live))
	state := func() store.ClaimState {
		c, err := s.cfg.Claims.Get(t.Context(), live, store.ClaimID{9})
		s.must(err)
		return c.State
	}
	form := func(reason, version, role string) url.Values {
		return url.Values{"reason": {reason}, "version": {version}, "role": {role}}
	}
	for name, test := range map[string]struct {
		values url.Values
		want   int
		says   string
	}{
		"no reason":           {form(" ", "1", "agent"), 422, "Say why"},
		"no role":             {form("a letter", "1", ""), 422, "Say as what"},
		"no role of ours":     {form("a letter", "1", "king"), 422, "Say as what"},
		"no version":          {form("a letter", "", "agent"), 404, ""},
		"a version never was": {form("a letter", "9", "agent"), 409, "tried again"},
	} {
		if got := s.post(hers+"/grant", test.values); got.Code != test.want || !strings.Contains(got.Body.String(), test.says) || state() != store.ClaimWaits {
			t.Errorf("%s: %d, it %s", name, got.Code, state())
		}
	}
	if page := s.open(hers + "/grant").Body.String(); !strings.Contains(page, `name="version" value="1"`) || strings.Contains(page, " checked") {
		t.Error("the page does not hold the version that it shows, or chooses a role")
	}
	got := s.post(hers+"/grant", form("a letter", "1", "agent"))
	if got.Code != 303 || !strings.HasPrefix(leads(got.Header().Get("Location")), hers+"?done=claim-granted.") || state() != store.ClaimGranted {
		t.Fatalf("%d %v\n%s", got.Code, got.Header(), got.Body)
	}
	if page := s.open(leads(got.Header().Get("Location"))).Body.String(); !strings.Contains(page, "They are a member") || !strings.Contains(page, "a letter") || strings.Contains(page, "Refuse claim") {
		t.Error("the page does not say what was done")
	}
	if theirs, _, err := s.cfg.Directory.Memberships(t.Context(), live.ID, s.dana, customer.AccountID{}, 9); err != nil || len(theirs) != 1 || theirs[0].Member.Role != customer.Agent {
		t.Errorf("they are %+v, %v", theirs, err)
	}
	for _, word := range []string{"/grant", "/refuse"} {
		if again := s.post(hers+word, form("again", "2", "owner")); again.Code != 409 {
			t.Errorf("%s once more: %d", word, again.Code)
		}
	}
	if got := s.post(off+"/refuse", form("no letter came", "1", "")); got.Code != 303 {
		t.Errorf("refusing: %d\n%s", got.Code, got.Body)
	}
	for kind, detail := range map[audit.Type]string{audit.AccountGranted: `"reason":"a letter"`, audit.AccountDenied: `"reason":"no letter came"`} {
		found, _, err := s.cfg.Ledger.Events(t.Context(), live.ID, "type:"+string(kind), "", 9)
		s.must(err)
		if len(found) != 1 || found[0].Actor != "operator/desk.harbourlightx" || !strings.Contains(string(found[0].Detail), detail) {
			t.Errorf("%s: the ledger says %+v", kind, found)
		}
	}
}

// Whoever makes somebody the owner of an account was there a moment ago.
func TestAClaimIsGrantedByAFreshSignInAlone(t *testing.T) {
	s := newSite(t)
	s.furnish()
	s.as(operator.Desk, "harbourlight")
	s.has.SignedIn = s.now.Add(-freshFor - 1)
	at := "/e/harbourlight/production/claims/" + s.things("harbourlight").claim
	if got := s.post(at+"/grant", url.Values{"reason": {"x"}, "version": {"1"}, "role": {"owner"}}); got.Code != 303 || !s.asked.Reauthenticate || !s.asked.TwoFactors {
		t.Errorf("%d, asked %+v", got.Code, s.asked)
	}
	if page := s.open(at).Body.String(); !strings.Contains(page, "Waits") {
		t.Error("it was granted all the same")
	}
}
