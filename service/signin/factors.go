package signin

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"io"

	"sallyport/protocol/otp"
	"sallyport/pure/journey"
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
}

// factorRow is the associated data under which a factor is sealed.
func factorRow(id store.FactorID) string { return "factor/" + hex.EncodeToString(id[:]) }

// factor gives the customer's confirmed factor of a kind; nil if there is none.
func (r *run) factor(ctx context.Context, kind store.FactorKind) (*store.Factor, error) {
	all, err := r.cfg.Store.Factors(ctx, r.live.ID, r.person.Customer.ID)
	if err != nil {
		return nil, fmt.Errorf("reading second factors: %w", err)
	}
	for i := range all {
		if all[i].Kind == kind && !all[i].Confirmed.IsZero() {
			return &all[i], nil
		}
	}
	return nil, nil
}

// lookUpFactors tells the journey what the customer has.
func (r *run) lookUpFactors(ctx context.Context) (journey.Event, error) {
	app, err := r.factor(ctx, store.FactorTOTP)
	if err != nil {
		return nil, err
	}
	recovery, err := r.factor(ctx, store.FactorRecovery)
	return journey.FactorsFound{Enrolled: app != nil, Kept: recovery != nil, Required: r.ticket.Two || r.legacySecond}, err
}

// checkCode checks what was typed and takes it, durably, before it counts.
func (r *run) checkCode(ctx context.Context, by journey.Proof) (journey.Event, error) {
	check := map[journey.Proof]func(context.Context) (journey.CodeChecked, error){
		journey.ByCode: r.takeCode, journey.ByRecovery: r.takeRecovery, journey.ByEnrolment: r.enrol,
	}[by]
	checked, err := check(ctx)
	switch {
	case errors.Is(err, store.ErrConflict):
		return journey.CodeChecked{Overtaken: true}, nil
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

// takeCode takes a code of the customer's app. The step it belongs to is spent
// for all nodes before the code counts (RFC 6238 §5.2).
func (r *run) takeCode(ctx context.Context) (journey.CodeChecked, error) {
	f, err := r.factor(ctx, store.FactorTOTP)
	if err != nil {
		return journey.CodeChecked{}, err
	}
	if f == nil {
		return journey.CodeChecked{Overtaken: true}, nil
	}
	key, err := r.openKey(ctx, f)
	if err != nil {
		return journey.CodeChecked{}, err
	}
	now := r.cfg.Now()
	step, matches := key.Match(r.code, now, f.Used)
	if !matches {
		if _, before := key.Match(r.code, now, 0); before {
			return r.refuse(reusedCode)
		}
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
	rest, found := set.Take(r.code)
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
		return tx.Audit(ctx, r.factorEvent(audit.RecoveryUsed, factorDetail{f.Kind, &left}))
	})
	return journey.CodeChecked{Verdict: journey.Match}, err
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
	err = r.cfg.Store.Write(ctx, r.live.ID, func(tx store.Tx) error { return r.writeFactor(ctx, tx, f) })
	return journey.CodeChecked{Verdict: journey.Match}, err
}

// newFactor is a confirmed factor, ready to be stored.
func (r *run) newFactor(ctx context.Context, kind store.FactorKind, secret []byte) (store.Factor, error) {
	now := r.cfg.Now()
	f := store.Factor{Customer: r.person.Customer.ID, Kind: kind, Created: now, Confirmed: now}
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
