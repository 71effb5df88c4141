package oauth

import (
	"encoding/base64"
	"net/url"
	"strings"
)

// AuthMethod is a token_endpoint_auth_method (RFC 7591 §2, OpenID Connect Core §9).
type AuthMethod string

// The ways in which a client authenticates in a request. Mutual TLS does it outside of it.
const (
	AuthNone          AuthMethod = "none"
	AuthSecretBasic   AuthMethod = "client_secret_basic"
	AuthSecretPost    AuthMethod = "client_secret_post"
	AuthPrivateKeyJWT AuthMethod = "private_key_jwt"
)

// assertionTypeJWT is the only client_assertion_type (RFC 7523 §2.2).
const assertionTypeJWT = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"

// Bounds of credentials.
const (
	maxSecretBytes    = 1 << 10
	maxAssertionBytes = 16 << 10
)

// ClientAuth is how a client presented itself. Nothing about it is verified.
type ClientAuth struct {
	Method AuthMethod
	// ClientID may be empty with AuthPrivateKeyJWT: the assertion's sub names the client.
	ClientID ClientID
	// Secret is the client's secret with AuthSecretBasic and AuthSecretPost, and the
	// assertion with AuthPrivateKeyJWT.
	Secret Secret
}

// ParseClientAuth finds the one way in which a client authenticates (RFC 6749
// §2.3): authorization is the values of the request's Authorization header, p its
// body. Two ways at once, or two different client ids, are invalid_request; no client id, an
// unreadable header or an unknown scheme is invalid_client, which the endpoint answers with
// WWW-Authenticate: Basic. All errors are *Error.
func ParseClientAuth(authorization []string, p Parameters) (ClientAuth, error) {
	if len(authorization) > 1 {
		return ClientAuth{}, InvalidRequest("more than one Authorization header")
	}
	inBody, err := bodyAuth(p)
	if err != nil {
		return ClientAuth{}, err
	}
	if len(authorization) == 0 {
		if inBody.ClientID == "" && inBody.Method != AuthPrivateKeyJWT {
			return ClientAuth{}, InvalidClient("client authentication is missing")
		}
		return inBody, nil
	}
	inHeader, err := parseBasic(authorization[0])
	if err != nil {
		return ClientAuth{}, err
	}
	if inBody.Method != AuthNone {
		return ClientAuth{}, InvalidRequest("more than one way of client authentication")
	}
	if inBody.ClientID != "" && inBody.ClientID != inHeader.ClientID {
		return ClientAuth{}, InvalidRequest("client_id differs from the Authorization header")
	}
	return inHeader, nil
}

// bodyAuth reads the credentials in the body: at most one kind.
func bodyAuth(p Parameters) (ClientAuth, error) {
	id, secret, assertion := p.Get("client_id"), p.Get("client_secret"), p.Get("client_assertion")
	auth := ClientAuth{Method: AuthNone, ClientID: ClientID(id)}
	switch {
	case !isVisible(id) || len(id) > maxClientIDBytes:
		return ClientAuth{}, InvalidClient("client_id is malformed")
	case len(secret) > maxSecretBytes || len(assertion) > maxAssertionBytes:
		return ClientAuth{}, InvalidClient("the client's credential is too long")
	case secret != "" && assertion != "":
		return ClientAuth{}, InvalidRequest("more than one way of client authentication")
	case (assertion != "") != p.Has("client_assertion_type"):
		return ClientAuth{}, InvalidRequest("client_assertion and client_assertion_type belong together")
	case assertion != "" && p.Get("client_assertion_type") != assertionTypeJWT:
		return ClientAuth{}, InvalidClient("unknown client_assertion_type")
	case assertion != "":
		auth.Method, auth.Secret = AuthPrivateKeyJWT, NewSecret(assertion)
	case secret != "" && id == "":
		return ClientAuth{}, InvalidClient("client_secret without client_id")
	case secret != "":
		auth.Method, auth.Secret = AuthSecretPost, NewSecret(secret)
	}
	return auth, nil
}

// parseBasic reads HTTP Basic with both parts form-encoded (RFC 6749 §2.3.1).
func parseBasic(header string) (ClientAuth, error) {
	errBasic := InvalidClient("the Authorization header is not that of HTTP Basic")
	scheme, encoded, _ := strings.Cut(header, " ")
	if !strings.EqualFold(scheme, "Basic") || len(encoded) > 3*(maxClientIDBytes+maxSecretBytes)*2 || strings.ContainsAny(encoded, "\r\n") {
		return ClientAuth{}, errBasic
	}
	decoded, err := base64.StdEncoding.Strict().DecodeString(encoded)
	if err != nil {
		return ClientAuth{}, errBasic
	}
	rawID, rawSecret, found := strings.Cut(string(decoded), ":")
	id, idErr := url.QueryUnescape(rawID)
	secret, secretErr := url.QueryUnescape(rawSecret)
	if !found || idErr != nil || secretErr != nil || !isText(secret) {
		return ClientAuth{}, errBasic
	}
	if id == "" || !isVisible(id) || len(id) > maxClientIDBytes || len(secret) > maxSecretBytes {
		return ClientAuth{}, InvalidClient("the client id is malformed or the secret too long")
	}
	if secret == "" {
		// A public client says who it is in the body; an empty secret proves nothing.
		return ClientAuth{}, InvalidClient("the client secret is empty")
	}
	return ClientAuth{Method: AuthSecretBasic, ClientID: ClientID(id), Secret: NewSecret(secret)}, nil
}
