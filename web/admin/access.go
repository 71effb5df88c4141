package admin

import (
	"context"
	"maps"
	"net/http"
	"slices"

	"github.com/danielgtaylor/huma/v2"

	"sallyport/pure/access"
	"sallyport/pure/config"
	"sallyport/service/issue"
	"sallyport/service/operator"
)

// Matrices prove what every application can obtain.
type Matrices struct {
	Version  int              `json:"version"`
	Place    string           `json:"environment"`
	Revision int64            `json:"revision"`
	Servers  []*access.Matrix `json:"servers"`
	// Claims are by server and scope. A scope without any is not in it.
	Claims map[string]map[string][]string `json:"claims" doc:"By server and scope: the configured claims that an access token with the scope may say"`
}

// Explained is a decision with every step it took.
type Explained struct {
	Version  int          `json:"version"`
	Place    string       `json:"environment"`
	Revision int64        `json:"revision"`
	Trace    access.Trace `json:"trace"`
	Text     string       `json:"text" doc:"The trace as a page of plain text"`
}

// Previewed is a token that nobody gets.
type Previewed struct {
	Version int    `json:"version"`
	Place   string `json:"environment"`
	Server  string `json:"server"`
	issue.Preview
	Text string `json:"text" doc:"The trace as a page of plain text"`
}

func (a *api) accessRoutes() {
	a.reachRoutes()
	route(a, right{operator.ReadAccess, partly}, huma.Operation{
		OperationID: "access-matrix", Method: http.MethodGet, Path: here("/access/matrix"),
		Summary: "Prove what every application can obtain, by the live revision",
	}, func(ctx context.Context, in *struct {
		Place
		Server string `query:"server" maxLength:"63" doc:"Only this authorization server; left out: all that you may see"`
	},
	) (*answer[Matrices], error) {
		return a.matrix(ctx, in.Place, in.Server)
	})
	route(a, right{operator.ReadAccess, partly}, huma.Operation{
		OperationID: "access-explain", Method: http.MethodPost, Path: here("/access/explain"),
		Summary: "Decide a request and say how",
	}, func(ctx context.Context, in *asking) (*answer[Explained], error) {
		asked, err := a.understand(ctx, in)
		if err != nil {
			return nil, err
		}
		trace := access.Explain(asked.server.Access, asked.accessRequest())
		return say(Explained{1, asked.place, asked.view.Snapshot.Revision, trace, trace.String()}), nil
	})
	route(a, right{operator.ReadAccess, partly}, huma.Operation{
		OperationID: "preview-token", Method: http.MethodPost, Path: here("/tokens/preview"),
		Summary: "Show the token that a request would get, by the code that issues",
	}, func(ctx context.Context, in *asking) (*answer[Previewed], error) {
		asked, err := a.understand(ctx, in)
		if err != nil {
			return nil, err
		}
		preview, err := a.cfg.Issue.Preview(ctx, asked.view, asked.request)
		return say(Previewed{1, asked.place, asked.request.Server, preview, preview.Trace.String()}), err
	})
}

// matrix proves one server, or all.
func (a *api) matrix(ctx context.Context, p Place, only string) (*answer[Matrices], error) {
	live, err := a.at(p)
	if err != nil {
		return nil, err
	}
	view, err := issue.ViewOf(live)
	if err != nil {
		return nil, err
	}
	names := a.serversIn(ctx, p, view.Snapshot)
	if only != "" {
		names = []string{only}
		if err := a.also(ctx, operator.ReadAccess, p.server(only)); err != nil {
			return nil, err
		}
	}
	m := Matrices{Version: 1, Place: name(live), Revision: view.Snapshot.Revision, Servers: []*access.Matrix{}, Claims: map[string]map[string][]string{}}
	for _, n := range names {
		server, err := view.Server(n)
		if err != nil {
			return nil, err
		}
		matrix, err := access.Prove(server.Access, access.Options{From: a.cfg.Now()})
		if err != nil {
			return nil, err
		}
		m.Servers = append(m.Servers, matrix)
		m.Claims[n] = map[string][]string{}
		for _, scope := range matrix.Scopes {
			if names := server.ClaimsWith(scope); len(names) > 0 {
				m.Claims[n][string(scope)] = names
			}
		}
	}
	return say(m), nil
}

// serversIn names the servers whose access whoever asks may see.
func (a *api) serversIn(ctx context.Context, p Place, snapshot *config.Snapshot) []string {
	all := slices.Sorted(maps.Keys(snapshot.Servers))
	return slices.DeleteFunc(all, func(n string) bool { return !a.sees(ctx, operator.ReadAccess, p.server(n)) })
}

// asked is a question that was understood.
type asked struct {
	place   string
	view    issue.View
	server  *config.LiveServer
	request issue.PreviewRequest
}

// accessRequest is the question as pure/access takes it.
func (q *asked) accessRequest() access.Request {
	r := q.request
	request := access.Request{
		Application: access.ApplicationID(r.Application), Grant: r.Grant, Scopes: r.Scopes, Original: r.Original,
		Address: r.Address, At: r.At, Assurance: r.Assurance,
	}
	if r.Grant != access.ClientCredentials {
		request.Subject, request.Authenticated = &access.Subject{Attributes: q.server.Access.Relevant(r.Attributes)}, r.SignedIn
		if r.SignedIn.IsZero() {
			request.Authenticated = r.At
		}
		for _, group := range r.Groups {
			request.Subject.Groups = append(request.Subject.Groups, access.Group(group))
		}
	}
	return request
}
