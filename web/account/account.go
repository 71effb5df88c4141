package account

import (
	"context"
	"log/slog"
	"net/http"
	"net/netip"
	"strings"
	"time"

	"sallyport/pure/config"
	"sallyport/pure/customer"
	"sallyport/service/audit"
	"sallyport/service/code"
	"sallyport/service/directory"
	"sallyport/service/environment"
	"sallyport/service/issue"
	"sallyport/service/keyring"
	"sallyport/service/signin"
	"sallyport/web/design"
)

// Registry finds the environment of a request: environment.Registry has it.
type Registry interface {
	Route(face environment.Face, host, path string) (live *environment.Live, rest string, found bool)
}

// SignIn keeps sessions and what proves who somebody is: signin.Service has it.
type SignIn interface {
	Begin(ctx context.Context, live *environment.Live, t signin.Ticket) (location string, err error)
	BeginAgain(ctx context.Context, live *environment.Live, current *signin.Current, t signin.Ticket) (location string, err error)
	Current(ctx context.Context, live *environment.Live, cookie string) (*signin.Current, error)
	While(current *signin.Current) signin.Guard
	Fresh(ctx context.Context, live *environment.Live, current *signin.Current, within time.Duration) error
	Sessions(ctx context.Context, live *environment.Live, current *signin.Current, after string, limit int) (page []signin.Browser, next string, err error)
	EndOne(ctx context.Context, live *environment.Live, current *signin.Current, v signin.Visit, name string) error
	EndOthers(ctx context.Context, live *environment.Live, current *signin.Current, v signin.Visit) (ended int, err error)
	Ways(ctx context.Context, live *environment.Live, current *signin.Current) (signin.Ways, error)
	ChangePassword(ctx context.Context, live *environment.Live, current *signin.Current, v signin.Visit, c signin.PasswordChange) (signin.Changed, error)
	OfferApp(ctx context.Context, live *environment.Live, current *signin.Current, v signin.Visit, sealed string) (signin.Offer, error)
	EnrolApp(ctx context.Context, live *environment.Live, current *signin.Current, v signin.Visit, sealed, code string) (codes []string, err error)
	RenewRecovery(ctx context.Context, live *environment.Live, current *signin.Current, v signin.Visit) (codes []string, err error)
	RemoveApp(ctx context.Context, live *environment.Live, current *signin.Current, v signin.Visit, id string) error
	OfferPhone(ctx context.Context, live *environment.Live, current *signin.Current, v signin.Visit, asked signin.PhoneAsked) (signin.PhoneOffer, error)
	AddPhone(ctx context.Context, live *environment.Live, current *signin.Current, v signin.Visit, sealed, typed string) (codes []string, err error)
	RemoveQuestions(ctx context.Context, live *environment.Live, current *signin.Current, v signin.Visit) error
	RemovePhone(ctx context.Context, live *environment.Live, current *signin.Current, v signin.Visit, id string) error
	OrderCard(ctx context.Context, live *environment.Live, current *signin.Current, v signin.Visit, address string) error
	EndCard(ctx context.Context, live *environment.Live, current *signin.Current, v signin.Visit, waiting bool) error
	OfferPasskey(ctx context.Context, live *environment.Live, current *signin.Current, v signin.Visit, second bool) (signin.NewPasskey, error)
	AddPasskey(ctx context.Context, live *environment.Live, current *signin.Current, v signin.Visit, g signin.GivenPasskey) (codes []string, err error)
	TryName(ctx context.Context, live *environment.Live, current *signin.Current, v signin.Visit) error
	RemovePasskey(ctx context.Context, live *environment.Live, current *signin.Current, v signin.Visit, id signin.PasskeyID) error
}

// Access knows what applications can have: issue.Service has it.
type Access interface {
	Held(ctx context.Context, v issue.View, c customer.Customer) ([]issue.Held, error)
	WithdrawAll(ctx context.Context, v issue.View, c customer.Customer, w issue.Withdrawal) error
}

