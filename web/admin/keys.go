package admin

import (
	"context"
	"net/http"
	"slices"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"sallyport/protocol/jose"
	"sallyport/service/environment"
	"sallyport/service/issue"
	"sallyport/service/keyring"
	"sallyport/service/operator"
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

// ServerKeys are the keys of one algorithm of an authorization server. The
// version is the id of the key that signs.
type ServerKeys struct {
	Version   int    `json:"version"`
	Place     string `json:"environment"`
	Server    string `json:"server"`
	Algorithm string `json:"algorithm"`
	Keys      []Key  `json:"keys"`
}

// ServerPlace is the authorization server whose keys something is about.
type ServerPlace struct {
	Place
	Server    string `path:"server" maxLength:"63"`
	Algorithm string `query:"algorithm" maxLength:"20" doc:"Left out: the server's own"`
}

func (a *api) keyRoutes() {
	route(a, right{operator.ReadKeys, partly}, huma.Operation{
		OperationID: "list-keys", Method: http.MethodGet, Path: here("/keys"),
		Summary: "List the signing keys",
	}, func(ctx context.Context, in *struct{ Place }) (*answer[KeyList], error) {
		live, err := a.at(in.Place)
		if err != nil {
			return nil, err
		}
		return a.keys(ctx, live)
	})
	route(a, right{operator.ReadKeys, there}, huma.Operation{
		OperationID: "show-keys", Method: http.MethodGet, Path: here("/keys/{server}"),
		Summary: "Read the keys of a server, of one algorithm",
	}, func(ctx context.Context, in *ServerPlace) (*versioned[ServerKeys], error) {
		live, algorithm, err := a.signing(ctx, in)
		if err != nil {
			return nil, err
		}
		return a.serverKeys(ctx, live, in.Server, algorithm)
	})
	route(a, right{operator.RotateKeys, there}, huma.Operation{
		OperationID: "rotate-key", Method: http.MethodPost, Path: here("/keys/{server}/rotate"),
		Summary: "Make the next key of a server the current one, now",
	}, a.rotate)
}

func (a *api) rotate(ctx context.Context, in *struct {
	ServerPlace
	Caller
	Match
},
) (*versioned[ServerKeys], error) {
	kid, err := in.version()
	if err != nil {
		return nil, err
	}
	live, algorithm, err := a.signing(ctx, &in.ServerPlace)
	if err != nil {
		return nil, err
	}
	seen, err := a.serverKeys(ctx, live, in.Server, algorithm)
	switch {
	case err != nil:
		return nil, err
	case kid == "":
		err = a.cfg.Ring.Rotate(ctx, live.ID, in.Server, algorithm, in.actor())
	case kid != signs(seen.Body.Keys): // the key of another algorithm, too
		err = a.cfg.Faults.Conflict
	default:
		err = a.cfg.Ring.RotateFrom(ctx, live.ID, in.Server, kid, in.actor())
	}
	if err != nil {
		return nil, a.outdated(in.Match, err)
	}
	return a.serverKeys(ctx, live, in.Server, algorithm)
}

// signing finds the server and the algorithm that a request is about, and makes
// the keys of one that never signed.
func (a *api) signing(ctx context.Context, in *ServerPlace) (*environment.Live, jose.Algorithm, error) {
	live, err := a.at(in.Place)
	if err != nil {
		return nil, "", err
	}
	view, err := issue.ViewOf(live)
	if err != nil {
		return nil, "", err
	}
	server, err := view.Server(in.Server)
	if err != nil {
		return nil, "", err
	}
	signing, err := a.cfg.Issue.Signing(ctx, view, server)
	if err != nil {
		return nil, "", err
	}
	algorithm := jose.Algorithm(in.Algorithm)
	if algorithm == "" {
		algorithm = issue.Algorithm(server)
	}
	if algorithm == keyring.OpaqueAlgorithm {
		_, err = a.cfg.Ring.Sealing(ctx, live.ID, server.Name)
	} else {
		_, err = signing.AccessSigner(algorithm)
	}
	return live, algorithm, err
}

// serverKeys answers with the keys of one algorithm.
func (a *api) serverKeys(ctx context.Context, live *environment.Live, server string, algorithm jose.Algorithm) (*versioned[ServerKeys], error) {
	keys, err := a.published(ctx, live, func(k Key) bool { return k.Owner == server && k.Algorithm == string(algorithm) })
	return sayAt(signs(keys), ServerKeys{1, name(live), server, string(algorithm), keys}), err
}

// signs gives the id of the key that signs.
func signs(keys []Key) string {
	i := slices.IndexFunc(keys, func(k Key) bool { return k.State == "current" })
	if i < 0 {
		return ""
	}
	return keys[i].ID
}

// keys lists those that whoever asks may see.
func (a *api) keys(ctx context.Context, live *environment.Live) (*answer[KeyList], error) {
	keys, err := a.published(ctx, live, func(k Key) bool {
		return a.sees(ctx, operator.ReadKeys, operator.Place{Tenant: live.Tenant, Environment: live.Name, Server: k.Owner})
	})
	return say(KeyList{1, name(live), keys}), err
}

func (a *api) published(ctx context.Context, live *environment.Live, keep func(Key) bool) ([]Key, error) {
	stored, err := a.cfg.Ring.Published(ctx, live.ID)
	keys := []Key{}
	for _, k := range stored {
		shown := Key{
			Owner: k.Owner, ID: k.ID, Algorithm: k.Algorithm, State: string(k.State),
			Created: k.Created.UTC(), Activated: moment(k.Activated), Expires: moment(k.Expires),
		}
		if keep(shown) {
			keys = append(keys, shown)
		}
	}
	return keys, err
}

// moment is nil for the zero time.
func moment(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	t = t.UTC()
	return &t
}
