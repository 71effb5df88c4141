package console

import (
	"context"
	"log/slog"
	"mime/multipart"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"time"

	"sallyport/service/audit"
	"sallyport/service/backup"
	"sallyport/service/claim"
	"sallyport/service/debug"
	"sallyport/service/directory"
	"sallyport/service/environment"
	"sallyport/service/intake"
	"sallyport/service/jit"
	"sallyport/service/job"
	"sallyport/service/keyring"
	"sallyport/service/notify"
	"sallyport/service/operator"
	"sallyport/service/promotion"
	"sallyport/service/replay"
	"sallyport/service/signin"
	"sallyport/service/subscribe"
	counts "sallyport/service/tally"
	"sallyport/service/vault"
	"sallyport/service/walk"
	"sallyport/web/design"
)

// SignIn knows who is signed in: signin.Service has it.
type SignIn interface {
	Begin(ctx context.Context, live *environment.Live, t signin.Ticket) (location string, err error)
	BeginWith(ctx context.Context, live *environment.Live, t signin.Ticket, v signin.Visit, c signin.Chosen) (location string, cookies []signin.Cookie, err error)
	Current(ctx context.Context, live *environment.Live, cookie string) (*signin.Current, error)
	Sessions(ctx context.Context, live *environment.Live, current *signin.Current, after string, limit int) (page []signin.Browser, next string, err error)
}

// Config constructs a [Handler]. Everything but Ribbon is required, where nothing else is said.
type Config struct {
	Registry  *environment.Registry
	SignIn    SignIn
	Operators *operator.Service
	Promotion *promotion.Service
	Directory *directory.Directory
	Secrets   *directory.Secrets
	Subscribe *subscribe.Service
	Intake    *intake.Service
	Jobs      *job.Service
	Ring      *keyring.Ring
	Authority *keyring.Authority
	Audit     *audit.Log
	Ledger    *audit.Reader
	Prover    *audit.Prover
	Debug     *debug.Service
	Replayed  replay.Store  // the ledger, for replays
	Walks     *walk.Service // nil: nobody walks here
	Messages  *notify.Service
	Claims    *claim.Service
	Vault     *vault.Service                 // secrets that formats read by; nil: there are none
	Backup    *backup.Service                // to go back to from an import; nil: there are none
	Systems   *jit.Service                   // running earlier systems; nil: none can be asked
	Tally     *counts.Tally                  // nil: nobody counts what is issued
	Address   func(*http.Request) netip.Addr // of the client: clientaddr.Resolver.From
	Login     http.Handler                   // sign-in, sign-out and style sheets: web/login
	Missing   error                          // what storage says of what is not there
	Invalid   error                          // and of a cursor that nobody gave
	Conflict  error                          // and of a change that another was ahead of
	Now       func() time.Time
	Log       *slog.Logger
	Ribbon    string // word that every page wears, such as Demo; empty: the environment's
}

// Handler serves the console. It is safe for concurrent use.
type Handler struct {
	cfg       Config
	strangers *http.CrossOriginProtection
	proofs    proofs
	pulses    pulses
	excerpts  excerpts
}

// New gives a handler. Serve it what belongs to the system environment.
func New(cfg Config) *Handler {
	return &Handler{cfg: cfg, strangers: http.NewCrossOriginProtection()}
}

// exchange is one request on its way to a page.
type exchange struct {
	*Handler
	w       http.ResponseWriter
	r       *http.Request
	system  *environment.Live
	live    *environment.Live // that the page is about; nil for none
	current *signin.Current   // nil until they are let in
	who     operator.Operator
	route   *route
	values  map[string]string // of the path
	parts   *multipart.Reader // of a form with files; nil for others
	part    *multipart.Part   // its first file
}

// ServeHTTP finds the page and lets in whoever may see it.
func (h *Handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	system, rest, found := h.cfg.Registry.Route(environment.Pages, r.Host, r.URL.Path)
	if !found || !system.System() {
		design.NotFound(w, r, design.Frame{})
		return
	}
	if rest == "/signin" || rest == "/signout" || strings.HasPrefix(rest, "/assets/") {
		h.cfg.Login.ServeHTTP(w, r)
		return
	}
	if rest == "/design" || strings.HasPrefix(rest, "/design/") { // samples, which anybody may see
		design.Living(w, r, design.FrameOf(system.Snapshot(), nil, h.cfg.Ribbon), rest)
		return
	}
	x := &exchange{Handler: h, w: w, r: r, system: system}
	if rest == "/setup" {
		x.setUp()
		return
	}
	x.open(rest)
}

