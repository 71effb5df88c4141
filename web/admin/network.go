package admin

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"sync"

	"sallyport/pure/config"
	"sallyport/pure/customer"
	"sallyport/service/environment"
	"sallyport/service/operator"
	"sallyport/service/verify"
)

// Verifier tells whether an access token is good: service/verify has it. Its
// *verify.Refusal means that it is not, any other error that nobody can know now.
type Verifier interface {
	Verify(ctx context.Context, live *environment.Live, server *config.LiveServer, token string) (*verify.Token, error)
}

// ResourcePath is where the API tells programs which authorization server it
// takes tokens of (RFC 9728 §3.1): beside the API, at the root of the host.
const ResourcePath = "/.well-known/oauth-protected-resource" + Prefix

// Answers tells whether [Network] answers at a path.
func Answers(path string) bool { return path == ResourcePath || strings.HasPrefix(path, Prefix+"/") }

// network lets in whoever has a pass.
type network struct {
	api      *api
	verifier Verifier
}

// Network gives the management routes for a listener that strangers can reach.
// Each request needs an access token of the system environment's authorization
// server, with the scope of the operation, of an operator whose roles allow it
// there and then. It is safe for concurrent use.
//
// The description and the protected resource's metadata are open to all.
func Network(c Config, v Verifier) http.Handler {
	build := sync.OnceValue(func() *network { return &network{newAPI(c, true), v} })
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { build().ServeHTTP(w, r) })
}

// ServeHTTP implements http.Handler.
func (n *network) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	header := w.Header()
	header.Set("Cache-Control", "no-store")
	header.Set("X-Content-Type-Options", "nosniff")
	header.Set("Referrer-Policy", "no-referrer")
	switch r.URL.Path {
	case DescriptionPath:
		n.api.mux.ServeHTTP(w, r)
		return
	case ResourcePath:
		n.resource(w, r)
		return
	}
	p, err := n.enter(r.Context(), r)
	if err != nil {
		n.refuse(w, err)
		return
	}
	// Nothing is reached but what was registered with a right.
	_, pattern := n.api.mux.Handler(r)
	if _, registered := n.api.rights[pattern]; !registered {
		n.refuse(w, problem(NoRoute, ""))
		return
	}
	c := newCrossing(w, r)
	r = r.WithContext(context.WithValue(r.Context(), passKey{}, p))
	r.Body = c
	n.api.mux.ServeHTTP(c, r)
}

// enter makes the pass of a request.
func (n *network) enter(ctx context.Context, r *http.Request) (*pass, error) {
	token, ok := bearer(r)
	if !ok {
		refused := problem(SignInNeeded, "")
		refused.challenge = `Bearer resource_metadata="` + n.metadataURL() + `"`
		return nil, refused
	}
	return n.identify(ctx, token)
}

// bearer reads the token of a request. It is taken from its header alone, where
// no log and no history keeps it (RFC 6750 §2.1, §5.3).
func bearer(r *http.Request) (string, bool) {
	values := r.Header.Values("Authorization")
	if len(values) != 1 {
		return "", false
	}
	scheme, token, _ := strings.Cut(values[0], " ")
	return token, strings.EqualFold(scheme, "Bearer") && token != ""
}

// identify finds the operator whom a token names.
func (n *network) identify(ctx context.Context, token string) (*pass, error) {
	system, server := n.api.system(), n.api.issuer()
	if server == nil {
		return nil, problem(Unavailable, "this node has no address of its console")
	}
	t, err := n.verifier.Verify(ctx, system, server, token)
	var refused *verify.Refusal
	switch {
	case errors.As(err, &refused):
		return nil, invalid("the access token is not good: " + string(refused.Check))
	case err != nil:
		return nil, err
	case t.Machine() || t.SessionID == [16]byte{}:
		return nil, invalid("the access token is nobody's")
	}
	p, err := n.person(ctx, t)
	if err != nil {
		return nil, err
	}
	p.again = func(ctx context.Context) (*pass, error) {
		if n.api.cfg.Now().Before(t.Expires) {
			return n.identify(ctx, token)
		}
		// Nobody can tell any more whether an expired token was revoked; what
		// its operator may do, they can.
		if err := n.api.cfg.Registry.Fresh(); err != nil {
			return nil, err
		}
		return n.person(ctx, t)
	}
	return p, nil
}

// person makes the pass of whom a good token names.
func (n *network) person(ctx context.Context, t *verify.Token) (*pass, error) {
	id, err := customer.ParseID(t.Subject)
	if err != nil {
		return nil, invalid("the access token is nobody's")
	}
	who, err := n.api.cfg.Operators.Find(ctx, id)
	switch {
	case errors.Is(err, operator.ErrUnknown):
		return nil, invalid("the access token is nobody's")
	case err != nil:
		return nil, err
	case who.Disabled:
		return nil, invalid("the operator may not work any more")
	}
	return &pass{who: who, token: t}, nil
}

// invalid refuses a token (RFC 6750 §3.1).
func invalid(why string) *Problem {
	p := problem(SignInNeeded, why)
	p.challenge = `Bearer error="invalid_token", error_description="` + why + `"`
	return p
}

// refuse answers before any route is reached.
func (n *network) refuse(w http.ResponseWriter, err error) {
	var p *Problem
	errors.As(n.api.refuse(err), &p)
	if p.Status >= http.StatusInternalServerError {
		p.Detail = "" // what is behind this server is not for strangers
	}
	for name, values := range p.GetHeaders() {
		w.Header().Set(name, strings.Join(values, ", "))
	}
	w.Header().Set("Content-Type", p.ContentType(""))
	w.WriteHeader(p.Status)
	_ = json.NewEncoder(w).Encode(p)
}

// metadataURL is the address of [ResourcePath].
func (n *network) metadataURL() string {
	server := n.api.issuer()
	if server == nil {
		return ""
	}
	return strings.TrimSuffix(server.Audience, Prefix) + ResourcePath
}

// resource tells where tokens come from (RFC 9728 §3.2).
func (n *network) resource(w http.ResponseWriter, r *http.Request) {
	server := n.api.issuer()
	if server == nil || r.Method != http.MethodGet && r.Method != http.MethodHead {
		n.refuse(w, problem(NoRoute, ""))
		return
	}
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(map[string]any{
		"resource": server.Audience, "authorization_servers": []string{server.Issuer},
		"scopes_supported": Scopes(), "bearer_methods_supported": []string{"header"}, "resource_name": "Sallyport management",
	})
}
