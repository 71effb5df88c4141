package code

import (
	"context"
	"crypto/subtle"
	"errors"
	"fmt"
	"time"

	"sallyport/pure/customer"
	"sallyport/service/environment"
	"sallyport/service/keyring"
	"sallyport/store"
)

// Outcome is what became of something typed. Its text is the reason that the ledger
// is told.
type Outcome string

// The outcomes. A page tells [Wrong] and [Malformed] alike, and should offer a new
// code for all but [Limited].
const (
	Match     Outcome = "match"
	Wrong     Outcome = "wrong-code"
	Malformed Outcome = "malformed-code"      // neither six digits nor the token of a link: not counted
	Limited   Outcome = "too-many-attempts"   // counters of the person or the source are spent; it was not looked at
	Exhausted Outcome = "code-exhausted"      // this challenge has no guess left; it was not looked at
	Expired   Outcome = "code-expired"        // or not good yet, by any clock
	Spent     Outcome = "code-reused"         // it was right and redeemed before, or another was sent in its place
	Foreign   Outcome = "challenge-elsewhere" // of another environment, purpose, person, address or flow, or none of ours
)

// Verdict is what Check says.
type Verdict struct {
	Outcome    Outcome
	RetryAfter time.Duration // with Limited; positive
	// Unseen, with Wrong: there were too many guesses at the person by other names, so it
	// was not looked at. It is for the ledger alone.
	Unseen bool
}

// Binding says where a challenge is given back: what does not equal the [Ask] that it
// was sent for is refused.
type Binding struct {
	Purpose Purpose
	Subject string
	Typed   customer.Identifier // as that of the [Ask]
	Address string
	Flow    string
	Source  Source
	// Right is done once what was typed is the code, before it is redeemed, and outside
	// of a transaction: it may ask somebody else. If it fails, the code is not spent, and
	// Check gives its error; with [ErrLater] the guess is given back too, which tells
	// nothing, since it was right. Nil: nothing.
	Right func(ctx context.Context) error
	// Then is done in the transaction that redeems the code, and nowhere else; nil:
	// nothing. If it fails, the code is not spent, and Check gives its error. It may run
	// again if the transaction does.
	Then func(ctx context.Context, tx store.Tx) error
}

// Check says whether typed is the code, or the token of the link, that was sent with
// the challenge that sealed is the sealed form of. A guess is counted in a transaction
// of its own before it is compared; a match is redeemed, once and for all nodes, in a
// second one, and clears the person's count of guesses at codes of that purpose. A
// verdict is no error.
func (s *Service) Check(ctx context.Context, live *environment.Live, sealed []byte, typed string, b Binding) (Verdict, error) {
	secret, err := s.cfg.Keys.Secret(ctx, live.ID, secretPurpose)
	if err != nil {
		return Verdict{}, fmt.Errorf("checking a code: %w", err)
	}
	now := s.cfg.Now()
	c, ok := open(secret, b.Purpose, sealed)
	digits, token := read(typed)
	switch {
	case !ok || !c.isOf(secret, b):
		return Verdict{Outcome: Foreign}, nil
	case c.over(now):
		return Verdict{Outcome: Expired}, nil
	case digits == "" && token == "":
		return Verdict{Outcome: Malformed}, nil
	}
	k := counted{secret, b.Source}
	if verdict, err := s.count(ctx, live, k, c, b, now); verdict.Outcome != "" || err != nil {
		return verdict, err
	}
	if !c.matches(secret, digits, token) {
		return Verdict{Outcome: Wrong}, nil
	}
	if b.Right != nil {
		if err := b.Right(ctx); err != nil {
			return Verdict{}, errors.Join(err, s.giveBack(ctx, live, k, c, b, err))
		}
	}
	return s.redeem(ctx, live, k, c, b, now)
}

// ErrLater: what follows from a code cannot be known now. It can be given again.
var ErrLater = errors.New("cannot be known now")

