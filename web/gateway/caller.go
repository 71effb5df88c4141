package gateway

import (
	"errors"
	"net/http"

	"sallyport/protocol/oauth"
	"sallyport/pure/config"
	"sallyport/pure/route"
	"sallyport/service/environment"
	"sallyport/service/subscribe"
	"sallyport/service/verify"
)

// identify finds the subscription. A public operation can be called without a
// key, but not with a wrong one.
func (c *call) identify() *refusal {
	keys := c.r.Header[keyHeader]
	switch {
	case len(keys) == 0:
		if v := subscribe.Keyed(c.operation.Operation, false); !v.Passes() {
			return c.wantKey(http.StatusUnauthorized, v.Text)
		}
		return nil
	case len(keys) > 1:
		return c.wantKey(http.StatusBadRequest, "There is more than one "+keyHeader+" header.")
	}
	if err := c.cfg.Registry.Fresh(); err != nil {
		return ours(err)
	}
	found, err := c.cfg.Subscriptions.Lookup(c.r.Context(), c.live, keys[0])
	c.subscription = found
	switch {
	case err == nil:
		return nil
	case errors.Is(err, subscribe.ErrUnknownKey):
		return c.wantKey(http.StatusUnauthorized, "The subscription key is not known here.")
	case errors.Is(err, subscribe.ErrSuspended):
		return &refusal{check: checkKey, status: http.StatusForbidden, detail: "The subscription is suspended."}
	case errors.Is(err, subscribe.ErrExpired):
		return &refusal{check: checkKey, status: http.StatusForbidden, detail: "The subscription has expired."}
	}
	return ours(err)
}

func (c *call) wantKey(status int, detail string) *refusal {
	r := &refusal{check: checkKey, status: status, detail: detail, mistake: true}
	if status == http.StatusUnauthorized {
		r.set("WWW-Authenticate", `Subscription-Key realm="`+c.operation.api.Name+`"`)
	}
	return r
}

// subscribed makes sure that the subscription's product still admits its
// application, and has the API that is called.
func (c *call) subscribed() *refusal {
	if c.subscription == nil {
		return nil
	}
	found := c.plane.products[c.subscription.Product]
	var configured *config.Product
	if found != nil {
		configured = found.Product
	}
	if v := subscribe.Included(configured, c.subscription.Application, c.operation.api.Name); !v.Passes() {
		return &refusal{check: check(v.Check), status: http.StatusForbidden, detail: v.Text}
	}
	c.product = found
	return nil
}

// authenticate verifies the token. A public operation needs none, so its token
// is nobody's claim: it does not cross to the back end, where it might be taken
// for verified.
func (c *call) authenticate() *refusal {
	if c.operation.Security.Public {
		delete(c.out, "Authorization")
		return nil
	}
	bearer, err := oauth.ParseBearer(c.r.Header["Authorization"])
	var malformed *oauth.Error
	switch {
	case errors.Is(err, oauth.ErrNoToken):
		return c.challenge(http.StatusUnauthorized, oauth.BearerChallenge{}, subscribe.TextNoToken)
	case errors.As(err, &malformed):
		return c.challenge(http.StatusBadRequest, oauth.BearerChallenge{Error: malformed}, "The Authorization header cannot be read.")
	case err != nil:
		return ours(err)
	}
	c.token, err = c.cfg.Verifier.VerifyAny(c.r.Context(), c.live, c.operation.api.servers, bearer.Reveal())
	var refused *verify.Refusal
	switch {
	case err == nil:
		return nil
	case errors.As(err, &refused):
		text := tokenTexts[refused.Check]
		r := c.challenge(http.StatusUnauthorized, oauth.BearerChallenge{Error: oauth.InvalidToken(text)}, text)
		r.suspect, r.reason = refused.Token, string(refused.Check)
		return r
	}
	return ours(err)
}

// tokenTexts say in public terms what a token failed.
var tokenTexts = map[verify.Check]string{
	verify.Form:        "The access token is malformed.",
	verify.Type:        "This is a token, but not an access token.",
	verify.Key:         "The access token was made with a key that is not valid here.",
	verify.Signature:   "The signature of the access token is wrong.",
	verify.Issuer:      subscribe.TextOtherServer,
	verify.Audience:    "The access token is for another audience.",
	verify.Expiry:      "The access token has expired.",
	verify.Future:      "The access token was issued in the future; a clock is wrong.",
	verify.Revocation:  "The access token was revoked.",
	verify.Application: "The application of the access token is no longer registered.",
}

func (c *call) challenge(status int, with oauth.BearerChallenge, detail string) *refusal {
	with.Realm = c.operation.api.Name
	r := &refusal{check: checkToken, status: status, detail: detail, mistake: true}
	r.set("WWW-Authenticate", with.String())
	return r
}

// bind refuses a token with somebody else's key: then either was stolen.
func (c *call) bind() *refusal {
	if c.token == nil {
		return nil
	}
	if v := subscribe.Bound(c.subscription.Application, c.token.ClientID); !v.Passes() {
		return &refusal{check: check(v.Check), status: http.StatusForbidden, detail: v.Text}
	}
	return nil
}

// authorize compares the token's scopes with what the operation needs.
func (c *call) authorize() *refusal {
	if c.token == nil {
		if c.operation.Security.Public {
			return nil
		}
		return ours(errNoToken)
	}
	verdict := subscribe.Opened(c.operation.Operation, func(s route.Scope) bool { return c.token.Holds(string(s)) })
	if verdict.Passes() {
		return nil
	}
	nearest := c.nearest()
	scopes := make([]oauth.Scope, len(nearest))
	for i, scope := range nearest {
		scopes[i] = oauth.Scope(scope)
	}
	r := c.challenge(http.StatusForbidden, oauth.BearerChallenge{Error: oauth.InsufficientScope(verdict.Text), Scopes: scopes}, verdict.Text)
	r.check, r.mistake, r.needs = checkScope, false, c.operation.Security.Alternatives
	return r
}

var errNoToken = errors.New("a call came past the token check without a token")

// nearest is the alternative of which the token lacks least.
func (c *call) nearest() []route.Scope {
	var best []route.Scope
	least := -1
	for _, alternative := range c.operation.Security.Alternatives {
		lacks := 0
		for _, scope := range alternative {
			if !c.token.Holds(string(scope)) {
				lacks++
			}
		}
		if least < 0 || lacks < least {
			best, least = alternative, lacks
		}
	}
	return best
}

// ours is a refusal that is no fault of the caller's.
func ours(cause error) *refusal {
	r := &refusal{check: checkGateway, status: http.StatusServiceUnavailable, cause: cause, detail: "The gateway cannot decide about calls at the moment. Try again soon."}
	if errors.Is(cause, environment.ErrStale) {
		r.reason = "stale"
	}
	r.set("Retry-After", "5")
	return r
}
