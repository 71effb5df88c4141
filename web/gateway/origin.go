package gateway

import (
	"net/http"
	"strings"

	"sallyport/pure/route"
)

// What pages may send, and see, besides what every page may (Fetch §3.2).
const (
	pageHeaders = "Authorization, Content-Type, Subscription-Key, If-Match, If-None-Match, If-Modified-Since, If-Unmodified-Since, Idempotency-Key, Prefer, Accept-Language"
	seenHeaders = "ETag, Link, Location, RateLimit, RateLimit-Policy, Retry-After, Trace-Reference, WWW-Authenticate"
)

// preflight answers a browser that asks, without key or token, whether a page
// may call (Fetch §4.8). It may if some application that a product of the API
// admits has registered the page's origin.
func (c *call) preflight() *refusal {
	origin, method := c.r.Header.Get("Origin"), c.r.Header.Get("Access-Control-Request-Method")
	if c.r.Method != http.MethodOptions || origin == "" || method == "" {
		return nil
	}
	if c.plane.snapshot.Routes == nil {
		return notFound()
	}
	matched, verdict := c.plane.snapshot.Routes.Match(method, c.path)
	if verdict != route.Found {
		return notFound()
	}
	c.operation = c.plane.operations[matched.Operation]
	if !c.operation.api.origins[origin] {
		return &refusal{check: checkOrigin, status: http.StatusForbidden, detail: "No application of this API has registered the page's origin."}
	}
	h := c.w.Header()
	c.allowOrigin(h)
	h.Set("Access-Control-Allow-Methods", strings.Join(matched.Allowed, ", "))
	h.Set("Access-Control-Allow-Headers", pageHeaders)
	h.Set("Access-Control-Max-Age", "600")
	c.w.WriteHeader(http.StatusNoContent)
	c.done = true
	return nil
}

var varyOrigin = []string{"Origin"}

// allowOrigin lets pages of registered origins read the response. Credentials
// are never allowed: calls are made with keys and tokens, not with cookies.
func (c *call) allowOrigin(h http.Header) {
	if c.operation == nil || len(c.operation.api.origins) == 0 {
		return
	}
	if _, varies := h["Vary"]; !varies {
		h["Vary"] = varyOrigin
	} else {
		h.Add("Vary", "Origin")
	}
	if origin := c.r.Header.Get("Origin"); origin != "" && c.operation.api.origins[origin] {
		h.Set("Access-Control-Allow-Origin", origin)
		h.Set("Access-Control-Expose-Headers", seenHeaders)
	}
}
