package gateway

import (
	"net/http"
	"net/netip"

	"sallyport/pure/quota"
	"sallyport/pure/route"
	"sallyport/service/environment"
	"sallyport/service/subscribe"
	"sallyport/service/verify"
)

// step is one check of a call. It gives nil to let the call pass.
type step struct {
	name string
	run  func(*call) *refusal
}

// steps is the whole gate, in order. Later steps rely on what earlier ones made
// sure of, so the order is part of their meaning.
var steps = [...]step{
	{"canonicalise the path", (*call).canonicalise},
	{"find the environment", (*call).locate},
	{"answer preflight requests", (*call).preflight},
	{"find the operation", (*call).match},
	{"strip headers", (*call).strip},
	{"bound the mistakes of the source", (*call).admitSource},
	{"find the subscription", (*call).identify},
	{"find the product", (*call).subscribed},
	{"limit by key and source", (*call).limitKey},
	{"verify the token", (*call).authenticate},
	{"bind the token to the key", (*call).bind},
	{"limit by application, customer and rule", (*call).limitCaller},
	{"compare scopes", (*call).authorize},
	{"check the request", (*call).validate},
	{"forward", (*call).forward},
}

// call is one request on its way through the steps.
type call struct {
	*Gateway
	w http.ResponseWriter
	r *http.Request

	path         string // canonical
	live         *environment.Live
	plane        *plane
	operation    *operation
	matched      route.Match
	out          http.Header // what the back end will see
	source       netip.Addr
	subscription *subscribe.Subscription // nil without a key
	product      *product                // nil without a key
	token        *verify.Token           // nil if none is needed
	body         []byte                  // read ahead, if it was validated
	bodyRead     bool
	reference    string

	spent   [4]spending // what was reserved, to be given back
	reserve int
	verdict quota.Verdict // of the product's rate
	rated   bool

	done bool // a step has answered
}

// ServeHTTP takes a call through the steps.
func (g *Gateway) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	c := call{Gateway: g, w: w, r: r, source: g.cfg.Address(r)}
	c.expectBody()
	c.expectTaken()
	for i := range steps {
		if refusal := steps[i].run(&c); refusal != nil {
			c.refuse(refusal)
			return
		}
		if c.done {
			return
		}
	}
}
