package oauth

import (
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
)

// Code is an error code as it stands in the error parameter.
type Code string

// Error codes, with the document that defines each.
const (
	// RFC 6749 §4.1.2.1 and §5.2.
	CodeInvalidRequest          Code = "invalid_request"
	CodeInvalidClient           Code = "invalid_client"
	CodeInvalidGrant            Code = "invalid_grant"
	CodeUnauthorizedClient      Code = "unauthorized_client"
	CodeUnsupportedGrantType    Code = "unsupported_grant_type"
	CodeUnsupportedResponseType Code = "unsupported_response_type"
	CodeInvalidScope            Code = "invalid_scope"
	CodeAccessDenied            Code = "access_denied"
	CodeServerError             Code = "server_error"
	CodeTemporarilyUnavailable  Code = "temporarily_unavailable"

	// OpenID Connect Core §3.1.2.6, and Unmet Authentication Requirements 1.0.
	CodeInteractionRequired           Code = "interaction_required"
	CodeLoginRequired                 Code = "login_required"
	CodeAccountSelectionRequired      Code = "account_selection_required"
	CodeConsentRequired               Code = "consent_required"
	CodeInvalidRequestURI             Code = "invalid_request_uri"
	CodeInvalidRequestObject          Code = "invalid_request_object"
	CodeRequestNotSupported           Code = "request_not_supported"
	CodeRequestURINotSupported        Code = "request_uri_not_supported"
	CodeRegistrationNotSupported      Code = "registration_not_supported"
	CodeUnmetAuthenticationConditions Code = "unmet_authentication_requirements"

	// Protected resources: RFC 6750 §3.1, RFC 9470 §3.
	CodeInvalidToken                   Code = "invalid_token"
	CodeInsufficientScope              Code = "insufficient_scope"
	CodeInsufficientUserAuthentication Code = "insufficient_user_authentication"

	// Extensions: RFC 8707 §2, RFC 7009 §2.2.1, RFC 8628 §3.5, RFC 9449 §5 and §8, RFC 7591 §3.2.2.
	CodeInvalidTarget         Code = "invalid_target"
	CodeUnsupportedTokenType  Code = "unsupported_token_type"
	CodeAuthorizationPending  Code = "authorization_pending"
	CodeSlowDown              Code = "slow_down"
	CodeExpiredToken          Code = "expired_token"
	CodeInvalidDPoPProof      Code = "invalid_dpop_proof"
	CodeUseDPoPNonce          Code = "use_dpop_nonce"
	CodeInvalidRedirectURI    Code = "invalid_redirect_uri"
	CodeInvalidClientMetadata Code = "invalid_client_metadata"
)

// Status is the HTTP status with which an endpoint answers directly. Redirected
// errors do not use it.
func (c Code) Status() int {
	switch c {
	case CodeInvalidClient, CodeInvalidToken, CodeInsufficientUserAuthentication:
		return http.StatusUnauthorized
	case CodeInsufficientScope, CodeAccessDenied:
		return http.StatusForbidden
	case CodeServerError:
		return http.StatusInternalServerError
	case CodeTemporarilyUnavailable:
		return http.StatusServiceUnavailable
	}
	return http.StatusBadRequest
}

// Error is a refusal in the protocol's own terms. Make it with [NewError] or a
// named constructor; treat it as immutable.
type Error struct {
	// Code tells programs what is wrong.
	Code Code
	// Description tells a developer; it is made safe for all transports on output.
	Description string
	// Status is the HTTP status of a direct answer; 0 means Code.Status().
	Status int
	// Reference, if any, is what the developer quotes to find the whole story in our logs.
	Reference string
	// Cause, if any, is for our logs alone and never sent.
	Cause error
}

// NewError makes an Error with the usual status of code.
func NewError(code Code, description string) *Error {
	return &Error{Code: code, Description: safeText(description), Status: code.Status()}
}

// InvalidRequest is for a request with a missing, repeated or malformed parameter.
func InvalidRequest(description string) *Error { return NewError(CodeInvalidRequest, description) }

// InvalidClient is for a failed client authentication, with status 401.
func InvalidClient(description string) *Error { return NewError(CodeInvalidClient, description) }

