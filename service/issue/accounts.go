package issue

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"slices"

	"sallyport/pure/access"
	"sallyport/pure/claim"
	"sallyport/pure/config"
	"sallyport/pure/customer"
	"sallyport/service/verify"
	"sallyport/store"
)

// belong loads of which accounts the customer is a member, if a claim of the places tells
// of them. Closed accounts are left out, and those of which a member is shown some premises
// alone: whoever reads a number in a token takes it for the whole account.
func (s *Service) belong(ctx context.Context, i *issuance, places ...claim.Place) error {
	if i.person == nil || i.person.customer.ID.IsZero() || !i.server.Told.NeedsAccounts(i.granted, places...) {
		return nil
	}
	all, err := s.cfg.Store.Memberships(ctx, i.view.Env, i.person.customer.ID, customer.AccountID{}, claim.MaxAccounts+1)
	if err != nil {
		return fmt.Errorf("reading accounts: %w", err)
	}
	i.person.accounts, i.person.more = accountsOf(all), len(all) > claim.MaxAccounts
	return nil
}

func accountsOf(all []store.Membership) (told []claim.Account) {
	for _, m := range all {
		if m.Account.State == customer.AccountOpen && (m.Member.Role == customer.Owner || len(m.Member.Premises) == 0) {
			told = append(told, claim.Account{Number: m.Account.Number, Role: string(m.Member.Role)})
		}
	}
	slices.SortFunc(told, func(a, b claim.Account) int { return cmp.Compare(a.Number, b.Number) })
	return told
}

// asNow gives the members of a token with the accounts that its customer has now, and not
// those that they had when it was issued: whoever left one is out of it for everybody who
// asks.
func (s *Service) asNow(ctx context.Context, v View, server *config.LiveServer, found *verify.Token) ([]byte, error) {
	id, err := customer.ParseID(found.Subject)
	scopes := make([]access.Scope, len(found.Scopes))
	for n, scope := range found.Scopes {
		scopes[n] = access.Scope(scope)
	}
	if err != nil || !server.Told.NeedsAccounts(scopes, claim.Access) {
		return found.Claims, nil
	}
	application := v.Snapshot.Applications[found.ClientID]
	if application == nil {
		return found.Claims, nil
	}
	i := &issuance{
		inquiry: &inquiry{view: v, server: server, application: application, person: &person{customer: customer.Customer{ID: id}, subject: found.Subject}},
		granted: scopes,
	}
	if err := s.belong(ctx, i, claim.Access); err != nil {
		return nil, err
	}
	var members map[string]json.RawMessage
	if err := json.Unmarshal(found.Claims, &members); err != nil {
		return nil, fmt.Errorf("reading the claims of a token: %w", err)
	}
	return i.replaceAccounts(members)
}

// replaceAccounts writes the claims that tell of accounts anew.
func (i *issuance) replaceAccounts(members map[string]json.RawMessage) ([]byte, error) {
	set := i.server.Told
	result := set.Evaluate(claim.Access, i.claimInput())
	over := map[string]bool{}
	var before []string
	_ = json.Unmarshal(members[claim.Overage], &before) // there may be none
	for _, name := range before {
		over[name] = true
	}
	for n := range set.Len() {
		c := set.At(n)
		if !c.TellsAccounts() || !c.In(claim.Access, i.granted) {
			continue
		}
		delete(members, c.Name())
		if over[c.Name()] = slices.Contains(result.Overage, c.Name()); over[c.Name()] {
			continue
		}
		at := slices.IndexFunc(result.Values, func(v claim.Value) bool { return v.Name == c.Name() })
		if at < 0 {
			continue
		}
		value, err := claim.AppendJSON(nil, result.Values[at].Value)
		if err != nil {
			return nil, err
		}
		members[c.Name()] = value
	}
	delete(members, claim.Overage)
	var names []string
	for name, is := range over {
		if is {
			names = append(names, name)
		}
	}
	if slices.Sort(names); names != nil {
		encoded, err := json.Marshal(names)
		if err != nil {
			return nil, err
		}
		members[claim.Overage] = encoded
	}
	return json.Marshal(members)
}
