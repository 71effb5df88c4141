package authserver

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"mime"
	"net/http"

	"sallyport/protocol/oauth"
	"sallyport/pure/config"
	"sallyport/service/audit"
	"sallyport/service/issue"
)

// grant serves one grant type at the token endpoint, of an authenticated client.
type grant func(*issue.Service, context.Context, issue.View, *config.LiveServer, issue.Client, oauth.TokenRequest) (oauth.TokenResponse, error)

// grants are those that are offered: a new one is a line here.
var grants = map[oauth.GrantType]grant{
	oauth.GrantAuthorizationCode: (*issue.Service).Redeem,
	oauth.GrantRefreshToken:      (*issue.Service).Refresh,
	oauth.GrantClientCredentials: (*issue.Service).ClientCredentials,
}

// token is the token endpoint (RFC 6749 §3.2).
func (x *exchange) token() {
	answer, attempt, err := x.exchangeGrant()
	if err != nil {
		x.failToken(attempt, err)
		return
	}
	x.json(http.StatusOK, answer)
}

// attempt is how far a token request came.
type attempt struct {
	client  issue.Client
	request oauth.TokenRequest
}

// exchangeGrant authenticates first, so that a stranger learns nothing of a grant.
func (x *exchange) exchangeGrant() (answer oauth.TokenResponse, a attempt, err error) {
	form, client, err := x.authenticate()
	if a.client = client; err != nil {
		return answer, a, err
	}
	if a.request, err = oauth.ParseTokenRequest(form); err != nil {
		return answer, a, err
	}
	serve, offered := grants[a.request.GrantType]
	if !offered {
		return answer, a, oauth.NewError(oauth.CodeUnsupportedGrantType, "this grant type is not supported")
	}
	answer, err = serve(x.cfg.Issue, x.r.Context(), x.view, x.server, a.client, a.request)
	return answer, a, err
}

// authenticate reads a form and finds the client that sent it.
func (x *exchange) authenticate() (oauth.Parameters, issue.Client, error) {
	form, err := x.form()
	if err != nil {
		return form, issue.Client{}, err
	}
	auth, err := oauth.ParseClientAuth(x.r.Header.Values("Authorization"), form)
	if err != nil {
		return form, issue.Client{}, err
	}
	client, err := x.cfg.Issue.AuthenticateClient(x.r.Context(), x.view, x.server, auth, x.cfg.Address(x.r))
	if err != nil {
		return form, client, err
	}
	return form, client, x.limitClient(client)
}

// form reads the body of a POST. A query would put secrets into logs (RFC 6749
// §2.3.1), so one is refused and not looked at.
func (x *exchange) form() (oauth.Parameters, error) {
	if x.r.URL.RawQuery != "" {
		return oauth.Parameters{}, oauth.InvalidRequest("parameters belong in the body")
	}
	media, _, err := mime.ParseMediaType(x.r.Header.Get("Content-Type"))
	if err != nil || media != "application/x-www-form-urlencoded" {
		return oauth.Parameters{}, oauth.InvalidRequest("the body must be application/x-www-form-urlencoded")
	}
	body, err := io.ReadAll(http.MaxBytesReader(x.w, x.r.Body, oauth.MaxParametersBytes))
	if err != nil {
		var tooLong *http.MaxBytesError
		if errors.As(err, &tooLong) {
			return oauth.Parameters{}, oauth.InvalidRequest("the body is too long")
		}
		return oauth.Parameters{}, oauth.InvalidRequest("the body cannot be read")
	}
	return oauth.ParseParameters(string(body))
}

// failToken answers with an error. A customer's grant that the rules do not
// allow any more is an invalid grant to the application: it must send the
// customer to sign in, and RFC 6749 §5.2 knows no access_denied.
func (x *exchange) failToken(a attempt, err error) {
	e := x.oauthError(err)
	if waitOf(err) == 0 {
		e = x.note(audit.TokenRefused, a.client.Application, e)
	}
	status := e.HTTPStatus()
	switch {
	case waitOf(err) > 0:
		status = http.StatusTooManyRequests
		x.retryAfter(waitOf(err))
	case e.Code == oauth.CodeAccessDenied:
		status = http.StatusBadRequest
		if a.request.GrantType != oauth.GrantClientCredentials {
			e = oauth.InvalidGrant(e.Description).WithReference(e.Reference)
		}
	case e.Code == oauth.CodeInvalidClient:
		x.w.Header().Set("WWW-Authenticate", `Basic realm="`+x.server.Issuer+`"`)
	}
	x.failWith(e, status)
}

// json answers a program.
func (x *exchange) json(status int, body json.Marshaler) {
	// Called directly: json.Marshal would read every token once more.
	encoded, err := body.MarshalJSON()
	if err != nil {
		x.cfg.Log.Error("answer cannot be encoded", "error", err)
		status, encoded = http.StatusInternalServerError, []byte(`{"error":"server_error"}`)
	}
	x.w.Header().Set("Content-Type", "application/json")
	x.w.WriteHeader(status)
	_, _ = x.w.Write(encoded)
}
