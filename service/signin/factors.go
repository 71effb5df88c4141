package signin

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"slices"

	"sallyport/protocol/otp"
	"sallyport/pure/journey"
	"sallyport/pure/message"
	"sallyport/service/audit"
	"sallyport/store"
)

// Why codes are refused, for the ledger.
const (
	wrongCode  = "wrong-code"
	reusedCode = "code-reused"
)

type factorDetail struct {
	Kind store.FactorKind `json:"kind"`
	Left *int             `json:"left,omitempty"` // recovery codes that are unused

	Passkey store.PasskeyID `json:"passkey,omitempty"` // which one, of the kind "passkey"
}

// factorRow is the associated data under which a factor is sealed.
func factorRow(id store.FactorID) string { return "factor/" + hex.EncodeToString(id[:]) }

// factors gives the customer's confirmed factors of a kind.
func (r *run) factors(ctx context.Context, kind store.FactorKind) ([]store.Factor, error) {
	all, err := r.cfg.Store.Factors(ctx, r.live.ID, r.person.Customer.ID)
	if err != nil {
		return nil, fmt.Errorf("reading second factors: %w", err)
	}
	return slices.DeleteFunc(all, func(f store.Factor) bool { return f.Kind != kind || f.Confirmed.IsZero() }), nil
}

// factor gives the first of them; nil if there is none.
func (r *run) factor(ctx context.Context, kind store.FactorKind) (*store.Factor, error) {
	all, err := r.factors(ctx, kind)
	if len(all) == 0 || err != nil {
		return nil, err
	}
	return &all[0], nil
}

// lookUpFactors tells the journey what the customer has.
func (r *run) lookUpFactors(ctx context.Context) (journey.Event, error) {
	r.saved.Looked = r.cfg.Now()
	app, err := r.factor(ctx, store.FactorTOTP)
	if err != nil {
		return nil, err
	}
	recovery, err := r.factor(ctx, store.FactorRecovery)
	if err != nil {
		return nil, err
	}
	owes, err := r.owes(ctx)
	if err != nil {
		return nil, err
	}
	passkeys, err := r.everyPasskey(ctx)
	if err != nil {
		return nil, err
	}
	found := journey.FactorsFound{
		Enrolled: app != nil, Kept: recovery != nil, Required: r.ticket.Two || r.legacySecond || owes, Passkey: len(passkeys) > 0, Second: anySecond(passkeys),
	}
	if found.Password, err = r.wantsPassword(ctx); err != nil {
		return nil, err
	}
	if err := r.lookUpPhones(ctx, &found); err != nil {
		return nil, err
	}
	if err := r.lookUpCard(ctx, &found); err != nil {
		return nil, err
	}
	ruling, err := r.ruling(ctx)
	return byRule(found, ruling), err
}

// owes tells whether an earlier system wanted a second factor of the customer, who then
// has one here, or sets one up.
func (r *run) owes(ctx context.Context) (bool, error) {
	all, err := r.cfg.Store.Factors(ctx, r.live.ID, r.person.Customer.ID)
	if err != nil {
		return false, fmt.Errorf("reading second factors: %w", err)
	}
	return slices.ContainsFunc(all, func(f store.Factor) bool { return f.Kind == store.FactorOwed }), nil
}

// checkCode checks what was typed and takes it, durably, before it counts.
func (r *run) checkCode(ctx context.Context, effect journey.CheckCode) (journey.Event, error) {
	by := effect.By
	sent := func(ctx context.Context) (journey.CodeChecked, error) { return r.takeSent(ctx, effect) }
	check := map[journey.Proof]func(context.Context) (journey.CodeChecked, error){
		journey.ByCode: r.takeCode, journey.ByRecovery: r.takeRecovery, journey.ByEnrolment: r.enrol,
		journey.ByText: sent, journey.ByCall: sent, journey.ByCard: r.takeCard,
	}[by]
	checked, err := check(ctx)
	switch {
	case errors.Is(err, store.ErrConflict):
		return journey.CodeChecked{Overtaken: true}, nil
	case errors.Is(err, errBusy):
		r.reason = busyReason
		return journey.CodeChecked{Verdict: journey.Unavailable}, r.giveBack(ctx)
	case errors.Is(err, errUnreadable):
		r.cfg.Log.Error("a second factor cannot be checked", "environment", r.live.ID, "customer", r.person.Customer.ID, "error", err)
		r.reason = "unreadable"
		return journey.CodeChecked{Verdict: journey.Unavailable}, nil
	case err != nil:
		return nil, fmt.Errorf("checking a code: %w", err)
	}
	return checked, nil
}

