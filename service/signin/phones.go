package signin

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"sallyport/protocol/otp"
	"sallyport/pure/customer"
	"sallyport/pure/journey"
	"sallyport/pure/message"
	"sallyport/service/audit"
	"sallyport/service/code"
	"sallyport/store"
)

// The slots of phones that were set up here: one that gets texts, and can be called,
// and one that is called alone, such as the one in the hall. They are away from those
// that an earlier system brings, which nobody is asked for.
const (
	textSlot = 14
	callSlot = 15
)

// phones are the customer's own that are second factors, by slot.
func (r *run) phones(ctx context.Context) (map[int]store.Factor, error) {
	return r.phonesOf(ctx, r.person.Customer.ID)
}

func (r *run) phonesOf(ctx context.Context, id customer.ID) (map[int]store.Factor, error) {
	all, err := r.cfg.Store.Factors(ctx, r.live.ID, id)
	if err != nil {
		return nil, fmt.Errorf("reading second factors: %w", err)
	}
	own := map[int]store.Factor{}
	for _, f := range all {
		if f.Kind == store.FactorPhone && !f.Confirmed.IsZero() && f.Source == "" && (f.Slot == textSlot || f.Slot == callSlot) {
			own[f.Slot] = f
		}
	}
	return own, nil
}

// numberOf is the number of a phone.
func (r *run) numberOf(ctx context.Context, f store.Factor) (string, error) {
	sealed, err := r.cfg.Sealer.Open(ctx, r.live.ID, factorRow(f.ID), f.Sealed)
	if err != nil {
		return "", fmt.Errorf("%w: %w", errUnreadable, err)
	}
	kept, err := otp.DecodeAddress(sealed)
	if err != nil {
		return "", fmt.Errorf("%w: %w", errUnreadable, err)
	}
	return kept.Address, nil
}

// mayBe tells which phones can be set up as a second factor.
func (r *run) mayBe(way string) bool {
	by := map[string]code.Channel{"text": code.SMS, "call": code.Voice}[way]
	return r.delivers(by) && slices.Contains(r.set.Second(r.journey).Factors, way)
}

// counts tells which phones the customer can set up now, so that they count.
func (r *run) counts(ruling journey.Ruling, by journey.Proof) bool {
	return r.mayBe(string(by)) && ruling.Counts(by)
}

// lookUpPhones tells the journey of phones.
func (r *run) lookUpPhones(ctx context.Context, found *journey.FactorsFound) error {
	own, err := r.phones(ctx)
	if err != nil {
		return err
	}
	found.Text, found.Call = r.beside(ctx, own, journey.ByText), r.beside(ctx, own, journey.ByCall)
	found.Same = len(own) > 0 && !found.Text && !found.Call
	ruling, err := r.ruling(ctx)
	if err != nil {
		return err
	}
	found.Phones = r.counts(ruling, journey.ByText) || r.counts(ruling, journey.ByCall)
	found.Deferrable, err = r.deferrable(ctx)
	return err
}

// phone is where a code goes for a second factor, be it one that is to be.
func (r *run) phone(ctx context.Context, by journey.Proof, enrol bool) (addressee, error) {
	a := addressee{purpose: code.Factor, channel: code.SMS, subject: r.person.Customer.ID.String(), person: r.person}
	if by == journey.ByCall {
		a.channel = code.Voice
	}
	if enrol {
		a.id, a.known = customer.Identifier{Kind: customer.Phone, Value: r.saved.Phone}, r.saved.Phone != ""
		return a, nil
	}
	own, err := r.phones(ctx)
	if err != nil {
		return a, err
	}
	f, has := reachedBy(own, by)
	if !has || !r.beside(ctx, own, by) {
		return a, nil
	}
	number, err := r.numberOf(ctx, f)
	if err != nil {
		return a, err
	}
	a.id, a.known = customer.Identifier{Kind: customer.Phone, Value: number}, true
	return a, nil
}

// sendCode sends a code for the second factor.
func (r *run) sendCode(ctx context.Context, effect journey.SendCode) (journey.Event, error) {
	if effect.Enrol && strings.TrimSpace(r.code) != "" { // the number, just typed
		ruling, err := r.ruling(ctx)
		if err != nil {
			return nil, err
		}
		id, err := customer.Normalise(customer.Phone, r.code, r.cfg.Region)
		if err != nil || !r.reaches(id.Value) || !r.counts(ruling, effect.By) {
			return journey.CodeSent{Refused: true}, nil
		}
		if r.apart() && id.Value == r.saved.First {
			r.problem = PhoneFirst
			return journey.CodeSent{Refused: true}, nil
		}
		r.saved.Phone = id.Value
	}
	a, err := r.phone(ctx, effect.By, effect.Enrol)
	if err != nil {
		return nil, err
	}
	if !a.known || !r.reaches(a.id.Value) { // taken away meanwhile
		return journey.CodeSent{Refused: true}, nil
	}
	event, err := r.sendTo(ctx, a)
	if err != nil {
		return nil, err
	}
	sent, _ := event.(journey.Sent)
	return journey.CodeSent{RetryAfter: sent.RetryAfter}, nil
}