// Config constructs a [Handler]. What is not said to be left out is required.
type Config struct {
	Registry  Registry
	SignIn    SignIn
	Access    Access
	Directory *directory.Directory
	Ledger    *audit.Reader
	Ring      *keyring.Ring                  // binds forms to their sessions
	Invalid   error                          // what is said of a cursor that nobody gave: store.ErrInvalid
	Conflict  error                          // what is said of somebody who changed meanwhile: store.ErrConflict
	Address   func(*http.Request) netip.Addr // of the client: clientaddr.Resolver.From
	NewTrace  func() string                  // reference ids: audit.Log.NewTrace
	Now       func() time.Time
	Log       *slog.Logger
	Missing   error      // what is said of what there is not: store.ErrNotFound
	Codes     Codes      // proves addresses; nil: none can be added here
	Undo      Undo       // takes changes back; nil: no link leads here
	Claims    Claims     // nil: accounts are linked by invitations and operators alone
	Region    string     // ISO 3166 code in which phone numbers without country code are read
	Audit     *audit.Log // is told whether something was them; nil: nobody is asked
	// Delivers tells whether an environment sends anything by a channel; nil: it does.
	Delivers func(live *environment.Live, by code.Channel) bool
	Ribbon   string       // word that every page wears, such as DEMO; empty: see design.FrameOf
	Next     http.Handler // whatever is none of these pages; a page that says so if nil
}

// Handler serves the pages of all environments but the operators' own. It is
// safe for concurrent use.
type Handler struct {
	cfg       Config
	strangers *http.CrossOriginProtection
}

// New gives a handler.
func New(cfg Config) *Handler {
	return &Handler{cfg: cfg, strangers: http.NewCrossOriginProtection()}
}

// root is where the pages begin.
const root = "/account"

// InvitedPath is where customers accept an invitation: path and query below the URL of the
// environment, up to the secret.
const InvitedPath = root + "/accounts/invited?t="

// route is what lies at a path.
type route struct {
	show  func(*exchange) // nil: there is nothing to see
	do    func(*exchange) // nil: there is nothing to do
	page  string          // the page whose form do answers, if not its own
	fresh bool            // wants a sign-in of a moment ago
	open  bool            // is for whoever has the address: nobody need be signed in
}

