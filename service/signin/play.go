package signin

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"sallyport/protocol/passhash"
	"sallyport/pure/customer"
	"sallyport/pure/funnel"
	"sallyport/pure/journey"
	"sallyport/store"
)

// play takes the journey on. If another tab did so meanwhile, the customer sees
// where they are now, and what they sent is not done.
func (r *run) play(ctx context.Context, event journey.Event) error {
	err := r.walk(ctx, event)
	if !errors.Is(err, errMoved) {
		return r.heed(ctx, err)
	}
	r.answer = Answer{Application: r.ticket.Application, Languages: r.ticket.Languages}
	r.state, r.row, r.saved, r.person = journey.State{}, store.Journey{}, saved{}, nil
	r.writes, r.shown, r.challenge, r.renew, r.since, r.problem = nil, nil, nil, false, r.came, ""
	if err := r.openState(ctx); err != nil {
		return err
	}
	if err := r.walk(ctx, journey.Begin{}); err != nil {
		return r.heed(ctx, err)
	}
	if r.answer.Page != nil { // else nothing was left to ask
		r.answer.Page.Problem = journey.Interrupted
	}
	return nil
}

// walk steps through the journey until there is an answer.
func (r *run) walk(ctx context.Context, event journey.Event) error {
	before := r.state
	r.watch = funnel.New(r.journey, before, event)
	for event != nil {
		var effects []journey.Effect
		r.state, effects = journey.Step(r.journey, r.state, event)
		r.watch.Step(event, r.state, effects)
		event = nil
		for _, effect := range effects {
			following, err := r.perform(ctx, effect)
			if err != nil {
				return err
			}
			if following != nil {
				event = following
			}
		}
	}
	if err := r.keepState(ctx, before); err != nil {
		return err
	}
	r.observe(r.watch.Seen)
	return nil
}

// perform does one effect, and gives the event that comes of it, if any.
func (r *run) perform(ctx context.Context, effect journey.Effect) (journey.Event, error) {
	switch effect := effect.(type) {
	case journey.ShowPage:
		if r.ticket.SetUp && r.state.Proven() {
			effect.Step, effect.Of = effect.Step-1, effect.Of-1 // one page asked for name and password
		}
		if r.problem != "" {
			effect.Problem, effect.RetryAfter = r.problem, r.retry
		}
		r.answer.Page = &effect
		return nil, r.furnish(ctx, &effect)
	case journey.ReserveAttempts:
		return r.tryAttempt(ctx, effect.Of)
	case journey.CheckPassword:
		return r.checkPassword(ctx)
	case journey.LookUpFactors:
		return r.lookUpFactors(ctx)
	case journey.CheckCode:
		return r.checkCode(ctx, effect)
	case journey.CheckPasskey:
		return r.checkPasskey(ctx, effect)
	case journey.SendCode:
		return r.sendCode(ctx, effect)
	case journey.Send:
		return r.send(ctx)
	case journey.Consult:
		return r.consult(ctx, effect)
	case journey.Perform:
		return r.did(ctx, effect)
	case journey.Skip:
		return nil, r.skip(ctx, effect)
	case journey.UpgradeCredential:
		r.upgrade = true
	case journey.StartSession:
		return nil, r.finish(ctx, effect)
	case journey.Record:
		return nil, r.record(ctx, effect)
	default:
		return nil, fmt.Errorf("sign-in cannot do %T", effect)
	}
	return nil, nil
}

// tryAttempt finds out whose password is tried and reserves an attempt. The
// person is looked up first, since all their names share one counter; what is
// sealed of them stays sealed until an attempt is reserved.
func (r *run) tryAttempt(ctx context.Context, of journey.Proof) (journey.Event, error) {
	switch of {
	case journey.ByAddress: // service/code counts, where it has looked whose it is
		return journey.AttemptAllowed{}, nil
	case journey.ByText, journey.ByCall: // and here
		return journey.AttemptAllowed{}, r.count(ctx, of)
	}
	if err := r.find(ctx, of); err != nil {
		return nil, err
	}
	if of == journey.ByPassword && r.workers.full() {
		r.reason = busyReason
		return journey.AttemptUnavailable{RetryAfter: busyRetry}, r.count(ctx, of)
	}
	wait, err := r.reserve(ctx, of)
	if of == journey.ByPassword && err == nil {
		wait = max(wait, r.legacyFull())
	}
	switch {
	case err != nil:
		return nil, err
	case wait > 0:
		return journey.AttemptLimited{RetryAfter: wait}, nil
	}
	return journey.AttemptAllowed{}, nil
}

