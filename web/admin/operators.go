package admin

import (
	"context"
	"net/http"
	"net/url"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"sallyport/service/audit"
	"sallyport/service/environment"
	"sallyport/service/operator"
)

// Operator is a person who works in the console.
type Operator struct {
	Username string `json:"username"`
	Name     string `json:"name,omitempty"`
	Disabled bool   `json:"disabled,omitempty"`
	Roles    []Role `json:"roles"`
}

// Role is a role and where it holds.
type Role struct {
	Role  string    `json:"role" enum:"owner,security,architect,developer,desk,auditor,privacy"`
	Place string    `json:"place,omitempty" maxLength:"200" doc:"TENANT, TENANT/ENVIRONMENT or TENANT/ENVIRONMENT/SERVER; left out: the whole installation"`
	Since time.Time `json:"since,omitzero" readOnly:"true"`
}

// Operators lists operators.
type Operators struct {
	Version   int        `json:"version"`
	Operators []Operator `json:"operators"`
}

// NewLink asks for a set-up link.
type NewLink struct {
	Username string `json:"username,omitempty" maxLength:"100" doc:"Of an operator who lost the password; left out: a new operator"`
	Role     string `json:"role,omitempty" doc:"Of a new operator; left out: owner"`
	Place    string `json:"place,omitempty" maxLength:"200" doc:"Where the role holds"`
}

// OperatorLink is a link that was made just now.
type OperatorLink struct {
	Version int       `json:"version"`
	URL     string    `json:"url" doc:"Shown this once; whoever opens it first becomes the operator"`
	Expires time.Time `json:"expires"`
}

// OperatorPlace is the operator that something is done to.
type OperatorPlace struct {
	Caller
	Username string `path:"username" maxLength:"100"`
	Body     Role
}

func (a *api) operatorRoutes() {
	route(a, huma.Operation{
		OperationID: "list-operators", Method: http.MethodGet, Path: Prefix + "/operators",
		Summary: "List the operators with their roles",
	}, func(ctx context.Context, _ *struct{}) (*answer[Operators], error) { return a.operators(ctx) })
	route(a, huma.Operation{
		OperationID: "create-operator-link", Method: http.MethodPost, Path: Prefix + "/operators/links",
		Summary: "Make a link that works once: for a new operator, or for a lost password", DefaultStatus: http.StatusCreated,
	}, a.createLink)
	route(a, huma.Operation{
		OperationID: "grant-role", Method: http.MethodPut, Path: Prefix + "/operators/{username}/roles",
		Summary: "Give an operator a role at a place",
	}, func(ctx context.Context, in *OperatorPlace) (*answer[Operators], error) {
		return a.changeRole(ctx, in, a.cfg.Operators.Grant)
	})
	route(a, huma.Operation{
		OperationID: "revoke-role", Method: http.MethodDelete, Path: Prefix + "/operators/{username}/roles",
		Summary: "Take a role at a place from an operator",
	}, func(ctx context.Context, in *OperatorPlace) (*answer[Operators], error) {
		return a.changeRole(ctx, in, a.cfg.Operators.Revoke)
	})
}

func (a *api) operators(ctx context.Context) (*answer[Operators], error) {
	found, err := a.cfg.Operators.List(ctx)
	list := Operators{1, []Operator{}}
	for _, o := range found {
		shown := Operator{Username: o.Username, Name: o.Name, Disabled: o.Disabled, Roles: []Role{}}
		for _, h := range o.Roles {
			r := Role{Role: string(h.Role), Since: h.Since.UTC()}
			if h.Place != (operator.Place{}) {
				r.Place = h.Place.String()
			}
			shown.Roles = append(shown.Roles, r)
		}
		list.Operators = append(list.Operators, shown)
	}
	return say(list), err
}

func (a *api) createLink(ctx context.Context, in *struct {
	Caller
	Body NewLink
},
) (*answer[OperatorLink], error) {
	if in.Body.Username == "" && in.Body.Role == "" {
		in.Body.Role = string(operator.Owner)
	}
	holding, err := holdingOf(in.Body.Role, in.Body.Place)
	if err != nil {
		return nil, err
	}
	link, err := a.cfg.Operators.Link(ctx, operator.Wish{Username: in.Body.Username, Holding: holding, By: in.actor()})
	if err != nil {
		return nil, err
	}
	at, err := SetUpURL(a.cfg.Registry, link.Secret)
	return say(OperatorLink{1, at, link.Expires.UTC()}), err
}

// SetUpURL is the address of the page on which a link is used.
func SetUpURL(registry *environment.Registry, secret operator.Secret) (string, error) {
	live, found := registry.ByName("system", "system")
	if !found || live.Snapshot() == nil {
		return "", environment.ErrNoEnvironment
	}
	return live.Snapshot().URL.String() + "/setup?" + url.Values{"t": {secret.Reveal()}}.Encode(), nil
}

func holdingOf(role, place string) (operator.Holding, error) {
	at, ok := operator.ParsePlace(place)
	if !ok {
		return operator.Holding{}, operator.ErrRole
	}
	return operator.Holding{Role: operator.Role(role), Place: at}, nil
}

// roleChange is operator.Service's Grant or Revoke.
type roleChange func(ctx context.Context, username string, h operator.Holding, by audit.Actor) error

func (a *api) changeRole(ctx context.Context, in *OperatorPlace, change roleChange) (*answer[Operators], error) {
	holding, err := holdingOf(in.Body.Role, in.Body.Place)
	if err != nil {
		return nil, err
	}
	if err := change(ctx, in.Username, holding, in.actor()); err != nil {
		return nil, err
	}
	return a.operators(ctx)
}
