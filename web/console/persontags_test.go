package console

import (
	"encoding/json"
	"net/url"
	"strings"
	"testing"

	"sallyport/service/audit"
	"sallyport/service/directory"
	"sallyport/service/operator"
	"sallyport/store"
)

func TestTagsComeAndGoForAReason(t *testing.T) {
	s := newSite(t)
	s.as(operator.Desk, "harbourlight")
	live, _ := s.cfg.Registry.ByName("harbourlight", "production")
	at := "/e/harbourlight/production/customers/" + s.dana.String()
	s.must(s.store.Write(t.Context(), live.ID, func(tx store.Tx) error {
		return tx.PutTags(t.Context(), s.dana, []string{"solar", "hardship"})
	}))
	worn := func() string {
		all, err := s.cfg.Directory.Tags(t.Context(), live.ID, s.dana)
		s.must(err)
		return strings.Join(all, " ")
	}
	form := func(add, remove, reason string) url.Values {
		v := url.Values{"add": {add}, "reason": {reason}}
		if remove != "" {
			v.Set("remove", remove)
		}
		return v
	}
	for name, test := range map[string]struct {
		values url.Values
		says   string
	}{
		"nothing":           {form("", "", "why"), "Name a tag"},
		"no reason":         {form("late", "", " "), "Say why"},
		"no word":           {form("late <b>", "solar", "why"), "A tag is of"},
		"too long a word":   {form(strings.Repeat("x", 64), "", "why"), "A tag is of"},
		"too many":          {form(strings.Repeat("x ", 21), "", "why"), "as many"},
		"too many with all": {form("a b c d e f g h i j k l m n o p q r s", "", "why"), "more than 20"},
	} {
		got := s.post(at+"/tags", test.values)
		if got.Code != 422 || !strings.Contains(got.Body.String(), test.says) || strings.Contains(got.Body.String(), "late <b>") || worn() != "hardship solar" {
			t.Errorf("%s: %d, they wear %q", name, got.Code, worn())
		}
	}
	got := s.post(at+"/tags", form("Late, storm-2026", "solar", "their letter"))
	if got.Code != 303 || worn() != "hardship late storm-2026" {
		t.Fatalf("%d, they wear %q\n%s", got.Code, worn(), got.Body)
	}
	if page := s.open(leads(got.Header().Get("Location"))).Body.String(); !strings.Contains(page, "The tags are changed.") || !strings.Contains(page, "storm-2026") || strings.Contains(page, "solar") {
		t.Error("the page does not say what was done")
	}
	found, _, err := s.cfg.Ledger.Events(t.Context(), live.ID, "type:"+string(audit.CustomerTagged), "", 9)
	s.must(err)
	if len(found) != 1 || string(found[0].Detail) != `{"added":["late","storm-2026"],"removed":["solar"],"reason":"their letter"}` || found[0].Actor != "operator/desk.harbourlightx" {
		t.Errorf("the ledger says %+v", found)
	}
}

func TestWhatSomebodyAgreedToIsTakenAsAFileWithATrace(t *testing.T) {
	s := newSite(t)
	s.as(operator.Privacy, "harbourlight")
	live, _ := s.cfg.Registry.ByName("harbourlight", "production")
	at := "/e/harbourlight/production/customers/" + s.dana.String()
	if page := s.open(at).Body.String(); strings.Contains(page, "agreements.json") {
		t.Error("there is a file of nothing")
	}
	terms := store.Agreement{
		Customer: s.dana, Kind: store.AgreedDocument, Document: "terms", Version: "<b>1", Given: s.now,
		Evidence: []byte(`{"application":"<b>my-account","journey":"registration","address":"192.0.2.9"}`),
	}
	s.must(s.store.Write(t.Context(), live.ID, func(tx store.Tx) error {
		if err := tx.PutConsent(t.Context(), store.Consent{Customer: s.dana, Application: "<b>partner", Server: "apps", Scopes: []string{"billing.read.bill"}, Given: s.now, Updated: s.now}); err != nil {
			return err
		}
		return tx.PutAgreement(t.Context(), terms)
	}))
	page := s.open(at).Body.String()
	for _, want := range []string{"agreements.json", "&lt;b&gt;my-account", "journey registration", "&lt;b&gt;1", "&lt;b&gt;partner", "billing.read.bill"} {
		if !strings.Contains(page, want) {
			t.Errorf("the page does not show %q", want)
		}
	}
	got := s.open(at + "/agreements.json")
	var proof directory.AgreementProof
	s.must(json.Unmarshal(got.Body.Bytes(), &proof))
	if len(proof.Agreements) != 1 || proof.Agreements[0].Digest != directory.AgreementDigest(terms) || proof.Customer != s.dana ||
		!strings.HasPrefix(got.Header().Get("Content-Disposition"), "attachment; ") || got.Header().Get("Cache-Control") != "no-store" {
		t.Errorf("%v %+v", got.Header(), proof)
	}
	found, _, err := s.cfg.Ledger.Events(t.Context(), live.ID, "type:"+string(audit.CustomerViewed), "", 9)
	s.must(err)
	if len(found) != 3 || string(found[0].Detail) != `{"file":"agreements"}` || found[0].Customer != s.dana.String() {
		t.Errorf("the ledger says %+v", found)
	}
}
