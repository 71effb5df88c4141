// Package funnel tells what customers do at the steps of journeys, so that it can be
// counted: which steps they were shown, did, passed over or left, and how often they were
// refused there.
//
//	Begin──shown──▶ identifier ──done──▶ shown password ──refused──▶ … ──done──▶ …
//	                     └─left: went back, or the time was over
//
// It watches the state machine of package journey from outside, one visit of a browser at
// a time: what a [Watch] says follows from the state before, what happened, the state
// after and the effects, and from nothing else. It knows no customer.
//
// # Invariant
//
// Of a walk that begins with journey.Begin, each step is done, passed over or left no
// oftener than it was shown, and what is shown and neither of these is the step at which
// the customer stands: one while the walk goes on, none when it has ended.
//
// Visits are counted apart: who sends a form twice, or one without having opened its page,
// makes a step done that was not shown. [Summarise] never lets a count be below zero.
//
// service/signin watches, service/footfall counts and keeps, and the faces show.
package funnel
