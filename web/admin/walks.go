package admin

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"sallyport/service/environment"
	"sallyport/service/issue"
	"sallyport/service/operator"
	"sallyport/service/walk"
)

// NewWalk asks for requests to be prepared at the real endpoints.
type NewWalk struct {
	Lists       []string `json:"lists,omitempty" maxItems:"100" doc:"Only what these lists speak of"`
	Application string   `json:"application,omitempty" maxLength:"100" doc:"Only requests of this application"`
}

// BegunWalk is everything that whoever walks needs, with passwords and secrets.
type BegunWalk struct {
	Version int    `json:"version"`
	Place   string `json:"environment"`
	walk.Begun
}

// Walked is what whoever walked saw, in the order of the requests.
type Walked struct {
	Seen []walk.Observed `json:"seen" maxItems:"2000"`
}

// WalkReport is what a run found.
type WalkReport struct {
	Version int    `json:"version"`
	Place   string `json:"environment"`
	walk.Report
}

// maxWalked is room for what was seen of the most requests.
const maxWalked = 2 << 20

func (a *api) walkRoutes() {
	route(a, right{operator.WalkAccess, there}, huma.Operation{
		OperationID: "begin-walk", Method: http.MethodPost, Path: here("/access/walks"), DefaultStatus: http.StatusCreated,
		Summary: "Invent customers and lend secrets for requests at the real endpoints; never in production",
	}, func(ctx context.Context, in *struct {
		Place
		Caller
		Body NewWalk
	},
	) (*answer[BegunWalk], error) {
		live, view, err := a.walked(in.Place)
		if err != nil {
			return nil, err
		}
		begun, err := a.cfg.Walks.Begin(ctx, live, view.Snapshot, walk.Ask{Lists: in.Body.Lists, Application: in.Body.Application, By: in.actor()})
		return say(BegunWalk{1, name(live), begun}), err
	})
	route(a, right{operator.WalkAccess, there}, huma.Operation{
		OperationID: "finish-walk", Method: http.MethodPost, Path: here("/access/walks/{walk}/results"), MaxBodyBytes: maxWalked,
		Summary: "Compare what was seen with the proof, and remove what the walk made",
	}, func(ctx context.Context, in *struct {
		Place
		Caller
		Walk string `path:"walk" maxLength:"100"`
		Body Walked
	},
	) (*answer[WalkReport], error) {
		live, view, err := a.walked(in.Place)
		if err != nil {
			return nil, err
		}
		report, err := a.cfg.Walks.Finish(ctx, live, view.Snapshot, in.Walk, in.Body.Seen, in.actor())
		return say(WalkReport{1, name(live), report}), err
	})
	route(a, right{operator.ReadAccess, there}, huma.Operation{
		OperationID: "last-walk", Method: http.MethodGet, Path: here("/access/walks/last"),
		Summary: "Read what the last walk at the real endpoints found",
	}, func(ctx context.Context, in *struct{ Place }) (*answer[WalkReport], error) {
		live, err := a.at(in.Place)
		if err != nil {
			return nil, err
		}
		report, err := a.cfg.Walks.Last(ctx, live.ID)
		return say(WalkReport{1, name(live), report}), err
	})
}

func (a *api) walked(p Place) (*environment.Live, issue.View, error) {
	live, err := a.at(p)
	if err != nil {
		return nil, issue.View{}, err
	}
	view, err := issue.ViewOf(live)
	return live, view, err
}