// refuse is the answer to a wrong code.
func (r *run) refuse(reason string) (journey.CodeChecked, error) {
	r.reason = reason
	return journey.CodeChecked{Verdict: journey.NoMatch}, nil
}

// takeCode takes a code of the customer's app, or of one of several that an earlier
// system let them have. The step it belongs to is spent for all nodes before the
// code counts (RFC 6238 §5.2).
func (r *run) takeCode(ctx context.Context) (journey.CodeChecked, error) {
	apps, err := r.factors(ctx, store.FactorTOTP)
	if err != nil {
		return journey.CodeChecked{}, err
	}
	if len(apps) == 0 {
		return journey.CodeChecked{Overtaken: true}, nil
	}
	f, step, before, err := r.matchApp(ctx, apps)
	switch {
	case err != nil:
		return journey.CodeChecked{}, err
	case f == nil && before:
		return r.refuse(reusedCode)
	case f == nil:
		return r.refuse(wrongCode)
	}
	err = r.cfg.Store.Write(ctx, r.live.ID, func(tx store.Tx) error {
		if err := tx.UseFactor(ctx, f.ID, step); err != nil {
			return err
		}
		return tx.Audit(ctx, r.factorEvent(audit.FactorUsed, factorDetail{Kind: f.Kind}))
	})
	switch {
	case errors.Is(err, store.ErrConflict):
		return r.refuse(reusedCode)
	case err != nil:
		return journey.CodeChecked{}, err
	}
	return journey.CodeChecked{Verdict: journey.Match}, nil
}

// matchApp finds the app whose code was typed; before tells that it is one that was
// taken already. An app whose key cannot be read is passed over while there are
// others.
func (r *run) matchApp(ctx context.Context, apps []store.Factor) (f *store.Factor, step int64, before bool, err error) {
	now, unread := r.cfg.Now(), error(nil)
	for i := range apps {
		key, err := r.openKey(ctx, &apps[i])
		if err != nil {
			unread = err
			continue
		}
		if step, matches := key.Match(r.code, now, apps[i].Used); matches {
			return &apps[i], step, false, nil
		}
		if _, again := key.Match(r.code, now, 0); again {
			before = true
		}
	}
	if before {
		unread = nil
	}
	return nil, 0, before, unread
}

func (r *run) openKey(ctx context.Context, f *store.Factor) (otp.Key, error) {
	encoded, err := r.cfg.Sealer.Open(ctx, r.live.ID, factorRow(f.ID), f.Sealed)
	if err != nil {
		return otp.Key{}, fmt.Errorf("%w: %w", errUnreadable, err)
	}
	key, err := otp.DecodeKey(encoded)
	if err != nil {
		return otp.Key{}, fmt.Errorf("%w: %w", errUnreadable, err)
	}
	return key, nil
}

