package admin

import (
	"context"
	"encoding/json"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"sallyport/pure/customer"
	"sallyport/service/directory"
	"sallyport/service/environment"
	"sallyport/service/operator"
)

// AccountRow is one account of a list.
type AccountRow struct {
	ID     string `json:"id"`
	Number string `json:"number"`
	Name   string `json:"name,omitempty"`
	State  string `json:"state" enum:"open,closed"`
}

// Accounts is a page of them, by number.
type Accounts struct {
	Version  int          `json:"version"`
	Accounts []AccountRow `json:"accounts"`
	Next     string       `json:"next,omitempty" doc:"cursor of the next page"`
}

// AccountPlace is a place that an account is for.
type AccountPlace struct {
	ID        string           `json:"id"`
	Reference string           `json:"reference,omitempty"`
	Address   customer.Address `json:"address"`
}

// AccountMember is a customer who is something to an account.
type AccountMember struct {
	Customer string          `json:"customer"`
	Name     string          `json:"name,omitempty"`
	State    string          `json:"state" enum:"active,disabled"`
	Role     string          `json:"role" enum:"owner,occupier,agent"`
	Premises []string        `json:"premises" doc:"what they are shown; empty: all"`
	Since    time.Time       `json:"since"`
	By       string          `json:"by" doc:"who made them a member"`
	Evidence json.RawMessage `json:"evidence,omitempty" doc:"how that came about"`
}

// Account is an account with what belongs to it.
type Account struct {
	Version    int               `json:"version"`
	Place      string            `json:"environment"`
	ID         string            `json:"id"`
	Number     string            `json:"number"`
	Name       string            `json:"name,omitempty"`
	State      string            `json:"state" enum:"open,closed"`
	Attributes map[string]string `json:"attributes"`
	Source     string            `json:"source"`
	Premises   []AccountPlace    `json:"premises"`
	Members    []AccountMember   `json:"members"`
	More       bool              `json:"more,omitempty" doc:"there are more premises or members than these"`
	Created    time.Time         `json:"created"`
	Updated    time.Time         `json:"updated"`
}

// AccountPatch writes registered fields of an account; what is left out stays.
type AccountPatch struct {
	Number     *string            `json:"number,omitempty" maxLength:"100"`
	Name       *string            `json:"name,omitempty" maxLength:"400"`
	State      *string            `json:"state,omitempty" enum:"open,closed"`
	Attributes map[string]*string `json:"attributes,omitempty" doc:"By name of an attribute that is registered for accounts; null removes the value"`
	Reason     string             `json:"reason,omitempty" maxLength:"500"`
}

// NewPremises is a place that an account is for.
type NewPremises struct {
	Reference string           `json:"reference,omitempty" maxLength:"64"`
	Address   customer.Address `json:"address,omitempty"`
	Reason    string           `json:"reason,omitempty" maxLength:"500"`
}

func (a *api) accountRoutes() {
	one := here("/accounts/{account}")
	route(a, right{operator.ReadCustomers, there}, huma.Operation{
		OperationID: "find-accounts", Method: http.MethodGet, Path: here("/accounts"), Summary: "List accounts by the beginning of their number",
	}, a.findAccounts)
	route(a, right{operator.HelpCustomers, there}, huma.Operation{
		OperationID: "open-account", Method: http.MethodPost, Path: here("/accounts"), Summary: "Make an account",
	}, a.openAccount)
	route(a, right{operator.ReadCustomers, there}, huma.Operation{
		OperationID: "show-account", Method: http.MethodGet, Path: one, Summary: "Read an account with premises and members, by id or number",
	}, func(ctx context.Context, in *struct {
		Place
		Caller
		Account string `path:"account" maxLength:"100"`
	},
	) (*versioned[Account], error) {
		live, found, err := a.theAccount(ctx, in.Place, in.Account)
		if err != nil {
			return nil, err
		}
		return a.account(ctx, live, found.ID, in.Caller)
	})
	route(a, right{operator.HelpCustomers, there}, huma.Operation{
		OperationID: "change-account", Method: http.MethodPatch, Path: one, Summary: "Write registered fields of an account, or close it",
	}, a.changeAccount)
	route(a, right{operator.HelpCustomers, there}, huma.Operation{
		OperationID: "add-premises", Method: http.MethodPost, Path: one + "/premises", Summary: "Add a place to an account",
	}, a.addPremises)
	a.memberRoutes(one)
	a.invitationRoutes(one)
}

// theAccount finds the account of a request.
func (a *api) theAccount(ctx context.Context, at Place, typed string) (*environment.Live, customer.Account, error) {
	live, err := a.at(at)
	if err != nil {
		return nil, customer.Account{}, err
	}
	found, err := a.cfg.Directory.FindAccount(ctx, live.ID, typed)
	return live, found, err
}

