package admin

import (
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"sallyport/pure/customer"
	"sallyport/service/directory"
	"sallyport/service/environment"
	"sallyport/service/operator"
)

// CustomerRow is one identifier that a search found, and whose it is.
type CustomerRow struct {
	ID         string   `json:"id"`
	State      string   `json:"state" enum:"active,disabled"`
	Name       string   `json:"name,omitempty"`
	Groups     []string `json:"groups"`
	Kind       string   `json:"kind" enum:"username,email,phone"`
	Identifier string   `json:"identifier"`
}

// Customers is a page of a search, by identifier.
type Customers struct {
	Version   int           `json:"version"`
	Place     string        `json:"environment"`
	Customers []CustomerRow `json:"customers"`
	Next      string        `json:"next,omitempty" doc:"cursor of the next page"`
}

// Customer is a person with every name they can be found by.
type Customer struct {
	Version     int               `json:"version"`
	Place       string            `json:"environment"`
	ID          string            `json:"id"`
	State       string            `json:"state" enum:"active,disabled"`
	Name        string            `json:"name,omitempty"`
	Groups      []string          `json:"groups"`
	Attributes  map[string]string `json:"attributes"`
	Tags        []string          `json:"tags"`
	Identifiers []Identifier      `json:"identifiers"`
	Password    string            `json:"password,omitempty" doc:"Scheme of the password hash; left out if there is none"`
	Proofs      []Proof           `json:"proofs" doc:"Second factors and passkeys, without what is secret about them"`
	NotBefore   *time.Time        `json:"not_before,omitempty" doc:"Nothing that was issued to them earlier is honoured"`
	Created     time.Time         `json:"created"`
	Updated     time.Time         `json:"updated"`
}

// Identifier is one name of a customer.
type Identifier struct {
	Kind     string `json:"kind"`
	Value    string `json:"value"`
	Verified bool   `json:"verified"`
	Source   string `json:"source"`

	Proved   *time.Time `json:"proved,omitempty" doc:"When it was proven here"`
	ProvedBy string     `json:"proved_by,omitempty" doc:"By what: code, link, invitation, claim, operator"`
	First    bool       `json:"first,omitempty" doc:"It was chosen to come first; where none was, the first of its kind in this list does that is verified"`
}

// Proof is something besides the password that a customer can show who they are by.
type Proof struct {
	Kind   string     `json:"kind" doc:"passkey, or the kind of second factor, such as totp"`
	Label  string     `json:"label,omitempty" doc:"What the customer calls it"`
	Source string     `json:"source,omitempty" doc:"Who brought it, as migration/NAME; left out if it was set up here"`
	For    string     `json:"for,omitempty" doc:"The host that a passkey is for"`
	Since  time.Time  `json:"since"`
	Used   *time.Time `json:"used,omitempty" doc:"Of a passkey, when it was last used here"`
}

// NewState asks for a customer to be disabled or enabled.
type NewState struct {
	State string `json:"state" enum:"active,disabled"`
}

func (a *api) customerRoutes() {
	route(a, right{operator.ReadCustomers, there}, huma.Operation{
		OperationID: "find-customers", Method: http.MethodGet, Path: here("/customers"),
		Summary: "Find customers by the beginning of a name they sign in with",
	}, a.findCustomers)
	route(a, right{operator.ReadCustomers, there}, huma.Operation{
		OperationID: "show-customer", Method: http.MethodGet, Path: here("/customers/{customer}"),
		Summary: "Read a customer, by id or by a whole name they sign in with",
	}, func(ctx context.Context, in *struct {
		Place
		Caller
		Customer string `path:"customer" maxLength:"320"`
	},
	) (*versioned[Customer], error) {
		live, id, err := a.customerAt(ctx, in.Place, in.Customer, in.Caller)
		if err != nil {
			return nil, err
		}
		return a.customer(ctx, live, id, in.Caller)
	})
	route(a, right{operator.HelpCustomers, there}, huma.Operation{
		OperationID: "set-customer-state", Method: http.MethodPut, Path: here("/customers/{customer}/state"),
		Summary: "Disable a customer and everything issued to them, or enable them again",
	}, a.setState)
	route(a, right{operator.HelpCustomers, there}, huma.Operation{
		OperationID: "sign-out-customer", Method: http.MethodPost, Path: here("/customers/{customer}/sign-out"),
		Summary: "End every session of a customer and everything issued to them; they may sign in again",
	}, a.signOut)
}