// busyReason tells the ledger that there were too many passwords to verify.
const busyReason = "busy"

// find looks up who the identifier names. At a second factor it is known who
// proved the first, whoever has that identifier by now.
func (r *run) find(ctx context.Context, of journey.Proof) error {
	if of == journey.ByPasskey {
		return r.readPasskey(ctx)
	}
	if of != journey.ByPassword {
		return nil
	}
	person, err := r.cfg.Directory.Find(ctx, r.live.ID, r.state.Identifier(), r.cfg.Region)
	switch {
	case err == nil:
		r.person = &person
	case !errors.Is(err, store.ErrNotFound):
		return err
	}
	return nil
}

// checkPassword verifies, with the same work whether there is somebody or not.
func (r *run) checkPassword(ctx context.Context) (journey.Event, error) {
	if r.asksLegacy() {
		if event, done, err := r.checkLegacy(ctx); done || err != nil {
			return event, err
		}
	}
	v := &verification{cost: r.cfg.Cost, dummy: r.dummy, password: []byte(r.password), rand: r.cfg.Rand}
	defer clear(v.password)
	if err := r.openCredential(ctx, v); err != nil {
		r.cfg.Log.Error("a password cannot be verified", "environment", r.live.ID, "customer", r.person.Customer.ID, "error", err)
		r.reason = "unreadable"
		return journey.PasswordChecked{Verdict: journey.Unavailable}, nil
	}
	err := r.workers.do(ctx, v.heavy(), v.run)
	switch {
	case errors.Is(err, errBusy):
		r.reason = busyReason
		return journey.PasswordChecked{Verdict: journey.Unavailable, RetryAfter: busyRetry}, r.giveBack(ctx)
	case err != nil:
		return nil, err
	case v.err != nil: // the customer may come in all the same
		r.cfg.Log.Error("a password hash cannot be upgraded", "environment", r.live.ID, "error", v.err)
	}
	if r.reason = r.refusal(v.match); r.reason != "" {
		return journey.PasswordChecked{Verdict: journey.NoMatch}, nil
	}
	r.fresh = v.fresh
	return journey.PasswordChecked{Verdict: journey.Match}, nil
}

// openCredential unseals the stored hash, if there is one.
func (r *run) openCredential(ctx context.Context, v *verification) error {
	if r.blind || r.person == nil || r.person.Credential == nil {
		return nil
	}
	encoded, err := r.cfg.Sealer.Open(ctx, r.live.ID, credentialRow(r.person.Customer.ID), r.person.Credential.Sealed)
	if err != nil {
		return err
	}
	v.encoded = string(encoded)
	if v.hash, err = passhash.Parse(v.encoded); err != nil {
		return fmt.Errorf("%w: %w", errUnreadable, err)
	}
	return nil
}

// credentialRow is the associated data under which a credential is sealed.
func credentialRow(id customer.ID) string { return "credential/" + id.String() }

// refusal says why a customer may not come in; empty if they may. It is for the
// ledger alone.
func (r *run) refusal(match bool) string {
	switch {
	case r.blind:
		return tooManyNames
	case r.legacyWord != "" && (r.person == nil || r.person.Credential == nil):
		return legacyReason + r.legacyWord
	case r.person == nil:
		return "unknown-identifier"
	case r.person.Credential == nil:
		return "no-password"
	case !match:
		return "wrong-password"
	case r.person.Customer.State != customer.Active:
		return "disabled"
	}
	return ""
}

// shortened keeps advisory text within bounds and storable.
func shortened(text string) string {
	text = strings.ToValidUTF8(strings.ReplaceAll(text, "\x00", ""), "")
	return strings.ToValidUTF8(text[:min(len(text), 200)], "")
}