// takeRecovery strikes a recovery code out.
func (r *run) takeRecovery(ctx context.Context) (journey.CodeChecked, error) {
	f, err := r.factor(ctx, store.FactorRecovery)
	if err != nil {
		return journey.CodeChecked{}, err
	}
	if f == nil {
		return r.refuse("no-recovery-codes")
	}
	encoded, err := r.cfg.Sealer.Open(ctx, r.live.ID, factorRow(f.ID), f.Sealed)
	if err != nil {
		return journey.CodeChecked{}, fmt.Errorf("%w: %w", errUnreadable, err)
	}
	set, err := otp.DecodeRecovery(encoded)
	if err != nil {
		return journey.CodeChecked{}, fmt.Errorf("%w: %w", errUnreadable, err)
	}
	rest, found, err := r.takeFrom(ctx, set)
	if err != nil {
		return journey.CodeChecked{}, err
	}
	if !found {
		return r.refuse(wrongCode)
	}
	if f.Sealed, err = r.cfg.Sealer.Seal(ctx, r.live.ID, factorRow(f.ID), rest.Encode()); err != nil {
		return journey.CodeChecked{}, err
	}
	left := rest.Left()
	err = r.cfg.Store.Write(ctx, r.live.ID, func(tx store.Tx) error {
		if err := tx.PutFactor(ctx, *f); err != nil {
			return err
		}
		return tx.Audit(ctx, r.factorEvent(audit.RecoveryUsed, factorDetail{Kind: f.Kind, Left: &left}))
	})
	return journey.CodeChecked{Verdict: journey.Match}, err
}

// takeFrom takes the code from the set. Where an earlier system kept its codes as it
// kept passwords, that costs as much as so many passwords do.
func (r *run) takeFrom(ctx context.Context, set otp.RecoverySet) (rest otp.RecoverySet, found bool, err error) {
	if !set.Slow() {
		rest, found = set.Take(r.code)
		return rest, found, nil
	}
	err = r.workers.do(ctx, true, func() { rest, found = set.Take(r.code) })
	return rest, found, err
}

// enrol makes the key that the page shows the customer's own, once they give a
// code of it.
func (r *run) enrol(ctx context.Context) (journey.CodeChecked, error) {
	before, err := r.factor(ctx, store.FactorTOTP)
	if err != nil {
		return journey.CodeChecked{}, err
	}
	key, err := otp.DecodeKey(r.saved.Key)
	if before != nil || err != nil {
		return journey.CodeChecked{Overtaken: true}, nil
	}
	now := r.cfg.Now()
	step, matches := key.Match(r.code, now, 0)
	if !matches {
		return r.refuse(wrongCode)
	}
	f, err := r.newFactor(ctx, store.FactorTOTP, r.saved.Key)
	if err != nil {
		return journey.CodeChecked{}, err
	}
	f.Used = step
	tell, err := r.noticeOf(ctx, message.AppAdded, added{factor: f.ID})
	if err != nil {
		return journey.CodeChecked{}, err
	}
	err = r.cfg.Store.Write(ctx, r.live.ID, func(tx store.Tx) error {
		return firstError(func() error { return r.writeFactor(ctx, tx, f) }, func() error { return tell(ctx, tx) })
	})
	return journey.CodeChecked{Verdict: journey.Match}, err
}

// newFactor is a confirmed factor, ready to be stored.
func (r *run) newFactor(ctx context.Context, kind store.FactorKind, secret []byte) (store.Factor, error) {
	now := r.cfg.Now()
	f := store.Factor{Customer: r.person.Customer.ID, Kind: kind, Created: now, Confirmed: now}
	r.saved.Looked = now // it is set up here, and not elsewhere behind our back
	if _, err := io.ReadFull(r.cfg.Rand, f.ID[:]); err != nil {
		return f, err
	}
	var err error
	f.Sealed, err = r.cfg.Sealer.Seal(ctx, r.live.ID, factorRow(f.ID), secret)
	return f, err
}

func (r *run) writeFactor(ctx context.Context, tx store.Tx, f store.Factor) error {
	if err := tx.PutFactor(ctx, f); err != nil {
		return err
	}
	return tx.Audit(ctx, r.factorEvent(audit.FactorEnrolled, factorDetail{Kind: f.Kind}))
}

func (r *run) factorEvent(kind audit.Type, detail factorDetail) store.Event {
	id := r.person.Customer.ID.String()
	return r.cfg.Audit.Event(audit.Entry{
		At: r.cfg.Now(), Type: kind, Actor: audit.Customer(id), Application: r.ticket.Application, Customer: id,
		Detail: detail, Personal: r.personal(),
	})
}
