package admin

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"sallyport/service/operator"
)

// Environments lists environments.
type Environments struct {
	Version      int           `json:"version"`
	Environments []Environment `json:"environments"`
}

// NewEnvironment asks for an environment.
type NewEnvironment struct {
	Tenant    string `json:"tenant"`
	Name      string `json:"name"`
	Protected bool   `json:"protected,omitempty" doc:"Takes revisions only through approval, or with a break-glass reason"`
}

func (a *api) environmentRoutes() {
	route(a, right{operator.SeeOverview, anywhere}, huma.Operation{
		OperationID: "list-environments", Method: http.MethodGet, Path: Prefix + "/environments",
		Summary: "List the environments of the installation",
	}, func(ctx context.Context, _ *struct{}) (*answer[Environments], error) {
		return say(Environments{1, a.environments(ctx)}), nil
	})
	route(a, right{operator.CreateEnvironment, anywhere}, huma.Operation{
		OperationID: "create-environment", Method: http.MethodPost, Path: Prefix + "/environments",
		Summary: "Create an empty environment", DefaultStatus: http.StatusCreated,
	}, func(ctx context.Context, in *struct {
		Caller
		Body NewEnvironment
	},
	) (*answer[Environments], error) {
		if err := a.also(ctx, operator.CreateEnvironment, operator.Place{Tenant: in.Body.Tenant}); err != nil {
			return nil, err
		}
		live, err := a.cfg.Registry.Create(ctx, in.Body.Tenant, in.Body.Name, in.Body.Protected, in.Operator)
		if err != nil {
			return nil, err
		}
		return say(Environments{1, []Environment{environmentOf(live)}}), nil
	})
}
