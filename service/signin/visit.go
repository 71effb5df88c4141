package signin

import (
	"context"
	"errors"
	"net/netip"
	"strings"
	"time"

	"sallyport/pure/config"
	"sallyport/pure/journey"
	"sallyport/service/environment"
	"sallyport/store"
)

// ErrNoRevision: the environment has no usable configuration.
var ErrNoRevision = errors.New("environment has no revision")

// Visit is what a browser sent along with a page or a form.
type Visit struct {
	Ticket  string            // of the address
	Cookies map[string]string // by name
	Address netip.Addr        // of the client, not of a proxy
	Agent   string            // User-Agent
	// Recovery opens the page for a recovery code instead of that for a code.
	Recovery bool
}

// address is how the client's is stored; empty if it is not known.
func (v Visit) address() string {
	if !v.Address.IsValid() {
		return ""
	}
	return v.Address.Unmap().String()
}

// Given is what a form brought.
type Given struct {
	Identifier string // what was typed; with Password, what the page showed
	Password   string
	Secret     bool // whether the form asked for a password
	Code       string
	CodeOf     journey.Proof // ByCode, for the first code of a new key too, or ByRecovery, if the form asked for such a code
	Passkey    string        // the assertion of a passkey, as the browser wrote it; empty: the form brings none
	Kept       bool          // whether the form says that recovery codes are kept
}

// Answer is what the browser gets: a page, or the address where it goes on.
type Answer struct {
	Page        *journey.ShowPage // nil: go on to Next
	Next        string            // absolute
	Cookies     []Cookie
	Enrolment   *Enrolment    // with the enrolment page
	Codes       []string      // with the page of recovery codes
	Passkey     *PasskeyOffer // with pages on which one can be given, where there are any
	Application string        // whose brand the page wears; may no longer exist
	Reference   string        // of the refusal that Page tells of; empty for none
}

// run is one visit on its way through the service.
type run struct {
	*Service
	live     *environment.Live
	snapshot *config.Snapshot
	journey  *journey.Journey
	secure   bool
	visit    Visit
	ticket   sealedTicket
	since    time.Time // when what is proved here began to be: a cut after it counts
	began    bool      // the page was opened, no form was sent
	proving  bool      // a password was given

	state    journey.State
	row      store.Journey // where the state is kept behind the first factor; Version 0: nowhere yet
	rowText  []byte        // what it sealed when it was read
	saved    saved         // what it is to seal
	password string
	code     string
	passkey  givenPasskey
	current  *Current // who was signed in before; nil for nobody
	device   device
	person   *store.Person // who the identifier names; nil for nobody
	keys     attemptKeys
	reserved []store.Attempt // what was spent from them
	reason   string          // of a refusal, for the ledger
	fresh    string          // a better hash of the password
	upgrade  bool
	answer   Answer

	// Of an earlier system that was asked.
	migration    string
	legacyWord   string // why it said no
	legacySecond bool   // it wanted a second factor besides the password
}

// Show opens the page of a ticket, or goes back from it to the first. Who is
// signed in already, recently enough for the ticket, goes on at once.
// [ErrTicket], [ErrNoRevision].
func (s *Service) Show(ctx context.Context, live *environment.Live, v Visit, back bool) (*Answer, error) {
	var event journey.Event = journey.Back{}
	r := &run{Service: s, live: live, visit: v, since: s.cfg.Now(), began: !back}
	done, err := r.open(ctx)
	if err != nil || done {
		return &r.answer, err
	}
	if !back {
		event = journey.Begin{Hint: r.ticket.Hint}
		if v.Recovery {
			event = journey.RecoveryAsked{}
		}
	}
	return &r.answer, r.play(ctx, event)
}