// giveBack takes a right guess back that led nowhere.
func (s *Service) giveBack(ctx context.Context, live *environment.Live, k counted, c challenge, b Binding, why error) error {
	if !errors.Is(why, ErrLater) {
		return nil
	}
	return s.cfg.Store.Write(ctx, live.ID, func(tx store.Tx) error {
		if err := tx.ReturnAttempts(ctx, []store.Attempt{k.line(s.cfg.Limits, c.Line)}); err != nil {
			return err
		}
		return tx.ReturnAttempts(ctx, append(k.guesses(s.cfg.Limits, b), k.unseenGuesses(s.cfg.Limits, b)...))
	})
}

func (c *challenge) isOf(secret *keyring.Secret, b Binding) bool {
	return c.Who == who(secret, b.Purpose, b.Subject, b.Flow) && c.Where == digest(secret, "where", b.Address)
}

// matches compares both forms, whichever was typed.
func (c *challenge) matches(secret *keyring.Secret, digits, token string) bool {
	code, link := c.codeDigest(secret, "+"+digits), c.linkDigest(secret, "+"+token)
	return subtle.ConstantTimeCompare(code[:], c.Code[:])|subtle.ConstantTimeCompare(link[:], c.Link[:]) == 1
}

// errStop rolls a transaction back that has its verdict.
var errStop = errors.New("no guess is left")

// count spends a guess from every counter, or from none and says why not.
func (s *Service) count(ctx context.Context, live *environment.Live, k counted, c challenge, b Binding, now time.Time) (verdict Verdict, err error) {
	err = s.cfg.Store.Write(ctx, live.ID, func(tx store.Tx) error {
		verdict = Verdict{}
		// By itself, since what is left of it is told otherwise; and always first, so
		// that no two transactions wait for each other.
		wait, err := tx.ReserveAttempts(ctx, []store.Attempt{k.line(s.cfg.Limits, c.Line)}, now)
		if wait > 0 {
			verdict = Verdict{Outcome: Exhausted}
			return errStop
		}
		if err != nil {
			return err
		}
		wait, err = tx.ReserveAttempts(ctx, k.guesses(s.cfg.Limits, b), now)
		if wait > 0 {
			verdict = Verdict{Outcome: Limited, RetryAfter: wait}
			return errStop
		}
		unseen := k.unseenGuesses(s.cfg.Limits, b)
		if err != nil || len(unseen) == 0 {
			return err
		}
		if wait, err = tx.ReserveAttempts(ctx, unseen, now); wait > 0 {
			verdict = Verdict{Outcome: Wrong, Unseen: true}
		}
		return err
	})
	if errors.Is(err, errStop) {
		return verdict, nil
	}
	if err != nil {
		return Verdict{}, fmt.Errorf("counting a guess: %w", err)
	}
	return verdict, nil
}

// redeem spends the challenge and what it took the place of.
func (s *Service) redeem(ctx context.Context, live *environment.Live, k counted, c challenge, b Binding, now time.Time) (verdict Verdict, err error) {
	once := []store.Attempt{k.once("challenge", c.ID), k.once("redeemed", c.Line)}
	err = s.cfg.Store.Write(ctx, live.ID, func(tx store.Tx) error {
		verdict = Verdict{Outcome: Spent}
		wait, err := tx.ReserveAttempts(ctx, once, now)
		if wait > 0 {
			return errStop
		}
		if err != nil {
			return err
		}
		forgotten := []store.AttemptKey{k.about(s.cfg.Limits, b).Key}
		for _, unseen := range k.unseenGuesses(s.cfg.Limits, b) {
			forgotten = append(forgotten, unseen.Key)
		}
		if err := tx.ForgetAttempts(ctx, forgotten); err != nil {
			return err
		}
		verdict = Verdict{Outcome: Match}
		if b.Then == nil {
			return nil
		}
		return b.Then(ctx, tx)
	})
	switch {
	case verdict.Outcome == Spent && errors.Is(err, errStop):
		return verdict, nil
	case err != nil:
		return Verdict{}, fmt.Errorf("redeeming a code: %w", err)
	}
	return verdict, nil
}
