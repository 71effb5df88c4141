package authserver

import (
	"errors"
	"net/http"

	"sallyport/protocol/oauth"
	"sallyport/pure/access"
	"sallyport/service/audit"
	"sallyport/service/issue"
	"sallyport/service/verify"
)

// userinfo answers with the claims of the customer behind an access token
// (OIDC Core §5.3). The token is taken from the Authorization header alone.
func (x *exchange) userinfo() {
	token, err := oauth.ParseBearer(x.r.Header.Values("Authorization"))
	if err != nil {
		x.challenge(err)
		return
	}
	good, err := x.cfg.Verifier.Verify(x.r.Context(), x.live, x.server, token.Reveal())
	var bad *verify.Refusal
	if errors.As(err, &bad) {
		x.challenge(oauth.InvalidToken("the access token is not valid"))
		return
	}
	if err != nil {
		x.fail(err)
		return
	}
	claims, err := x.cfg.Issue.Userinfo(x.r.Context(), x.view, x.server, issue.Bearer{
		Subject: good.Subject, Application: good.ClientID, Scopes: scopesOf(good.Scopes), Grant: good.GrantID,
	})
	var refusal *issue.Refusal
	switch {
	case err == nil:
		x.json(http.StatusOK, claims)
	case errors.As(err, &refusal) && refusal.Reason == issue.NoOpenID:
		x.challenge(oauth.InsufficientScope("the access token has no openid scope"))
	case errors.As(err, &refusal) && !issue.Unavailable(err):
		x.challenge(oauth.InvalidToken("the access token is not valid"))
	default:
		x.fail(err)
	}
}

// challenge answers as a protected resource (RFC 6750 §3): a request without a
// token is told how to come with one, and no error.
func (x *exchange) challenge(err error) {
	challenge := oauth.BearerChallenge{Realm: x.server.Issuer}
	if errors.Is(err, oauth.ErrNoToken) {
		x.w.Header().Set("WWW-Authenticate", challenge.String())
		x.w.WriteHeader(http.StatusUnauthorized)
		return
	}
	challenge.Error = x.note(audit.CallRefused, nil, x.oauthError(err))
	if challenge.Error.Code == oauth.CodeInsufficientScope {
		challenge.Scopes = []oauth.Scope{oauth.ScopeOpenID}
	}
	x.w.Header().Set("WWW-Authenticate", challenge.String())
	x.failWith(challenge.Error, challenge.Error.HTTPStatus())
}

func scopesOf(names []string) []access.Scope {
	scopes := make([]access.Scope, len(names))
	for i, name := range names {
		scopes[i] = access.Scope(name)
	}
	return scopes
}
