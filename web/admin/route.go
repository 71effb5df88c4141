package admin

import (
	"context"
	"net/http"
	"reflect"
	"strings"

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
	Operator string `header:"Sallyport-Operator" maxLength:"128" doc:"Who asks, as user@host: required on the control socket. By the network it is whom the token names, and the header is not looked at"`
}

// caller lets [route] find the Caller of a request.
func (c *Caller) caller() *Caller { return c }

// settle makes sure that somebody asks. By the network a stranger could write
// any name into the header, so what it says is replaced.
func (c *Caller) settle(ctx context.Context) error {
	if p := passOf(ctx); p != nil {
		c.Operator = p.who.Username
		return nil
	}
	if c.Operator == "" || strings.ContainsFunc(c.Operator, func(r rune) bool { return r < '!' || r > '~' }) {
		return problem(RequestInvalid, "the header Sallyport-Operator must name who asks, without spaces")
	}
	return nil
}

func (c *Caller) actor() audit.Actor { return audit.Operator(c.Operator) }

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

// actionExtension names the action in the description of an operation.
const actionExtension = "x-sallyport-action"

// route registers an operation together with its description and with what it
// takes to be let in.
func route[I, O any](a *api, need right, op huma.Operation, handle func(context.Context, *I) (*O, error)) {
	need.check(op.OperationID)
	a.rights[op.Method+" "+op.Path] = need
	op.Middlewares = append(op.Middlewares, a.guard(op.OperationID, need), a.spare(op.MaxBodyBytes))
	op.Security = []map[string][]string{{securityScheme: {ScopeOf(need.action)}}}
	op.Extensions = map[string]any{actionExtension: string(need.action)}
	op.DefaultStatus = max(op.DefaultStatus, http.StatusOK)
	op.RejectUnknownQueryParameters = true
	huma.Register(a.huma, op, func(ctx context.Context, in *I) (*O, error) {
		ctx, err := a.punctual(ctx)
		if err != nil {
			return nil, a.refuse(err)
		}
		if c, named := any(in).(interface{ caller() *Caller }); named {
			if err := c.caller().settle(ctx); err != nil {
				return nil, err
			}
		}
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