// open finds the page at rest, and lets through it whoever may. Each thing that
// is demanded of whoever opens a page or sends a form is demanded here.
func (x *exchange) open(rest string) {
	x.findRoute(rest)
	switch {
	case !x.known():
		x.bare(http.StatusMethodNotAllowed, "This page does not take what your browser sent.")
	case x.writes() && x.strangers.Check(x.r) != nil:
		x.bare(http.StatusForbidden, "This form came from another website, and nothing was done.")
	case x.writes() && !x.read() || !x.enter(rest):
	case x.route == nil:
		x.missing()
	case !x.admit() || !x.prove(rest):
	case !x.writes():
		x.route.show(x)
	case x.ours():
		x.perform()
	}
}

// writes tells whether a form was sent.
func (x *exchange) writes() bool { return x.r.Method == http.MethodPost }

// known tells whether the page knows the method. What is not there is opened
// by anybody who is let in, and is then missing.
func (x *exchange) known() bool {
	reads, writes := x.route == nil || x.route.show != nil, x.route != nil && x.route.do != nil
	var allowed []string
	if reads {
		allowed = []string{http.MethodGet, http.MethodHead}
	}
	if writes {
		allowed = append(allowed, http.MethodPost)
	}
	if slices.Contains(allowed, x.r.Method) {
		return true
	}
	x.w.Header().Set("Allow", strings.Join(allowed, ", "))
	return false
}

// findRoute finds what lies at rest, if anything does.
func (x *exchange) findRoute(rest string) {
	for i := range routes {
		if values, fits := match(routes[i].pattern, rest); fits && x.r.URL.RawPath == "" {
			x.route, x.values = &routes[i], values
			return
		}
	}
}

// admit decides by the table. Where the operator has no role there is nothing.
func (x *exchange) admit() bool {
	action := x.route.action
	if x.writes() {
		action = x.route.act
	}
	if action == "" { // each shows only what the operator may see
		return true
	}
	if _, placed := x.values["tenant"]; !placed { // whoever may do it somewhere; each sees and does what is theirs
		if !x.who.MaySome(action, operator.Place{}) {
			x.refuse()
			return false
		}
		return true
	}
	at := operator.Place{Tenant: x.values["tenant"], Environment: x.values["environment"], Server: x.values["server"], Application: x.values["application"]}
	live, found := x.cfg.Registry.ByName(at.Tenant, at.Environment)
	if !found || live.System() || !x.who.MaySome(operator.SeeOverview, at) {
		x.missing()
		return false
	}
	may := x.who.May
	if x.route.part {
		may = x.who.MaySome
	}
	x.live = live
	if !may(action, at) {
		x.refuse()
		return false
	}
	if live.Snapshot() == nil && x.route.configured {
		x.page(http.StatusOK, "Nothing is configured yet", emptyPage, design.Empty{
			What: "This environment has no usable revision.", Do: "Apply a tree to it: sallyport apply DIR --env " + at.String(),
		})
		return false
	}
	return true
}

// place is what the page is about.
func (x *exchange) place() operator.Place {
	return operator.Place{Tenant: x.live.Tenant, Environment: x.live.Name, Server: x.values["server"], Application: x.values["application"]}
}

// leadTo goes to an address in a way that sends no form again.
func (x *exchange) leadTo(address string) {
	design.Policy{}.Apply(x.w.Header())
	x.w.Header().Set("Location", address)
	x.w.WriteHeader(http.StatusSeeOther)
}

func (x *exchange) base() string { return x.system.Snapshot().URL.EscapedPath() }

// here is the address of a page of the environment; parts are escaped.
func (x *exchange) here(parts ...string) string { return x.at(x.live, parts...) }

func (x *exchange) at(live *environment.Live, parts ...string) string {
	address := x.base() + "/e/" + live.Tenant + "/" + live.Name
	for _, p := range parts {
		address += "/" + url.PathEscape(p)
	}
	return address
}

// query adds a query to an address, by pairs of name and value.
func query(address string, pairs ...string) string {
	q := url.Values{}
	for i := 0; i < len(pairs); i += 2 {
		if pairs[i+1] != "" {
			q.Add(pairs[i], pairs[i+1])
		}
	}
	if len(q) == 0 {
		return address
	}
	return address + "?" + q.Encode()
}
