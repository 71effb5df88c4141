package code_test

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"sallyport/service/code"
	"sallyport/store"
)

// witness tells what transactions do, without what they do it with.
type witness struct {
	store.Writer
	done []string
}

func (w *witness) Write(ctx context.Context, env store.EnvironmentID, do func(store.Tx) error) error {
	w.done = append(w.done, "write")
	return w.Writer.Write(ctx, env, func(tx store.Tx) error { return do(&seen{tx, w}) })
}

type seen struct {
	store.Tx
	w *witness
}

func (s *seen) ReserveAttempts(ctx context.Context, attempts []store.Attempt, now time.Time) (time.Duration, error) {
	wait, err := s.Tx.ReserveAttempts(ctx, attempts, now)
	s.w.done = append(s.w.done, fmt.Sprintf("reserve %d: %v %v", len(attempts), wait, err))
	return wait, err
}

func (s *seen) ReturnAttempts(ctx context.Context, attempts []store.Attempt) error {
	s.w.done = append(s.w.done, fmt.Sprintf("return %d", len(attempts)))
	return s.Tx.ReturnAttempts(ctx, attempts)
}

func (s *seen) ForgetAttempts(ctx context.Context, keys []store.AttemptKey) error {
	s.w.done = append(s.w.done, fmt.Sprintf("forget %d", len(keys)))
	return s.Tx.ForgetAttempts(ctx, keys)
}

func (s *seen) Audit(ctx context.Context, event store.Event) error {
	s.w.done = append(s.w.done, "audit")
	return s.Tx.Audit(ctx, event)
}

func TestKnownAndUnknownDoTheSameCountedWork(t *testing.T) {
	w := newWorld(t, onSQLite(t)[0])
	walk := func(known bool) (done []string, messages [][3]int) {
		eye := &witness{Writer: w.store}
		s := w.nodeWith(eye, w.store, 0, code.Limits{})
		ask := dana()
		ask.Known, ask.Subject, ask.Address = known, fmt.Sprint("somebody", known)[:12], fmt.Sprint(known)[:4]+"@mail.test"
		note := func(what string, err error) { eye.done = append(eye.done, fmt.Sprintf("%s: %v", what, err)) }
		try := func(c code.Challenge, typed string) {
			v, err := s.Check(t.Context(), w.live, c.Sealed, typed, bound(ask))
			note(fmt.Sprintf("%s %v", v.Outcome, v.RetryAfter), err)
		}
		var c code.Challenge
		for range 7 { // until no more are sent
			ask.Again = c.Sealed
			fresh, err := s.Send(t.Context(), w.live, ask)
			note(fmt.Sprintf("sent %d", len(fresh.Sealed)), err)
			if err == nil {
				c = fresh
			}
		}
		for range 7 { // until no more are looked at
			try(c, "000000")
		}
		try(c, "tractor")
		for _, m := range slices.Concat(w.out.sent, w.out.decoys) {
			messages = append(messages, [3]int{len(m.Code), len(m.Link), len(m.Once)})
		}
		w.out.sent, w.out.decoys = nil, nil
		return eye.done, messages
	}
	known, sent := walk(true)
	unknown, decoys := walk(false)
	if !slices.Equal(known, unknown) {
		t.Errorf("known:   %q\nunknown: %q", known, unknown)
	}
	if !slices.Equal(sent, decoys) || len(sent) != code.DefaultLimits.Sends.Burst {
		t.Errorf("known: %v, unknown: %v", sent, decoys)
	}
}

// Nobody gets a decoy, and if somebody did, or guessed it, it would be worth nothing.
func TestACodeThatWentToNobodyNeverMatches(t *testing.T) {
	w := newWorld(t, onSQLite(t)[0])
	s := w.node(w.store, 0, code.Limits{})
	ask := dana()
	ask.Known = false
	c := w.send(s, ask)
	m := w.out.decoys[0]
	for _, typed := range []string{m.Code, linkToken(t, m.Link), "-" + m.Code, "+" + m.Code} {
		if v := w.check(s, c, typed, bound(ask)); v.Outcome != code.Wrong && v.Outcome != code.Malformed {
			t.Errorf("%q: %q", typed, v.Outcome)
		}
	}
	if len(w.out.sent) != 0 {
		t.Error("somebody got it")
	}
}