// account shows one. Members' names are personal, so that somebody looked is recorded
// with whom it was about.
func (a *api) account(ctx context.Context, live *environment.Live, id customer.AccountID, by Caller) (*versioned[Account], error) {
	found, err := a.cfg.Directory.ShowAccount(ctx, live.ID, id)
	if err != nil {
		return nil, err
	}
	out := Account{
		Version: 1, Place: name(live), ID: found.ID.String(), Number: found.Number, Name: found.Name, State: string(found.State), Attributes: found.Attributes,
		Source: found.Source, Premises: []AccountPlace{}, Members: []AccountMember{}, More: found.More, Created: found.Created.UTC(), Updated: found.Updated.UTC(),
	}
	if out.Attributes == nil {
		out.Attributes = map[string]string{}
	}
	for _, p := range found.Premises {
		out.Premises = append(out.Premises, AccountPlace{p.ID.String(), p.Reference, p.Address})
	}
	for _, m := range found.Members {
		row := AccountMember{
			Customer: m.Member.Customer.String(), Name: m.Name, State: string(m.State), Role: string(m.Member.Role), Premises: []string{},
			Since: m.Member.Since.UTC(), By: m.Member.By,
		}
		if json.Valid([]byte(m.Member.Evidence)) {
			row.Evidence = json.RawMessage(m.Member.Evidence)
		}
		for _, p := range m.Member.Premises {
			row.Premises = append(row.Premises, p.String())
		}
		out.Members = append(out.Members, row)
	}
	if err := a.cfg.Directory.ViewedAccount(ctx, live.ID, &found, by.actor()); err != nil {
		return nil, err
	}
	return sayAt(found.ID.String()+"."+number(found.Version), out), nil
}

func (a *api) findAccounts(ctx context.Context, in *struct {
	Place
	Caller
	Prefix string `query:"prefix" maxLength:"64"`
	Cursor string `query:"cursor" maxLength:"64"`
	Limit  int    `query:"limit" minimum:"1" maximum:"200" default:"50"`
},
) (*answer[Accounts], error) {
	live, err := a.at(in.Place)
	if err != nil {
		return nil, err
	}
	found, next, err := a.cfg.Directory.Accounts(ctx, live.ID, in.Prefix, in.Cursor, in.Limit)
	if err != nil {
		return nil, err
	}
	page := Accounts{Version: 1, Accounts: []AccountRow{}, Next: next}
	for i := range found {
		page.Accounts = append(page.Accounts, accountRow(&found[i]))
	}
	return say(page), a.cfg.Directory.Listed(ctx, live.ID, directory.Looked{By: in.actor(), Kind: "account", Typed: in.Prefix, Found: len(found)})
}

func accountRow(a *customer.Account) AccountRow {
	return AccountRow{a.ID.String(), a.Number, a.Name, string(a.State)}
}

func (p AccountPatch) patch() directory.AccountPatch {
	out := directory.AccountPatch{Number: p.Number, Name: p.Name, Attributes: p.Attributes}
	if p.State != nil {
		state := customer.AccountState(*p.State)
		out.State = &state
	}
	return out
}

func (a *api) openAccount(ctx context.Context, in *struct {
	Place
	Caller
	Body AccountPatch
},
) (*versioned[Account], error) {
	live, err := a.at(in.Place)
	if err != nil {
		return nil, err
	}
	made, err := a.cfg.Directory.Because(in.Body.Reason).OpenAccount(ctx, live, in.Body.patch(), "operator", in.actor())
	if err != nil {
		return nil, err
	}
	return a.account(ctx, live, made.ID, in.Caller)
}

func (a *api) changeAccount(ctx context.Context, in *struct {
	Place
	Caller
	Match
	Account string `path:"account" maxLength:"100"`
	Body    AccountPatch
},
) (*versioned[Account], error) {
	if _, err := in.version(); err != nil {
		return nil, err
	}
	live, found, err := a.theAccount(ctx, in.Place, in.Account)
	if err != nil {
		return nil, err
	}
	version, err := in.numberOf(found.ID.String() + ".")
	if err != nil {
		return nil, err
	}
	if _, err := a.cfg.Directory.Expecting(version).Because(in.Body.Reason).ChangeAccount(ctx, live, found.ID, in.Body.patch(), in.actor()); err != nil {
		return nil, a.outdated(in.Match, err)
	}
	return a.account(ctx, live, found.ID, in.Caller)
}

func (a *api) addPremises(ctx context.Context, in *struct {
	Place
	Caller
	Account string `path:"account" maxLength:"100"`
	Body    NewPremises
},
) (*versioned[Account], error) {
	live, found, err := a.theAccount(ctx, in.Place, in.Account)
	if err != nil {
		return nil, err
	}
	place := customer.Premises{Account: found.ID, Reference: in.Body.Reference, Address: in.Body.Address}
	if _, err := a.cfg.Directory.Because(in.Body.Reason).PutPremises(ctx, live.ID, place, in.actor()); err != nil {
		return nil, err
	}
	return a.account(ctx, live, found.ID, in.Caller)
}
