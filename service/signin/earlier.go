package signin

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"time"

	"sallyport/pure/customer"
	"sallyport/pure/journey"
	"sallyport/service/audit"
	"sallyport/service/code"
	"sallyport/service/environment"
	"sallyport/store"
)

// Earlier takes people along who proved an address and gave no password: service/jit
// does. It is safe for concurrent use.
type Earlier interface {
	// Finds tells whether earlier systems that can look people up are asked in an
	// environment.
	Finds(ctx context.Context, live *environment.Live) bool
	// Away tells whether one of them is known not to answer now.
	Away(ctx context.Context, live *environment.Live) bool
	// Spend counts that a source wants something looked up there, and tells how long it
	// has to wait if it wanted too much; zero if it may.
	Spend(ctx context.Context, live *environment.Live, identifier string, from netip.Addr) (wait time.Duration, err error)
	// Arrive takes along whoever proved an address.
	Arrive(ctx context.Context, live *environment.Live, p Arriving) (Arrival, error)
}

// Arriving is who proved an address.
type Arriving struct {
	Identifier string // as it was typed
	Kind       customer.IdentifierKind
	Registers  bool        // else they recover, or sign in
	Looks      bool        // they sign in: nobody is moved, and all that is asked is whether they need a second factor there
	Customer   customer.ID // who is here, while the earlier system has their password; zero: nobody is
	// Proved tells, for whoever typed another name of theirs, whether the code went to an
	// address.
	Proved func(ctx context.Context, address string) (bool, error)
}

// Arrival is what became of them. The zero value says that nobody could tell.
type Arrival struct {
	Verdict    journey.Verdict // no match: no system knows them by that address
	Held       string          // of a match, why they cannot come in; a stable word
	Erased     bool            // of those held: they were erased here, and are nobody's customer
	Address    customer.Identifier
	Migration  string
	Reason     string        // with Unavailable, for the ledger
	RetryAfter time.Duration // with Unavailable; zero: unknown
	Unasked    []string      // migrations whose systems could not tell and need not
}

// earlierReason begins the reasons of what earlier systems had a say in.
const earlierReason = "earlier-"

// delayedError: an earlier system cannot tell now.
type delayedError struct {
	after  time.Duration
	reason string
}

// Error gives the reason.
func (d *delayedError) Error() string { return "an earlier system cannot tell: " + d.reason }

// Unwrap gives [code.ErrLater]: what was right can be given again.
func (d *delayedError) Unwrap() error { return code.ErrLater }

// errNobody: a code was right by chance, or whoever it was sent to is gone.
var errNobody = errors.New("nobody is there")

// asksEarlier tells whether who is not known here may be known elsewhere.
func (r *run) asksEarlier(ctx context.Context) bool {
	return r.cfg.Earlier != nil && r.cfg.Earlier.Finds(ctx, r.live)
}

// sought tells what earlier systems are asked by, about somebody whom nobody here is: not
// now, but once the page was answered, by whoever delivers the message. So neither time
// nor what is stored tells who is known where.
func (r *run) sought(ctx context.Context) string {
	if r.journey.Purpose() != journey.Recovery || !r.asksEarlier(ctx) {
		return ""
	}
	return r.state.Identifier()
}

// earlierFull counts what a source wants looked up at earlier systems, and limits it: of
// names that are known here as of others, so that no limit tells which are which.
func (r *run) earlierFull(ctx context.Context, source code.Source) (time.Duration, error) {
	if r.state.Proven() || r.journey.Purpose() != journey.Recovery || source.Device != "" || !r.asksEarlier(ctx) {
		return 0, nil
	}
	return r.cfg.Earlier.Spend(ctx, r.live, r.state.Identifier(), r.visit.Address)
}

// delayed tells whether codes may come late, since an earlier system does not answer.
func (r *run) delayed(ctx context.Context) bool {
	return r.journey.Purpose() == journey.Recovery && !r.state.Proven() && r.asksEarlier(ctx) && r.cfg.Earlier.Away(ctx, r.live)
}

// arrival asks earlier systems who proved an address.
func (r *run) arrival(ctx context.Context, a addressee) (Arrival, error) {
	p := Arriving{
		Identifier: r.state.Identifier(), Kind: a.id.Kind, Registers: r.journey.Purpose() == journey.Registration, Looks: r.journey.Purpose() == journey.SignIn,
		Proved: func(ctx context.Context, address string) (bool, error) {
			return r.cfg.Codes.Went(ctx, r.live, r.challenge, a.purpose, address)
		},
	}
	if a.id.Kind == "" {
		p.Kind = soughtKind(r.reading())
	}
	if a.person != nil {
		p.Customer = a.person.Customer.ID
	}
	came, err := r.cfg.Earlier.Arrive(ctx, r.live, p)
	if err != nil {
		return came, err
	}
	if r.migration = came.Migration; came.Verdict == journey.Unavailable {
		return came, &delayedError{came.RetryAfter, came.Reason}
	}
	if came.Held != "" {
		r.reason = earlierReason + came.Held
	}
	return came, nil
}

