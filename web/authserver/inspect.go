package authserver

import (
	"errors"
	"net/http"

	"sallyport/protocol/oauth"
	"sallyport/service/issue"
	"sallyport/service/verify"
)

// introspect is the introspection endpoint (RFC 7662). Answers are of no use to
// a script in a browser, so there is no CORS, and are never cached.
func (x *exchange) introspect() {
	answer, client, err := x.inspect()
	if err != nil {
		x.failToken(attempt{client: client}, err)
		return
	}
	x.json(http.StatusOK, answer)
}

func (x *exchange) inspect() (answer oauth.IntrospectionResponse, client issue.Client, err error) {
	form, client, err := x.authenticate()
	if err != nil {
		return answer, client, err
	}
	about, found, err := x.locate(form)
	if err != nil {
		return answer, client, err
	}
	answer, err = x.cfg.Issue.Introspect(x.r.Context(), x.view, x.server, client, about, found)
	return answer, client, err
}

// revoke is the revocation endpoint (RFC 7009). Its answer says no more than
// that the token is not alive (§2.2); a failure names the client's mistake.
func (x *exchange) revoke() {
	client, err := x.giveUp()
	if err != nil {
		x.failToken(attempt{client: client}, err)
		return
	}
	x.w.WriteHeader(http.StatusOK)
}

func (x *exchange) giveUp() (issue.Client, error) {
	form, client, err := x.authenticate()
	if err != nil {
		return client, err
	}
	about, found, err := x.locate(form)
	if err != nil {
		return client, err
	}
	done, err := x.cfg.Issue.GiveUp(x.r.Context(), x.view, x.server, client, about, found)
	switch {
	case err != nil:
		return client, err
	case done.Token != nil:
		x.cfg.Verifier.Revoked(x.live, done.Token)
	case done.Ended():
		x.cfg.Verifier.Revoked(x.live, &verify.Token{GrantID: done.Grant})
	}
	return client, nil
}

// locate reads which token a request is about, and tells what it says if it is
// a good access token of this server. The hint is not needed: no token of one
// kind looks like one of the other.
func (x *exchange) locate(form oauth.Parameters) (oauth.TokenReference, *verify.Token, error) {
	about, err := oauth.ParseTokenReference(form)
	if err != nil {
		return about, nil, err
	}
	found, err := x.cfg.Verifier.Verify(x.r.Context(), x.live, x.server, about.Token.Reveal())
	var refused *verify.Refusal
	if errors.As(err, &refused) {
		return about, nil, nil
	}
	return about, found, err
}
