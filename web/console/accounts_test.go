package console

import (
	"errors"
	"strings"
	"testing"

	"sallyport/pure/customer"
	"sallyport/service/operator"
	"sallyport/store"
)

// household makes an account of which somebody is a member, and nobody the owner.
func (s *site) household(tx store.Tx, id customer.AccountID, who customer.ID) error {
	return errors.Join(
		tx.PutAccount(s.Context(), customer.Account{ID: id, Number: "HL-1", Name: "<b>Wharf", State: customer.AccountOpen, Created: s.now, Updated: s.now}),
		tx.PutPremises(s.Context(), customer.Premises{ID: customer.PremisesID{1}, Account: id, Address: customer.Address{Town: "<b>Harbour"}, Created: s.now, Updated: s.now}),
		tx.PutMember(s.Context(), customer.Member{Account: id, Customer: who, Role: customer.Occupier, Since: s.now, By: "operator/<b>rita"}),
		tx.PutAgreement(s.Context(), store.Agreement{Customer: who, Kind: store.AgreedDocument, Document: "terms", Version: "1", Given: s.now}),
		tx.PutTags(s.Context(), who, []string{"hardship"}))
}

// account is the one of a tenant's disabled customer.
func (t things) account() string {
	id, err := customer.ParseID(t.disabled)
	if err != nil {
		return "none"
	}
	return customer.AccountID{3, id[1]}.String()
}

func TestAccountsAreShownWithWhoMadeWhomAMember(t *testing.T) {
	s := newSite(t)
	s.furnish()
	s.as(operator.Owner, "")
	things := s.things("harbourlight")
	for path, wants := range map[string][]string{
		"/accounts?q=hl":                {"HL-1", "&lt;b&gt;Wharf"},
		"/accounts?q=zz":                {"No account"},
		"/accounts/" + things.account(): {"Nobody owns it", "&lt;b&gt;Harbour", "operator/&lt;b&gt;rita", "occupier", "Off"},
		"/customers/" + things.disabled: {"HL-1", "occupier", ">document<", ">terms", "hardship"},
	} {
		got := s.open("/e/harbourlight/production" + path)
		for _, want := range wants {
			if got.Code != 200 || !strings.Contains(got.Body.String(), want) {
				t.Errorf("%s: %d, without %q", path, got.Code, want)
			}
		}
	}
	for path, want := range map[string]int{"/accounts?q=" + strings.Repeat("x", 70): 400, "/accounts/acc_none": 404, "/accounts/" + (customer.AccountID{9}).String(): 404} {
		if got := s.open("/e/harbourlight/production" + path); got.Code != want {
			t.Errorf("%.40s: %d, want %d", path, got.Code, want)
		}
	}
}
