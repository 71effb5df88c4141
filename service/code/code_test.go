package code_test

import (
	"context"
	"errors"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"sallyport/pure/customer"
	"sallyport/service/audit"
	"sallyport/service/code"
	"sallyport/store"
)

func linkToken(t *testing.T, link string) string {
	t.Helper()
	address, err := url.Parse(link)
	if err != nil || address.Host != "id.harbourlight.test" || address.Query().Get("t") != "ticket" {
		t.Fatalf("the link is %q, %v", link, err)
	}
	return address.Query().Get(code.LinkKey)
}

// shifted writes digits in another script, whose zero is given.
func shifted(digits string, zero rune) string {
	return strings.Map(func(r rune) rune { return r - '0' + zero }, digits)
}

func TestACodeIsGoodOnceAsItIsTyped(t *testing.T) {
	w := newWorld(t, onSQLite(t)[0])
	s := w.node(w.store, 0, code.Limits{})
	for name, spelling := range map[string]func(code, token string) string{
		"as it is":            func(c, _ string) string { return c },
		"in two groups":       func(c, _ string) string { return " " + c[:3] + " " + c[3:] + "\n" },
		"with a dash":         func(c, _ string) string { return c[:3] + "-" + c[3:] },
		"in Arabic digits":    func(c, _ string) string { return shifted(c, '\u0660') },
		"in Persian digits":   func(c, _ string) string { return shifted(c, '\u06f0') },
		"in wide digits":      func(c, _ string) string { return shifted(c, '\uff10') },
		"with a narrow space": func(c, _ string) string { return c[:3] + "\u202f" + c[3:] },
		"by the link":         func(_, token string) string { return token },
	} {
		ask := dana()
		ask.Subject, ask.Address = name, name
		c := w.send(s, ask)
		m := w.out.last()
		token := linkToken(t, m.Link)
		t.Log(name)
		w.comesTo(w.check(s, c, spelling(m.Code, token), bound(ask)), code.Match)
		for _, again := range []string{spelling(m.Code, token), m.Code, token} { // nor by the other form
			w.comesTo(w.check(s, c, again, bound(ask)), code.Spent)
		}
	}
}

func TestWhatIsSentHoldsNoMoreThanItMust(t *testing.T) {
	w := newWorld(t, onSQLite(t)[0])
	s := w.node(w.store, 0, code.Limits{})
	ask := dana()
	ask.Address, ask.Subject, ask.Flow = strings.Repeat("a", 254), strings.Repeat("s", 128), strings.Repeat("f", 128)
	c := w.send(s, ask)
	if len(c.Sealed) > code.MaxSealed || !c.Until.Equal(start.Add(10*time.Minute)) {
		t.Errorf("%d bytes until %v", len(c.Sealed), c.Until)
	}
	m := w.out.last()
	for _, secret := range []string{m.Code, linkToken(t, m.Link)} {
		if strings.Contains(string(c.Sealed), secret) || strings.Contains(m.Once, secret) {
			t.Error("the challenge, or what names its message, holds the code")
		}
	}
	for _, e := range w.events() {
		if strings.Contains(string(e.Body)+string(e.Personal), m.Code) {
			t.Errorf("the ledger holds the code: %s", e.Body)
		}
	}
	ask.Link = ""
	if w.send(s, ask); w.out.last().Link != "" {
		t.Error("there is a link without a page for it")
	}
}

