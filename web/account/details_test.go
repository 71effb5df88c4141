package account_test

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"sallyport/pure/customer"
	"sallyport/service/audit"
	"sallyport/service/directory"
	"sallyport/service/signin/signintest"
)

// registered is the tree with an attribute that customers say of themselves, and one that
// the business keeps.
func registered() string {
	return strings.Replace(signintest.Tree, "environments:\n", `groups:
  - {name: staff}
attributes:
  - {name: household, title: People in your household, type: number, owner: retail, purpose: advice, classification: personal, retention: relationship, self_service: true}
  - {name: credit, title: Credit, type: text, owner: retail, purpose: billing, classification: sensitive, retention: relationship}
environments:
`, 1)
}

func TestCustomersChangeWhatIsTheirsToSayAndNothingElse(t *testing.T) {
	s := newSite(t, nil)
	v, id := s.dana()
	s.Apply(s.Live, registered())
	page := v.open("/account/you")
	page.shows(t, 200, `value="dana"`, "People in your household", `name="detail-household"`)
	page.lacks(t, "Credit")
	before, err := s.Store.Customer(t.Context(), s.Live.ID, id)
	if err != nil {
		t.Fatal(err)
	}
	v.post("/account/you", "/account/you", "name", "Dana Okafor", "detail-household", "3", "detail-credit", "good", "credit", "good", "detail-language", "xx",
		"groups", "staff", "state", "active", "version", "99", "id", "x", "not_before", "0", "email", "evil@mail.test", "verified", "true", "customer", "x").leads(t, s, "/account")
	now, err := s.Store.Customer(t.Context(), s.Live.ID, id)
	if err != nil {
		t.Fatal(err)
	}
	if now.Name != "Dana Okafor" || len(now.Attributes) != 1 || now.Attributes["household"] != "3" || len(now.Groups) != 0 || now.Version != before.Version+1 {
		t.Errorf("she is %+v", now)
	}
	v.open("/account").shows(t, 200, "Your details are kept.", "Dana Okafor")
	for field, text := range map[string]string{"detail-household": "many", "name": strings.Repeat("x", 5000)} {
		v.post("/account/you", "/account/you", field, text).shows(t, 422, `href="#`+field+`"`)
	}
	v.post("/account/you", "/account/you", "detail-household", "").leads(t, s, "/account")
	now, err = s.Store.Customer(t.Context(), s.Live.ID, id)
	if err != nil || len(now.Attributes) != 0 || now.Name != "Dana Okafor" {
		t.Errorf("she is %+v, %v", now, err)
	}
}

func TestWhatWasAddedLatelyIsTakenAwayWithOneTap(t *testing.T) {
	s := newSite(t, nil)
	v, id := s.dana()
	v.open("/account/recent").shows(t, 200, "Nothing was added")
	for _, address := range []string{"old@mail.test", "planted@mail.test"} {
		if _, err := s.Directory.Prove(t.Context(), s.Live, id, customer.Email, address, "", directory.ProvedByCode, audit.Customer(id.String())); err != nil {
			t.Fatal(err)
		}
		if address == "old@mail.test" {
			s.Pass(31 * 24 * time.Hour)
		}
	}
	v = s.visitor()
	v.signIn("/account/recent", "dana", danasPassword)
	page := v.open("/account/recent")
	page.shows(t, 200, "p•••@mail.test", `value="recent"`)
	page.lacks(t, "o•••@mail.test")
	_, rest, _ := strings.Cut(page.text, `action="`)
	action, _, _ := strings.Cut(rest, `"`)
	v.send(http.MethodPost, action, url.Values{"form": {page.token()}, "from": {"recent"}}).leads(t, s, "/account/recent")
	v.open("/account/recent").shows(t, 200, "Nothing was added")
}

func TestWhatSomebodyAgreedToIsProvedByAFile(t *testing.T) {
	s := newSite(t, nil)
	v, id := s.dana()
	s.Apply(s.Live, signintest.Tree+agreements)
	answer := func(say string) {
		t.Helper()
		v.post("/account/agreements", "/account/agreements", "purpose", "news", "version", "1", "answer", say).leads(t, s, "/account/agreements")
		s.Pass(time.Second)
	}
	answer("yes")
	answer("no")
	v.open("/account/agreements").shows(t, 200, "What you said before", "Yes to version 1", `id="agreements-proof"`)
	file := v.post("/account/agreements", "/account/agreements/proof")
	if file.StatusCode != 200 || file.Header.Get("Content-Disposition") != `attachment; filename="my-agreements.json"` {
		t.Fatalf("got %d, %v", file.StatusCode, file.Header)
	}
	var proof directory.AgreementProof
	if err := json.Unmarshal([]byte(file.text), &proof); err != nil || proof.Customer != id || len(proof.Agreements) != 2 {
		t.Fatalf("the file is %s, %v", file.text, err)
	}
	first, second := proof.Agreements[0], proof.Agreements[1]
	if first.Refused || !second.Refused || first.Version != "1" || len(first.Digest) != 64 || first.Digest == second.Digest || len(first.Evidence) == 0 || first.Withdrawn == nil && !first.Replaced {
		t.Errorf("it proves %+v", proof.Agreements)
	}
}
