package source

import (
	"context"
	"sync/atomic"
	"time"

	"sallyport/service/breaker"
)

// maxUnderWay is how many questions a node has under way with one system; each
// may hold an answer of 1 MiB.
const maxUnderWay = 32

// Line is a system that is asked within bounds: at the pace of its connection,
// within its time limit, few questions at a time, and not at all while it is out
// of order. It is safe for concurrent use.
type Line struct {
	system  atomic.Pointer[System]
	timeout time.Duration
	pace    *Pace
	now     func() time.Time
	slots   chan struct{}
	breaker breaker.Breaker
	told    func(ctx context.Context, c breaker.Change, why Reason)
}

// NewLine gives the line to a system. told, if not nil, hears each time the
// system is left alone, and each time it is asked again.
func NewLine(system *System, spec *Spec, now func() time.Time, told func(ctx context.Context, c breaker.Change, why Reason)) *Line {
	if told == nil {
		told = func(context.Context, breaker.Change, Reason) {}
	}
	l := &Line{timeout: spec.Timeout.Std(), pace: NewPace(spec), now: now, slots: make(chan struct{}, maxUnderWay), told: told}
	l.system.Store(system)
	return l
}

// Replace gives the line another opening of the same system, such as one with a
// secret that was rotated, and returns the one before, which the caller closes once
// nobody asks by it any more. Breaker and pace stay.
func (l *Line) Replace(system *System) (before *System) { return l.system.Swap(system) }

// Verifies tells whether the system can check a password, Finds whether it can
// look somebody up.
func (l *Line) Verifies() bool { return l.system.Load().Verifier != nil }

// Finds tells whether the system can look somebody up without a password.
func (l *Line) Finds() bool { return l.system.Load().Finder != nil }

// State tells why the system is left alone, and until when; empty if it is asked.
func (l *Line) State() (why Reason, until time.Time) {
	text, until := l.breaker.State()
	return Reason(text), until
}

// Close gives back what the system holds.
func (l *Line) Close() error { return l.system.Load().Close() }

// Verify asks the system about a password.
func (l *Line) Verify(ctx context.Context, login Login) Answer {
	verifier := l.system.Load().Verifier
	if verifier == nil {
		return Answer{Reason: NotConfigured}
	}
	var answer Answer
	fault := l.ask(ctx, func(timed context.Context) *Fault {
		answer = verifier.Verify(timed, login)
		if answer.Verdict == Unavailable {
			return &Fault{Reason: answer.Reason, After: answer.After}
		}
		return nil
	})
	if fault != nil {
		return Unable(fault)
	}
	return answer
}

// Find asks the system who has an identifier. Errors are [*Fault]s.
func (l *Line) Find(ctx context.Context, identifier string) (found Found, err error) {
	finder := l.system.Load().Finder
	if finder == nil {
		return found, &Fault{Reason: NotConfigured, What: "the connection lets nobody be looked up"}
	}
	fault := l.ask(ctx, func(timed context.Context) *Fault {
		element, is, err := finder.Find(timed, identifier)
		if err != nil {
			return FaultOf(timed, err)
		}
		found = Found{Element: element, Is: is}
		return nil
	})
	if fault != nil {
		return Found{}, fault
	}
	return found, nil
}

// Guards asks the system whether whoever has an identifier has a second factor, as far
// as elements do not say so. Errors are [*Fault]s.
func (l *Line) Guards(ctx context.Context, identifier string) (guarded bool, err error) {
	guardian := l.system.Load().Guardian
	if guardian == nil {
		return false, nil
	}
	fault := l.ask(ctx, func(timed context.Context) *Fault {
		var err error
		if guarded, err = guardian.Guards(timed, identifier); err != nil {
			return FaultOf(timed, err)
		}
		return nil
	})
	if fault != nil {
		return false, fault
	}
	return guarded, nil
}

// ask asks one question within all bounds.
func (l *Line) ask(ctx context.Context, question func(context.Context) *Fault) *Fault {
	pass, admitted := l.breaker.Admit(l.now())
	if !admitted {
		_, until := l.breaker.State()
		return &Fault{Reason: Suspended, After: max(0, until.Sub(l.now()))}
	}
	if wait := l.pace.Take(l.now()); wait > 0 {
		l.breaker.Release(pass)
		return &Fault{Reason: RateLimited, After: wait}
	}
	timed, cancel := context.WithTimeout(ctx, l.timeout)
	defer cancel()
	select {
	case l.slots <- struct{}{}:
		defer func() { <-l.slots }()
	default: // whoever waited would hold a sign-in for as long
		l.breaker.Release(pass)
		return &Fault{Reason: RateLimited, After: time.Second}
	}
	fault := question(timed)
	if fault != nil && ctx.Err() != nil {
		l.breaker.Release(pass) // who asked is gone, which says nothing of the system
		return fault
	}
	reported, after := Reason(""), time.Duration(0)
	if fault != nil && fault.ill() {
		reported, after = fault.Reason, fault.After
	}
	if change := l.breaker.Report(pass, string(reported), after, l.now()); change != breaker.Unchanged {
		l.told(context.WithoutCancel(ctx), change, reported)
	}
	return fault
}

// ill tells whether a fault says that the system is not well. What a stranger
// could bring about by what they type, such as an answer that is refused for its
// content, does not: nobody is to switch it off for everybody.
func (f *Fault) ill() bool {
	switch f.Reason {
	case Timeout, Unreachable, Refused, NoName, BadTLS, Guarded, PrivateHost, Redirected, RateLimited, Broken:
		return true
	}
	return false
}

// Found is who a look-up found.
type Found struct {
	Element *Element
	Is      bool // somebody there has the identifier
}
