package oauth

import "encoding/json"

// GrantType is a grant_type.
type GrantType string

// Grant types, with the document that defines each. Which of them a server offers is its
// own decision.
const (
	GrantAuthorizationCode GrantType = "authorization_code"                              // RFC 6749 §4.1.3
	GrantRefreshToken      GrantType = "refresh_token"                                   // RFC 6749 §6
	GrantClientCredentials GrantType = "client_credentials"                              // RFC 6749 §4.4
	GrantDeviceCode        GrantType = "urn:ietf:params:oauth:grant-type:device_code"    // RFC 8628 §3.4
	GrantTokenExchange     GrantType = "urn:ietf:params:oauth:grant-type:token-exchange" // RFC 8693 §2.1
	GrantJWTBearer         GrantType = "urn:ietf:params:oauth:grant-type:jwt-bearer"     // RFC 7523 §2.1
)

const maxTokenBytes = 16 << 10

// TokenRequest is a request at the token endpoint of sound form. Members that do not
// belong to its grant type are read all the same: they may matter for its refusal.
type TokenRequest struct {
	GrantType    GrantType
	Code         Secret // present with GrantAuthorizationCode
	RedirectURI  string
	CodeVerifier Secret
	RefreshToken Secret // present with GrantRefreshToken
	// Scopes is nil if scope was omitted.
	Scopes    []Scope
	Resources []string // RFC 8707 §2.2
	// Parameters has the rest, for grant types that have more.
	Parameters Parameters
}

// ParseTokenRequest checks the form of p; client authentication is read by
// ParseClientAuth. Errors are *Error: invalid_request, invalid_scope, invalid_target,
// or unsupported_grant_type for the two grants that no server offers any
// more, password and implicit (RFC 9700 §2.4, §2.1.2).
func ParseTokenRequest(p Parameters) (TokenRequest, error) {
	r := TokenRequest{
		GrantType:    GrantType(p.Get("grant_type")),
		Code:         NewSecret(p.Get("code")),
		RedirectURI:  p.Get("redirect_uri"),
		CodeVerifier: NewSecret(p.Get("code_verifier")),
		RefreshToken: NewSecret(p.Get("refresh_token")),
		Parameters:   p,
	}
	if err := r.checkGrant(); err != nil {
		return TokenRequest{}, err
	}
	for _, name := range []string{"grant_type", "code", "redirect_uri", "code_verifier", "refresh_token"} {
		if err := checkShort(name, p.Get(name), maxTokenBytes); err != nil {
			return TokenRequest{}, err
		}
	}
	var err error
	if r.Scopes, err = ParseScopes(p.Get("scope")); err != nil {
		return TokenRequest{}, err
	}
	if r.Resources, err = parseResources(p); err != nil {
		return TokenRequest{}, err
	}
	return r, nil
}

// checkGrant looks for what the grant cannot do without.
func (r TokenRequest) checkGrant() error {
	switch {
	case r.GrantType == "":
		return InvalidRequest("grant_type is missing")
	case r.GrantType == "password" || r.GrantType == "implicit":
		return NewError(CodeUnsupportedGrantType, "this grant type is not supported")
	case r.GrantType == GrantAuthorizationCode && r.Code.IsZero():
		return InvalidRequest("code is missing")
	case r.GrantType == GrantRefreshToken && r.RefreshToken.IsZero():
		return InvalidRequest("refresh_token is missing")
	}
	return nil
}

// TokenType is a token_type.
type TokenType string

// Token types: RFC 6750, RFC 9449 §5, RFC 8693 §2.2.1.
const (
	TokenTypeBearer TokenType = "Bearer"
	TokenTypeDPoP   TokenType = "DPoP"
	TokenTypeNone   TokenType = "N_A"
)

// TokenResponse is the answer of the token endpoint (RFC 6749 §5.1). It prints and
// logs without its tokens, but marshals to JSON with them: that is how it is
// sent, with Cache-Control: no-store.
type TokenResponse struct {
	AccessToken  Secret
	TokenType    TokenType
	ExpiresIn    int64 // seconds; 0 leaves it out
	RefreshToken Secret
	// Scopes is always sent: it may differ from what was asked for (§3.3).
	Scopes  []Scope
	IDToken Secret
	// IssuedTokenType is for token exchange (RFC 8693 §2.2.1).
	IssuedTokenType string
}

// MarshalJSON gives the body to send, tokens included.
func (r TokenResponse) MarshalJSON() ([]byte, error) {
	return json.Marshal(struct {
		AccessToken     string    `json:"access_token"`
		IssuedTokenType string    `json:"issued_token_type,omitempty"`
		TokenType       TokenType `json:"token_type"`
		ExpiresIn       int64     `json:"expires_in,omitempty"`
		RefreshToken    string    `json:"refresh_token,omitempty"`
		Scope           string    `json:"scope,omitempty"`
		IDToken         string    `json:"id_token,omitempty"`
	}{r.AccessToken.Reveal(), r.IssuedTokenType, r.TokenType, r.ExpiresIn, r.RefreshToken.Reveal(), FormatScopes(r.Scopes), r.IDToken.Reveal()})
}
