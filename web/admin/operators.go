package admin

import (
	"context"
	"net/http"
	"net/url"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"sallyport/pure/customer"
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
	Place string    `json:"place,omitempty" maxLength:"210" doc:"TENANT, TENANT/ENVIRONMENT, TENANT/ENVIRONMENT/SERVER or, for developers, TENANT/ENVIRONMENT/application:NAME; left out: the whole installation"`
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
	// LostAuthenticator takes the operator's second factors away when the link is used.
	LostAuthenticator bool `json:"lost_authenticator,omitempty" doc:"Of that operator: the authenticator app and recovery codes go with the password"`
}

// OperatorLink is a link that was made just now.
type OperatorLink struct {
	Version int       `json:"version"`
	URL     string    `json:"url" doc:"Shown this once; whoever opens it first becomes the operator"`
	Expires time.Time `json:"expires"`
}

// OneOperator is an operator by itself.
type OneOperator struct {
	Version int `json:"version"`
	Operator
}

// OperatorPlace is the operator that something is done to.
type OperatorPlace struct {
	Caller
	Match
	Username string `path:"username" maxLength:"100"`
	Body     Role
}

func (a *api) operatorRoutes() {
	route(a, right{operator.ReadOperators, anywhere}, huma.Operation{
		OperationID: "list-operators", Method: http.MethodGet, Path: Prefix + "/operators",
		Summary: "List the operators with their roles",
	}, func(ctx context.Context, _ *struct{}) (*answer[Operators], error) { return a.operators(ctx) })
	route(a, right{operator.ReadOperators, anywhere}, huma.Operation{
		OperationID: "show-operator", Method: http.MethodGet, Path: Prefix + "/operators/{username}",
		Summary: "Read an operator with the roles that you may see",
	}, func(ctx context.Context, in *struct {
		Username string `path:"username" maxLength:"100"`
	},
	) (*versioned[OneOperator], error) {
		return a.operator(ctx, in.Username, operator.ReadOperators)
	})
	route(a, right{operator.ManageOperators, anywhere}, huma.Operation{
		OperationID: "create-operator-link", Method: http.MethodPost, Path: Prefix + "/operators/links",
		Summary: "Make a link that works once: for a new operator, or for a lost password", DefaultStatus: http.StatusCreated,
	}, a.createLink)
	route(a, right{operator.ManageOperators, anywhere}, huma.Operation{
		OperationID: "set-operator-state", Method: http.MethodPut, Path: Prefix + "/operators/{username}/state",
		Summary: "Disable an operator and everything that they have, or enable them again",
	}, a.setOperatorState)
	route(a, right{operator.ManageOperators, anywhere}, huma.Operation{
		OperationID: "grant-role", Method: http.MethodPut, Path: Prefix + "/operators/{username}/roles",
		Summary: "Give an operator a role at a place",
	}, func(ctx context.Context, in *OperatorPlace) (*versioned[OneOperator], error) {
		return a.changeRole(ctx, in, (*operator.Service).Grant)
	})
	route(a, right{operator.ManageOperators, anywhere}, huma.Operation{
		OperationID: "revoke-role", Method: http.MethodDelete, Path: Prefix + "/operators/{username}/roles",
		Summary: "Take a role at a place from an operator",
	}, func(ctx context.Context, in *OperatorPlace) (*versioned[OneOperator], error) {
		return a.changeRole(ctx, in, (*operator.Service).Revoke)
	})
}

func (a *api) operators(ctx context.Context) (*answer[Operators], error) {
	found, err := a.cfg.Operators.List(ctx)
	list := Operators{1, []Operator{}}
	for _, o := range found {
		if roles := a.visible(ctx, o, operator.ReadOperators); len(roles) > 0 {
			list.Operators = append(list.Operators, operatorOf(o, roles))
		}
	}
	return say(list), err
}

// visible gives those of an operator's roles that lie where whoever asks may do
// an action; an owner of a tenant learns nothing of another.
func (a *api) visible(ctx context.Context, o operator.Operator, action operator.Action) []operator.Holding {
	p := passOf(ctx)
	if p == nil && !a.guarded {
		return o.Roles
	}
	if p == nil {
		return nil
	}
	roles, _ := p.who.Sees(action, o)
	return roles
}

// operator answers with one operator, whom whoever asks must be able to see: by
// a role within what is theirs, or because everything is.
func (a *api) operator(ctx context.Context, username string, action operator.Action) (*versioned[OneOperator], error) {
	o, roles, err := a.findOperator(ctx, username, action)
	return sayAt(number(o.Version), OneOperator{1, operatorOf(o, roles)}), err
}

