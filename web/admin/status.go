package admin

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"sallyport/service/environment"
	"sallyport/service/operator"
)

// Status is how the installation is.
type Status struct {
	Version      int           `json:"version"`
	Program      string        `json:"program" doc:"Version of the program"`
	Now          time.Time     `json:"now" doc:"The server's clock"`
	Fresh        bool          `json:"fresh" doc:"Whether changes of the last five seconds are known"`
	Counters     string        `json:"counters" enum:"own,shared,silent" doc:"Rate counters: own of each node, shared by all nodes, or silent, when nodes that share count for themselves because nobody answers"`
	Environments []Environment `json:"environments"`
}

// Environment is one environment of the installation.
type Environment struct {
	Tenant    string    `json:"tenant"`
	Name      string    `json:"name"`
	Protected bool      `json:"protected"`
	Revision  int64     `json:"revision" doc:"The live one; 0 for none"`
	URL       string    `json:"url,omitempty" doc:"Base of issuers and pages"`
	Gateway   string    `json:"gateway,omitempty" doc:"Base of the API gateway"`
	Created   time.Time `json:"created,omitzero"`
}

func (a *api) statusRoutes() {
	route(a, right{operator.SeeOverview, anywhere}, huma.Operation{
		OperationID: "status", Method: http.MethodGet, Path: Prefix + "/status",
		Summary: "How the installation is",
	}, func(ctx context.Context, _ *struct{}) (*answer[Status], error) {
		return say(Status{
			Version: 1, Program: a.cfg.Version, Now: a.cfg.Now().UTC(),
			Fresh: a.cfg.Registry.Fresh() == nil, Counters: a.counters(), Environments: a.environments(ctx),
		}), nil
	})
}

// Rate counters, as [Status] tells of them.
const (
	CountersOwn    = "own"
	CountersShared = "shared"
	CountersSilent = "silent"
)

func (a *api) counters() string {
	switch {
	case a.cfg.Sharing == nil:
		return CountersOwn
	case a.cfg.Sharing.Answer():
		return CountersShared
	}
	return CountersSilent
}

// environments lists what is live and whoever asks may see, by tenant and name.
func (a *api) environments(ctx context.Context) []Environment {
	all := []Environment{}
	for _, live := range a.cfg.Registry.Environments() {
		at := operator.Place{Tenant: live.Tenant, Environment: live.Name}
		if p := passOf(ctx); p == nil && !a.guarded || p != nil && p.who.MaySome(operator.SeeOverview, at) {
			all = append(all, environmentOf(live))
		}
	}
	slices.SortFunc(all, func(x, y Environment) int { return strings.Compare(x.Tenant+"/"+x.Name, y.Tenant+"/"+y.Name) })
	return all
}

func environmentOf(live *environment.Live) Environment {
	e := Environment{Tenant: live.Tenant, Name: live.Name, Protected: live.Protected, Created: live.Created.UTC()}
	if snapshot := live.Snapshot(); snapshot != nil {
		e.Revision, e.URL, e.Gateway = snapshot.Revision, snapshot.URL.String(), snapshot.Gateway.String()
	}
	return e
}
