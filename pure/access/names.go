package access

import (
	"fmt"
	"slices"
)

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

// ScopeKind says whether a scope reads or writes, and whether it belongs to a
// customer or to the system. The zero kind is refused by [Compile].
type ScopeKind int

// The four kinds, and OpenID Connect's own.
const (
	// CustomerRead and CustomerWrite are granted only with a signed-in customer.
	CustomerRead ScopeKind = iota + 1
	CustomerWrite
	// SystemRead and SystemWrite are granted only by client credentials.
	SystemRead
	SystemWrite
	// OIDC marks the six scopes of OpenID Connect. They open no API, and stand
	// outside ceilings, rules and defaults.
	OIDC
)

var kindNames = [...]string{"", "customer-read", "customer-write", "system-read", "system-write", "oidc"}

// String gives the kind as configuration spells it, such as "customer-read".
func (k ScopeKind) String() string {
	if k < CustomerRead || k > OIDC {
		return fmt.Sprintf("kind(%d)", int(k))
	}
	return kindNames[k]
}

// Customer reports whether the scope needs a signed-in customer.
func (k ScopeKind) Customer() bool { return k == CustomerRead || k == CustomerWrite }

// System reports whether the scope is for machines only.
func (k ScopeKind) System() bool { return k == SystemRead || k == SystemWrite }

// MarshalText gives the name that [ScopeKind.UnmarshalText] reads.
func (k ScopeKind) MarshalText() ([]byte, error) {
	if k < CustomerRead || k > OIDC {
		return nil, fmt.Errorf("access: %v has no name", k)
	}
	return []byte(kindNames[k]), nil
}

// UnmarshalText reads "customer-read", "customer-write", "system-read",
// "system-write" or "oidc".
func (k *ScopeKind) UnmarshalText(text []byte) error {
	i := slices.Index(kindNames[1:], string(text))
	if i < 0 {
		return fmt.Errorf("access: unknown scope kind %.40q", text)
	}
	*k = ScopeKind(i + 1)
	return nil
}

// Assurance says how well a customer was recognised; more is stronger. Machines
// have NoAssurance.
type Assurance int

// The levels a session can reach.
const (
	NoAssurance       Assurance = iota // nothing proven yet
	OneFactor                          // one factor, such as a password
	TwoFactor                          // two different factors
	PhishingResistant                  // a passkey or other origin-bound factor
)

var assuranceNames = [...]string{"none", "one-factor", "two-factor", "phishing-resistant"}

// String gives the level as configuration spells it, such as "two-factor".
func (a Assurance) String() string {
	if a < NoAssurance || a > PhishingResistant {
		return fmt.Sprintf("assurance(%d)", int(a))
	}
	return assuranceNames[a]
}

// MarshalText gives the name that [Assurance.UnmarshalText] reads.
func (a Assurance) MarshalText() ([]byte, error) {
	if a < NoAssurance || a > PhishingResistant {
		return nil, fmt.Errorf("access: %v has no name", a)
	}
	return []byte(assuranceNames[a]), nil
}

// UnmarshalText reads "none", "one-factor", "two-factor" or
// "phishing-resistant".
func (a *Assurance) UnmarshalText(text []byte) error {
	i := slices.Index(assuranceNames[:], string(text))
	if i < 0 {
		return fmt.Errorf("access: unknown assurance %.40q", text)
	}
	*a = Assurance(i)
	return nil
}

// oidcScopes are OpenID Connect's own, in the order tokens list them
// (OpenID Connect Core 1.0 §5.4 and §11).
var oidcScopes = [...]Scope{"openid", "profile", "email", "phone", "address", "offline_access"}

// OIDCScopes returns the scopes that every server knows without declaring them:
// openid, profile, email, phone, address and offline_access. The slice is the
// caller's.
func OIDCScopes() []Scope { return slices.Clone(oidcScopes[:]) }

// IsOIDC reports whether a scope is one of [OIDCScopes].
func IsOIDC(s Scope) bool { return slices.Contains(oidcScopes[:], s) }
