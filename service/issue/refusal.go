package issue

import (
	"errors"
	"time"

	"sallyport/pure/access"
	"sallyport/service/environment"
	"sallyport/store"
)

// Reason is why the service refused, for programs. It is also the Result of
// the audit event.
type Reason string

// The reasons that are not decisions of pure/access.
const (
	WrongClient       Reason = "wrong-client"       // unknown, wrong method or wrong secret: never said which
	AssertionSubject  Reason = "assertion-subject"  // signed by the client, but iss or sub is somebody else
	AssertionAudience Reason = "assertion-audience" // not for this server, or not for it alone
	AssertionTime     Reason = "assertion-time"     // expired, of the future, or good for too long
	AssertionID       Reason = "assertion-jti"      // without a jti
	AssertionSpent    Reason = "assertion-reused"   // its jti was used before

	Flooded          Reason = "flooded"            // too many requests of this application or source
	Limited          Reason = "limited"            // too many failures of this client or source
	NotRegistered    Reason = "grant-unregistered" // the application does not use this grant
	ChallengeMissing Reason = "challenge-missing"  // the application must use PKCE
	WrongResource    Reason = "wrong-resource"     // not this server's audience
	NothingAsked     Reason = "nothing-asked"      // only offline_access, which the application cannot have

	BadCode       Reason = "code-malformed"     // not a code of ours, or changed
	ExpiredCode   Reason = "code-expired"       // older than a minute
	SpentCode     Reason = "code-reused"        // redeemed before: its tokens are dead now
	ForeignCode   Reason = "code-of-another"    // another application's, or another server's
	WrongRedirect Reason = "redirect-differs"   // not the redirect_uri of the authorization request
	WrongVerifier Reason = "verifier-mismatch"  // PKCE failed
	BadRefresh    Reason = "refresh-malformed"  // not a refresh token of ours, or changed
	ReusedRefresh Reason = "refresh-reused"     // rotated before: the family is dead now
	ForeignToken  Reason = "refresh-of-another" // another application's: the family is dead now
	NotItsToken   Reason = "token-of-another"   // another application's token, at the revocation endpoint
	GaveUp        Reason = "given-up"           // its application revoked it
	RevokedGrant  Reason = "grant-revoked"      // ended
	RecalledGrant Reason = "grant-recalled"     // made or renewed under a change that was undone since
	ExpiredGrant  Reason = "grant-expired"      // its end date passed, or it lay idle
	SessionOver   Reason = "session-ended"      // the customer signed out, or was signed out
	CustomerOff   Reason = "customer-disabled"  // disabled or gone
	NothingLeft   Reason = "nothing-left"       // the live revision grants nothing of what was granted
	NoOpenID      Reason = "openid-missing"     // userinfo without the openid scope
	LoginNeeded   Reason = "login-required"     // prompt=none without a usable session
	UnmetACR      Reason = "acr-unmet"          // an essential acr cannot be reached
	WrongPerson   Reason = "another-customer"   // the hint names somebody else
	Stale         Reason = "change-feed-stale"  // this node may have missed a change: try again
	Decided       Reason = "access-denied"      // pure/access refused: see Decision
)

// Refusal is a refused request. Nothing in it repeats the request.
type Refusal struct {
	Reason    Reason
	Decision  *access.Decision // with Decided
	Reference string           // to find the event by; empty if none was recorded
	Wait      time.Duration    // with Limited: how long
	cause     error
}

// Error gives the reason and, of a decision, the check that failed.
func (r *Refusal) Error() string {
	if r.Decision != nil {
		return "refused: " + string(r.Decision.Error.Check) + ": " + r.Decision.Error.Description
	}
	return "refused: " + string(r.Reason)
}

// Unwrap gives the error behind the refusal, if there is one.
func (r *Refusal) Unwrap() error { return r.cause }

// result is what the audit event says.
func (r *Refusal) result() string {
	if r.Decision != nil {
		return string(r.Decision.Error.Check)
	}
	return string(r.Reason)
}

// fresh refuses when this node cannot know what was revoked.
func (s *Service) fresh() error {
	if err := s.cfg.Feed.Fresh(); err != nil {
		return &Refusal{Reason: Stale, cause: err}
	}
	return nil
}

// Unavailable tells of an error that says nothing about the request: the store
// cannot be reached or this node may have missed a change, and the same
// request may succeed later.
func Unavailable(err error) bool {
	var refusal *Refusal
	return errors.Is(err, store.ErrUnavailable) || errors.Is(err, environment.ErrStale) || errors.As(err, &refusal) && refusal.Reason == Stale
}