// takeSent takes a code that was sent to a phone. One that makes the phone a second
// factor stores that in the transaction in which the code is spent, with the step that
// it leads to.
func (r *run) takeSent(ctx context.Context, effect journey.CheckCode) (journey.CodeChecked, error) {
	a, err := r.phone(ctx, effect.By, effect.Enrol)
	if err != nil {
		return journey.CodeChecked{}, err
	}
	if !a.known {
		return journey.CodeChecked{Overtaken: true}, nil
	}
	next, _ := journey.Step(r.journey, r.state, journey.CodeChecked{Verdict: journey.Match})
	row, err := r.rowFor(ctx, next)
	if err != nil {
		return journey.CodeChecked{}, err
	}
	write := func(ctx context.Context, tx store.Tx) error {
		return tx.Audit(ctx, r.factorEvent(audit.FactorUsed, factorDetail{Kind: store.FactorPhone}))
	}
	if effect.Enrol {
		f, err := r.newPhone(ctx, a)
		if err != nil {
			return journey.CodeChecked{}, err
		}
		tell, err := r.noticeOf(ctx, message.PhoneAdded, added{factor: f.ID})
		if err != nil {
			return journey.CodeChecked{}, err
		}
		write = func(ctx context.Context, tx store.Tx) error {
			return firstError(func() error { return r.writeFactor(ctx, tx, f) }, func() error { return tell(ctx, tx) })
		}
	}
	verdict, err := r.check(ctx, a, proved{write: func(ctx context.Context, tx store.Tx) error {
		return firstError(func() error { return write(ctx, tx) }, func() error { return row.write(ctx, tx) })
	}})
	switch {
	case err != nil:
		return journey.CodeChecked{}, err
	case verdict.Outcome == code.Match:
		r.challenge = nil
		return journey.CodeChecked{Verdict: journey.Match}, row.written(ctx)
	}
	p := r.unproved(verdict)
	r.problem, r.retry = p.Problem, p.RetryAfter // says more of a code that was sent than of one of an app
	return journey.CodeChecked{Verdict: p.Verdict}, nil
}

func (r *run) newPhone(ctx context.Context, a addressee) (store.Factor, error) {
	f, err := r.newFactor(ctx, store.FactorPhone, otp.Address{Address: a.id.Value, Verified: true}.Encode())
	f.Slot = textSlot
	if a.channel == code.Voice {
		f.Slot = callSlot
	}
	return f, err
}

// deferLife is how long it is remembered that somebody put a second factor off.
const deferLife = 10 * 365 * 24 * time.Hour

// deferral is the counter of how often a customer may do so.
func (r *run) deferral(ctx context.Context) (store.Attempt, error) {
	secret, err := r.cfg.Keys.Secret(ctx, r.live.ID, "attempt")
	if err != nil {
		return store.Attempt{}, fmt.Errorf("counting what was put off: %w", err)
	}
	ruling, err := r.ruling(ctx)
	key := secret.MAC([]byte("deferral\x00" + r.person.Customer.ID.String()))
	return store.Attempt{Key: key, Burst: ruling.Defer, Interval: deferLife}, err
}

// deferrable tells whether setting up a second factor may be put off once more.
func (r *run) deferrable(ctx context.Context) (may bool, err error) {
	one, err := r.deferral(ctx)
	if err != nil || one.Burst <= 0 {
		return false, err
	}
	err = r.cfg.Store.Write(ctx, r.live.ID, func(tx store.Tx) error {
		wait, err := tx.ReserveAttempts(ctx, []store.Attempt{one}, r.cfg.Now())
		if may = wait == 0; !may || err != nil {
			return err
		}
		return tx.ReturnAttempts(ctx, []store.Attempt{one})
	})
	return may, err
}

// putOff counts that a customer did.
func (r *run) putOff(ctx context.Context) error {
	one, err := r.deferral(ctx)
	if err != nil {
		return err
	}
	if err := r.markDeferred(ctx); err != nil {
		return err
	}
	now := r.cfg.Now()
	r.writes = append(r.writes, func(ctx context.Context, tx store.Tx) error {
		wait, err := tx.ReserveAttempts(ctx, []store.Attempt{one}, now)
		if wait > 0 {
			return store.ErrConflict // used up in another browser
		}
		return err
	})
	return nil
}

// furnishPhone tells where a code went: the owner knows the rest of the number.
func (r *run) furnishPhone(ctx context.Context, page journey.Page) error {
	by := journey.ByText
	if page == journey.CallPage {
		by = journey.ByCall
	}
	a, err := r.phone(ctx, by, r.saved.Phone != "")
	if err != nil {
		return err
	}
	number := a.id.Value
	r.answer.Sent = &Sent{To: ending(number), Certain: true, New: r.saved.Phone != "", Channel: a.channel}
	return nil
}
