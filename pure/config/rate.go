package config

import (
	"time"

	"sallyport/pure/quota"
)

// Limit is the rate in the terms of pure/quota; the zero Limit, which is none,
// for a rate without calls.
func (r Rate) Limit() quota.Limit {
	if r.Calls <= 0 {
		return quota.Limit{}
	}
	return quota.Limit{Count: r.Calls, Period: time.Duration(r.Per), Burst: max(r.Burst, 1)}
}

// rate checks a limit and sets its defaults.
func (c *checker) rate(at spot, r *Rate) {
	c.within(at, "per", r.Per, bounds{"the time of a limit", Duration(time.Second), 366 * Duration(day)})
	negative := r.Calls < 0 || r.Burst < 0
	if negative {
		c.fail(at, finding{OutOfBounds, "a limit of calls is negative", "write a number above 0, or remove it for no limit"})
	}
	if r.Burst > 0 && r.Calls == 0 {
		c.fail(at.at("burst"), finding{FieldRequired, "there is a burst, but no limit of calls", "add calls:"})
	}
	if r.Per == 0 {
		r.Per = Duration(time.Second)
	}
	if r.Burst == 0 {
		r.Burst = r.Calls
	}
	if limit := r.Limit(); !negative && limit.Count > 0 && r.Per > 0 && limit.Validate() != nil {
		c.fail(at, finding{OutOfBounds, "a burst of this limit takes longer than ten years to regain", "lower burst, or raise calls"})
	}
}

// serverLimits checks the limits of a server's endpoints and sets those that
// are absent.
func (c *checker) serverLimits(at spot, l *ServerLimits) {
	for name, limit := range map[string]**Rate{"source": &l.Source, "application": &l.Application, "authorize": &l.Authorize} {
		if *limit != nil {
			c.rate(at.at(name), *limit)
			continue
		}
		*limit = &Rate{Calls: 1000, Per: Duration(time.Second), Burst: 5000}
		if name == "authorize" {
			*limit = &Rate{Calls: 200, Per: Duration(time.Second), Burst: 2000}
		}
	}
}