var routes = map[string]route{
	"":                     {show: (*exchange).showOverview},
	"/sessions":            {show: (*exchange).showSessions},
	"/sessions/end":        {do: (*exchange).endSession, page: "/sessions"},
	"/sessions/end-others": {do: (*exchange).endOthers, page: "/sessions"},
	"/ways":                {show: (*exchange).showWays},
	"/password":            {show: (*exchange).askPassword, do: (*exchange).changePassword, fresh: true},
	"/app":                 {show: (*exchange).askApp, do: (*exchange).setUpApp, fresh: true},
	"/app/remove":          {show: (*exchange).askRemoval, do: (*exchange).removeApp, fresh: true},
	"/passkey/add":         {show: (*exchange).askPasskey, do: (*exchange).makePasskey, fresh: true},
	"/passkey/remove":      {show: (*exchange).askPasskeyRemoval, do: (*exchange).removePasskey, fresh: true},
	"/phone/add":           {show: (*exchange).askPhone, do: (*exchange).offerPhone, fresh: true},
	"/phone/prove":         {do: (*exchange).provePhone, page: "/phone/add", fresh: true},
	"/phone/remove":        {show: (*exchange).askPhoneRemoval, do: (*exchange).removePhone, fresh: true},
	"/card":                {show: (*exchange).askCard, do: (*exchange).orderCard, fresh: true},
	"/card/end":            {show: (*exchange).askCardEnd, do: (*exchange).endCard, fresh: true},
	"/questions/remove":    {show: (*exchange).askQuestionsRemoval, do: (*exchange).removeQuestions, fresh: true},
	"/recovery-codes":      {show: (*exchange).askRecovery, do: (*exchange).renewRecovery, fresh: true},
	"/applications":        {show: (*exchange).showApplications},
	"/applications/withdraw": {
		do: (*exchange).withdraw, page: "/applications",
	},
	"/activity":            {show: (*exchange).showActivity},
	"/recent":              {show: (*exchange).showRecent},
	"/you":                 {show: (*exchange).askDetails, do: (*exchange).changeDetails},
	"/undo":                {show: (*exchange).askUndo, do: (*exchange).takeBack, open: true},
	"/activity/one":        {show: (*exchange).askReview, do: (*exchange).review},
	"/addresses":           {show: (*exchange).showAddresses},
	"/addresses/add":       {show: (*exchange).askAddress, do: (*exchange).sendProof, fresh: true},
	"/addresses/prove":     {do: (*exchange).proveAddress, page: "/addresses/add", fresh: true},
	"/addresses/username":  {show: (*exchange).askUsername, do: (*exchange).addUsername, fresh: true},
	"/addresses/first":     {show: (*exchange).askFirstAddress, do: (*exchange).chooseFirstAddress, fresh: true},
	"/addresses/remove":    {show: (*exchange).askAddressRemoval, do: (*exchange).removeAddress, fresh: true},
	"/accounts":            {show: (*exchange).showAccounts},
	"/accounts/one":        {show: (*exchange).showAccount},
	"/accounts/claim":      {show: (*exchange).askClaim, do: (*exchange).claimAccount, fresh: true},
	"/accounts/share":      {show: (*exchange).askShare, do: (*exchange).share, fresh: true},
	"/accounts/remove":     {do: (*exchange).removeMember, page: "/accounts", fresh: true},
	"/accounts/uninvite":   {do: (*exchange).uninvite, page: "/accounts"},
	"/accounts/leave":      {show: (*exchange).askLeave, do: (*exchange).leaveAccount, fresh: true},
	"/accounts/invited":    {show: (*exchange).askAccept, do: (*exchange).accept},
	"/agreements":          {show: (*exchange).showAgreements, do: (*exchange).answer},
	"/agreements/proof":    {do: (*exchange).proveAgreements, page: "/agreements"},
	"/data":                {show: (*exchange).showData},
	"/data/download":       {show: (*exchange).askDownload, do: (*exchange).download, fresh: true},
	"/data/delete":         {show: (*exchange).askDeletion, do: (*exchange).deleteAll, fresh: true},
	"/sign-out-everywhere": {show: (*exchange).askSignOut, do: (*exchange).signOutEverywhere},
}

// ServeHTTP finds environment and page.
func (h *Handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	live, rest, found := h.cfg.Registry.Route(environment.Pages, r.Host, r.URL.Path)
	if !found || live.System() || live.Snapshot() == nil {
		h.next(w, r, words.Speak(design.Frame{}, r))
		return
	}
	x := &exchange{Handler: h, w: w, r: r, live: live, snapshot: live.Snapshot()}
	query := r.URL.Query()
	if x.application = x.snapshot.Applications[query.Get("application")]; x.application == nil && query.Has("application") {
		query.Del("application") // of nobody: no page repeats it
		r = r.Clone(r.Context())
		r.URL.RawQuery = query.Encode()
		x.r = r
	}
	at, under := strings.CutPrefix(rest, root)
	page, known := routes[at]
	if !under || !known || r.URL.RawPath != "" {
		h.next(w, r, words.Speak(design.FrameOf(x.snapshot, nil, h.cfg.Ribbon), r))
		return
	}
	x.at, x.route = at, page
	switch {
	case page.show != nil && words.Choose(w, r, x.secure()):
	case page.show != nil && (r.Method == http.MethodGet || r.Method == http.MethodHead):
		x.show()
	case page.do != nil && r.Method == http.MethodPost:
		x.do()
	default:
		x.refuseMethod()
	}
}

func (h *Handler) next(w http.ResponseWriter, r *http.Request, frame design.Frame) {
	if h.cfg.Next != nil {
		h.cfg.Next.ServeHTTP(w, r)
		return
	}
	words.NotFound(w, r, frame)
}

// exchange is one request on its way through a page.
type exchange struct {
	*Handler
	w           http.ResponseWriter
	r           *http.Request
	live        *environment.Live
	snapshot    *config.Snapshot
	application *config.Application // that the customer came from; nil for none that is known
	at          string              // below root
	route       route
	current     *signin.Current
	token       string // what every form of the session holds
	secret      *keyring.Secret
}
