package oauth

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// ErrNoToken says that a request has no bearer token. Answer with a BearerChallenge
// without Error (RFC 6750 §3.1).
var ErrNoToken = errors.New("oauth: no bearer token")

// ParseBearer finds the token in the values of the Authorization header (RFC 6750 §2.1). Tokens in
// a query or a body are not looked for (OAuth 2.1 §5.1.1). No header, or one of another
// scheme, gives ErrNoToken; a malformed or repeated one an *Error with invalid_request.
func ParseBearer(authorization []string) (Secret, error) {
	if len(authorization) == 0 {
		return Secret{}, ErrNoToken
	}
	if len(authorization) > 1 {
		return Secret{}, InvalidRequest("more than one Authorization header")
	}
	scheme, token, _ := strings.Cut(authorization[0], " ")
	if !strings.EqualFold(scheme, "Bearer") {
		return Secret{}, ErrNoToken
	}
	token = strings.TrimLeft(token, " ")
	if len(token) > maxTokenBytes || !isB64Token(token) {
		return Secret{}, InvalidRequest("the bearer token is malformed")
	}
	return NewSecret(token), nil
}

// isB64Token checks for 1*( ALPHA / DIGIT / "-" / "." / "_" / "~" / "+" / "/" ) *"=".
func isB64Token(s string) bool {
	s = strings.TrimRight(s, "=")
	for i := range len(s) {
		if !isAlphanumeric(s[i]) && strings.IndexByte("-._~+/", s[i]) < 0 {
			return false
		}
	}
	return s != ""
}

// BearerChallenge is the WWW-Authenticate header of a protected resource (RFC 6750 §3,
// RFC 9470 §3). The zero value is a bare "Bearer".
type BearerChallenge struct {
	Realm string
	// Error is nil if the request had no token at all.
	Error *Error
	// Scopes that the resource needs.
	Scopes []Scope
	// ACRValues and MaxAge tell which authentication would suffice (RFC 9470).
	ACRValues []ACR
	MaxAge    *time.Duration
	// ResourceMetadata is the address of the resource's metadata (RFC 9728 §5.1).
	ResourceMetadata string
}

// String gives the value of the header. Whatever the members hold, it has no line
// break and every quoted string ends where it should.
func (c BearerChallenge) String() string {
	var attributes []string
	add := func(name, value string) {
		if value != "" {
			attributes = append(attributes, fmt.Sprintf(`%s="%s"`, name, safeText(value)))
		}
	}
	add("realm", c.Realm)
	if c.Error != nil {
		add("error", string(c.Error.Code))
		add("error_description", c.Error.Description)
		add("reference", c.Error.Reference)
	}
	add("scope", FormatScopes(c.Scopes))
	acrs := make([]string, len(c.ACRValues))
	for i, acr := range c.ACRValues {
		acrs[i] = string(acr)
	}
	add("acr_values", strings.Join(acrs, " "))
	if c.MaxAge != nil {
		add("max_age", strconv.FormatInt(int64(*c.MaxAge/time.Second), 10))
	}
	add("resource_metadata", c.ResourceMetadata)
	if len(attributes) == 0 {
		return "Bearer"
	}
	return "Bearer " + strings.Join(attributes, ", ")
}
