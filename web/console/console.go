package console

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"time"

	"sallyport/service/audit"
	"sallyport/service/directory"
	"sallyport/service/environment"
	"sallyport/service/intake"
	"sallyport/service/keyring"
	"sallyport/service/operator"
	"sallyport/service/signin"
	"sallyport/web/design"
)

// SignIn knows who is signed in: signin.Service has it.
type SignIn interface {
	Begin(ctx context.Context, live *environment.Live, t signin.Ticket) (location string, err error)
	Current(ctx context.Context, live *environment.Live, cookie string) (*signin.Current, error)
}

// Config constructs a [Handler]. Everything but Ribbon is required.
type Config struct {
	Registry  *environment.Registry
	SignIn    SignIn
	Operators *operator.Service
	Directory *directory.Directory
	Intake    *intake.Service
	Ring      *keyring.Ring
	Audit     *audit.Log
	Ledger    *audit.Reader
	Prover    *audit.Prover
	Login     http.Handler // sign-in, sign-out and style sheets: web/login
	Missing   error        // what storage says of what is not there
	Invalid   error        // and of a cursor that nobody gave
	Now       func() time.Time
	Log       *slog.Logger
	Ribbon    string // word that every page wears, such as Demo; empty: the environment's
}

// Handler serves the console. It is safe for concurrent use.
type Handler struct {
	cfg       Config
	strangers *http.CrossOriginProtection
}

// New gives a handler. Serve it what belongs to the system environment.
func New(cfg Config) *Handler {
	return &Handler{cfg: cfg, strangers: http.NewCrossOriginProtection()}
}

// exchange is one request on its way to a page.
type exchange struct {
	*Handler
	w      http.ResponseWriter
	r      *http.Request
	system *environment.Live
	live   *environment.Live // that the page is about; nil for none
	who    operator.Operator
	route  *route
	values map[string]string // of the path
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
	x := &exchange{Handler: h, w: w, r: r, system: system}
	if rest == "/setup" {
		x.setUp()
		return
	}
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		w.Header().Set("Allow", "GET, HEAD")
		x.bare(http.StatusMethodNotAllowed, "Pages of the console are opened, and nothing else")
		return
	}
	if !x.enter(rest) {
		return
	}
	x.find(rest)
}

// enter lets an operator in, and sends anybody else to sign in and come back.
func (x *exchange) enter(rest string) bool {
	secure := x.system.Snapshot().URL.Scheme == "https"
	var cookie string
	if c, err := x.r.Cookie(signin.CookieName(x.system.ID, secure)); err == nil {
		cookie = c.Value
	}
	current, err := x.cfg.SignIn.Current(x.r.Context(), x.system, cookie)
	if errors.Is(err, signin.ErrNoSession) {
		x.toSignIn(rest)
		return false
	}
	if err == nil {
		x.who, err = x.cfg.Operators.Find(x.r.Context(), current.Customer.ID)
	}
	if err == nil {
		err = x.cfg.Registry.Fresh() // whose role was taken must not be let in by a deaf node
	}
	if err != nil {
		x.broken(err)
		return false
	}
	return true
}

func (x *exchange) toSignIn(rest string) {
	if x.r.URL.RawQuery != "" {
		rest += "?" + x.r.URL.RawQuery
	}
	location, err := x.cfg.SignIn.Begin(x.r.Context(), x.system, signin.Ticket{Return: rest})
	if errors.Is(err, signin.ErrReturn) {
		location, err = x.cfg.SignIn.Begin(x.r.Context(), x.system, signin.Ticket{Return: "/"})
	}
	if err != nil {
		x.broken(err)
		return
	}
	x.lead(location)
}

// lead goes to an address below the console's own.
func (x *exchange) lead(location string) {
	design.Policy{}.Apply(x.w.Header())
	x.w.Header().Set("Location", x.system.Snapshot().URL.String()+location)
	x.w.WriteHeader(http.StatusSeeOther)
}

// find opens the page at rest if the operator may see it.
func (x *exchange) find(rest string) {
	for i := range routes {
		values, fits := match(routes[i].pattern, rest)
		if !fits || x.r.URL.RawPath != "" {
			continue
		}
		x.route, x.values = &routes[i], values
		if x.admit() {
			x.route.show(x)
		}
		return
	}
	x.missing()
}

// admit decides by the table. Where the operator has no role there is nothing.
func (x *exchange) admit() bool {
	if x.route.action == "" { // each shows only what the operator may see
		return true
	}
	at := operator.Place{Tenant: x.values["tenant"], Environment: x.values["environment"], Server: x.values["server"]}
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
	if !may(x.route.action, at) {
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
	return operator.Place{Tenant: x.live.Tenant, Environment: x.live.Name, Server: x.values["server"]}
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
