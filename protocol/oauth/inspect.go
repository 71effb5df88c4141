package oauth

import (
	"encoding/json"
	"errors"
)

// TokenTypeHint is a token_type_hint (RFC 7009 §2.1). It may be wrong, and is
// never more than a place to look first.
type TokenTypeHint string

// Hints that the registry of RFC 7009 §4.1.2 has.
const (
	HintAccessToken  TokenTypeHint = "access_token"
	HintRefreshToken TokenTypeHint = "refresh_token"
)

// TokenReference is what the introspection (RFC 7662 §2.1) and the revocation
// endpoint (RFC 7009 §2.1) are asked about.
type TokenReference struct {
	Token Secret
	Hint  TokenTypeHint // empty if there is none
}

// ParseTokenReference checks the form of p; client authentication is read by
// ParseClientAuth. A missing token is invalid_request. A hint that nobody knows
// is no mistake (RFC 7009 §2.2.1), and neither is a token of any form: what it
// is not will show when it is looked for. Errors are *Error.
func ParseTokenReference(p Parameters) (TokenReference, error) {
	if !p.Has("token") {
		return TokenReference{}, InvalidRequest("token is missing")
	}
	return TokenReference{Token: NewSecret(p.Get("token")), Hint: TokenTypeHint(p.Get("token_type_hint"))}, nil
}

// IntrospectionResponse is the answer of the introspection endpoint (RFC 7662
// §2.2). The zero value is all that may be said of a token that is not active,
// for whatever reason: {"active":false}.
type IntrospectionResponse struct {
	Active    bool
	TokenType TokenType // left out if empty
	// Members is a JSON object with what else is said, such as the claims of a
	// token. It has no active and no token_type.
	Members []byte
}

var errMembers = errors.New("oauth: introspection: members are no JSON object")

// MarshalJSON gives the body to send. Members go out byte for byte: they were
// encoded and checked once, when the token was signed.
func (r IntrospectionResponse) MarshalJSON() ([]byte, error) {
	if !r.Active {
		return []byte(`{"active":false}`), nil
	}
	body := append(make([]byte, 0, len(r.Members)+64), `{"active":true`...)
	if r.TokenType != "" {
		name, err := json.Marshal(string(r.TokenType))
		if err != nil {
			return nil, err
		}
		body = append(append(body, `,"token_type":`...), name...)
	}
	rest := r.Members
	switch {
	case len(rest) == 0 || string(rest) == "{}":
		return append(body, '}'), nil
	case len(rest) < 2 || rest[0] != '{' || rest[len(rest)-1] != '}':
		return nil, errMembers
	}
	return append(append(body, ','), rest[1:]...), nil
}
