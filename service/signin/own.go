package signin

import (
	"context"
	"errors"
	"fmt"
	"time"

	"sallyport/pure/customer"
	"sallyport/pure/journey"
	"sallyport/service/audit"
	"sallyport/service/environment"
	"sallyport/store"
)

// What follows is for customers who are signed in and see to their own sign-in.
// Whatever could lock them out or let somebody else in wants a sign-in that is
// fresh, so that a screen that was left alone is not enough.
const (
	FreshFor  = 10 * time.Minute // how old the sign-in may be when it is done
	FreshPage = FreshFor / 2     // and when its form is opened, so that there is time to fill it in
)

// ErrNotFresh: the sign-in is too long ago, or of one factor only where the
// customer has two. [Service.BeginAgain] mends it.
var ErrNotFresh = errors.New("not signed in recently enough")

// Refusal says why something was not done for a customer who is signed in.
type Refusal struct {
	Why        journey.Problem // NotRecognised, CodeRefused, TooManyAttempts, CheckUnavailable or Interrupted
	RetryAfter time.Duration   // with TooManyAttempts and CheckUnavailable
	Reference  string          // of the event that tells of it; empty for none
}

// Error implements error.
func (r *Refusal) Error() string { return "refused: " + string(r.Why) }

// own is what a signed-in customer does, in the form in which sign-in does the
// same: so one set of limits counts for both.
func (s *Service) own(ctx context.Context, live *environment.Live, current *Current, v Visit) (*run, error) {
	r := &run{Service: s, live: live, visit: v, current: current, person: &store.Person{Customer: current.Customer}}
	if r.snapshot = live.Snapshot(); r.snapshot == nil {
		return nil, ErrNoRevision
	}
	r.secure = r.snapshot.URL.Scheme == "https"
	var err error
	if r.set, err = s.sets.get(r.snapshot); err != nil {
		return nil, err
	}
	r.journey = r.set.SignIn
	return r, nil
}

// Fresh tells whether the sign-in of a session is recent and strong enough to
// change how its customer signs in; [ErrNotFresh]. within is [FreshFor], or
// [FreshPage] before a form.
func (s *Service) Fresh(ctx context.Context, live *environment.Live, current *Current, within time.Duration) error {
	r, err := s.own(ctx, live, current, Visit{})
	if err != nil {
		return err
	}
	return r.recent(ctx, within)
}

func (r *run) recent(ctx context.Context, within time.Duration) error {
	if r.cfg.Now().Sub(r.current.Session.SignedIn) > within {
		return ErrNotFresh
	}
	if all, err := r.provedAll(ctx); all || err != nil {
		return err
	}
	two, err := r.hasSecond(ctx)
	if err == nil && two {
		return ErrNotFresh
	}
	return err
}

// hasSecond tells whether the journey asks the customer for a code, or for a passkey
// behind the password.
func (r *run) hasSecond(ctx context.Context) (bool, error) {
	if !r.journey.TwoFactors() {
		return false, nil
	}
	app, err := r.factor(ctx, store.FactorTOTP)
	if app != nil || err != nil {
		return app != nil, err
	}
	phones, err := r.phones(ctx)
	if len(phones) > 0 || err != nil {
		return len(phones) > 0, err
	}
	card, err := r.factor(ctx, store.FactorCard)
	if card != nil || err != nil {
		return card != nil, err
	}
	passkeys, err := r.everyPasskey(ctx)
	return anySecond(passkeys), err
}

// BeginAgain begins a sign-in that makes the session fresh, and then leads to
// t.Return. The name is filled in. Errors are those of [Service.Begin].
func (s *Service) BeginAgain(ctx context.Context, live *environment.Live, current *Current, t Ticket) (location string, err error) {
	r, err := s.own(ctx, live, current, Visit{})
	if err != nil {
		return "", err
	}
	t.Reauthenticate = true
	if t.TwoFactors, err = r.hasSecond(ctx); err != nil {
		return "", err
	}
	if t.Hint, err = r.called(ctx); err != nil {
		return "", err
	}
	return s.Begin(ctx, live, t)
}

