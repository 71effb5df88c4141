package signin

import "time"

// Limit is how often something may be tried: Burst times at once, and again
// each Interval.
type Limit struct {
	Burst    int
	Interval time.Duration
}

// Limits bounds guessing.
type Limits struct {
	Account Limit // per account, known or not, from devices that it never signed in on
	Device  Limit // per account and device that it signed in on
	Code    Limit // at second factors, per account or, on a device that it signed in on, per device
	Source  Limit // per IPv4 address or IPv6 /64, or known device instead, over all accounts
}

// DefaultLimits are those in force where Config says nothing. A source may
// stand for a whole office or a mobile network, so it is given much more.
var DefaultLimits = Limits{
	Account: Limit{Burst: 10, Interval: 3 * time.Minute},
	Device:  Limit{Burst: 10, Interval: 3 * time.Minute},
	// Of a million codes three are right at any time, so guessing at them must be
	// rarer than at passwords: about a hundred a day.
	Code:   Limit{Burst: 10, Interval: 15 * time.Minute},
	Source: Limit{Burst: 100, Interval: 3 * time.Second},
}

func (l Limit) or(other Limit) Limit {
	if l.Burst > 0 && l.Interval > 0 {
		return l
	}
	return other
}

func (l Limits) complete() Limits {
	return Limits{
		Account: l.Account.or(DefaultLimits.Account), Device: l.Device.or(DefaultLimits.Device),
		Code: l.Code.or(DefaultLimits.Code), Source: l.Source.or(DefaultLimits.Source),
	}
}
