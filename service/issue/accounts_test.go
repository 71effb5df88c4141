package issue_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"sallyport/protocol/oauth"
	"sallyport/pure/customer"
	"sallyport/service/issue"
	"sallyport/service/issue/issuetest"
	"sallyport/service/verify"
	"sallyport/store"
)

const accountClaims = `  - {name: accounts, accounts: {roles: [owner]}, in: [access, userinfo]}
  - {name: all_accounts, accounts: {roles: [owner, occupier, agent], with_role: true}, in: [access], scopes: [billing.write.payment], most: 2000}
`

// joined makes somebody a member of an account.
func joined(t *testing.T, w *issuetest.World, c customer.Customer, n int, change func(*customer.Account, *customer.Member)) customer.AccountID {
	t.Helper()
	a := customer.Account{Number: fmt.Sprintf("HL-%04d", n), State: customer.AccountOpen, Created: w.Now(), Updated: w.Now()}
	copy(a.ID[:], c.ID[:])
	a.ID[0], a.ID[1] = byte(n), byte(n>>8)
	m := customer.Member{Account: a.ID, Customer: c.ID, Role: customer.Owner, Since: w.Now(), By: "operator/test"}
	if change != nil {
		change(&a, &m)
	}
	err := w.Store.Write(t.Context(), w.Live.ID, func(tx store.Tx) error {
		if err := tx.PutAccount(t.Context(), a); err != nil {
			return err
		}
		return tx.PutMember(t.Context(), m)
	})
	if err != nil {
		t.Fatal(err)
	}
	return a.ID
}

func strs(value any) (all []string) {
	list, _ := value.([]any)
	for _, one := range list {
		all = append(all, fmt.Sprint(one))
	}
	return all
}

func TestTokensTellOfAccountsAsTheyAreNow(t *testing.T) {
	w := issuetest.New(t, strings.Replace(issuetest.Tree, accountNumber, accountNumber+accountClaims, 1))
	rosa := w.Customer("Rosa Resident", "residential")
	first := joined(t, w, rosa, 1, nil)
	joined(t, w, rosa, 2, func(_ *customer.Account, m *customer.Member) { m.Role = customer.Occupier })
	joined(t, w, rosa, 3, func(_ *customer.Account, m *customer.Member) {
		m.Role, m.Premises = customer.Agent, []customer.PremisesID{{1}} // a number would tell of the others
	})
	joined(t, w, rosa, 4, func(a *customer.Account, _ *customer.Member) { a.State = customer.AccountClosed })
	joined(t, w, w.Customer("Mallory", "residential"), 5, nil)

	answer := issued(t, w, rosa)
	told := claimsOf(t, answer.AccessToken.Reveal())
	if got := strs(told["accounts"]); !slices.Equal(got, []string{"HL-0001"}) {
		t.Errorf("accounts are %v", got)
	}
	if got := strs(told["all_accounts"]); !slices.Equal(got, []string{"owner:HL-0001", "occupier:HL-0002"}) {
		t.Errorf("with their roles they are %v", got)
	}
	if got := userinfo(t, w, rosa, answer); fmt.Sprint(got["accounts"]) != "[HL-0001]" || got["all_accounts"] != nil {
		t.Errorf("userinfo says %v", got)
	}
	if p := previewed(t, w, rosa); fmt.Sprint(p.AccessClaims.Get("accounts")) != "[HL-0001]" {
		t.Errorf("a preview says %v", p.AccessClaims.Get("accounts"))
	}

	// Whoever leaves is out of it at once for who asks, and in the next token.
	inspected := func() map[string]any {
		t.Helper()
		view := w.View()
		who := issue.Client{Application: view.Snapshot.Applications["billing-api"]}
		payload, err := json.Marshal(told)
		if err != nil {
			t.Fatal(err)
		}
		found := &verify.Token{
			Server: "apps", Subject: rosa.ID.String(), ClientID: "my-account", Scopes: []string{"billing.write.payment", "openid", "profile"}, Claims: payload,
		}
		answer, err := w.Issue.Introspect(t.Context(), view, view.Snapshot.Servers["apps"], who, oauth.TokenReference{Token: answer.AccessToken}, found)
		if err != nil || !answer.Active {
			t.Fatal(answer, err)
		}
		var members map[string]any
		if err := json.Unmarshal(answer.Members, &members); err != nil {
			t.Fatal(err)
		}
		return members
	}
	if err := w.Store.Write(t.Context(), w.Live.ID, func(tx store.Tx) error { return tx.DeleteMember(t.Context(), first, rosa.ID) }); err != nil {
		t.Fatal(err)
	}
	now := inspected()
	if got := strs(now["accounts"]); len(got) != 0 || now["sub"] != told["sub"] || now["scope"] != told["scope"] {
		t.Errorf("introspection says %v", now)
	}
	if got := strs(now["all_accounts"]); !slices.Equal(got, []string{"occupier:HL-0002"}) {
		t.Errorf("introspection says %v", got)
	}
	if got := claimsOf(t, issued(t, w, rosa).AccessToken.Reveal())["accounts"]; len(strs(got)) != 0 {
		t.Errorf("the next token says %v", got)
	}

	// A landlord of very many is told none, and that there are more: half a list is a wrong one.
	for n := range 101 {
		joined(t, w, rosa, 100+n, nil)
	}
	many := claimsOf(t, issued(t, w, rosa).AccessToken.Reveal())
	if many["accounts"] != nil || !slices.Contains(strs(many["overage"]), "accounts") || !slices.Contains(strs(many["overage"]), "all_accounts") {
		t.Errorf("of 100 accounts the token says %v, overage %v", many["accounts"], many["overage"])
	}
	if now := inspected(); now["accounts"] != nil || !slices.Contains(strs(now["overage"]), "accounts") {
		t.Errorf("introspection says %v", now["overage"])
	}
}
