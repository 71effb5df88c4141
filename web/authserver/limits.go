package authserver

import (
	"net/http"

	"sallyport/pure/config"
	"sallyport/pure/quota"
	"sallyport/service/issue"
	"sallyport/service/limit"
)

// Kinds of limit. Each endpoint counts for itself, so that a resource server
// which introspects without end keeps nobody from their tokens.
const (
	byAuthorize        limit.Kind = "authorize-source"
	byLogout           limit.Kind = "logout-source"
	byTokenSource      limit.Kind = "token-source"
	byTokenClient      limit.Kind = "token-application"
	byRevokeSource     limit.Kind = "revoke-source"
	byRevokeClient     limit.Kind = "revoke-application"
	byIntrospectSource limit.Kind = "introspect-source"
	byIntrospectClient limit.Kind = "introspect-application"
	byUserinfo         limit.Kind = "userinfo-source"
)

// Names of limits, as callers read them.
const (
	nameSource      = "source"
	nameApplication = "application"
)

// limitSource counts a request against its source before anything of it is
// read: what follows costs a signature, a hash or a page.
func (x *exchange) limitSource() error {
	if x.endpoint.source == "" {
		return nil
	}
	configured := x.server.Limits.Source
	if x.forBrowsers() {
		configured = x.server.Limits.Authorize
	}
	b := limit.Bucket{Environment: x.live.ID, Kind: x.endpoint.source, Name: x.server.Name, Source: limit.Source(x.cfg.Address(x.r))}
	_, err := x.spend(b, configured, issue.Flood{Limit: nameSource})
	return err
}

// forBrowsers tells whether the endpoint answers with pages.
func (x *exchange) forBrowsers() bool {
	return x.endpoint.source == byAuthorize || x.endpoint.source == byLogout
}

// limitClient counts a request against an application that has authenticated,
// before its grant is looked at: else a stranger could use up the limit of anybody whose
// name is known. A public client proves nothing, so it is counted by its source, too.
func (x *exchange) limitClient(c issue.Client) error {
	if x.endpoint.client == "" {
		return nil
	}
	configured := x.server.Limits.Application
	if c.Application.Rate != nil {
		configured = c.Application.Rate
	}
	b := limit.Bucket{Environment: x.live.ID, Kind: x.endpoint.client, Name: x.server.Name + "/" + c.Application.Name}
	if c.Public {
		b.Source = limit.Source(c.Address)
	}
	verdict, err := x.spend(b, configured, issue.Flood{Limit: nameApplication, Application: c.Application})
	if err == nil && verdict.Allowed {
		x.tellRate(nameApplication, configured.Limit(), verdict)
	}
	return err
}

// spend asks for one request. A nil or empty rate is no limit, and gives the
// zero verdict. What is refused is told to the caller and recorded.
func (x *exchange) spend(b limit.Bucket, configured *config.Rate, f issue.Flood) (quota.Verdict, error) {
	if configured == nil || configured.Calls <= 0 {
		return quota.Verdict{}, nil
	}
	rate := configured.Limit()
	verdict := x.limiter.Spend(b, rate, x.cfg.Now(), 1)
	if verdict.Allowed {
		return verdict, nil
	}
	x.tellRate(f.Limit, rate, verdict)
	f.Server, f.Endpoint, f.Address = x.server, string(b.Kind), x.cfg.Address(x.r)
	refusal := &issue.Refusal{Reason: issue.Flooded, Wait: verdict.RetryAfter}
	var err error
	if refusal.Reference, err = x.cfg.Issue.NoteFlood(x.r.Context(), x.view, f); err != nil {
		x.cfg.Log.ErrorContext(x.r.Context(), "refusal could not be recorded", "error", err)
	}
	return verdict, refusal
}

// tellRate sets the headers by which a client learns of its limit, as the
// gateway does.
func (x *exchange) tellRate(name string, rate quota.Limit, verdict quota.Verdict) {
	type key struct {
		name string
		rate quota.Limit
	}
	documents := x.documentsOf()
	policy, found := documents.policies.Load(key{name, rate})
	if !found {
		policy, _ = documents.policies.LoadOrStore(key{name, rate}, []string{quota.RateLimitPolicy(rate.Policy(name))})
	}
	header := x.w.Header()
	header["Ratelimit-Policy"] = policy.([]string)
	header["Ratelimit"] = []string{quota.RateLimit(name, verdict)}
}

// refuseFlood answers a request that was not looked at (RFC 6585 §4). RFC 6749 has
// no error for it; temporarily_unavailable is the one that means "later".
func (x *exchange) refuseFlood(err error) {
	if !x.forBrowsers() {
		x.fail(err)
		return
	}
	e := *x.oauthError(err)
	e.Status = http.StatusTooManyRequests
	x.retryAfter(waitOf(err))
	x.errorPage(&e)
}
