package intake

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"

	"sallyport/pure/customer"
	"sallyport/pure/legacy"
	"sallyport/pure/migrate"
	"sallyport/store"
)

// debt seals what stands for a second factor that is owed; nil if none is. Without it
// the earlier system would have asked for a code, and the second sign-in here, which is
// local, for nothing.
func (e *entrance) debt(ctx context.Context) (*store.Factor, error) {
	if !e.SecondFactor {
		return nil, nil
	}
	return e.owedFactor(ctx, e.Env, origin(e.Plan.Name()))
}

// owedFactor seals what stands for a factor that is owed. It is never confirmed.
func (s *Service) owedFactor(ctx context.Context, env store.EnvironmentID, source string) (*store.Factor, error) {
	f := store.Factor{Kind: store.FactorOwed, Source: source}
	if _, err := io.ReadFull(s.cfg.Rand, f.ID[:]); err != nil {
		return nil, fmt.Errorf("no randomness: %w", err)
	}
	sealed, err := s.cfg.Sealer.Seal(ctx, env, factorRow(f.ID), []byte(store.FactorOwed))
	if err != nil {
		return nil, fmt.Errorf("sealing a factor: %w", err)
	}
	f.Sealed = sealed
	return &f, nil
}

// stillOwed is what a person of another Sallyport owed there.
func (s *Service) stillOwed(ctx context.Context, env store.EnvironmentID, id customer.ID, o *migrate.Outcome) ([]store.Factor, error) {
	if o.Kept == nil || o.Kept.Owes == nil {
		return nil, nil
	}
	f, err := s.owedFactor(ctx, env, o.Kept.Owes.Source)
	if err != nil {
		return nil, err
	}
	f.Customer, f.Created = id, o.Kept.Owes.Created
	return []store.Factor{*f}, nil
}

// SecondFactor is the reason of a record whose person has a second factor at the earlier
// system that did not come along.
const SecondFactor migrate.Reason = "second-factor"

// stands tells whether a factor that comes along keeps out who knows a password alone: they
// cannot set up their own before it.
func stands(factors []store.Factor, passkeys []store.Passkey) bool {
	return slices.ContainsFunc(factors, func(f store.Factor) bool { return f.Kind == store.FactorTOTP }) ||
		slices.ContainsFunc(passkeys, func(p store.Passkey) bool { return !p.Discoverable }) // others stand beside the password, not behind it
}

// unguarded tells whether somebody would owe a second factor whom nothing guards until
// they have one.
func (e *entrance) unguarded(factors []store.Factor, passkeys []store.Passkey) bool {
	return e.SecondFactor && !e.Enrol && !stands(factors, passkeys)
}

// lookAtFactors notes whether a customer who is here is guarded. It reads before the
// transaction, which would wait for a second connection; whoever became one since then
// is taken to be not.
func (e *entrance) lookAtFactors(ctx context.Context) error {
	if !e.SecondFactor || e.Enrol {
		return nil
	}
	line, err := e.cfg.Store.LedgerRecord(ctx, e.Env, e.Plan.Name(), e.outcome.Key)
	if errors.Is(err, store.ErrNotFound) || err == nil && line.Customer == "" {
		return nil
	}
	if err != nil {
		return err
	}
	id, err := customer.ParseID(line.Customer)
	if err != nil {
		return fmt.Errorf("the ledger's line of a record: %w", err)
	}
	factors, err := e.cfg.Store.Factors(ctx, e.Env, id)
	if err != nil {
		return err
	}
	passkeys, err := e.cfg.Store.Passkeys(ctx, e.Env, id)
	factors = slices.DeleteFunc(factors, func(f store.Factor) bool { return f.Confirmed.IsZero() })
	if err == nil && stands(factors, passkeys) {
		e.guarded = id
	}
	return err
}

// withoutFactor holds an outcome whose second factor is missing.
func withoutFactor(o migrate.Outcome) migrate.Outcome {
	o.Rejection = &migrate.Rejection{Reason: SecondFactor, Detail: "the earlier system wants a second factor, and it did not come along"}
	return o
}

// bringsFactor tells whether an outcome is what a record waits for that was held for
// its second factor.
func (s *Service) bringsFactor(known store.KnownRecord, o *migrate.Outcome) bool {
	if known.State != store.RecordHeld || migrate.Reason(known.Reason) != SecondFactor || o.Verdict() != migrate.Accept {
		return false
	}
	usable := func(f legacy.Factor) bool {
		kind, _, is := s.factorSecret(&f)
		return is && kind == store.FactorTOTP
	}
	return slices.ContainsFunc(o.Factors, usable) || stands(nil, passkeysOf("", customer.ID{}, o.Passkeys))
}

// owe writes down that somebody owes one.
func (e *entrance) owe(ctx context.Context, tx store.Tx, id customer.ID) error {
	if e.owed == nil {
		return nil
	}
	f := *e.owed
	f.Customer, f.Created = id, e.cfg.Now()
	return tx.PutFactor(ctx, f)
}
