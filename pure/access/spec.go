package access

import (
	"net/netip"
	"time"
)

// Spec is an authorization server's access rules as plain data, ready for
// [Compile]. Order matters in Policies and in their Rules: earlier comes first.
type Spec struct {
	Server ServerID
	// Scopes are what the server knows besides [OIDCScopes].
	Scopes []ScopeSpec
	// Attributes are those that rules may name.
	Attributes []AttributeSpec
	// Excess says what happens to scopes above the ceilings; refused if zero.
	Excess Excess
	// FallThrough lets later policies decide when no rule of the first policy
	// naming the application matches. A deny rule stays final.
	FallThrough bool
	// Lifetimes stand in for those that a rule leaves zero. What is zero here
	// too comes from [DefaultLifetimes].
	Lifetimes Lifetimes
	// Entitlements says which customer scopes a customer may have by group. A
	// nil table entitles everybody to all; in any other, even an empty one, a
	// customer has only what is listed for their groups.
	Entitlements map[Group][]Scope
	Applications []ApplicationSpec
	Policies     []PolicySpec
}

// ScopeSpec declares one scope.
type ScopeSpec struct {
	Name Scope
	Kind ScopeKind
	// Parent opens what this scope opens, and more; empty for none. Lists that
	// allow, assign or entitle to a scope do so for its descendants; a deny rule
	// that lists it also fires for its ancestors and descendants. A token has just
	// the scopes that were asked for.
	Parent Scope
	// Default scopes are what an empty request asks for.
	Default     bool
	Description string
}

// ApplicationSpec says what one application is assigned. It names every
// application that the server serves.
type ApplicationSpec struct {
	ID     ApplicationID
	Scopes []Scope     // the most it can ever have; OIDC's own need no mention
	Grants []GrantType // the grants it may use; RefreshToken lets it refresh
}

// PolicySpec is a list of rules for some applications.
type PolicySpec struct {
	Name PolicyName
	// All makes the policy name every application, future ones included;
	// Applications must then be empty. An empty list that is not nil names
	// nobody, as a tag does that no application wears.
	All          bool
	Applications []ApplicationID
	Rules        []RuleSpec
}

// RuleSpec allows or denies scopes under conditions. Every condition given must
// hold; one left nil or zero always holds.
type RuleSpec struct {
	Name   RuleName
	Effect Effect
	// Grants are the grant types the rule is for.
	Grants []GrantType
	// AnyOf needs the customer to be in one of these groups; a machine never
	// is. An empty list that is not nil is refused.
	AnyOf []Group
	// NoneOf needs the subject to be in none of these groups; a machine is not.
	NoneOf []Group
	// Attributes are conditions on what is known of the customer; a machine meets
	// none. An empty list that is not nil is refused.
	Attributes []AttributeCond
	// Networks needs the address to be in one of these prefixes. An unknown
	// address is in every prefix of a deny rule and in none of an allow rule.
	// IPv4 addresses mapped into IPv6 count as IPv4.
	Networks []netip.Prefix
	// Windows needs the instant to be in one of them.
	Windows []Window
	// Assurance is the least that an allow rule needs; refused on a deny rule,
	// where it would open what it means to close.
	Assurance Assurance
	// MaxAge is how long ago, at most, the customer may have proved who they are,
	// at the instant of the request; 0: however long. Whole seconds, at most
	// [MaxSignInAge]; refused on a deny rule.
	MaxAge time.Duration
	// AllScopes is "*": every scope below the ceilings. Scopes must be nil.
	AllScopes bool
	// Scopes the rule allows or denies. An allow rule with an empty list that
	// is not nil grants nothing but OIDC's own scopes: sign-in only.
	Scopes []Scope
	// Lifetimes of what an allow rule grants.
	Lifetimes Lifetimes
	// Rate of the calls that can be made with what an allow rule grants; zero: no
	// limit of the rule's own.
	Rate Rate
}

// Effect is what a matching rule does. The zero effect is refused.
type Effect int

// The two effects.
const (
	Allow Effect = iota + 1 // grants when every requested scope is covered
	Deny                    // refuses when any requested scope is listed
)

// String gives "allow" or "deny".
func (e Effect) String() string {
	switch e {
	case Allow:
		return "allow"
	case Deny:
		return "deny"
	}
	return "no effect"
}

// Excess says what happens to requested scopes above the ceilings.
type Excess int

// The two ways.
const (
	RefuseExcess Excess = iota // the whole request is refused
	NarrowExcess               // they are dropped, the rest goes on
)

// Window is a span of the day that returns daily or on some days of the week,
// by the wall clock of its zone. It holds From ≤ t < To.
type Window struct {
	// Days on which the window opens; none means every day.
	Days []time.Weekday
	// From and To are the wall clock's reading as time since midnight, between
	// 0 and 24 h. Where To is before From, the window passes midnight and
	// belongs to the day on which it opens.
	From, To time.Duration
	// Zone must be given: zones are loaded by the caller.
	Zone *time.Location
}

// Lifetimes bound what is issued. Their JSON form is in whole seconds.
type Lifetimes struct {
	Access  time.Duration // of an access token
	Refresh time.Duration // of a refresh family, from its first token on
	Idle    time.Duration // between two uses of a refresh family
}

// DefaultLifetimes returns what stands in where neither the rule nor the server
// names a lifetime: 15 minutes, 30 days, 7 days.
func DefaultLifetimes() Lifetimes {
	return Lifetimes{Access: 15 * time.Minute, Refresh: 30 * 24 * time.Hour, Idle: 7 * 24 * time.Hour}
}
