package admin

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"sallyport/service/operator"
)

// Whoami is who asks, and what they may ask for.
type Whoami struct {
	Version  int        `json:"version"`
	Username string     `json:"username"`
	Name     string     `json:"name,omitempty"`
	Roles    []Role     `json:"roles" doc:"None on the control socket, where everything is allowed"`
	Scopes   []string   `json:"scopes" doc:"Of the token"`
	Expires  *time.Time `json:"expires,omitempty" doc:"When the token does"`
	Everyone bool       `json:"everything,omitempty" doc:"Whoever can open the control socket may do everything"`
}

func (a *api) whoamiRoutes() {
	route(a, right{operator.SeeOverview, anywhere}, huma.Operation{
		OperationID: "whoami", Method: http.MethodGet, Path: Prefix + "/whoami",
		Summary: "Who asks, with which roles and scopes",
	}, func(ctx context.Context, in *struct{ Caller }) (*answer[Whoami], error) {
		p := passOf(ctx)
		if p == nil {
			return say(Whoami{Version: 1, Username: in.Operator, Roles: []Role{}, Scopes: []string{}, Everyone: true}), a.unguarded()
		}
		who := operatorOf(p.who, p.who.Roles)
		expires := p.token.Expires.UTC()
		return say(Whoami{
			Version: 1, Username: who.Username, Name: who.Name, Roles: who.Roles, Scopes: p.token.Scopes, Expires: &expires,
		}), nil
	})
}