// InvalidGrant is for a code or refresh token that is wrong, spent, expired or another's.
func InvalidGrant(description string) *Error { return NewError(CodeInvalidGrant, description) }

// InvalidScope is for a scope that is malformed, unknown or above the ceiling.
func InvalidScope(description string) *Error { return NewError(CodeInvalidScope, description) }

// InvalidTarget is for a resource that is malformed or unknown (RFC 8707 §2).
func InvalidTarget(description string) *Error { return NewError(CodeInvalidTarget, description) }

// UnauthorizedClient is for a client that may not use this grant.
func UnauthorizedClient(description string) *Error {
	return NewError(CodeUnauthorizedClient, description)
}

// AccessDenied is for a refusal by the customer or by policy.
func AccessDenied(description string) *Error { return NewError(CodeAccessDenied, description) }

// LoginRequired answers prompt=none when no usable session exists.
func LoginRequired(description string) *Error { return NewError(CodeLoginRequired, description) }

// ConsentRequired answers prompt=none when consent is missing.
func ConsentRequired(description string) *Error { return NewError(CodeConsentRequired, description) }

// InvalidToken is for an access token that is wrong, expired or revoked, with status 401.
func InvalidToken(description string) *Error { return NewError(CodeInvalidToken, description) }

// InsufficientScope is for a good token without the scope that is needed, with status 403.
func InsufficientScope(description string) *Error {
	return NewError(CodeInsufficientScope, description)
}

// ServerError hides cause behind an unspecific description.
func ServerError(cause error) *Error {
	e := NewError(CodeServerError, "the server could not complete the request")
	e.Cause = cause
	return e
}

// Error gives code and description; it leaves out the cause, which may be private.
func (e *Error) Error() string {
	if e.Description == "" {
		return "oauth: " + string(e.Code)
	}
	return "oauth: " + string(e.Code) + ": " + safeText(e.Description)
}

// Unwrap gives the cause.
func (e *Error) Unwrap() error { return e.Cause }

// HTTPStatus is the status of a direct answer, never 0.
func (e *Error) HTTPStatus() int {
	if e.Status != 0 {
		return e.Status
	}
	return e.Code.Status()
}

// WithReference gives a copy of e that carries reference.
func (e *Error) WithReference(reference string) *Error {
	with := *e
	with.Reference = reference
	return &with
}

// CodeOf gives the code of the first *Error in err's chain, or "".
func CodeOf(err error) Code {
	var e *Error
	if errors.As(err, &e) {
		return e.Code
	}
	return ""
}

// MarshalJSON gives the body of RFC 6749 §5.2, with reference as an extra member
// if there is one.
func (e *Error) MarshalJSON() ([]byte, error) {
	return json.Marshal(struct {
		Code        Code   `json:"error"`
		Description string `json:"error_description,omitempty"`
		Reference   string `json:"reference,omitempty"`
	}{Code(safeText(string(e.Code))), safeText(e.Description), safeText(e.Reference)})
}

// values gives the parameters of RFC 6749 §4.1.2.1.
func (e *Error) values() url.Values {
	v := url.Values{"error": {safeText(string(e.Code))}}
	if e.Description != "" {
		v.Set("error_description", safeText(e.Description))
	}
	if e.Reference != "" {
		v.Set("reference", safeText(e.Reference))
	}
	return v
}

// maxTextBytes bounds what an error says.
const maxTextBytes = 512

// safeText makes s fit the charset of error and error_description, %x20-21 /
// %x23-5B / %x5D-7E (RFC 6749 §5.2), which is also safe inside a quoted string of a
// header. What does not fit becomes a question mark.
func safeText(s string) string {
	if len(s) > maxTextBytes {
		s = s[:maxTextBytes]
	}
	for i := range len(s) {
		if !isTextByte(s[i]) {
			return replaceUnsafe(s)
		}
	}
	return s
}

func replaceUnsafe(s string) string {
	safe := []byte(s)
	for i, c := range safe {
		if !isTextByte(c) {
			safe[i] = '?'
		}
	}
	return string(safe)
}

func isTextByte(c byte) bool { return c >= 0x20 && c <= 0x7e && c != '"' && c != '\\' }
