package login

import (
	"context"
	"log/slog"
	"net/http"
	"net/netip"
	"time"

	"sallyport/pure/config"
	"sallyport/pure/journey"
	"sallyport/service/audit"
	"sallyport/service/environment"
	"sallyport/service/signin"
	"sallyport/web/design"
)

// Registry finds the environment of a request: environment.Registry has it.
type Registry interface {
	Route(face environment.Face, host, path string) (live *environment.Live, rest string, found bool)
}

// SignIn runs sign-in: signin.Service has it.
type SignIn interface {
	Show(ctx context.Context, live *environment.Live, v signin.Visit, back bool) (*signin.Answer, error)
	Give(ctx context.Context, live *environment.Live, v signin.Visit, given signin.Given) (*signin.Answer, error)
	Turn(ctx context.Context, live *environment.Live, v signin.Visit, to journey.Purpose) (location string, err error)
	Current(ctx context.Context, live *environment.Live, cookie string) (*signin.Current, error)
	End(ctx context.Context, live *environment.Live, current *signin.Current, by audit.Actor) error
}

// Config constructs a [Handler]. Everything but Ribbon and Next is required.
type Config struct {
	Registry Registry
	SignIn   SignIn
	Address  func(*http.Request) netip.Addr // of the client: clientaddr.Resolver.From
	NewTrace func() string                  // reference ids: audit.Log.NewTrace
	Log      *slog.Logger
	Ribbon   string       // word that every page wears, such as DEMO; empty: see design.FrameOf
	Next     http.Handler // whatever is none of these pages; a page that says so if nil
}

// Handler serves the pages of all environments. It is safe for concurrent use.
type Handler struct {
	cfg       Config
	strangers *http.CrossOriginProtection
}

// New gives a handler.
func New(cfg Config) *Handler {
	return &Handler{cfg: cfg, strangers: http.NewCrossOriginProtection()}
}

// exchange is one request on its way through a page.
type exchange struct {
	*Handler
	w           http.ResponseWriter
	r           *http.Request
	live        *environment.Live
	snapshot    *config.Snapshot
	application *config.Application // whose brand the page wears; nil for the default one
	languages   []string            // in which it is wanted to be, best first, as far as the sign-in says
}

// endpoint is what lies at a path.
type endpoint struct {
	get, post func(*exchange)
}

var endpoints = map[string]endpoint{
	"/signin":  {(*exchange).showSignIn, (*exchange).giveSignIn},
	"/signout": {(*exchange).askSignOut, (*exchange).signOut},
	// Where browsers look it up, so only where the environment has the whole host.
	relatedPath: {(*exchange).showRelated, (*exchange).showRelated},
}

// assets is where files lie.
const assets = "/assets/"

// ServeHTTP finds environment and page.
func (h *Handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	live, rest, found := h.cfg.Registry.Route(environment.Pages, r.Host, r.URL.Path)
	if !found || live.Snapshot() == nil {
		h.next(w, r, words.Speak(design.Frame{}, r))
		return
	}
	x := &exchange{Handler: h, w: w, r: r, live: live, snapshot: live.Snapshot()}
	if len(rest) > len(assets) && rest[:len(assets)] == assets {
		design.Assets(x.snapshot.Brands).ServeHTTP(w, r)
		return
	}
	page, known := endpoints[rest]
	switch {
	case !known || r.URL.RawPath != "":
		h.next(w, r, x.frame())
	case rest != relatedPath && words.Choose(w, r, x.secure()):
	case r.Method == http.MethodGet || r.Method == http.MethodHead:
		page.get(x)
	case r.Method == http.MethodPost:
		x.post(page)
	default:
		w.Header().Set("Allow", "GET, HEAD, POST")
		x.fail(http.StatusMethodNotAllowed, "This is not how this page works", "Pages are opened and forms are sent; nothing else is possible here.")
	}
}

func (h *Handler) next(w http.ResponseWriter, r *http.Request, frame design.Frame) {
	if h.cfg.Next != nil {
		h.cfg.Next.ServeHTTP(w, r)
		return
	}
	words.NotFound(w, r, frame)
}

// maxForm is more than any form here needs.
const maxForm = 16 << 10

// patience bounds what a form asks for, and the wait for the form itself.
const patience = time.Minute

// post answers a form that one of our own pages sent. What it asks for is done
// to its end and recorded, even if whoever sent it leaves: nobody tries a secret
// without a trace by hanging up.
func (x *exchange) post(page endpoint) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(x.r.Context()), patience)
	defer cancel()
	x.r = x.r.WithContext(ctx)
	if x.strangers.Check(x.r) != nil {
		x.fail(http.StatusForbidden, "This form came from another website", "For your safety we take this form only from our own pages. Go back to the application and sign in again.")
		return
	}
	x.r.Body = http.MaxBytesReader(x.w, x.r.Body, maxForm)
	if x.r.ParseForm() != nil || x.r.Header.Get("Content-Type") == "" {
		x.fail(http.StatusBadRequest, "We could not read this form", "Go back, and send it once more.")
		return
	}
	page.post(x)
}

func (x *exchange) frame() design.Frame {
	return words.Speak(design.FrameOf(x.snapshot, x.application, x.cfg.Ribbon), x.r, x.languages...)
}

// say gives a text in the language of the page. Texts without placeholders need it not:
// templates say what they are given.
func (x *exchange) say(text string, with ...any) string {
	return words.Say(x.frame().Language, text, with...)
}

func (x *exchange) fail(status int, title, what string) {
	words.Error(x.w, x.r, design.ErrorPage{Frame: x.frame(), Status: status, Title: title, What: what, Ways: x.wayHome()})
}

// broken answers for an error that customers can do nothing about.
func (x *exchange) broken(err error) {
	if x.r.Context().Err() != nil {
		return // they have gone
	}
	reference := x.cfg.NewTrace()
	x.cfg.Log.Error("sign-in page failed", "path", x.r.URL.Path, "environment", x.live.ID, "reference", reference, "error", err)
	x.w.Header().Set("Retry-After", "5")
	words.Error(x.w, x.r, design.ErrorPage{
		Frame: x.frame(), Status: http.StatusServiceUnavailable, Title: "This does not work at the moment", Reference: reference,
		What: "Something went wrong on our side, and it is not your fault.", Fix: "Wait a moment, then reload this page.", Ways: x.wayHome(),
	})
}

// wayHome leads to the application that the customer came from.
func (x *exchange) wayHome() []config.LabeledURL {
	if x.application == nil || x.application.Home == "" {
		return nil
	}
	return []config.LabeledURL{{Label: x.say("Go to %s", title(x.application)), URL: x.application.Home}}
}

func title(a *config.Application) string {
	if a.Title != "" {
		return a.Title
	}
	return a.Name
}