// Everything that a challenge is bound to, changed one at a time.
func TestAChallengeIsWorthNothingElsewhere(t *testing.T) {
	w := newWorld(t, onSQLite(t)[0])
	s := w.node(w.store, 0, code.Limits{})
	c := w.send(s, dana())
	right := w.out.last().Code
	for name, change := range map[string]func(*code.Binding){
		"for another purpose": func(b *code.Binding) { b.Purpose = code.Recovery },
		"for no purpose":      func(b *code.Binding) { b.Purpose = "" },
		"about somebody else": func(b *code.Binding) { b.Subject = "cus_mallory" },
		"for another address": func(b *code.Binding) { b.Address = "mallory@mail.test" },
		"in another journey":  func(b *code.Binding) { b.Flow = "flow-2" },
		"with parts run on":   func(b *code.Binding) { b.Subject, b.Flow = "cus_danaf", "low-1" },
		"about nobody at all": func(b *code.Binding) { b.Subject = "" },
	} {
		b := bound(dana())
		change(&b)
		t.Log(name)
		w.comesTo(w.check(s, c, right, b), code.Foreign)
	}
	elsewhere, err := s.Check(t.Context(), w.preview, c.Sealed, right, bound(dana()))
	w.must(err)
	w.comesTo(elsewhere, code.Foreign)
	for i := range c.Sealed {
		changed := append([]byte(nil), c.Sealed...)
		changed[i] ^= 1
		w.comesTo(w.check(s, code.Challenge{Sealed: changed}, right, bound(dana())), code.Foreign)
		w.comesTo(w.check(s, code.Challenge{Sealed: c.Sealed[:i]}, right, bound(dana())), code.Foreign)
	}
	w.comesTo(w.check(s, code.Challenge{Sealed: make([]byte, 1<<16)}, right, bound(dana())), code.Foreign)
	// None of it spent a guess.
	w.comesTo(w.check(s, c, right, bound(dana())), code.Match)
}

func TestACodeThatWasSentAgainIsNotGoodAnyMore(t *testing.T) {
	w := newWorld(t, onSQLite(t)[0])
	s := w.node(w.store, 0, code.Limits{})
	ask := dana()
	first := w.send(s, ask)
	old := w.out.last().Code
	ask.Again = first.Sealed
	second := w.send(s, ask)
	w.comesTo(w.check(s, first, old, bound(ask)), code.Spent)
	w.comesTo(w.check(s, second, old, bound(ask)), code.Wrong)
	w.comesTo(w.check(s, second, w.out.last().Code, bound(ask)), code.Match)
	w.comesTo(w.check(s, first, old, bound(ask)), code.Spent)

	// Whoever kept the first challenge back and goes on from it gets nothing by it.
	ask.Again = first.Sealed
	third := w.send(s, ask)
	w.comesTo(w.check(s, third, w.out.last().Code, bound(ask)), code.Spent)
}

func TestSendingAgainKeepsTheCountOfGuesses(t *testing.T) {
	w := newWorld(t, onSQLite(t)[0])
	s := w.node(w.store, 0, code.Limits{Subject: code.Limit{Burst: 1000, Interval: time.Second}})
	ask := dana()
	c := w.send(s, ask)
	for range 3 {
		w.comesTo(w.check(s, c, wrong(w.out.last().Code), bound(ask)), code.Wrong)
	}
	ask.Again = c.Sealed
	c = w.send(s, ask)
	for range 2 {
		w.comesTo(w.check(s, c, wrong(w.out.last().Code), bound(ask)), code.Wrong)
	}
	w.comesTo(w.check(s, c, w.out.last().Code, bound(ask)), code.Exhausted)
	ask.Again = c.Sealed
	sent := len(w.out.sent)
	_, err := s.Send(t.Context(), w.live, ask)
	if w.limited(err); len(w.out.sent) != sent {
		t.Error("a code was sent that nobody may type")
	}
	// Another person's challenge does not get one further either.
	ask.Subject = "cus_mallory"
	c = w.send(s, ask)
	w.comesTo(w.check(s, c, w.out.last().Code, bound(ask)), code.Match)
}

func TestGuessesAtManyChallengesOfOnePersonAreCountedTogether(t *testing.T) {
	w := newWorld(t, onSQLite(t)[0])
	s := w.node(w.store, 0, code.Limits{})
	looked := 0
	for i := range 4 {
		ask := dana()
		ask.Flow = strings.Repeat("f", i+1) // a fresh journey each time, from a fresh address
		ask.Source.Address = netip.AddrFrom4([4]byte{203, 0, 113, byte(i)})
		c := w.send(s, ask)
		for range 5 {
			if w.check(s, c, wrong(w.out.last().Code), bound(ask)).Outcome == code.Wrong {
				looked++
			}
		}
	}
	if looked != code.DefaultLimits.Subject.Burst {
		t.Errorf("%d guesses were looked at, want %d", looked, code.DefaultLimits.Subject.Burst)
	}
	// Dana herself, where she signed in before, is not locked out by it.
	ask := dana()
	ask.Source.Device = "danas-laptop"
	c := w.send(s, ask)
	w.comesTo(w.check(s, c, w.out.last().Code, bound(ask)), code.Match)
	// Elsewhere she waits, as whoever guesses does; and guesses at other kinds of codes are apart.
	ask = dana()
	ask.Flow = "anew"
	c, right := w.send(s, ask), w.out.last().Code
	w.comesTo(w.check(s, c, right, bound(ask)), code.Limited)
	ask.Purpose, ask.Flow, ask.Address = code.Factor, "factor", "+15550100"
	c = w.send(s, ask)
	w.comesTo(w.check(s, c, w.out.last().Code, bound(ask)), code.Match)
}

