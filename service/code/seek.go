package code

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"

	"sallyport/service/environment"
	"sallyport/store"
)

func onceOf(id [16]byte) string { return "code/" + hex.EncodeToString(id[:]) }

// Resolved notes that a message that was to be sought goes to an address, and tells
// whether it may: what an address gets is counted by the address as well, whatever was
// typed. Asked again of the same message and address, it says yes.
func (s *Service) Resolved(ctx context.Context, live *environment.Live, m Message, address string) (may bool, err error) {
	raw, err := hex.DecodeString(strings.TrimPrefix(m.Once, "code/"))
	if err != nil || len(raw) != 16 {
		return false, fmt.Errorf("%w: no message of ours", ErrAsk)
	}
	secret, err := s.cfg.Keys.Secret(ctx, live.ID, secretPurpose)
	if err != nil {
		return false, fmt.Errorf("resolving a message: %w", err)
	}
	k, now := counted{secret, Source{Address: m.Source}}, s.cfg.Now()
	err = s.cfg.Store.Write(ctx, live.ID, func(tx store.Tx) error {
		may = true
		wait, err := tx.ReserveAttempts(ctx, []store.Attempt{k.went([16]byte(raw), address)}, now)
		if wait > 0 || err != nil { // it was noted before
			return err
		}
		wait, err = tx.ReserveAttempts(ctx, []store.Attempt{k.limit(s.cfg.Limits.Sends.times(names), "address", strings.ToLower(address))}, now)
		if wait > 0 {
			may = false
			return errStop // and it did not go there
		}
		return err
	})
	if errors.Is(err, errStop) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("resolving a message: %w", err)
	}
	return may, nil
}

// Went tells whether the code of a challenge was sent to an address, as
// [Service.Resolved] noted.
func (s *Service) Went(ctx context.Context, live *environment.Live, sealed []byte, p Purpose, address string) (went bool, err error) {
	secret, err := s.cfg.Keys.Secret(ctx, live.ID, secretPurpose)
	if err != nil {
		return false, fmt.Errorf("asking where a code went: %w", err)
	}
	c, ok := open(secret, p, sealed)
	if !ok {
		return false, nil
	}
	err = s.cfg.Store.Write(ctx, live.ID, func(tx store.Tx) error {
		wait, err := tx.ReserveAttempts(ctx, []store.Attempt{counted{secret: secret}.went(c.ID, address)}, s.cfg.Now())
		if went = wait > 0; err != nil {
			return err
		}
		return errStop // it was only asked
	})
	if err != nil && !errors.Is(err, errStop) {
		return false, fmt.Errorf("asking where a code went: %w", err)
	}
	return went, nil
}

// went is the note that a code was sent to an address: a keyed digest, like whatever is
// spent.
func (c counted) went(id [16]byte, address string) store.Attempt {
	return c.limit(Limit{Burst: 1, Interval: spentFor}, "went", string(id[:]), address)
}
