package admin

import (
	"context"
	"net/http"
	"slices"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"sallyport/pure/config"
	"sallyport/pure/govern"
	"sallyport/service/issue"
	"sallyport/service/operator"
	"sallyport/service/tally"
)

// GovernedScope is a scope with all that uses it.
type GovernedScope struct {
	govern.Scope
	Unused []govern.Reason `json:"unused,omitempty" doc:"Why it is called unused"`
	// Issued are the last days, as 2026-11-22, by application.
	Issued     map[string]string `json:"issued,omitempty" doc:"The last day on which each application was issued it"`
	LastIssued string            `json:"last_issued,omitempty" doc:"The last of those days"`
}

// ScopeServer is what one authorization server has.
type ScopeServer struct {
	Name         string          `json:"name"`
	Budget       int             `json:"scope_budget"`
	Count        int             `json:"count" doc:"Scopes that it has, whatever was asked for"`
	Unreviewable string          `json:"unreviewable,omitempty" doc:"Why nobody can tell who obtains what"`
	Since        string          `json:"recorded_since,omitempty" doc:"The day since which the environment records what is issued"`
	Scopes       []GovernedScope `json:"scopes"`
}

// ScopeList lists scopes.
type ScopeList struct {
	Version  int           `json:"version"`
	Place    string        `json:"environment"`
	Revision int64         `json:"revision"`
	Servers  []ScopeServer `json:"servers"`
}

// TokenSize is how long tokens of an application can be, and were.
type TokenSize struct {
	govern.Size
	Remedy   string          `json:"remedy,omitempty" doc:"What would shorten it most"`
	Measured *tally.Measured `json:"measured,omitempty" doc:"By this node, since it began"`
}

// TokenSizes lists them.
type TokenSizes struct {
	Version  int               `json:"version"`
	Place    string            `json:"environment"`
	Revision int64             `json:"revision"`
	Bounds   config.TokenSizes `json:"bounds"`
	Since    time.Time         `json:"measured_since"`
	Sizes    []TokenSize       `json:"sizes"`
}

// scopesAsked narrows a list of scopes.
type scopesAsked struct {
	Place
	Server string `query:"server" maxLength:"63" doc:"Only this authorization server; left out: all that you may see"`
	Name   string `query:"scope" maxLength:"200" doc:"Only this scope"`
	Tag    string `query:"tag" maxLength:"200" doc:"Only those with this tag: key or key=value"`
	Unused bool   `query:"unused" doc:"Only those that are called unused"`
}

func (a *api) governanceRoutes() {
	route(a, right{operator.ReadAccess, partly}, huma.Operation{
		OperationID: "list-scopes", Method: http.MethodGet, Path: here("/access/scopes"),
		Summary: "List scopes with what uses them, who can obtain them and when they were last issued",
	}, a.scopeList)
	route(a, right{operator.ReadAccess, partly}, huma.Operation{
		OperationID: "token-sizes", Method: http.MethodGet, Path: here("/access/sizes"),
		Summary: "Say how long the tokens of every application can be, and were",
	}, func(ctx context.Context, in *struct {
		Place
		Server string `query:"server" maxLength:"63" doc:"Only this authorization server; left out: all that you may see"`
	},
	) (*answer[TokenSizes], error) {
		return a.tokenSizes(ctx, in.Place, in.Server)
	})
}

// seen names the servers that a question is about.
func (a *api) seen(ctx context.Context, p Place, snapshot *config.Snapshot, only string) ([]string, error) {
	if only == "" {
		return a.serversIn(ctx, p, snapshot), nil
	}
	if err := a.also(ctx, operator.ReadAccess, p.server(only)); err != nil {
		return nil, err
	}
	if snapshot.Servers[only] == nil {
		return nil, issue.ErrNoServer
	}
	return []string{only}, nil
}

func (a *api) scopeList(ctx context.Context, in *scopesAsked) (*answer[ScopeList], error) {
	live, err := a.at(in.Place)
	if err != nil {
		return nil, err
	}
	snapshot, report := live.Report()
	if snapshot == nil {
		return nil, issue.ErrNoRevision
	}
	tag, ok := config.ParseTag(in.Tag)
	if in.Tag != "" && !ok {
		return nil, problem(RequestInvalid, "tag is neither key nor key=value")
	}
	names, err := a.seen(ctx, in.Place, snapshot, in.Server)
	if err != nil {
		return nil, err
	}
	list := ScopeList{Version: 1, Place: name(live), Revision: snapshot.Revision, Servers: []ScopeServer{}}
	for _, n := range names {
		server := report.Server(n)
		uses, err := a.cfg.Tally.Uses(ctx, live.ID, n)
		if err != nil {
			return nil, err
		}
		one := ScopeServer{Name: n, Budget: server.Budget, Count: len(server.Scopes), Unreviewable: server.Unreviewable, Since: dayOf(uses.Since), Scopes: []GovernedScope{}}
		for i := range server.Scopes {
			scope := governed(&server.Scopes[i], uses, a.cfg.Now())
			if (in.Name == "" || in.Name == scope.Name) && (in.Tag == "" || tag.Worn(scope.Tags)) && (!in.Unused || len(scope.Unused) > 0) {
				one.Scopes = append(one.Scopes, scope)
			}
		}
		list.Servers = append(list.Servers, one)
	}
	return say(list), nil
}

// governed adds to a scope what was issued.
func governed(s *govern.Scope, uses tally.Uses, now time.Time) GovernedScope {
	last := uses.Last(s.Name)
	g := GovernedScope{Scope: *s, Unused: s.UnusedSince(last, uses.Since, now), LastIssued: dayOf(last)}
	for application, day := range uses.Of(s.Name) {
		if g.Issued == nil {
			g.Issued = map[string]string{}
		}
		g.Issued[application] = dayOf(day)
	}
	return g
}

func dayOf(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.DateOnly)
}

func (a *api) tokenSizes(ctx context.Context, p Place, only string) (*answer[TokenSizes], error) {
	live, err := a.at(p)
	if err != nil {
		return nil, err
	}
	snapshot, report := live.Report()
	if snapshot == nil {
		return nil, issue.ErrNoRevision
	}
	names, err := a.seen(ctx, p, snapshot, only)
	if err != nil {
		return nil, err
	}
	list := TokenSizes{
		Version: 1, Place: name(live), Revision: snapshot.Revision, Bounds: snapshot.Tenant.Governance.Token,
		Since: a.cfg.Tally.Began().UTC(), Sizes: []TokenSize{},
	}
	measured := a.cfg.Tally.Sizes(live.ID)
	for _, n := range names {
		for _, size := range report.Server(n).Sizes {
			one := TokenSize{Size: size}
			if size.Limit != govern.Within {
				one.Remedy = size.Remedy()
			}
			if i := slices.IndexFunc(measured, func(m tally.Measured) bool { return m.Server == n && m.Application == size.Application }); i >= 0 {
				one.Measured = &measured[i]
			}
			list.Sizes = append(list.Sizes, one)
		}
	}
	return say(list), nil
}