func (a *api) findCustomers(ctx context.Context, in *struct {
	Place
	Caller
	Prefix string `query:"prefix" maxLength:"320"`
	Kind   string `query:"kind" enum:"username,email,phone"`
	Cursor string `query:"cursor" maxLength:"1000"`
	Limit  int    `query:"limit" minimum:"1" maximum:"200" default:"50"`
},
) (*answer[Customers], error) {
	live, err := a.at(in.Place)
	if err != nil {
		return nil, err
	}
	rows, next, err := a.cfg.Directory.List(ctx, live.ID, directory.Search{
		Kind: customer.IdentifierKind(in.Kind), Prefix: in.Prefix, After: in.Cursor, Limit: in.Limit,
	})
	if err != nil {
		return nil, err
	}
	found := directory.Looked{By: in.actor(), Kind: in.Kind, Typed: in.Prefix, Found: len(rows)}
	page := Customers{Version: 1, Place: name(live), Customers: []CustomerRow{}, Next: next}
	for _, row := range rows {
		c, id := row.Customer, row.Identifier
		found.Whom = append(found.Whom, c.ID)
		page.Customers = append(page.Customers, CustomerRow{
			c.ID.String(), string(c.State), c.Name, list(c.Groups), string(id.Kind), id.Display,
		})
	}
	return say(page), a.cfg.Directory.Listed(ctx, live.ID, found)
}

// recordView leaves a trace of who read about a customer: what is theirs is
// shown to nobody unseen.
func (a *api) recordView(ctx context.Context, live *environment.Live, id customer.ID, by Caller) error {
	return a.cfg.Directory.Viewed(ctx, live.ID, id, by.actor())
}

func (a *api) setState(ctx context.Context, in *struct {
	Place
	Caller
	Match
	Customer string `path:"customer" maxLength:"320"`
	Body     NewState
},
) (*versioned[Customer], error) {
	live, id, version, err := a.whom(ctx, in.Place, in.Caller, in.Match, in.Customer)
	if err != nil {
		return nil, err
	}
	directory := a.cfg.Directory.Expecting(version)
	change := directory.Enable
	if customer.State(in.Body.State) == customer.Disabled {
		change = directory.Disable
	}
	if err := change(ctx, live.ID, id, in.actor()); err != nil {
		return nil, a.outdated(in.Match, err)
	}
	return a.customer(ctx, live, id, in.Caller)
}

func (a *api) signOut(ctx context.Context, in *struct {
	Place
	Caller
	Match
	Customer string `path:"customer" maxLength:"320"`
},
) (*versioned[Customer], error) {
	live, id, version, err := a.whom(ctx, in.Place, in.Caller, in.Match, in.Customer)
	if err != nil {
		return nil, err
	}
	if err := a.cfg.Directory.Expecting(version).SignOut(ctx, live.ID, id, in.actor()); err != nil {
		return nil, a.outdated(in.Match, err)
	}
	return a.customer(ctx, live, id, in.Caller)
}

// whois reads an id, or looks up a name that somebody signs in with, which is a
// search like any other.
func (a *api) whois(ctx context.Context, live *environment.Live, typed string, by Caller) (customer.ID, error) {
	if id, err := customer.ParseID(typed); err == nil {
		return id, nil
	}
	person, err := a.cfg.Directory.Find(ctx, live.ID, typed, a.cfg.Region)
	found := 1
	if errors.Is(err, a.cfg.Faults.NotFound) {
		found = 0
	} else if err != nil {
		return customer.ID{}, err
	}
	return person.Customer.ID, errors.Join(a.cfg.Directory.Searched(ctx, live.ID, directory.Looked{By: by.actor(), Typed: typed, Found: found, Whom: []customer.ID{person.Customer.ID}}), err)
}

func (a *api) customer(ctx context.Context, live *environment.Live, id customer.ID, by Caller) (*versioned[Customer], error) {
	profile, err := a.cfg.Directory.Show(ctx, live.ID, id)
	if err != nil {
		return nil, err
	}
	tags, err := a.cfg.Directory.Tags(ctx, live.ID, id)
	if err != nil {
		return nil, err
	}
	proofs, err := a.cfg.Directory.Proofs(ctx, live.ID, id)
	if err != nil {
		return nil, err
	}
	if err := a.recordView(ctx, live, id, by); err != nil {
		return nil, err
	}
	c := profile.Customer
	shown := Customer{
		Version: 1, Place: name(live), ID: c.ID.String(), State: string(c.State), Name: c.Name, Groups: list(c.Groups),
		Attributes: c.Attributes, Tags: list(tags), Identifiers: []Identifier{}, Password: profile.Scheme, Proofs: []Proof{},
		NotBefore: moment(c.NotBefore), Created: c.Created.UTC(), Updated: c.Updated.UTC(),
	}
	if shown.Attributes == nil {
		shown.Attributes = map[string]string{}
	}
	for _, p := range proofs {
		shown.Proofs = append(shown.Proofs, Proof{p.Kind, p.Label, p.Source, p.For, p.Since.UTC(), moment(p.Used)})
	}
	for _, i := range profile.Identifiers {
		shown.Identifiers = append(shown.Identifiers, Identifier{string(i.Kind), i.Display, i.Verified, i.Source, moment(i.Proof.At), i.Proof.By, i.First})
	}
	return sayAt(versionPrefix(c.ID)+number(c.Version), shown), nil
}

// versionPrefix begins the version of a customer, who may be found by a name.
func versionPrefix(id customer.ID) string { return id.String() + "." }

// list is never nil, so that JSON has [] and not null.
func list(s []string) []string {
	if s == nil {
		return []string{}
	}
	return s
}