// soughtKind is the kind of address that a code goes to by what was typed: a name's
// owner gets mail.
func soughtKind(id customer.Identifier) customer.IdentifierKind {
	if id.Kind == customer.Phone {
		return customer.Phone
	}
	return customer.Email
}

// provedSought is what follows from a code for whom nobody here is yet: they are taken
// along, and stand before the next step as whoever that is.
func (r *run) provedSought(a addressee, next journey.State) proved {
	var row *nextRow
	held := false
	right := func(ctx context.Context) error {
		came, err := r.arrival(ctx, a)
		switch {
		case err != nil:
			return err
		case came.Verdict != journey.Match:
			return errNobody
		case came.Held != "":
			held = true
			return nil
		}
		here, err := r.addressee(ctx)
		if err != nil {
			return err
		}
		if here.person == nil { // somebody else has the name by which they came
			held, r.reason = true, earlierReason+"already-here"
			return nil
		}
		all, err := r.cfg.Store.Identifiers(ctx, r.live.ID, here.person.Customer.ID)
		if err != nil {
			return fmt.Errorf("reading identifiers: %w", err)
		}
		theirs := slices.ContainsFunc(all, func(id customer.Identifier) bool {
			return id.Verified && id.Kind == came.Address.Kind && id.Value == came.Address.Value
		})
		r.person = here.person
		if !theirs || !here.known {
			held, r.reason = true, earlierReason+"not-by-this-address"
			return nil
		}
		row, err = r.rowFor(ctx, next)
		return err
	}
	write := func(ctx context.Context, tx store.Tx) error {
		if held {
			return nil
		}
		return row.write(ctx, tx)
	}
	done := func(ctx context.Context, p journey.Performed) (journey.Event, error) {
		if p.Held = held; held {
			return p, nil
		}
		return p, row.written(ctx)
	}
	return proved{write: write, done: done, right: right}
}

// whileStaged has an earlier system asked about somebody who is here and whose password it
// has: whoever needs a second factor there, which did not come along, keeps needing it.
func (r *run) whileStaged(a addressee, p proved) proved {
	held := false
	p.right = func(ctx context.Context) error { // nothing is looked up for a wrong code
		staged, err := r.staged(ctx, a.person.Customer.ID)
		if err != nil || !staged || !r.asksEarlier(ctx) {
			return err
		}
		if r.journey.Purpose() == journey.SignIn { // who has one here gives that
			if has, err := r.hasSecond(ctx); has || err != nil {
				return err
			}
		}
		came, err := r.arrival(ctx, a)
		held = came.Held != ""
		return err
	}
	return p.unless(&held)
}

// unless writes and goes on as before, but for somebody of whom it turned out by then that
// they are held: of them nothing is written.
func (p proved) unless(held *bool) proved {
	write, done := p.write, p.done
	p.write = func(ctx context.Context, tx store.Tx) error {
		if *held {
			return nil
		}
		return write(ctx, tx)
	}
	p.done = func(ctx context.Context, performed journey.Performed) (journey.Event, error) {
		if performed.Held = *held; *held {
			return performed, nil
		}
		return done(ctx, performed)
	}
	return p
}

// staged tells whether an earlier system has somebody's password.
func (r *run) staged(ctx context.Context, id customer.ID) (bool, error) {
	lines, err := r.cfg.Store.RecordsOf(ctx, r.live.ID, id.String())
	if err != nil {
		return false, fmt.Errorf("reading the ledger of migrations: %w", err)
	}
	return slices.ContainsFunc(lines, func(line store.RecordMove) bool { return line.State == store.RecordStaged }), nil
}

// uncheckedDetail says which systems nobody could ask.
type uncheckedDetail struct {
	Migrations []string `json:"migrations"`
}

// unchecked notes who registered while an earlier system could not tell, for whoever
// looks it up later.
func (r *run) unchecked(ctx context.Context, tx store.Tx) error {
	if len(r.unasked) == 0 {
		return nil
	}
	return tx.Audit(ctx, r.told(audit.RegistrationUnchecked, uncheckedDetail{r.unasked}))
}

// provedUnlessKnown has earlier systems asked before a customer is made. Whoever is known
// there comes along, and then has the address.
func (r *run) provedUnlessKnown(ctx context.Context, a addressee, p proved) proved {
	if r.cfg.Earlier == nil {
		return p
	}
	held := false
	p.right = func(ctx context.Context) error {
		came, err := r.arrival(ctx, a)
		held, r.unasked = came.Held != "" && !came.Erased, came.Unasked
		return err
	}
	return p.unless(&held)
}

// undecided answers a right code that led nowhere; nil: err is another.
func (r *run) undecided(err error) journey.Event {
	var late *delayedError
	switch {
	case errors.As(err, &late):
		r.reason = earlierReason + late.reason
		return journey.Performed{Problem: journey.CheckUnavailable, RetryAfter: max(late.after, time.Minute)}
	case errors.Is(err, errNobody):
		r.reason = string(code.Wrong)
		return journey.Performed{Verdict: journey.NoMatch, Problem: CodeWrong}
	}
	return nil
}
