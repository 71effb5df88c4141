package admin

import (
	"context"
	"encoding/hex"
	"errors"
	"maps"
	"net/http"
	"slices"

	"github.com/danielgtaylor/huma/v2"

	"sallyport/pure/access"
	"sallyport/pure/config"
	scopereach "sallyport/pure/reach"
	"sallyport/pure/review"
	"sallyport/service/issue"
	"sallyport/service/operator"
)

// ReachShown is what scopes open, what an application reaches, or what a grant would
// come to: as much of it as was asked for.
type ReachShown struct {
	Version      int                      `json:"version"`
	Place        string                   `json:"environment"`
	Revision     int64                    `json:"revision"`
	Scopes       []scopereach.Scope       `json:"scopes,omitempty"`
	Applications []scopereach.Application `json:"applications,omitempty"`
	Granted      *scopereach.Granted      `json:"granted,omitempty"`
}

// Compared is what leads from one revision to another.
type Compared struct {
	Version int            `json:"version"`
	Place   string         `json:"environment"`
	From    int64          `json:"from" doc:"0: nothing"`
	To      int64          `json:"to"`
	Review  *review.Review `json:"review" doc:"What the difference means, widening first"`
	Delta   string         `json:"delta" doc:"Of the review's meaning, in hexadecimal"`
	Changes []Change       `json:"changes"`
}

// reaching is a question of reach.
type reaching struct {
	Place
	Server      string `query:"server" maxLength:"63" doc:"Only this authorization server"`
	Scope       string `query:"scope" maxLength:"200" doc:"What this scope opens, and who can obtain it"`
	Application string `query:"application" maxLength:"100" doc:"What this application reaches"`
	Grant       string `query:"grant" maxLength:"200" doc:"What else opens if the application is granted this scope"`
	Policy      string `query:"policy" maxLength:"63" doc:"Of the rule that is to list it; left out: each that decides for the application"`
	Rule        string `query:"rule" maxLength:"63"`
}

func (a *api) reachRoutes() {
	route(a, right{operator.ReadAccess, there}, huma.Operation{
		OperationID: "access-reach", Method: http.MethodGet, Path: here("/access/reach"),
		Summary: "Say what scopes open, what an application reaches, and what a grant would open",
	}, func(_ context.Context, in *reaching) (*answer[ReachShown], error) {
		live, err := a.at(in.Place)
		if err != nil {
			return nil, err
		}
		view, err := issue.ViewOf(live)
		if err != nil {
			return nil, err
		}
		shown, err := a.reach(view.Snapshot, in)
		shown.Version, shown.Place, shown.Revision = 1, name(live), view.Snapshot.Revision
		return say(shown), err
	})
	route(a, right{operator.ReadConfiguration, there}, huma.Operation{
		OperationID: "access-diff", Method: http.MethodGet, Path: here("/access/diff"),
		Summary: "Compare two revisions by what they mean",
	}, func(ctx context.Context, in *struct {
		Place
		From int64 `query:"from" minimum:"0" doc:"0: from nothing"`
		To   int64 `query:"to" minimum:"0" doc:"0: the newest"`
	},
	) (*answer[Compared], error) {
		return a.compare(ctx, in.Place, in.From, in.To)
	})
}

// reach answers a question of reach.
func (a *api) reach(s *config.Snapshot, in *reaching) (shown ReachShown, err error) {
	m := scopereach.Of(s)
	options := scopereach.Options{Server: in.Server, From: a.cfg.Now()}
	if _, known := s.Applications[in.Application]; !known && in.Application != "" {
		return shown, issue.ErrNoApplication
	}
	if in.Grant != "" {
		if serverOf(s, in) == "" {
			return shown, unknown(scopereach.ErrNoScope)
		}
		granted, err := m.IfGranted(scopereach.Grant{
			Server: serverOf(s, in), Application: access.ApplicationID(in.Application), Scope: access.Scope(in.Grant),
			Policy: access.PolicyName(in.Policy), Rule: access.RuleName(in.Rule),
		}, options)
		shown.Granted = granted
		return shown, unknown(err)
	}
	if in.Application == "" {
		for _, server := range slices.Sorted(maps.Keys(s.Servers)) {
			if in.Server != "" && in.Server != server {
				continue
			}
			for _, one := range m.Scopes(server) {
				if in.Scope == "" || access.Scope(in.Scope) == one.Name {
					shown.Scopes = append(shown.Scopes, one)
				}
			}
		}
		if in.Scope == "" {
			return shown, nil
		}
		if len(shown.Scopes) == 0 {
			return shown, unknown(scopereach.ErrNoScope)
		}
	}
	shown.Applications, err = m.Applications(options)
	shown.Applications = slices.DeleteFunc(shown.Applications, func(one scopereach.Application) bool {
		return in.Application != "" && string(one.Application) != in.Application || in.Scope != "" && !one.Has(access.Scope(in.Scope))
	})
	return shown, err
}

// serverOf is the server that a grant is asked about: as named, or the one that has
// the scope.
func serverOf(s *config.Snapshot, in *reaching) string {
	if in.Server != "" {
		return in.Server
	}
	for _, server := range slices.Sorted(maps.Keys(s.Servers)) {
		if spec, known := s.Servers[server].Access.Scope(access.Scope(in.Grant)); known && spec.Kind != access.OIDC {
			return server
		}
	}
	return ""
}

// unknown tells what a question names that is not there.
func unknown(err error) error {
	for known, told := range map[error]error{scopereach.ErrNoServer: issue.ErrNoServer, scopereach.ErrNoApplication: issue.ErrNoApplication} {
		if errors.Is(err, known) {
			return told
		}
	}
	if errors.Is(err, scopereach.ErrNoScope) || errors.Is(err, scopereach.ErrNoRule) {
		return problem(NotFound, err.Error())
	}
	return err
}

// compare compares two revisions of an environment.
func (a *api) compare(ctx context.Context, p Place, from, to int64) (*answer[Compared], error) {
	live, err := a.at(p)
	if err != nil {
		return nil, err
	}
	is, tree, err := a.cfg.Registry.Revision(ctx, live, to)
	if err != nil {
		return nil, err
	}
	var base *config.Tree
	if from > 0 {
		if _, base, err = a.cfg.Registry.Revision(ctx, live, from); err != nil {
			return nil, err
		}
	}
	compared, err := a.cfg.Registry.Compare(live, base, tree)
	if err != nil {
		return nil, err
	}
	delta := compared.Delta()
	return say(Compared{1, name(live), from, is.Number, compared, hex.EncodeToString(delta[:]), Changes(config.Diff(base, tree))}), nil
}
