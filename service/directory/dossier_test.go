package directory_test

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"sallyport/pure/customer"
	"sallyport/pure/message"
	"sallyport/service/audit"
	"sallyport/service/directory"
	"sallyport/store"
)

// dossier is that of somebody, as text.
func (w *town) dossier(id customer.ID) string {
	w.t.Helper()
	var out bytes.Buffer
	w.ok(w.Dossier(w.t.Context(), w.live, id, rita, &out))
	if !json.Valid(out.Bytes()) {
		w.t.Fatalf("no JSON: %s", out.String())
	}
	return out.String()
}

func TestADossierNamesNobodyElse(t *testing.T) {
	w := newTown(t)
	dana, lee := w.person("dana"), w.person("lee")
	a := w.account("HL-1", dana)
	secret, err := w.invite(a, audit.Customer(dana.String()), "lee@mail.test") // who is named in the evidence
	w.ok(err)
	_, err = w.Accept(t.Context(), w.live, secret, lee)
	w.ok(err)
	_, err = w.Add(t.Context(), w.live, dana, customer.Email, "lee@work.test", "", rita)
	w.ok(err)
	_, err = w.Prove(t.Context(), w.live, lee, customer.Email, "lee@work.test", "", directory.ProvedByCode, audit.Customer(lee.String())) // from whom, in the detail
	w.ok(err)
	w.ok(w.Leave(t.Context(), w.live, directory.Parting{Account: a.ID, Customer: lee}, audit.Customer(dana.String()))) // by whom, as the actor
	w.ok(w.Join(t.Context(), w.live, directory.Joining{Account: a.ID, Customer: lee, Role: customer.Agent, Grounds: directory.Grounds{
		How: directory.ByInvitation, Proof: map[string]string{"by": string(audit.Customer(dana.String()))},
	}}, rita))
	got := w.dossier(lee)
	for _, not := range []string{dana.String(), "rita"} {
		if strings.Contains(got, not) {
			t.Errorf("%s is in it:\n%s", not, got)
		}
	}
	for _, want := range []string{lee.String(), "another customer", `"by":"operator"`, "HL-1"} {
		if !strings.Contains(strings.ReplaceAll(got, `": "`, `":"`), want) {
			t.Errorf("%q is not in it:\n%s", want, got)
		}
	}
}

func TestADossierHoldsAllOfLongLists(t *testing.T) {
	const many = 450
	w := newTown(t)
	dana := w.person("dana")
	w.ok(w.store.Write(t.Context(), w.live.ID, func(tx store.Tx) error {
		for i := range many {
			n := byte(i)
			if err := tx.CreateGrant(t.Context(), store.Grant{
				ID: store.GrantID{byte(i >> 8), n, 1}, Application: "meterman", Server: "apps", Customer: dana, Created: w.now, Expires: w.now.Add(time.Hour),
			}); err != nil {
				return err
			}
			id := store.ClaimID{byte(i >> 8), n, 1}
			if err := tx.PutMessage(t.Context(), store.Message{
				ID: customer.ID(id).String(), Channel: "email", Template: string(message.SignedOut), Customer: dana, State: store.MessageSent, Created: w.now,
			}); err != nil {
				return err
			}
			if err := tx.PutClaim(t.Context(), store.Claim{
				ID: id, Customer: dana, Place: "billing", Number: "HL-9", State: store.ClaimRefused, Reason: "no-match", Created: w.now, Updated: w.now, Note: "call us",
				By: "operator/rita", Evidence: []byte(`{"who":"operator/rita"}`),
			}); err != nil {
				return err
			}
		}
		return nil
	}))
	got := w.dossier(dana)
	for text, what := range map[string]string{`"meterman"`: "grants", `"signed-out-everywhere"`: "messages", `"call us"`: "claims"} {
		if n := strings.Count(got, text); n != many {
			t.Errorf("%d of %d %s", n, many, what)
		}
	}
	if strings.Contains(got, "rita") {
		t.Error("who decided is in it")
	}
}

// Else what stays of an agreement, with everything but an address in the clear, would
// tell the address to whoever tries them all.
func TestWhatStaysOfAnAgreementCannotBeGuessed(t *testing.T) {
	w := newTown(t)
	dana, lee := w.person("dana"), w.person("lee")
	terms := directory.Answer{Kind: store.AgreedDocument, Document: "terms", Version: "1", Evidence: directory.Evidence{Language: "en", Address: "192.0.2.7"}}
	for _, who := range []customer.ID{dana, lee} { // at the same instant, from the same address
		w.ok(w.Agree(t.Context(), w.live, who, []directory.Answer{terms}, audit.Customer(who.String())))
	}
	said, err := w.Agreements(t.Context(), w.live.ID, dana)
	w.ok(err)
	others, err := w.Agreements(t.Context(), w.live.ID, lee)
	w.ok(err)
	if directory.AgreementDigest(said[0]) == directory.AgreementDigest(others[0]) {
		t.Error("the same words give the same digest")
	}
	var evidence directory.Evidence
	w.ok(json.Unmarshal(said[0].Evidence, &evidence))
	if len(evidence.Nonce) != 22 || !strings.Contains(w.dossier(dana), evidence.Nonce) {
		t.Errorf("the person cannot prove it: %+v", evidence)
	}
}