func TestClocksOfNodesMayDifferByAMinute(t *testing.T) {
	w := newWorld(t, onSQLite(t)[0])
	for name, test := range map[string]struct {
		sender, checker, later time.Duration
		want                   code.Outcome
	}{
		"the same":                         {0, 0, 9 * time.Minute, code.Match},
		"the checker a minute behind":      {time.Minute, 0, 0, code.Match},
		"the checker far behind":           {2 * time.Minute, 0, 0, code.Expired},
		"the checker ahead":                {0, time.Minute, 8 * time.Minute, code.Match},
		"at the end":                       {0, 0, 10 * time.Minute, code.Expired},
		"ahead at the end":                 {0, time.Minute, 9 * time.Minute, code.Expired},
		"behind at the end: a minute more": {0, -time.Minute, 10 * time.Minute, code.Match},
	} {
		ask := dana()
		ask.Subject, ask.Address = name, name
		sender, checker := w.node(w.store, test.sender, code.Limits{}), w.node(w.store, test.checker, code.Limits{})
		c := w.send(sender, ask)
		right := w.out.last().Code
		w.pass(test.later)
		t.Log(name)
		w.comesTo(w.check(checker, c, right, bound(ask)), test.want)
		if test.want == code.Match { // whose clock is ahead does not make it good again, nor does the sweep
			_, err := w.store.Sweep(t.Context(), w.clock(), 1000)
			w.must(err)
			for _, skew := range []time.Duration{-time.Minute, 0, time.Minute} {
				if v := w.check(w.node(w.store, skew, code.Limits{}), c, right, bound(ask)); v.Outcome == code.Match {
					t.Errorf("%s: redeemed again by a clock that is %v ahead", name, skew)
				}
			}
		}
	}
}

func TestWhatIsDoneAboutACodeIsDoneWithRedeemingItOrNotAtAll(t *testing.T) {
	w := newWorld(t, onSQLite(t)[0])
	s := w.node(w.store, 0, code.Limits{})
	c := w.send(s, dana())
	failing, done := errors.New("no room"), 0
	b := bound(dana())
	b.Then = func(context.Context, store.Tx) error { return failing }
	if _, err := s.Check(t.Context(), w.live, c.Sealed, w.out.last().Code, b); !errors.Is(err, failing) {
		t.Fatalf("got %v", err)
	}
	b.Then = func(context.Context, store.Tx) error { done++; return nil }
	w.comesTo(w.check(s, c, wrong(w.out.last().Code), b), code.Wrong)
	w.comesTo(w.check(s, c, w.out.last().Code, b), code.Match)
	w.comesTo(w.check(s, c, w.out.last().Code, b), code.Spent)
	if done != 1 {
		t.Errorf("done %d times", done)
	}
}