func (a *api) findOperator(ctx context.Context, username string, action operator.Action) (operator.Operator, []operator.Holding, error) {
	o, err := a.cfg.Operators.ByUsername(ctx, username)
	if err != nil {
		return o, nil, err
	}
	if p := passOf(ctx); p != nil {
		if _, known := p.who.Sees(action, o); !known {
			return operator.Operator{}, nil, operator.ErrUnknown
		}
	}
	return o, a.visible(ctx, o, action), nil
}

func operatorOf(o operator.Operator, roles []operator.Holding) Operator {
	shown := Operator{Username: o.Username, Name: o.Name, Disabled: o.Disabled, Roles: []Role{}}
	for _, h := range roles {
		r := Role{Role: string(h.Role), Since: h.Since.UTC()}
		if h.Place != (operator.Place{}) {
			r.Place = h.Place.String()
		}
		shown.Roles = append(shown.Roles, r)
	}
	return shown
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
	if err := a.mayLink(ctx, in.Body.Username, holding); err != nil {
		return nil, err
	}
	link, err := a.cfg.Operators.Link(ctx, operator.Wish{
		Username: in.Body.Username, Holding: holding, Anew: in.Body.LostAuthenticator, By: in.actor(),
	})
	if err != nil {
		return nil, err
	}
	at, err := SetUpURL(a.cfg.Registry, link.Secret)
	return say(OperatorLink{1, at, link.Expires.UTC()}), err
}

// setOperatorState keeps an operator out, or lets them in again.
func (a *api) setOperatorState(ctx context.Context, in *struct {
	Caller
	Match
	Username string `path:"username" maxLength:"100"`
	Body     NewState
},
) (*versioned[OneOperator], error) {
	if err := a.mayLink(ctx, in.Username, operator.Holding{}); err != nil {
		return nil, err
	}
	version, err := in.number()
	if err != nil {
		return nil, err
	}
	operators := a.cfg.Operators.Expecting(version)
	change := operators.Enable
	if customer.State(in.Body.State) == customer.Disabled {
		change = operators.Disable
	}
	if err := change(ctx, in.Username, in.actor()); err != nil {
		return nil, a.outdated(in.Match, err)
	}
	return a.operator(ctx, in.Username, operator.ManageOperators)
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

// mayLink refuses a link that would give more than its maker holds: for a new
// operator, the role; for one who is there, everything that they may do, since
// whoever has the link has their account. Who keeps somebody out needs the same.
func (a *api) mayLink(ctx context.Context, username string, holding operator.Holding) error {
	p := passOf(ctx)
	switch {
	case p == nil:
		return a.unguarded()
	case username == "":
		return a.mayGive(ctx, holding)
	}
	o, _, err := a.findOperator(ctx, username, operator.ManageOperators)
	if err == nil && !p.who.Outranks(o) {
		err = a.recordRefusal(ctx, problem(BeyondOwn, o.Username+" has roles elsewhere"), operator.ManageOperators, operator.Place{})
	}
	return err
}

// mayGive refuses to give or take a role that reaches further than one's own.
func (a *api) mayGive(ctx context.Context, h operator.Holding) error {
	p := passOf(ctx)
	if p == nil {
		return a.unguarded()
	}
	if p.who.MayGive(h) {
		return nil
	}
	return a.recordRefusal(ctx, problem(BeyondOwn, string(h.Role)+" at "+h.Place.String()), operator.ManageOperators, h.Place)
}

// roleChange is operator.Service's Grant or Revoke.
type roleChange func(s *operator.Service, ctx context.Context, username string, h operator.Holding, by audit.Actor) error

func (a *api) changeRole(ctx context.Context, in *OperatorPlace, change roleChange) (*versioned[OneOperator], error) {
	holding, err := holdingOf(in.Body.Role, in.Body.Place)
	if err != nil {
		return nil, err
	}
	if err := a.mayGive(ctx, holding); err != nil {
		return nil, err
	}
	if _, _, err := a.findOperator(ctx, in.Username, operator.ManageOperators); err != nil {
		return nil, err
	}
	version, err := in.number()
	if err != nil {
		return nil, err
	}
	if err := change(a.cfg.Operators.Expecting(version), ctx, in.Username, holding, in.actor()); err != nil {
		return nil, a.outdated(in.Match, err)
	}
	// They may have lost the last role that whoever asks could see.
	o, err := a.cfg.Operators.ByUsername(ctx, in.Username)
	return sayAt(number(o.Version), OneOperator{1, operatorOf(o, a.visible(ctx, o, operator.ManageOperators))}), err
}
