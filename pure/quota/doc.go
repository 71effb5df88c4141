// Package quota is rate limits and quotas as arithmetic: state and instant in,
// new state and verdict out. It keeps nothing, locks nothing and asks no clock;
// the gateway keeps the state in memory or Redis and must replace it atomically.
//
// # The rate: one timestamp
//
// A Limit of Count calls per Period, with bursts of Burst calls, is the generic
// cell rate algorithm (ITU-T I.371, Annex A). One call costs an interval
//
//	T = Period / Count
//
// of time. The state is the theoretical arrival time, TAT: the instant at which
// the caller will have paid for all that it was given. An idle caller's TAT lies
// in the past, and counts as now. A call of cost n would move it to
//
//	TAT' = max(TAT, now) + n·T
//
// and is allowed if that is at most Burst·T ahead of now:
//
//	TAT' - now <= Burst·T    else wait for TAT' - now - Burst·T
//
// So in any span of time t no more than Burst + t/T calls pass; there is no
// window at whose edge two bursts meet. What remains is (now + Burst·T - TAT)/T
// calls. A denial leaves TAT as it is: who is refused does not pay.
//
// # The quota: a window
//
// A Window counts in fixed periods aligned to a start, such as calls per day
// from midnight. It is what contracts speak of, and is exact at the price of
// twice the count around the edge; put a Limit beside it.
//
// # What it does not own
//
// Which limits apply to whom, where state lies, whether to fail open or closed
// when it cannot be reached: the gateway. Nothing here returns an error once a
// Limit or Window is valid; clocks that run backwards and sums that overflow are
// answered with a denial or with less, never with more.
package quota
