package admin

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"sallyport/pure/customer"
	"sallyport/service/directory"
	"sallyport/service/environment"
	"sallyport/service/operator"
)

// NewMember makes a customer a member, or changes what they are.
type NewMember struct {
	Role     string   `json:"role" enum:"owner,occupier,agent"`
	Premises []string `json:"premises,omitempty" maxItems:"1000"`
	Reason   string   `json:"reason,omitempty" maxLength:"500"`
}

// Parting ends a membership.
type Parting struct {
	Orphan bool   `json:"orphan,omitempty" doc:"leave the account without an owner"`
	Reason string `json:"reason,omitempty" maxLength:"500"`
}

// MembershipRow is an account that a customer is a member of.
type MembershipRow struct {
	AccountRow
	Role  string    `json:"role" enum:"owner,occupier,agent"`
	Since time.Time `json:"since"`
	By    string    `json:"by"`
}

// Memberships is a page of them, by account.
type Memberships struct {
	Version  int             `json:"version"`
	Accounts []MembershipRow `json:"accounts"`
	Next     string          `json:"next,omitempty" doc:"cursor of the next page"`
}

// memberRoutes are those of the account at path one.
func (a *api) memberRoutes(one string) {
	route(a, right{operator.HelpCustomers, there}, huma.Operation{
		OperationID: "put-member", Method: http.MethodPut, Path: one + "/members/{customer}", Summary: "Make a customer a member of an account, or change what they are to it",
	}, a.putMember)
	route(a, right{operator.HelpCustomers, there}, huma.Operation{
		OperationID: "remove-member", Method: http.MethodPost, Path: one + "/members/{customer}/remove", Summary: "End a customer's membership of an account",
	}, a.removeMember)
	route(a, right{operator.ReadCustomers, there}, huma.Operation{
		OperationID: "list-memberships", Method: http.MethodGet, Path: here("/customers/{customer}/accounts"), Summary: "List the accounts that a customer is a member of",
	}, a.listMemberships)
}

// oneOf finds an account, and a customer who is or is to be one of its members.
func (a *api) oneOf(ctx context.Context, at Place, by Caller, account, who string) (*environment.Live, customer.Account, customer.ID, error) {
	live, found, err := a.theAccount(ctx, at, account)
	if err != nil {
		return nil, found, customer.ID{}, err
	}
	id, err := a.whois(ctx, live, who, by)
	return live, found, id, err
}

func (a *api) putMember(ctx context.Context, in *struct {
	Place
	Caller
	Account  string `path:"account" maxLength:"100"`
	Customer string `path:"customer" maxLength:"320"`
	Body     NewMember
},
) (*versioned[Account], error) {
	live, found, id, err := a.oneOf(ctx, in.Place, in.Caller, in.Account, in.Customer)
	if err != nil {
		return nil, err
	}
	premises, err := premisesNamed(in.Body.Premises)
	if err != nil {
		return nil, err
	}
	join := directory.Joining{
		Account: found.ID, Customer: id, Role: customer.Role(in.Body.Role), Premises: premises, Grounds: directory.Grounds{How: directory.ByOperator},
	}
	if err := a.cfg.Directory.Because(in.Body.Reason).Join(ctx, live, join, in.actor()); err != nil {
		return nil, err
	}
	return a.account(ctx, live, found.ID, in.Caller)
}

func (a *api) removeMember(ctx context.Context, in *struct {
	Place
	Caller
	Account  string `path:"account" maxLength:"100"`
	Customer string `path:"customer" maxLength:"320"`
	Body     Parting
},
) (*versioned[Account], error) {
	live, found, id, err := a.oneOf(ctx, in.Place, in.Caller, in.Account, in.Customer)
	if err != nil {
		return nil, err
	}
	part := directory.Parting{Account: found.ID, Customer: id, Orphan: in.Body.Orphan}
	if err := a.cfg.Directory.Because(in.Body.Reason).Leave(ctx, live, part, in.actor()); err != nil {
		return nil, err
	}
	return a.account(ctx, live, found.ID, in.Caller)
}

func (a *api) listMemberships(ctx context.Context, in *struct {
	Place
	Caller
	Customer string `path:"customer" maxLength:"320"`
	Cursor   string `query:"cursor" maxLength:"64"`
	Limit    int    `query:"limit" minimum:"1" maximum:"200" default:"50"`
},
) (*answer[Memberships], error) {
	live, err := a.at(in.Place)
	if err != nil {
		return nil, err
	}
	after, err := cursorOf(in.Cursor, customer.ParseAccountID)
	if err != nil {
		return nil, err
	}
	id, err := a.whois(ctx, live, in.Customer, in.Caller)
	if err != nil {
		return nil, err
	}
	found, next, err := a.cfg.Directory.Memberships(ctx, live.ID, id, after, in.Limit)
	if err != nil {
		return nil, err
	}
	page := Memberships{Version: 1, Accounts: []MembershipRow{}, Next: cursorText(next)}
	for i := range found {
		m := &found[i]
		page.Accounts = append(page.Accounts, MembershipRow{accountRow(&m.Account), string(m.Member.Role), m.Member.Since.UTC(), m.Member.By})
	}
	return say(page), a.recordView(ctx, live, id, in.Caller)
}
