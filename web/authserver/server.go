package authserver

import (
	"context"
	"log/slog"
	"net/http"
	"net/netip"
	"strings"
	"time"

	"sallyport/pure/config"
	"sallyport/service/audit"
	"sallyport/service/environment"
	"sallyport/service/issue"
	"sallyport/service/limit"
	"sallyport/service/signin"
	"sallyport/service/verify"
)

// Registry finds the environment of a request: environment.Registry has it.
type Registry interface {
	Route(face environment.Face, host, path string) (live *environment.Live, rest string, found bool)
}

// SignIn signs customers in: signin.Service has it.
type SignIn interface {
	// Begin gives the location, below the environment's URL, of the pages that
	// sign a customer in and then lead to the ticket's Return.
	Begin(ctx context.Context, live *environment.Live, t signin.Ticket) (location string, err error)
	// Current gives whom the session cookie proves; [signin.ErrNoSession].
	Current(ctx context.Context, live *environment.Live, cookie string) (*signin.Current, error)
	// End ends a session, and everything that was issued under it.
	End(ctx context.Context, live *environment.Live, current *signin.Current, by audit.Actor) error
}

// Verifier checks access tokens: verify.Service has it. Its *verify.Refusal
// means that the token is not good, any other error that nobody can know now.
type Verifier interface {
	Verify(ctx context.Context, live *environment.Live, server *config.LiveServer, token string) (*verify.Token, error)
	// Revoked tells of a token, or of the grant of one, that was revoked here.
	Revoked(live *environment.Live, t *verify.Token)
}

// Config constructs a [Handler]. Everything but Shared, Next and Ribbon is required.
type Config struct {
	Registry Registry
	Issue    *issue.Service
	SignIn   SignIn
	Verifier Verifier
	Address  func(*http.Request) netip.Addr // of the client: clientaddr.Resolver.From
	Now      func() time.Time
	Log      *slog.Logger
	Shared   limit.Counters // rate counters of all nodes; nil: each node counts for itself
	Ribbon   string         // word that marks an installation as no real one; see design.FrameOf
	Next     http.Handler   // whatever is no authorization server's; 404 if nil
}

// Handler serves the authorization servers of all environments. It is safe
// for concurrent use.
type Handler struct {
	cfg       Config
	limiter   *limit.Limiter
	documents documents
	strangers *http.CrossOriginProtection
}

// New gives a handler.
func New(cfg Config) *Handler {
	if cfg.Next == nil {
		cfg.Next = http.NotFoundHandler()
	}
	return &Handler{cfg: cfg, limiter: limit.New(cfg.Shared), strangers: http.NewCrossOriginProtection()}
}

// exchange is one request on its way through an endpoint.
type exchange struct {
	*Handler
	w      http.ResponseWriter
	r      *http.Request
	live   *environment.Live
	view   issue.View
	server *config.LiveServer

	endpoint endpoint
}

// ServeHTTP finds environment, server and endpoint.
func (h *Handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	path, suffix := wellKnown(r.URL.Path)
	live, rest, found := h.cfg.Registry.Route(environment.Pages, r.Host, path)
	// A path with escapes is nobody's: our names need none, and two spellings
	// of one endpoint would pass two sets of rules in front of us.
	if !found || r.URL.RawPath != "" {
		h.cfg.Next.ServeHTTP(w, r)
		return
	}
	name, tail, _ := strings.Cut(strings.TrimPrefix(rest, "/"), "/")
	view, err := issue.ViewOf(live)
	if err != nil {
		h.cfg.Next.ServeHTTP(w, r)
		return
	}
	server, err := view.Server(name)
	endpoint, known := endpoints[tail+suffix]
	if err != nil || !known || tail != "" && suffix != "" || view.Snapshot.Site != nil && !endpoint.pages {
		h.cfg.Next.ServeHTTP(w, r)
		return
	}
	x := &exchange{Handler: h, w: w, r: r, live: live, view: view, server: server}
	x.serve(endpoint)
}

// wellKnown takes a well-known part off the front of a path, where RFC 8414
// §3.1 puts it, and gives it back as the end that OpenID Connect Discovery §4
// puts it at. Both kinds of document are the same one.
func wellKnown(path string) (rest, suffix string) {
	for _, form := range [...]string{"/.well-known/oauth-authorization-server", "/.well-known/openid-configuration"} {
		if rest, found := strings.CutPrefix(path, form); found && strings.HasPrefix(rest, "/") {
			return rest, discoveryPath
		}
	}
	return path, ""
}
