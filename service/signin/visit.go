package signin

import (
	"context"
	"errors"
	"net/netip"
	"net/url"
	"strings"
	"time"

	"sallyport/pure/config"
	"sallyport/pure/customer"
	"sallyport/pure/funnel"
	"sallyport/pure/journey"
	"sallyport/service/environment"
	"sallyport/service/hook"
	"sallyport/store"
)

// ErrNoRevision: the environment has no usable configuration.
var ErrNoRevision = errors.New("environment has no revision")

// Visit is what a browser sent along with a page or a form.
type Visit struct {
	Ticket   string            // of the address
	Cookies  map[string]string // by name
	Address  netip.Addr        // of the client, not of a proxy
	Agent    string            // User-Agent
	Language string            // that the browser prefers, as it writes it; may be empty
	Chosen   string            // that the customer chose on a page of ours; empty: none
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

	Step string        // the step that a task's form names; empty: it is no task's
	Form url.Values    // of a task: what else the form brought; its secrets are in no other field
	Act  Act           // what a form wants besides the obvious
	Way  journey.Proof // with ActChoose: which second factor they want to give; with ActPhone and ActAgain: ByText or ByCall
}

// Act is what a form wants besides giving what its page asks for.
type Act string

// The acts.
const (
	ActAgain   Act = "again"   // another code
	ActSkip    Act = "skip"    // to pass the step over, or do it another time
	ActCode    Act = "code"    // a code sent, instead of giving the password
	ActAnother Act = "another" // to give another second factor
	ActChoose  Act = "choose"  // this one: Way
	ActPhone   Act = "phone"   // to set up a phone instead of an app; with Code: this one, to be reached by Way
	ActApp     Act = "app"     // to set up an app after all
)

// Answer is what the browser gets: a page, or the address where it goes on.
type Answer struct {
	Page         *journey.ShowPage // nil: go on to Next
	Next         string            // absolute
	Cookies      []Cookie
	Recent       []Recent                  // with RecentPage: what was added lately; Next says where they go on
	Enrolment    *Enrolment                // with the enrolment page
	Codes        []string                  // with the page of recovery codes
	Shown        any                       // with the page of a task: what that shows
	Asked        *Asked                    // why a rule asks for a second factor; nil: none does
	Sent         *Sent                     // with a page that asks for a code which was sent
	Purpose      journey.Purpose           // what the journey is for
	Addresses    []customer.IdentifierKind // with the first page of a registration: what one can register with
	Ways         []journey.Proof           // with the page for a choice: the second factors that they have
	Texts, Calls bool                      // with the page for a phone: how it can be reached
	Registers    bool                      // whoever is nobody yet can register here
	Recovers     bool                      // whoever forgot their password gets a new one here
	Anew         string                    // beside SignIn, where whoever has the address never proved it: where they register all the same
	SignIn       string                    // with journey.AlreadyKnown: where they sign in; path and query below the environment's URL
	Recover      string                    // beside SignIn, where they choose a new password by what they proved just now; empty: nowhere
	Passkey      *PasskeyOffer             // with pages on which one can be given, where there are any
	Application  string                    // whose brand the page wears; may no longer exist
	Languages    []string                  // in which the application wants the page to be, best first
	Reference    string                    // of the refusal that Page tells of; empty for none
	Veto         hook.Message              // with journey.OverPage: why they may not go on; empty: nobody said no
}

// run is one visit on its way through the service.
type run struct {
	*Service
	live     *environment.Live
	snapshot *config.Snapshot
	set      *journey.Set
	journey  *journey.Journey
	secure   bool
	visit    Visit
	ticket   sealedTicket
	since    time.Time // when what is proved here began to be: a cut after it counts
	came     time.Time // when the visit did
	began    bool      // the page was opened, no form was sent
	proving  bool      // a password was given
	ticks    bool      // the answer leaves at a multiple of a tick

	state     journey.State
	row       store.Journey // where the state is kept behind the first factor; Version 0: nowhere yet
	rowText   []byte        // what it sealed when it was read
	saved     saved         // what it is to seal
	password  string
	code      string
	form      url.Values
	problem   journey.Problem                                // that the page tells of instead of the journey's; empty: that
	retry     time.Duration                                  // with it
	sent      bool                                           // a code was, just now
	challenge []byte                                         // sealed, of the code that was sent last; nil: none was
	shown     any                                            // by the page of a task
	writes    []func(ctx context.Context, tx store.Tx) error // of tasks, to be done with what takes the journey on
	renew     bool                                           // the row of the journey ends and begins anew: a cut came between
	passkey   givenPasskey
	current   *Current // who was signed in before; nil for nobody
	device    device
	person    *store.Person // who the identifier names; nil for nobody
	keys      attemptKeys
	reserved  []store.Attempt // what was spent from them
	blind     bool            // the password is not to be looked at, and is wrong
	reason    string          // of a refusal, for the ledger
	fresh     string          // a better hash of the password
	upgrade   bool
	watch     *funnel.Watch
	answer    Answer

	// Of an earlier system that was asked.
	migration    string
	legacyWord   string   // why it said no
	legacySecond bool     // it wanted a second factor besides the password
	unasked      []string // migrations whose systems could not tell who registers
}

