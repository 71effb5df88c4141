package issue

import (
	"slices"

	"sallyport/pure/claim"
)

// placed is what the configured claims of one place gave.
type placed struct {
	claim.Result
	own int // members that stood there before
}

// configured adds the server's own claims for one place. None can replace a claim
// that is there.
func (c *Claims) configured(i *issuance, place claim.Place) {
	if i.server.Told.Len() == 0 {
		return
	}
	result := placed{i.server.Told.Evaluate(place, i.claimInput()), len(*c)}
	result.Overage = slices.DeleteFunc(result.Overage, c.has)
	for _, v := range result.Values {
		c.addNew(v.Name, v.Value)
	}
	if len(result.Overage) > 0 {
		c.add(claim.Overage, result.Overage)
	}
	if i.told == nil {
		i.told = map[claim.Place]placed{}
	}
	i.told[place] = result
}

// claimInput is what the server's own claims are made of.
func (i *issuance) claimInput() *claim.Input {
	if i.input != nil {
		return i.input
	}
	i.input = &claim.Input{
		Application: claim.Application{Name: i.application.Name, Owner: i.application.Owner, Tags: i.application.Tags},
		Scopes:      i.granted, Grant: i.request.Grant, Assurance: i.request.Assurance, Filled: i.filled,
	}
	if p := i.person; p != nil {
		i.input.Customer = &claim.Customer{ID: p.subject, Name: p.customer.Name, Groups: p.customer.Groups, Attributes: p.customer.Attributes, Accounts: p.accounts, MoreAccounts: p.more}
	}
	return i.input
}