// Give answers a form; a password that it brings decides who goes on, whoever was
// signed in before. The answer to a secret leaves at a multiple of a quarter
// of a second after its arrival, whatever it was. [ErrTicket], [ErrNoRevision].
func (s *Service) Give(ctx context.Context, live *environment.Live, v Visit, given Given) (*Answer, error) {
	r := &run{Service: s, live: live, visit: v, since: s.cfg.Now(), password: given.Password, code: given.Code, passkey: givenPasskey{text: given.Passkey}}
	if given.Secret || given.CodeOf != "" || given.Passkey != "" {
		defer func(arrived time.Time) { s.waitForTick(ctx, arrived, r.tick()) }(s.cfg.Now())
	}
	r.proving = given.Secret && given.Password != "" || given.CodeOf != "" || given.Kept || given.Passkey != ""
	event := given.event()
	done, err := r.open(ctx)
	if err != nil || done {
		return &r.answer, err
	}
	return &r.answer, r.play(ctx, event)
}

// event is what a form means.
func (g Given) event() journey.Event {
	empty := strings.TrimSpace(g.Code) == ""
	switch {
	case g.Passkey != "":
		return journey.PasskeyGiven{Of: g.Identifier}
	case g.Kept:
		return journey.CodesKept{}
	case g.CodeOf == journey.ByRecovery:
		return journey.RecoveryGiven{Empty: empty}
	case g.CodeOf != "":
		return journey.CodeGiven{Empty: empty}
	case g.Secret:
		return journey.PasswordGiven{Of: g.Identifier, Empty: g.Password == ""}
	}
	return journey.IdentifierGiven{Typed: g.Identifier}
}

// waitForTick returns at the next multiple of tick since arrival.
func (s *Service) waitForTick(ctx context.Context, arrived time.Time, tick time.Duration) {
	spent := max(0, s.cfg.Now().Sub(arrived))
	s.cfg.Sleep(ctx, tick-spent%tick)
}

// tick is at whose multiples the answer leaves. While earlier systems are asked
// about whoever is not known here, everybody whose password is refused waits as if
// one had been asked.
func (r *run) tick() time.Duration {
	refused := r.answer.Page != nil && r.answer.Page.Problem == journey.NotRecognised
	if refused && r.cfg.Legacy != nil && r.cfg.Legacy.Asks(r.live) {
		return legacyTick * r.cfg.Tick
	}
	return r.cfg.Tick
}

// open reads what the visit brought, and tells whether it is answered already.
func (r *run) open(ctx context.Context) (done bool, err error) {
	if r.snapshot = r.live.Snapshot(); r.snapshot == nil {
		return false, ErrNoRevision
	}
	r.secure = r.snapshot.URL.Scheme == "https"
	if r.journey, err = journeyOf(r.snapshot); err != nil {
		return false, err
	}
	if r.ticket, err = r.openTicket(ctx, r.live, r.visit.Ticket); err != nil {
		return false, err
	}
	r.answer.Application = r.ticket.Application
	if err := r.openState(ctx); err != nil {
		return false, err
	}
	r.current, err = r.Current(ctx, r.live, r.visit.Cookies[CookieName(r.live.ID, r.secure)])
	switch {
	case err != nil && !errors.Is(err, ErrNoSession):
		return false, err
	case r.current != nil && r.satisfiedBy(r.current.Session) && !r.means():
		r.goOn()
		return true, nil
	case r.ticket.expired(r.cfg.Now()):
		return true, r.play(ctx, journey.Expired{})
	}
	return false, nil
}

// means tells whether the customer is proving who they are. Then it is not for a
// session to say it: it may be that of somebody who signed in in another tab
// meanwhile, or that a stranger planted, and they would go on as somebody else.
func (r *run) means() bool {
	return r.proving && (r.state.Identifier() != "" || r.passkey.text != "") // a passkey says itself whose it is
}

// satisfiedBy tells whether who has that session need not sign in again.
func (r *run) satisfiedBy(s store.Session) bool {
	t := &r.ticket
	if t.Two && r.journey.TwoFactors() && s.Assurance == "pwd" {
		return false
	}
	return !t.Again || !s.SignedIn.Before(t.created())
}

func (r *run) goOn() { r.answer.Next = r.snapshot.URL.String() + r.ticket.Return }

// journeyOf finds the journey that signs people in.
func journeyOf(snapshot *config.Snapshot) (*journey.Journey, error) {
	for _, j := range snapshot.Journeys {
		if j.Purpose == "sign-in" {
			return journey.Compile(j)
		}
	}
	return journey.Default(), nil
}
