package admin

import (
	"context"
	"net/http"
	"reflect"

	"github.com/danielgtaylor/huma/v2"

	"sallyport/pure/access"
	"sallyport/service/audit"
	"sallyport/service/environment"
	"sallyport/service/issue"
)

// Place is the environment that a route is about.
type Place struct {
	Tenant      string `path:"tenant" maxLength:"63" doc:"Name of the tenant"`
	Environment string `path:"environment" maxLength:"63" doc:"Name of the environment"`
}

// Caller is who asks for a change or for what is recorded when it is read.
type Caller struct {
	Operator string `header:"Sallyport-Operator" required:"true" minLength:"1" maxLength:"128" pattern:"^[!-~]+$" doc:"Who asks, as user@host"`
}

func (c Caller) actor() audit.Actor { return audit.Operator(c.Operator) }

// at finds the environment of a request.
func (a *api) at(p Place) (*environment.Live, error) {
	live, found := a.cfg.Registry.ByName(p.Tenant, p.Environment)
	if !found {
		return nil, environment.ErrNoEnvironment
	}
	return live, nil
}

// here is the path of a route of an environment.
func here(path string) string { return Prefix + "/environments/{tenant}/{environment}" + path }

// route registers an operation together with its description.
func route[I, O any](a *api, op huma.Operation, handle func(context.Context, *I) (*O, error)) {
	op.DefaultStatus = max(op.DefaultStatus, http.StatusOK)
	op.RejectUnknownQueryParameters = true
	huma.Register(a.huma, op, func(ctx context.Context, in *I) (*O, error) {
		out, err := handle(ctx, in)
		if err != nil {
			return nil, a.refuse(err)
		}
		return out, nil
	})
}

// describeForeign tells the schemas of types that marshal themselves.
func describeForeign(schemas huma.Registry) {
	schemas.RegisterTypeAlias(reflect.TypeFor[access.Lifetimes](), reflect.TypeFor[struct {
		Access  int64 `json:"access" doc:"Seconds"`
		Refresh int64 `json:"refresh,omitempty" doc:"Seconds"`
		Idle    int64 `json:"idle,omitempty" doc:"Seconds"`
	}]())
	schemas.RegisterTypeAlias(reflect.TypeFor[issue.Claims](), reflect.TypeFor[map[string]any]())
}