// called is the name by which a customer most likely signs in; empty for none.
func (r *run) called(ctx context.Context) (string, error) {
	names, err := r.cfg.Store.Identifiers(ctx, r.live.ID, r.person.Customer.ID)
	if err != nil {
		return "", fmt.Errorf("reading identifiers: %w", err)
	}
	for _, kind := range []customer.IdentifierKind{customer.Email, customer.Username, customer.Phone} {
		for _, name := range names {
			if name.Kind == kind {
				return name.Display, nil
			}
		}
	}
	return "", nil
}

// try reserves an attempt at a proof, as signing in does.
func (r *run) try(ctx context.Context, of journey.Proof) error {
	wait, err := r.reserve(ctx, of)
	switch {
	case err != nil:
		return err
	case wait > 0:
		r.reason = "too-many-attempts"
		return r.deny(ctx, audit.SignInLimited, of, &Refusal{Why: journey.TooManyAttempts, RetryAfter: wait})
	}
	return nil
}

// deny tells the ledger of a refusal, and gives it. What is limited already
// cannot fill the ledger.
func (r *run) deny(ctx context.Context, as audit.Type, of journey.Proof, refusal *Refusal) error {
	refusal.Reference = r.cfg.Audit.NewTrace()
	silent := 0
	if refusal.Why == journey.TooManyAttempts {
		var ok bool
		keys := append([]store.AttemptKey{r.keys.source}, r.keys.account...)
		if refusal.Reference, silent, ok = r.damper.pass(r.cfg.Now(), refusal.Reference, keys...); !ok {
			return refusal
		}
	}
	id := r.person.Customer.ID.String()
	err := r.cfg.Audit.Record(ctx, r.live.ID, audit.Entry{
		At: r.cfg.Now(), Type: as, Actor: audit.Customer(id), Customer: id, Result: r.reason, Trace: refusal.Reference,
		Detail: ownRefusal{sessionName(r.current.Session.ID), string(of), silent}, Personal: r.personal(),
	})
	if err != nil {
		return err
	}
	return refusal
}

// ownRefusal is the body of the event: proof says what was tried.
type ownRefusal struct {
	Session string `json:"session"`
	Proof   string `json:"proof"`
	Silent  int    `json:"silent,omitempty"`
}

// write does something in the name of a session, which must not have ended
// meanwhile; [ErrNoSession]. Of two who change the same thing at once, one is
// told that they were interrupted.
func (r *run) write(ctx context.Context, do func(store.Tx) error) error {
	err := r.cfg.Store.Write(ctx, r.live.ID, func(tx store.Tx) error {
		return firstError(func() error { return r.useSession(ctx, tx) }, func() error { return do(tx) })
	})
	if errors.Is(err, store.ErrConflict) {
		return &Refusal{Why: journey.Interrupted}
	}
	return err
}

// useSession fails with [ErrNoSession] if the session at hand has ended meanwhile.
func (r *run) useSession(ctx context.Context, tx store.Tx) error {
	err := tx.UseSession(ctx, r.current.Session.ID, r.cfg.Now())
	if errors.Is(err, store.ErrNotFound) {
		return ErrNoSession
	}
	return err
}

// While lets something be written in the name of a session that must not have ended
// meanwhile, nor its customer been signed out: [ErrNoSession]. It is for the transactions
// of others, and comes first in them.
func (s *Service) While(current *Current) Guard {
	r := &run{Service: s, current: current}
	return r.useSession
}

// Guard refuses what a transaction is about to do.
type Guard = func(ctx context.Context, tx store.Tx) error

// TryName counts a try at a name that a customer would like to have, as one at a code
// is: so nobody finds out by trying which names are taken. [ErrNotFresh], a [*Refusal].
func (s *Service) TryName(ctx context.Context, live *environment.Live, current *Current, v Visit) error {
	r, err := s.own(ctx, live, current, v)
	if err != nil {
		return err
	}
	if err := r.recent(ctx, FreshFor); err != nil {
		return err
	}
	return r.try(ctx, journey.ByEnrolment)
}
