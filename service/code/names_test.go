package code_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"sallyport/pure/customer"
	"sallyport/service/code"
)

// named is an ask about whoever has a name, as a visitor types it who has proved nothing.
func named(typed string, ask code.Ask) code.Ask {
	ask.Typed = customer.Identifier{Kind: customer.Username, Value: typed}
	if strings.Contains(typed, "@") {
		ask.Typed.Kind = customer.Email
	}
	if !ask.Known {
		ask.Subject = "digest of " + typed
		ask.Address = typed
	}
	return ask
}

// A stranger uses up what is left for one name, and looks what that did to another: of the
// same person, of somebody else, of nobody.
func TestOneNameTellsNothingOfAnother(t *testing.T) {
	about := func(t *testing.T, other code.Ask) (seen []string) {
		w := newWorld(t, onSQLite(t)[0])
		s := w.node(w.store, 0, code.Limits{})
		tell := func(what string, ask code.Ask, n int) code.Challenge {
			var last code.Challenge
			for i := range n {
				ask.Flow, ask.Source = fmt.Sprint(what, i), from(i)
				c, err := s.Send(t.Context(), w.live, ask)
				if limit := (*code.LimitedError)(nil); errors.As(err, &limit) {
					seen = append(seen, fmt.Sprint(what, " not sent, again in ", limit.RetryAfter))
					continue
				}
				w.must(err)
				seen, last = append(seen, fmt.Sprint(what, " sent ", len(c.Sealed))), c
				for range 4 {
					v := w.check(s, c, "000000", bound(ask))
					seen = append(seen, fmt.Sprint(what, " ", v.Outcome, v.RetryAfter))
				}
			}
			return last
		}
		tell("dana", named("dana", dana()), 7)
		tell("other", other, 7)
		return seen
	}
	stranger := dana()
	stranger.Subject, stranger.Address = "cus_otis", "otis@mail.test"
	nobody := dana()
	nobody.Known = false
	hers := about(t, named("dana@mail.test", dana()))
	for name, other := range map[string]code.Ask{"of somebody else": named("otis@mail.test", stranger), "of nobody": named("emma@mail.test", nobody)} {
		if seen := about(t, other); !slices.Equal(seen, hers) {
			t.Errorf("another name of hers:\n%q\na name %s:\n%q", hers, name, seen)
		}
	}
}

// Many names are no way to many guesses, nor to many messages.
func TestAllNamesOfAPersonAreBoundedTogether(t *testing.T) {
	w := newWorld(t, onSQLite(t)[0])
	s := w.node(w.store, 0, code.Limits{Sends: code.Limit{Burst: 1000, Interval: time.Second}}) // guesses alone are in question
	subject := code.DefaultLimits.Subject.Burst
	looked := 0
	for i := range 8 * subject {
		ask := named(fmt.Sprint("name", i/subject), dana())
		ask.Flow, ask.Source = fmt.Sprint(i), from(i)
		v := w.check(s, w.send(s, ask), "000000", bound(ask))
		w.comesTo(v, code.Wrong)
		if !v.Unseen {
			looked++
		}
	}
	if looked != 3*subject {
		t.Errorf("%d guesses by eight names were looked at, want %d", looked, 3*subject)
	}
	ask := named("name9", dana())
	c := w.send(s, ask)
	if v := w.check(s, c, w.out.last().Code, bound(ask)); v.Outcome != code.Wrong || !v.Unseen {
		t.Errorf("beyond that a right one comes to %+v", v)
	}

	s = w.node(w.store, 0, code.Limits{})
	w.out.sent, w.out.decoys = nil, nil
	for i := range 40 {
		ask := named(fmt.Sprint("alias", i), dana())
		ask.Address, ask.Source = "otis@mail.test", from(i)
		c := w.send(s, ask)
		if i == 39 {
			if v := w.check(s, c, w.out.decoys[len(w.out.decoys)-1].Code, bound(ask)); v.Outcome == code.Match {
				t.Error("what was not sent is right")
			}
		}
	}
	if sends := code.DefaultLimits.Sends.Burst; len(w.out.sent) != 3*sends || len(w.out.decoys) != 40-3*sends {
		t.Errorf("forty names of one mailbox got it %d messages", len(w.out.sent))
	}
}
