package gateway

import (
	"net/http"

	"sallyport/pure/quota"
	"sallyport/service/limit"
	"sallyport/service/verify"
)

// Kinds of limit.
const (
	byKey         limit.Kind = "gateway-key"
	bySource      limit.Kind = "gateway-source"
	byMistakes    limit.Kind = "gateway-mistakes"
	byApplication limit.Kind = "gateway-application"
	byCustomer    limit.Kind = "gateway-customer"
	byRule        limit.Kind = "gateway-rule"
)

// spending is one reservation.
type spending struct {
	bucket limit.Bucket
	limit  quota.Limit
}

func (c *call) mistakes() limit.Bucket {
	return limit.Bucket{Environment: c.live.ID, Kind: byMistakes, Source: limit.Source(c.source)}
}

// admitSource turns away a source that sent too many wrong keys and tokens of
// late, before another one is looked at: each costs a query or a signature.
func (c *call) admitSource() *refusal {
	rate := c.cfg.Limits.Mistakes
	verdict := c.limiter.Spend(c.mistakes(), rate, c.cfg.Now(), 0)
	if verdict.Remaining > 0 {
		return nil
	}
	verdict.Allowed, verdict.RetryAfter = false, rate.Interval()
	return tooMany(verdict, "", "There were too many calls with a wrong key or token from this address.")
}

// blame counts a mistake against its source.
func (c *call) blame() {
	c.limiter.Spend(c.mistakes(), c.cfg.Limits.Mistakes, c.cfg.Now(), 1)
}

// limitKey reserves a call of the subscription or, without one, of the source.
func (c *call) limitKey() *refusal {
	if c.subscription == nil {
		b := limit.Bucket{Environment: c.live.ID, Kind: bySource, Source: limit.Source(c.source)}
		return c.reserveOf(b, c.cfg.Limits.Keyless, "caller", "There were too many calls without a subscription key from this address.")
	}
	if c.product.limit.Count == 0 {
		return nil
	}
	b := limit.Bucket{Environment: c.live.ID, Kind: byKey, Name: c.subscription.ID}
	verdict := c.limiter.Spend(b, c.product.limit, c.cfg.Now(), 1)
	c.verdict, c.rated = verdict, true
	if !verdict.Allowed {
		return tooMany(verdict, "", "The subscription has made more calls than its product allows.")
	}
	c.reserved(spending{b, c.product.limit})
	return nil
}

// limitCaller reserves a call of the application, of the customer, and of what the
// rule allows that granted the token.
func (c *call) limitCaller() *refusal {
	if c.subscription != nil && c.subscription.Application != "" && c.cfg.Limits.Application.Count > 0 {
		b := limit.Bucket{Environment: c.live.ID, Kind: byApplication, Name: c.subscription.Application}
		if r := c.reserveOf(b, c.cfg.Limits.Application, "caller", "The application has made too many calls."); r != nil {
			return r
		}
	}
	if c.token != nil && !c.token.Machine() && c.cfg.Limits.Customer.Count > 0 {
		b := limit.Bucket{Environment: c.live.ID, Kind: byCustomer, Name: c.token.Subject}
		if r := c.reserveOf(b, c.cfg.Limits.Customer, "caller", "There were too many calls for this customer."); r != nil {
			return r
		}
	}
	if c.token != nil && c.token.Limit.Count > 0 {
		return c.limitRule()
	}
	return nil
}

// limitRule counts a token's own rate: together with that of all tokens of its server,
// application and subject that carry the same one. So a new token brings no new calls,
// and a rule with another rate begins its own count.
func (c *call) limitRule() *refusal {
	t := c.token
	b := limit.Bucket{Environment: c.live.ID, Kind: byRule, Name: t.Server + "/" + t.ClientID + "/" + t.Subject + "/" + t.Rate}
	r := c.reserveOf(b, t.Limit, "rule", "There were more calls than the rule allows that granted the access token.")
	if r != nil {
		r.reason = "rate " + t.Rate
	}
	return r
}

// reserveOf reserves a call of a limit; name is what its header calls it.
func (c *call) reserveOf(b limit.Bucket, rate quota.Limit, name, detail string) *refusal {
	verdict := c.limiter.Spend(b, rate, c.cfg.Now(), 1)
	if !verdict.Allowed {
		return tooMany(verdict, name, detail)
	}
	c.reserved(spending{b, rate})
	return nil
}

func (c *call) reserved(s spending) {
	c.spent[c.reserve] = s
	c.reserve++
}

// giveBack returns what was reserved for a call that was not forwarded.
func (c *call) giveBack() {
	for _, s := range c.spent[:c.reserve] {
		c.limiter.Refund(s.bucket, s.limit, c.cfg.Now())
		if s.bucket.Kind == byKey {
			c.verdict = c.limiter.Spend(s.bucket, s.limit, c.cfg.Now(), 0)
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
