package authserver

import (
	"errors"
	"math"
	"net/http"
	"strconv"
	"time"

	"sallyport/protocol/oauth"
	"sallyport/pure/config"
	"sallyport/service/audit"
	"sallyport/service/issue"
)

// referenceHeader carries what a developer quotes to find the event.
const referenceHeader = "Trace-Reference"

// said is what the protocol says for a reason: public terms only.
type said struct {
	code oauth.Code
	text string
}

// refusals is the one table from the service's reasons to the protocol's
// errors. Why a code or a refresh token is not good is said in few words:
// whoever presents a stolen one learns nothing from them.
var refusals = map[issue.Reason]said{
	issue.WrongClient: {oauth.CodeInvalidClient, "client authentication failed"},
	// Said to whoever holds the client's key; to others all is "failed".
	issue.AssertionSubject:  {oauth.CodeInvalidClient, "iss and sub of the assertion must both be the client"},
	issue.AssertionAudience: {oauth.CodeInvalidClient, "aud of the assertion must be the issuer of this server, as a string"},
	issue.AssertionTime:     {oauth.CodeInvalidClient, "exp of the assertion must be at most 5 minutes ahead, and iat and nbf not in the future"},
	issue.AssertionID:       {oauth.CodeInvalidClient, "the assertion must have a jti of at most 256 bytes"},
	issue.AssertionSpent:    {oauth.CodeInvalidClient, "the assertion was used before: each is good once"},

	issue.Flooded:          {oauth.CodeTemporarilyUnavailable, "too many requests: wait and try again"},
	issue.Limited:          {oauth.CodeTemporarilyUnavailable, "too many failures: wait and try again"},
	issue.NotRegistered:    {oauth.CodeUnauthorizedClient, "the application may not use this grant type"},
	issue.ChallengeMissing: {oauth.CodeInvalidRequest, "code_challenge is required (PKCE with S256)"},
	issue.WrongResource:    {oauth.CodeInvalidTarget, "resource must be the audience of this authorization server"},
	issue.NothingAsked:     {oauth.CodeInvalidScope, "the application cannot have offline_access, and nothing else was asked"},
	issue.BadCode:          {oauth.CodeInvalidGrant, "the code is not valid"},
	issue.ExpiredCode:      {oauth.CodeInvalidGrant, "the code has expired"},
	issue.SpentCode:        {oauth.CodeInvalidGrant, "the code was used before; everything issued for it was revoked"},
	issue.ForeignCode:      {oauth.CodeInvalidGrant, "the code is not valid"},
	issue.WrongRedirect:    {oauth.CodeInvalidGrant, "redirect_uri is not that of the authorization request"},
	issue.WrongVerifier:    {oauth.CodeInvalidGrant, "code_verifier does not match"},
	issue.BadRefresh:       {oauth.CodeInvalidGrant, "the refresh token is not valid"},
	issue.ReusedRefresh:    {oauth.CodeInvalidGrant, "the refresh token was used before; its family was revoked"},
	issue.ForeignToken:     {oauth.CodeInvalidGrant, "the refresh token is not valid"},
	issue.NotItsToken:      {oauth.CodeInvalidGrant, "the token was issued to another client"},
	issue.RevokedGrant:     {oauth.CodeInvalidGrant, "the grant was revoked"},
	issue.RecalledGrant:    {oauth.CodeInvalidGrant, "the grant was revoked"},
	issue.ExpiredGrant:     {oauth.CodeInvalidGrant, "the grant has expired"},
	issue.SessionOver:      {oauth.CodeInvalidGrant, "the customer's session has ended"},
	issue.CustomerOff:      {oauth.CodeInvalidGrant, "the grant was revoked"},
	issue.NothingLeft:      {oauth.CodeInvalidGrant, "nothing of the grant is allowed any more"},
	issue.LoginNeeded:      {oauth.CodeLoginRequired, "the customer must sign in"},
	issue.WrongPerson:      {oauth.CodeLoginRequired, "another customer is signed in"},
	issue.UnmetACR:         {oauth.CodeUnmetAuthenticationConditions, "the acr that is essential cannot be reached"},
	issue.ConsentNeeded:    {oauth.CodeConsentRequired, "the customer must be asked for consent"},
	issue.ConsentDenied:    {oauth.CodeAccessDenied, "the customer did not consent"},
	issue.ConsentOver:      {oauth.CodeInvalidGrant, "the customer does not consent to this any more"},
	issue.HookFailed:       {oauth.CodeTemporarilyUnavailable, "a service that must be asked did not answer: try again in a moment"},
	issue.HookRefused:      {oauth.CodeAccessDenied, "a service that was asked allows none of the scopes"},
	issue.Stale:            {oauth.CodeTemporarilyUnavailable, "try again in a moment"},
}

// oauthError maps what a service returned. Errors that are nobody's refusal are
// logged in full and said in brief.
func (x *exchange) oauthError(err error) *oauth.Error {
	var protocol *oauth.Error
	var refusal *issue.Refusal
	switch {
	case errors.As(err, &refusal) && refusal.Decision != nil:
		d := refusal.Decision.Error
		return oauth.NewError(oauth.Code(d.Code), d.Description).WithReference(refusal.Reference)
	case errors.As(err, &refusal):
		if words, found := refusals[refusal.Reason]; found {
			return oauth.NewError(words.code, words.text).WithReference(refusal.Reference)
		}
	case errors.As(err, &protocol):
		return protocol
	case issue.Unavailable(err):
		return oauth.NewError(oauth.CodeTemporarilyUnavailable, "try again in a moment")
	}
	x.cfg.Log.ErrorContext(x.r.Context(), "request failed", "server", x.server.Name, "path", x.r.URL.Path, "error", err)
	return oauth.ServerError(err)
}

// note has a refusal recorded that has no reference yet. prompt=none is how
// applications ask whether somebody is signed in: a no is not worth an event.
func (x *exchange) note(as audit.Type, application *config.Application, e *oauth.Error) *oauth.Error {
	if e.Reference != "" || e.HTTPStatus() >= http.StatusInternalServerError || e.Code == oauth.CodeLoginRequired ||
		e.Code == oauth.CodeConsentRequired {
		return e
	}
	reference, err := x.cfg.Issue.Note(x.r.Context(), x.view, issue.Refused{
		As: as, Server: x.server, Application: application, Result: string(e.Code), Why: e.Description, Address: x.cfg.Address(x.r),
	})
	if err != nil {
		x.cfg.Log.ErrorContext(x.r.Context(), "refusal could not be recorded", "error", err)
		return e
	}
	return e.WithReference(reference)
}

// waitOf tells how long a limited caller should wait.
func waitOf(err error) time.Duration {
	var refusal *issue.Refusal
	if errors.As(err, &refusal) {
		return refusal.Wait
	}
	return 0
}

// retryAfter sets the header, in whole seconds, rounded up.
func (x *exchange) retryAfter(wait time.Duration) {
	if wait > 0 {
		x.w.Header().Set("Retry-After", strconv.Itoa(int(math.Ceil(wait.Seconds()))))
	}
}

// fail answers a program directly with an error as JSON (RFC 6749 §5.2).
func (x *exchange) fail(err error) {
	e := x.oauthError(err)
	status := e.HTTPStatus()
	if wait := waitOf(err); wait > 0 {
		status = http.StatusTooManyRequests
		x.retryAfter(wait)
	}
	x.failWith(e, status)
}

func (x *exchange) failWith(e *oauth.Error, status int) {
	if e.Reference != "" {
		x.w.Header().Set(referenceHeader, e.Reference)
	}
	x.json(status, e)
}