// Show opens the page of a ticket, or goes back from it to the first. Who is
// signed in already, recently enough for the ticket, goes on at once.
// [ErrTicket], [ErrNoRevision].
func (s *Service) Show(ctx context.Context, live *environment.Live, v Visit, back bool) (*Answer, error) {
	var event journey.Event = journey.Back{}
	now := s.cfg.Now()
	r := &run{Service: s, live: live, visit: v, since: now, came: now, began: !back}
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
	now := s.cfg.Now()
	r := &run{
		Service: s, live: live, visit: v, since: now, came: now, password: given.Password, code: given.Code,
		passkey: givenPasskey{text: given.Passkey}, form: given.Form,
	}
	r.ticks = given.Step != "" || given.Act != "" || given.Secret || given.CodeOf != "" || given.Passkey != ""
	defer func() {
		if r.ticks {
			s.waitForTick(ctx, now, r.tick())
		}
	}()
	r.proving = given.Secret && given.Password != "" || given.CodeOf != "" || given.Kept || given.Passkey != "" || given.Step != "" || given.Act != ""
	event := given.event()
	done, err := r.open(ctx)
	if err != nil || done {
		return &r.answer, err
	}
	if typed, named := event.(journey.IdentifierGiven); named && r.refusesName(typed.Typed) {
		return &r.answer, r.refuseName(ctx, typed.Typed)
	}
	return &r.answer, r.play(ctx, event)
}

// event is what a form means.
func (g Given) event() journey.Event {
	empty := strings.TrimSpace(g.Code) == ""
	if event := g.act(empty); event != nil {
		return event
	}
	switch {
	case g.Step != "":
		return journey.TaskGiven{Step: g.Step, Empty: g.CodeOf != "" && empty}
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
	if r.set, err = r.sets.get(r.snapshot); err != nil {
		return false, err
	}
	if r.ticket, err = r.openTicket(ctx, r.live, r.visit.Ticket); err != nil {
		return false, err
	}
	if r.journey = r.set.Of(r.ticket.Purpose); r.journey == nil {
		return false, ErrTicket // there is no such journey any more
	}
	r.answer.Application, r.answer.Languages = r.ticket.Application, r.ticket.Languages
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
	if t.Purpose != "" && s.SignedIn.Before(t.created()) {
		return false
	}
	if t.Two && r.journey.TwoFactors() && s.Assurance == "pwd" {
		return false
	}
	return !t.Again || !s.SignedIn.Before(t.created())
}

func (r *run) goOn() { r.answer.Next = r.snapshot.URL.String() + r.ticket.Return }

// act is what a form wants besides the obvious; nil if nothing.
func (g Given) act(empty bool) journey.Event {
	switch g.Act {
	case ActAgain:
		return journey.SendAgain{Step: g.Step, By: g.Way}
	case ActSkip:
		if g.Step == "" {
			return journey.Later{}
		}
		return journey.TaskSkipped{Step: g.Step}
	case ActCode:
		return journey.CodeAsked{Of: g.Identifier}
	case ActAnother:
		return journey.AnotherWay{}
	case ActChoose:
		return journey.FactorChosen{By: g.Way}
	case ActPhone:
		if g.Way == "" {
			return journey.PhoneAsked{Phone: true}
		}
		return journey.PhoneGiven{Empty: empty, Call: g.Way == journey.ByCall}
	case ActApp:
		return journey.PhoneAsked{}
	}
	return nil
}
