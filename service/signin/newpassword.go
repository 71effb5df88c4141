package signin

import (
	"context"
	"errors"
	"fmt"
	"net/url"

	"golang.org/x/text/unicode/norm"

	"sallyport/pure/journey"
	"sallyport/pure/message"
	"sallyport/pure/password"
	"sallyport/service/audit"
	"sallyport/service/directory"
	"sallyport/store"
)

// Problems of new passwords.
const (
	PasswordUnchosen  journey.Problem = "password-unchosen"
	PasswordShort     journey.Problem = "password-short"
	PasswordLong      journey.Problem = "password-long"
	PasswordText      journey.Problem = "password-text"
	PasswordGuessable journey.Problem = "password-guessable"
	PasswordCommon    journey.Problem = "password-common"
	PasswordBreached  journey.Problem = "password-breached"
)

var refusedPasswords = []struct {
	err     error
	problem journey.Problem
}{
	{password.ErrShort, PasswordShort},
	{password.ErrLong, PasswordLong},
	{password.ErrText, PasswordText},
	{password.ErrGuessable, PasswordGuessable},
	{password.ErrCommon, PasswordCommon},
	{password.ErrBreached, PasswordBreached},
	{password.ErrUnavailable, journey.CheckUnavailable},
}

// NewPassword is what the page for a new password shows.
type NewPassword struct{ Least int } // characters

// newPassword is the task of choosing a password: of whoever registers and has none
// yet, and of whoever recovers, always. Nobody chooses one past a second factor.
type newPassword struct{}

func (*newPassword) Look(ctx context.Context, w *Walk) (journey.Found, any, error) {
	shown := NewPassword{w.run.least()}
	if w.Purpose == journey.Recovery {
		return journey.Found{Needed: true}, shown, nil
	}
	has, err := w.run.credential(ctx)
	past := w.run.saved.Past && !w.run.state.Seconded()
	return journey.Found{Needed: has.Version == 0 && !past}, shown, err
}

// credential is the customer's; the zero one if they have no password.
func (r *run) credential(ctx context.Context) (store.Credential, error) {
	c, err := r.cfg.Store.Credential(ctx, r.live.ID, r.person.Customer.ID)
	if errors.Is(err, store.ErrNotFound) {
		return store.Credential{}, nil
	}
	if err != nil {
		return c, fmt.Errorf("reading a credential: %w", err)
	}
	return c, nil
}

func (n *newPassword) Do(ctx context.Context, w *Walk, form url.Values) (journey.Performed, error) {
	r := w.run
	w.Show(NewPassword{r.least()})
	text := norm.NFKC.String(form.Get("new-password"))
	if text == "" {
		return journey.Performed{Verdict: journey.NoMatch, Problem: PasswordUnchosen}, nil
	}
	if problem, err := refusedPassword(r.acceptable(ctx, text)); problem != "" || err != nil {
		return journey.Performed{Verdict: journey.NoMatch, Problem: problem}, err
	}
	before, err := r.credential(ctx)
	if err != nil {
		return journey.Performed{}, err
	}
	if w.Purpose != journey.Recovery && before.Version > 0 { // set in another tab meanwhile
		return journey.Performed{}, errMoved
	}
	r.person.Credential = &before
	fresh, err := r.newCredential(ctx, text)
	var refusal *Refusal
	switch {
	case errors.As(err, &refusal):
		return journey.Performed{Problem: refusal.Why, RetryAfter: refusal.RetryAfter}, nil
	case err != nil:
		return journey.Performed{}, err
	}
	return journey.Performed{Verdict: journey.Match}, n.store(ctx, w, fresh)
}

// refusedPassword is the problem of a password that is not taken.
func refusedPassword(err error) (journey.Problem, error) {
	for _, known := range refusedPasswords {
		if errors.Is(err, known.err) {
			return known.problem, nil
		}
	}
	return "", err
}

// store has the password stored. One that takes another's place ends everything of
// before, on every device: sessions, refresh tokens, access tokens. What was proved in
// this journey is newer than that, so its row begins anew.
func (*newPassword) store(ctx context.Context, w *Walk, fresh *store.Credential) error {
	kind := audit.PasswordSet
	if w.Purpose == journey.Recovery {
		kind = audit.PasswordRecovered
	}
	event := w.Event(kind, journeyDetail{w.run.journey.Name()})
	moves, err := w.run.settled(ctx)
	if err != nil {
		return err
	}
	w.Write(func(ctx context.Context, tx store.Tx) error {
		return firstError(
			func() error { return tx.PutCredential(ctx, *fresh) },
			func() error {
				if len(moves) == 0 {
					return nil
				}
				return tx.MoveRecords(ctx, moves)
			},
			func() error { return tx.Audit(ctx, event) },
		)
	})
	if w.Purpose != journey.Recovery {
		return nil
	}
	all, err := w.run.lately(ctx)
	if err != nil {
		return err
	}
	tell, err := w.run.noticeOf(ctx, message.PasswordReset, added{further: toldRecent(all)})
	if err != nil {
		return err
	}
	w.Write(tell)
	cut, news := directory.Cut(w.Customer, w.run.cfg.Now())
	w.Write(func(ctx context.Context, tx store.Tx) error {
		return firstError(
			func() error { return tx.UpdateCustomer(ctx, cut) },
			func() error { return tx.Publish(ctx, news) },
		)
	})
	w.Became(cut)
	w.run.since, w.run.renew = cut.NotBefore, true
	return nil
}

// settled are the lines of migrations that wait for a password which an earlier system
// has: who chose one here is not asked about there any more.
func (r *run) settled(ctx context.Context) ([]store.RecordMove, error) {
	lines, err := r.cfg.Store.RecordsOf(ctx, r.live.ID, r.person.Customer.ID.String())
	if err != nil {
		return nil, fmt.Errorf("reading the ledger of migrations: %w", err)
	}
	var moves []store.RecordMove
	for _, line := range lines {
		if line.State == store.RecordStaged {
			line.State, line.Way, line.Reason, line.Detail, line.At = store.RecordImported, store.WayRegister, "", "they chose a password here", r.cfg.Now()
			moves = append(moves, line)
		}
	}
	return moves, nil
}

// least is how many characters a new password has at least.
func (r *run) least() int {
	return r.snapshot.Tenant.Passwords.Characters(r.set.SignIn.AlwaysTwoFactors())
}
