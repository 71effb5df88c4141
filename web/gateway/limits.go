package gateway

import (
	"net/http"
	"net/netip"

	"sallyport/pure/quota"
	"sallyport/service/verify"
)

// spending is one reservation.
type spending struct {
	bucket bucket
	limit  quota.Limit
}

// network is what is counted as one source: an IPv4 address, or the /64 that a
// household or a machine has of IPv6.
func network(a netip.Addr) netip.Prefix {
	if !a.IsValid() {
		return netip.Prefix{}
	}
	bits := a.BitLen()
	if a.Is6() {
		bits = 64
	}
	prefix, err := a.Prefix(bits)
	if err != nil {
		return netip.Prefix{}
	}
	return prefix
}

func (c *call) mistakes() bucket {
	return bucket{environment: int64(c.live.ID), kind: byMistakes, address: network(c.source)}
}

// admitSource turns away a source that sent too many wrong keys and tokens of
// late, before another one is looked at: each costs a query or a signature.
func (c *call) admitSource() *refusal {
	limit := c.cfg.Limits.Mistakes
	verdict := c.limiter.spend(c.mistakes(), limit, c.cfg.Now(), 0)
	if verdict.Remaining > 0 {
		return nil
	}
	verdict.Allowed, verdict.RetryAfter = false, limit.Interval()
	return tooMany(verdict, "", "There were too many calls with a wrong key or token from this address.")
}

// blame counts a mistake against its source.
func (c *call) blame() {
	c.limiter.spend(c.mistakes(), c.cfg.Limits.Mistakes, c.cfg.Now(), 1)
}

// limitKey reserves a call of the subscription or, without one, of the source.
func (c *call) limitKey() *refusal {
	if c.subscription == nil {
		b := bucket{environment: int64(c.live.ID), kind: bySource, address: network(c.source)}
		return c.reserveOf(b, c.cfg.Limits.Keyless, "There were too many calls without a subscription key from this address.")
	}
	if c.product.limit.Count == 0 {
		return nil
	}
	b := bucket{environment: int64(c.live.ID), kind: byKey, name: c.subscription.ID}
	verdict := c.limiter.spend(b, c.product.limit, c.cfg.Now(), 1)
	c.verdict, c.rated = verdict, true
	if !verdict.Allowed {
		return tooMany(verdict, "", "The subscription has made more calls than its product allows.")
	}
	c.reserved(spending{b, c.product.limit})
	return nil
}

// limitCaller reserves a call of the application and of the customer.
func (c *call) limitCaller() *refusal {
	if c.subscription != nil && c.subscription.Application != "" && c.cfg.Limits.Application.Count > 0 {
		b := bucket{environment: int64(c.live.ID), kind: byApplication, name: c.subscription.Application}
		if r := c.reserveOf(b, c.cfg.Limits.Application, "The application has made too many calls."); r != nil {
			return r
		}
	}
	if c.token != nil && !c.token.Machine() && c.cfg.Limits.Customer.Count > 0 {
		b := bucket{environment: int64(c.live.ID), kind: byCustomer, name: c.token.Subject}
		return c.reserveOf(b, c.cfg.Limits.Customer, "There were too many calls for this customer.")
	}
	return nil
}

func (c *call) reserveOf(b bucket, limit quota.Limit, detail string) *refusal {
	verdict := c.limiter.spend(b, limit, c.cfg.Now(), 1)
	if !verdict.Allowed {
		return tooMany(verdict, "caller", detail)
	}
	c.reserved(spending{b, limit})
	return nil
}

func (c *call) reserved(s spending) {
	c.spent[c.reserve] = s
	c.reserve++
}

// giveBack returns what was reserved for a call that was not forwarded.
func (c *call) giveBack() {
	for _, s := range c.spent[:c.reserve] {
		c.limiter.refund(s.bucket, s.limit, c.cfg.Now())
		if s.bucket.kind == byKey {
			c.verdict = c.limiter.spend(s.bucket, s.limit, c.cfg.Now(), 0)
		}
	}
	c.reserve = 0
}

// tooMany is a refusal for a limit; name is the limit's if headers do not tell
// of the product's.
func tooMany(v quota.Verdict, name, detail string) *refusal {
	r := &refusal{check: checkLimit, status: http.StatusTooManyRequests, detail: detail}
	if after := quota.RetryAfter(v); after != "" {
		r.set("Retry-After", after)
	}
	if name != "" {
		r.set("RateLimit", quota.RateLimit(name, v))
	}
	return r
}

// tellRate sets the headers by which a client learns of the product's rate.
func (c *call) tellRate(h http.Header) {
	if c.rated {
		h["Ratelimit-Policy"] = c.product.policy
		h["Ratelimit"] = []string{quota.RateLimit(c.product.Name, c.verdict)}
	}
}

// customer is whom a token speaks of; empty for a machine.
func customer(t *verify.Token) string {
	if t == nil || t.Machine() {
		return ""
	}
	return t.Subject
}