func TestTooMuchIsNotSent(t *testing.T) {
	w := newWorld(t, onSQLite(t)[0])
	s := w.node(w.store, 0, code.Limits{})
	from := func(i int) code.Source {
		return code.Source{Address: netip.AddrFrom4([4]byte{203, 0, byte(i >> 8), byte(i)})}
	}
	sentBefore := func() int { return len(w.out.sent) }
	for name, test := range map[string]struct {
		burst int
		ask   func(i int) code.Ask
	}{
		"to one mailbox, from wherever, about whomever": {code.DefaultLimits.Sends.Burst, func(i int) code.Ask {
			ask := dana()
			ask.Address = "Dana@mail.test" // which is the same mailbox, in either case
			if i%2 == 0 {
				ask.Address = "dana@mail.test"
			}
			ask.Subject, ask.Source = ask.Subject+strings.Repeat("x", i), from(i)
			return ask
		}},
		"from one network": {code.DefaultLimits.SourceSends.Burst, func(i int) code.Ask {
			ask := dana()
			ask.Address, ask.Subject = strings.Repeat("a", i+1)+"@mail.test", strings.Repeat("s", i+1)
			ask.Source.Address = netip.AddrFrom16([16]byte{0x20, 1, 0xd, 0xb8, 15: byte(i)})
			return ask
		}},
		"by text from one network": {code.DefaultLimits.SourceCalls.Burst, func(i int) code.Ask {
			ask := dana()
			ask.Channel, ask.Source = code.SMS, from(70_000)
			ask.Address = "+1555" + string(rune('0'+i/10)) + string(rune('0'+i%10)) + "0100"
			return ask
		}},
		"to neighbouring numbers, from wherever": {code.DefaultLimits.Range.Burst, func(i int) code.Ask {
			ask := dana()
			ask.Channel, ask.Source = code.Voice, from(1000+i)
			ask.Address = "+88321009" + string(rune('0'+i/10)) + string(rune('0'+i%10))
			return ask
		}},
	} {
		before := sentBefore()
		for i := range test.burst {
			w.send(s, test.ask(i))
		}
		_, err := s.Send(t.Context(), w.live, test.ask(test.burst))
		if w.limited(err); sentBefore() != before+test.burst {
			t.Errorf("%s: %d were sent, want %d", name, sentBefore()-before, test.burst)
		}
	}
	// Dana gets hers on her own laptop all the same.
	ask := dana()
	ask.Source.Device = "danas-laptop"
	w.send(s, ask)
}

func TestACallThatNobodyCanMakeIsRefused(t *testing.T) {
	w := newWorld(t, onSQLite(t)[0])
	s := w.node(w.store, 0, code.Limits{})
	for name, change := range map[string]func(*code.Ask){
		"no purpose":          func(a *code.Ask) { a.Purpose = "" },
		"another channel":     func(a *code.Ask) { a.Channel = "letter" },
		"nobody":              func(a *code.Ask) { a.Subject = "" },
		"a long subject":      func(a *code.Ask) { a.Subject = strings.Repeat("s", 129) },
		"a long flow":         func(a *code.Ask) { a.Flow = strings.Repeat("s", 129) },
		"a long address":      func(a *code.Ask) { a.Address = strings.Repeat("s", 255) },
		"no address":          func(a *code.Ask) { a.Address = "" },
		"a link to nowhere":   func(a *code.Ask) { a.Link = "/signin" },
		"a link that is none": func(a *code.Ask) { a.Link = "https://id.test/\x7f" },
	} {
		ask := dana()
		change(&ask)
		if _, err := s.Send(t.Context(), w.live, ask); !errors.Is(err, code.ErrAsk) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if len(w.out.sent)+len(w.out.decoys) != 0 {
		t.Error("something was sent")
	}
}

func TestTheLedgerIsToldWhoWasSentWhatForButNotTheCode(t *testing.T) {
	w := newWorld(t, onSQLite(t)[0])
	s := w.node(w.store, 0, code.Limits{})
	ask := dana()
	ask.Customer = customer.ID{1}
	w.send(s, ask)
	ask.Known, ask.Customer = false, customer.ID{}
	w.send(s, ask)
	told := w.events() // the newest first
	slices.Reverse(told)
	if len(told) != 2 || told[0].Customer != (customer.ID{1}).String() || told[0].Result != audit.OK || told[1].Customer != "" || told[1].Result != "unknown" ||
		!strings.Contains(string(told[0].Personal), "192.0.2.7") || !strings.Contains(string(told[0].Body), `"channel":"email"`) {
		t.Errorf("the ledger says %+v", told)
	}
}

// With the outbox down nothing is counted, so that its return finds nobody limited.
func TestAMessageThatCannotBeKeptIsNotCounted(t *testing.T) {
	w := newWorld(t, onSQLite(t)[0])
	s := w.node(w.store, 0, code.Limits{Sends: code.Limit{Burst: 1, Interval: time.Hour}})
	w.out.down = errors.New("no channel")
	for range 3 {
		if _, err := s.Send(t.Context(), w.live, dana()); !errors.Is(err, w.out.down) {
			t.Fatalf("got %v", err)
		}
	}
	w.out.down = nil
	w.send(s, dana())
}
