package access

import "slices"

// Names of things that a [Spec] declares. They are compared byte for byte.
type (
	// ServerID names an authorization server within its environment.
	ServerID string
	// ApplicationID names an application; it is its OAuth client_id.
	ApplicationID string
	// Group names a set of customers, such as "landlords".
	Group string
	// Scope names a permission, such as "billing.read.invoice" or "openid".
	Scope string
	// PolicyName names a policy; it is unique within its server.
	PolicyName string
	// RuleName names a rule; it is unique within its policy, stays when rules
	// are re-ordered, and appears in traces, logs and tests.
	RuleName string
)

// GrantType is an OAuth grant type as the token endpoint spells it.
type GrantType string

// The grant types that rules and applications may name.
const (
	// AuthorizationCode is the grant of a signed-in customer (RFC 6749 §4.1).
	AuthorizationCode GrantType = "authorization_code"
	// ClientCredentials is the grant of a machine (RFC 6749 §4.4).
	ClientCredentials GrantType = "client_credentials"
	// RefreshToken may be allowed to an application, but never appears in a
	// rule or a [Request]: a refresh is decided by its original grant type.
	RefreshToken GrantType = "refresh_token"
)

// decidedGrants are the grant types that a rule can name, in bit order.
var decidedGrants = [...]GrantType{AuthorizationCode, ClientCredentials}

// oidcScopes are OpenID Connect's own, in the order tokens list them
// (OpenID Connect Core 1.0 §5.4 and §11).
var oidcScopes = [...]Scope{"openid", "profile", "email", "phone", "address", "offline_access"}

// OIDCScopes returns the scopes that every server knows without declaring them:
// openid, profile, email, phone, address and offline_access. The slice is the
// caller's.
func OIDCScopes() []Scope { return slices.Clone(oidcScopes[:]) }

// IsOIDC reports whether a scope is one of [OIDCScopes].
func IsOIDC(s Scope) bool { return slices.Contains(oidcScopes[:], s) }
