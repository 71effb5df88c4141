package source_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"sallyport/pure/config"
	"sallyport/service/breaker"
	"sallyport/service/source"
	"sallyport/service/source/sourcetest"
)

// scripted is a system that answers in turn, and counts.
type scripted struct {
	answers []source.Answer
	asked   int
}

func (s *scripted) Verify(context.Context, source.Login) source.Answer {
	s.asked++
	return s.answers[min(s.asked, len(s.answers))-1]
}

func line(clock *sourcetest.Clock, s *scripted, rate config.Rate, told func(context.Context, breaker.Change, source.Reason)) *source.Line {
	spec := &source.Spec{Connection: &config.Connection{Timeout: config.Duration(time.Second), Rate: rate}}
	return source.NewLine(&source.System{Verifier: s}, spec, clock.Now, told)
}

var (
	roomy = config.Rate{Calls: 1000, Per: config.Duration(time.Second), Burst: 1000}
	away  = source.Answer{Reason: source.Timeout}
	no    = source.Answer{Verdict: source.NoMatch, Reason: source.WrongPassword}
)

func TestASystemThatIsAwayIsLeftAloneAndTriedByOne(t *testing.T) {
	clock, system, changes := &sourcetest.Clock{}, &scripted{answers: []source.Answer{away, away, away, away, away, away, no}}, []breaker.Change{}
	l := line(clock, system, roomy, func(_ context.Context, c breaker.Change, _ source.Reason) { changes = append(changes, c) })
	ask := func() source.Answer { return l.Verify(t.Context(), source.Login{}) }
	for range 5 {
		if got := ask(); got.Reason != source.Timeout {
			t.Fatalf("got %+v", got)
		}
	}
	if got := ask(); got.Verdict != source.Unavailable || got.Reason != source.Suspended || system.asked != 5 || got.After != 5*time.Second {
		t.Fatalf("behind five: %+v, asked %d", got, system.asked)
	}
	clock.Move(6 * time.Second)
	if got := ask(); got.Reason != source.Timeout || system.asked != 6 {
		t.Fatalf("the one that tries: %+v", got)
	}
	clock.Move(6 * time.Second)
	if got := ask(); got.Reason != source.Suspended {
		t.Fatalf("the rest has not doubled: %+v", got)
	}
	clock.Move(5 * time.Second)
	if got := ask(); got.Verdict != source.NoMatch {
		t.Fatalf("it answers again: %+v", got)
	}
	if why, _ := l.State(); why != "" || len(changes) != 2 || changes[0] != breaker.Opened || changes[1] != breaker.Closed {
		t.Errorf("%q, %v", why, changes)
	}
}

func TestNobodySwitchesASystemOffByWhatTheyType(t *testing.T) {
	for _, reason := range []source.Reason{source.OtherPerson, source.Unexpected, source.Malformed, source.BadClient, source.LockedThere, source.TooLarge} {
		system := &scripted{answers: []source.Answer{{Reason: reason}}}
		l := line(&sourcetest.Clock{}, system, roomy, nil)
		for range 50 {
			l.Verify(t.Context(), source.Login{})
		}
		if system.asked != 50 {
			t.Errorf("%s: asked %d times of 50", reason, system.asked)
		}
	}
}

func TestASystemThatAsksToBeLeftAloneIs(t *testing.T) {
	clock, system := &sourcetest.Clock{}, &scripted{answers: []source.Answer{{Reason: source.RateLimited, After: 30 * time.Second}, no}}
	l := line(clock, system, roomy, nil)
	l.Verify(t.Context(), source.Login{})
	clock.Move(29 * time.Second)
	if got := l.Verify(t.Context(), source.Login{}); got.Reason != source.Suspended || system.asked != 1 {
		t.Fatalf("got %+v", got)
	}
	clock.Move(2 * time.Second)
	if got := l.Verify(t.Context(), source.Login{}); got.Verdict != source.NoMatch {
		t.Errorf("got %+v", got)
	}
}

func TestQuestionsKeepToThePaceOfTheConnection(t *testing.T) {
	system := &scripted{answers: []source.Answer{no}}
	l := line(&sourcetest.Clock{}, system, config.Rate{Calls: 5, Per: config.Duration(time.Second), Burst: 5}, nil)
	for range 8 {
		l.Verify(t.Context(), source.Login{})
	}
	if system.asked != 5 {
		t.Errorf("asked %d times", system.asked)
	}
}

func TestWhoeverHangsUpSaysNothingOfTheSystem(t *testing.T) {
	system := &scripted{answers: []source.Answer{away}}
	l := line(&sourcetest.Clock{}, system, roomy, nil)
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	for range 20 {
		l.Verify(gone, source.Login{})
	}
	if why, _ := l.State(); why != "" {
		t.Errorf("it is left alone: %s", why)
	}
}

func TestFaultsRepeatNothingThatWasSent(t *testing.T) {
	f := source.FaultOf(t.Context(), errors.New("proxyconnect: HTTP/1.1 200 s3cret"))
	if f.Reason != source.Unreachable || f.Error() != "unreachable: no connection, or it broke" {
		t.Errorf("got %v", f)
	}
}

func TestNamesThatAPathMayTakeForAnotherAreRefused(t *testing.T) {
	for name, want := range map[string]string{"a/b": "a%2Fb", "ü": "%C3%BC", "a?b#c": "a%3Fb%23c", "..": "", ".": "", "": "", "a\nb": ""} {
		if got, err := source.Segment(name); got != want || (err != nil) != (want == "") {
			t.Errorf("%q: %q, %v", name, got, err)
		}
	}
}
