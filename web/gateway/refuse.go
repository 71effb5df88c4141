package gateway

import (
	"encoding/json"
	"net/http"
	"strconv"

	"sallyport/pure/route"
	"sallyport/service/audit"
	"sallyport/service/environment"
	"sallyport/service/limit"
	"sallyport/service/verify"
)

// check names what refused a call. The names are public and stable.
type check string

const (
	checkPath      check = "path"      // no such API, or a path that can be read in two ways
	checkOperation check = "operation" // no such method
	checkOrigin    check = "origin"    // a page of a site that no application registered
	checkKey       check = "key"
	checkProduct   check = "product"
	checkLimit     check = "limit"
	checkToken     check = "token"
	checkBinding   check = "binding" // key and token belong to different applications
	checkScope     check = "scope"
	checkRequest   check = "request"
	checkBackend   check = "backend" // the back end did not answer
	checkGateway   check = "gateway" // we cannot decide now
)

// titles are what problems are called.
var titles = map[check]string{
	checkPath:      "No such API",
	checkOperation: "No such operation",
	checkOrigin:    "Site not registered",
	checkKey:       "Subscription key refused",
	checkProduct:   "Not in the subscription's product",
	checkLimit:     "Too many calls",
	checkToken:     "Access token refused",
	checkBinding:   "Key and token do not belong together",
	checkScope:     "Scope missing",
	checkRequest:   "Request refused",
	checkBackend:   "Back end did not answer",
	checkGateway:   "Gateway not ready",
}

// refusal is why a call ends. Detail and violations are told to the caller;
// reason, cause and suspect are for the owner.
type refusal struct {
	check      check
	status     int
	detail     string
	needs      [][]route.Scope
	violations []route.Violation
	header     http.Header

	reason  string
	cause   error
	suspect *verify.Token // what a refused token said
	mistake bool          // counts against the source
}

func (r *refusal) set(name, value string) {
	if r.header == nil {
		r.header = http.Header{}
	}
	r.header.Set(name, value)
}

// problem is the answer to a refused call (RFC 9457). Its type is the default,
// about:blank; check is what programs compare.
type problem struct {
	Title      string          `json:"title"`
	Status     int             `json:"status"`
	Detail     string          `json:"detail"`
	Check      check           `json:"check"`
	Reference  string          `json:"reference"`
	Needs      [][]route.Scope `json:"needs,omitempty"` // one of these sets of scopes
	Violations []violation     `json:"violations,omitempty"`
}

type violation struct {
	In      string `json:"in"`
	Name    string `json:"name,omitempty"`
	Pointer string `json:"pointer,omitempty"`
	What    string `json:"what"`
}

// refuse answers a call with a refusal, gives back what was reserved and
// records it.
func (c *call) refuse(r *refusal) {
	c.giveBack()
	if r.mistake {
		c.blame()
	}
	if r.check == checkBackend {
		c.stats.failed.Add(1)
	} else {
		c.stats.refused.Add(1)
	}
	if r.cause != nil {
		c.cfg.Log.Warn("call not forwarded", "check", string(r.check), "cause", r.cause)
	}
	p := problem{Title: titles[r.check], Status: r.status, Detail: r.detail, Check: r.check, Reference: c.record(r), Needs: r.needs}
	for _, v := range r.violations {
		p.Violations = append(p.Violations, violation(v))
	}
	body, err := json.Marshal(p)
	if err != nil {
		body = []byte(`{"title":"Refused","check":"` + string(r.check) + `"}`)
	}
	h := c.w.Header()
	for name, values := range r.header {
		h[name] = values
	}
	c.tellRate(h)
	c.allowOrigin(h)
	h.Set("Content-Type", "application/problem+json")
	h.Set("Content-Length", strconv.Itoa(len(body)))
	h.Set("Cache-Control", "no-store")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set(referenceHeader, p.Reference)
	c.w.WriteHeader(r.status)
	if c.r.Method != http.MethodHead {
		_, _ = c.w.Write(body) // the client may be gone: nothing follows
	}
}

// record remembers a refusal for the audit ledger and gives the reference under
// which the owner finds it.
func (c *call) record(r *refusal) string {
	if c.live == nil {
		// A path that cannot be read may still have come to a known host.
		if c.live, _, _ = c.cfg.Registry.Route(environment.Gateway, c.r.Host, "/"); c.live == nil {
			return c.trace() // nobody's: there is no ledger to write to
		}
	}
	name := refusalName{live: c.live, check: r.check, caller: limit.Source(c.source).String()}
	entry := audit.Entry{Type: audit.CallRefused, Actor: "anonymous", Result: string(r.check)}
	d := refusalDetail{Method: clip(c.r.Method), Status: r.status, Reason: r.reason, Needs: r.needs}
	if r.cause != nil {
		d.Reason = r.cause.Error()
	}
	if o := c.operation; o != nil {
		name.operation, d.Operation = o.name, o.name
	}
	if s := c.subscription; s != nil {
		name.caller, d.Subscription, d.Product = s.ID, s.ID, s.Product
		entry.Application = s.Application
		if s.Application != "" {
			entry.Actor = audit.Application(s.Application)
		}
	}
	d.describe(c.token, r.suspect)
	entry.Customer = customer(c.token)
	if c.source.IsValid() {
		entry.Personal = map[string]string{"address": c.source.String()}
	}
	return c.ledger.add(name, entry, d, c.trace)
}

// describe tells what the token said, verified or not.
func (d *refusalDetail) describe(token, suspect *verify.Token) {
	if token == nil {
		token = suspect
	}
	if token != nil {
		d.Scopes, d.TokenApplication, d.TokenServer, d.TokenRevision = token.Scopes, token.ClientID, token.Issuer, token.Revision
	}
}

// refusalDetail is what the owner learns.
type refusalDetail struct {
	Operation        string          `json:"operation,omitempty"`
	Method           string          `json:"method"`
	Status           int             `json:"status"`
	Reason           string          `json:"reason,omitempty"`
	Subscription     string          `json:"subscription,omitempty"`
	Product          string          `json:"product,omitempty"`
	Needs            [][]route.Scope `json:"needs,omitempty"`
	Scopes           []string        `json:"scopes,omitempty"` // that the token had
	TokenApplication string          `json:"token_application,omitempty"`
	TokenServer      string          `json:"token_issuer,omitempty"`
	TokenRevision    int64           `json:"token_revision,omitempty"`
	Calls            int64           `json:"calls"` // alike, within the second
}

// clip keeps what a stranger wrote short.
func clip(s string) string {
	if len(s) > 32 {
		return s[:32]
	}
	return s
}
