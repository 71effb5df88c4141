package admin

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"sallyport/protocol/jose"
	"sallyport/service/environment"
	"sallyport/service/issue"
)

// Key is a signing key, without its private part.
type Key struct {
	Owner     string     `json:"owner" doc:"Authorization server, or a purpose"`
	ID        string     `json:"kid"`
	Algorithm string     `json:"algorithm"`
	State     string     `json:"state" enum:"next,current,old"`
	Created   time.Time  `json:"created"`
	Activated *time.Time `json:"activated,omitempty"`
	Expires   *time.Time `json:"expires,omitempty" doc:"When an old key is dead"`
}

// KeyList lists keys.
type KeyList struct {
	Version int    `json:"version"`
	Place   string `json:"environment"`
	Keys    []Key  `json:"keys"`
}

// Rotation asks for the next key to become the current one.
type Rotation struct {
	Server    string `json:"server"`
	Algorithm string `json:"algorithm,omitempty" doc:"Left out: the server's own"`
}

func (a *api) keyRoutes() {
	route(a, huma.Operation{
		OperationID: "list-keys", Method: http.MethodGet, Path: here("/keys"),
		Summary: "List the signing keys",
	}, func(ctx context.Context, in *struct{ Place }) (*answer[KeyList], error) {
		live, err := a.at(in.Place)
		if err != nil {
			return nil, err
		}
		return a.keys(ctx, live)
	})
	route(a, huma.Operation{
		OperationID: "rotate-key", Method: http.MethodPost, Path: here("/keys/rotate"),
		Summary: "Make the next key of a server the current one, now",
	}, a.rotate)
}

func (a *api) rotate(ctx context.Context, in *struct {
	Place
	Caller
	Body Rotation
},
) (*answer[KeyList], error) {
	live, err := a.at(in.Place)
	if err != nil {
		return nil, err
	}
	view, err := issue.ViewOf(live)
	if err != nil {
		return nil, err
	}
	server, err := view.Server(in.Body.Server)
	if err != nil {
		return nil, err
	}
	signing, err := a.cfg.Issue.Signing(ctx, view, server) // makes the keys of a server that never signed
	if err != nil {
		return nil, err
	}
	algorithm := jose.Algorithm(in.Body.Algorithm)
	if algorithm == "" {
		algorithm = jose.Algorithm(server.Signing.Algorithm)
	}
	if _, err := signing.AccessSigner(algorithm); err != nil {
		return nil, err
	}
	if err := a.cfg.Ring.Rotate(ctx, live.ID, server.Name, algorithm, in.actor()); err != nil {
		return nil, err
	}
	return a.keys(ctx, live)
}

func (a *api) keys(ctx context.Context, live *environment.Live) (*answer[KeyList], error) {
	published, err := a.cfg.Ring.Published(ctx, live.ID)
	list := KeyList{1, name(live), []Key{}}
	for _, k := range published {
		list.Keys = append(list.Keys, Key{
			Owner: k.Owner, ID: k.ID, Algorithm: k.Algorithm, State: string(k.State),
			Created: k.Created.UTC(), Activated: moment(k.Activated), Expires: moment(k.Expires),
		})
	}
	return say(list), err
}

// moment is nil for the zero time.
func moment(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	t = t.UTC()
	return &t
}
