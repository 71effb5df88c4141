package admin

import (
	"context"
	"encoding/json"
	"net/http"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"sallyport/pure/customer"
	"sallyport/service/claim"
	"sallyport/service/directory"
	"sallyport/service/operator"
)

// AccountClaim is a customer's claim to an account of the business.
type AccountClaim struct {
	ID       string          `json:"id"`
	Customer string          `json:"customer"`
	Number   string          `json:"number" doc:"Of the account; there may be none"`
	State    string          `json:"state" enum:"waits,granted,refused"`
	Reason   string          `json:"reason" doc:"A stable word: why it waits"`
	Evidence json.RawMessage `json:"evidence,omitempty" doc:"Which facts were right, by name; never what was said"`
	Created  time.Time       `json:"created"`
	Updated  time.Time       `json:"updated"`
	By       string          `json:"by,omitempty" doc:"Who decided"`
	Note     string          `json:"note,omitempty" doc:"Why"`
}

// AccountClaims is a page of claims, oldest first.
type AccountClaims struct {
	Version int            `json:"version"`
	Place   string         `json:"environment"`
	Claims  []AccountClaim `json:"claims"`
	Next    string         `json:"next,omitempty" doc:"What after= takes for the next page"`
}

// OneAccountClaim is a claim by itself.
type OneAccountClaim struct {
	Version int    `json:"version"`
	Place   string `json:"environment"`
	AccountClaim
}

// ClaimDecision is what a person says to a claim that waits.
type ClaimDecision struct {
	Decision string `json:"decision" enum:"grant,refuse"`
	Role     string `json:"role,omitempty" enum:"owner,occupier,agent" doc:"Of a granted one; left out: owner"`
	Note     string `json:"note" minLength:"1" maxLength:"1024" doc:"Why"`
}

func (a *api) claimRoutes() {
	route(a, right{operator.ReadCustomers, there}, huma.Operation{
		OperationID: "list-claims", Method: http.MethodGet, Path: here("/claims"),
		Summary: "List claims to accounts, oldest first",
	}, a.claims)
	route(a, right{operator.ReadCustomers, there}, huma.Operation{
		OperationID: "show-claim", Method: http.MethodGet, Path: here("/claims/{claim}"),
		Summary: "Show a claim to an account",
	}, func(ctx context.Context, in *struct {
		Place
		Caller
		ID string `path:"claim" maxLength:"40"`
	},
	) (*answer[OneAccountClaim], error) {
		live, err := a.at(in.Place)
		if err != nil {
			return nil, err
		}
		id, err := claim.ParseID(in.ID)
		if err != nil {
			return nil, err
		}
		c, err := a.cfg.Claims.Get(ctx, live, id)
		if err != nil {
			return nil, err
		}
		return say(OneAccountClaim{1, name(live), claimOf(c)}), a.recordView(ctx, live, c.Customer, in.Caller)
	})
	route(a, right{operator.HelpCustomers, there}, huma.Operation{
		OperationID: "decide-claim", Method: http.MethodPost, Path: here("/claims/{claim}/decision"),
		Summary: "Grant or refuse a claim that waits. Whoever owns the account stays its owner",
	}, a.decideClaim)
}

func (a *api) claims(ctx context.Context, in *struct {
	Place
	Caller
	State    string `query:"state" enum:"waits,granted,refused"`
	Customer string `query:"customer" maxLength:"40"`
	Number   string `query:"number" maxLength:"64"`
	After    string `query:"after" maxLength:"40"`
	Limit    int    `query:"limit" minimum:"1" maximum:"200" default:"100"`
},
) (*answer[AccountClaims], error) {
	live, err := a.at(in.Place)
	if err != nil {
		return nil, err
	}
	page := claim.Page{State: claim.State(in.State), Limit: in.Limit}
	if in.Customer != "" {
		if page.Customer, err = customer.ParseID(in.Customer); err != nil {
			return nil, problem(RequestInvalid, "customer is no id of one")
		}
	}
	if in.Number != "" {
		if page.Number, err = customer.AccountNumber(in.Number); err != nil {
			return nil, problem(RequestInvalid, "number can be no number of an account")
		}
	}
	if in.After != "" {
		if page.After, err = claim.ParseID(in.After); err != nil {
			return nil, problem(RequestInvalid, "after is no id of a claim")
		}
	}
	found, err := a.cfg.Claims.List(ctx, live, page)
	if err != nil {
		return nil, err
	}
	all := AccountClaims{Version: 1, Place: name(live), Claims: []AccountClaim{}}
	looked := directory.Looked{By: in.actor(), Kind: "claim", Typed: strings.TrimSpace(in.Customer + " " + in.Number), Found: len(found)}
	for _, c := range found {
		looked.Whom = append(looked.Whom, c.Customer)
		all.Claims = append(all.Claims, claimOf(c))
	}
	if len(found) == in.Limit {
		all.Next = claim.IDText(found[len(found)-1].ID)
	}
	return say(all), a.cfg.Directory.Listed(ctx, live.ID, looked)
}

func claimOf(c claim.Kept) AccountClaim {
	return AccountClaim{
		ID: claim.IDText(c.ID), Customer: c.Customer.String(), Number: c.Number, State: string(c.State), Reason: c.Reason, Evidence: c.Evidence,
		Created: c.Created.UTC(), Updated: c.Updated.UTC(), By: c.By, Note: c.Note,
	}
}

func (a *api) decideClaim(ctx context.Context, in *struct {
	Place
	Caller
	ID   string `path:"claim" maxLength:"40"`
	Body ClaimDecision
},
) (*answer[OneAccountClaim], error) {
	live, err := a.at(in.Place)
	if err != nil {
		return nil, err
	}
	id, err := claim.ParseID(in.ID)
	if err != nil {
		return nil, err
	}
	decided, err := a.cfg.Claims.Decide(ctx, live, id, claim.Decision{
		Grant: in.Body.Decision == "grant", Role: customer.Role(in.Body.Role), Note: in.Body.Note, By: in.actor(),
	})
	if err != nil {
		return nil, err
	}
	return say(OneAccountClaim{1, name(live), claimOf(decided)}), nil
}
