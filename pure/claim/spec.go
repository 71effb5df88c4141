package claim

import (
	"slices"
	"strings"

	"sallyport/pure/access"
)

// Spec is a claim as configuration has it. Exactly one of Attribute, Groups, Accounts,
// Value, Expression and Hook is set.
type Spec struct {
	Name       string
	Attribute  string         // the name of a registered attribute
	Groups     Filter         // the customer's groups, or some of them
	Accounts   Accounts       // the business's own, of which the customer is a member
	Value      string         // a constant
	Expression string         // CEL; at most [MaxExpression] characters
	Hook       string         // the name of the hook that fills it: see [Input.Filled]
	Type       Type           // of an expression's value, where it is required, or of a hook's, where it is not
	Most       int            // bytes of the value's JSON; 0: the default of its kind
	In         []Place        // at least one
	Scopes     []access.Scope // only if one of them, or what opens as much, is granted; none: always
}

// Type is the type of an expression's value.
type Type string

// The types.
const (
	String  Type = "string"
	Bool    Type = "bool"
	Int     Type = "int"     // of 64 bits, with a sign
	Strings Type = "strings" // a list of texts
)

// Types lists the types.
func Types() []Type { return []Type{String, Bool, Int, Strings} }

// Place is where a claim stands.
type Place string

// The places.
const (
	Access   Place = "access"   // access tokens
	ID       Place = "id"       // ID tokens
	Userinfo Place = "userinfo" // answers of the userinfo endpoint
)

// Limits.
const (
	MaxExpression  = 1024 // characters of an expression
	MaxExpressions = 50   // of one server
	MaxMost        = 8192 // bytes that a claim's value may be given

	// MaxCost bounds what an expression costs at worst, in CEL's units: a unit is a
	// comparison, a step through a list, or ten characters looked at. It is some
	// milliseconds of one core.
	MaxCost = 50_000
)

// What a value's JSON may take where configuration does not say, in bytes.
const (
	DefaultMost       = 256  // of an attribute, an expression or what a hook fills
	DefaultMostGroups = 1024 // of groups, and of accounts
)

// Overage is the claim that names the claims which were left out because their
// values were too long; there is none if there are none.
const Overage = "overage"

// Rate is the claim that carries a rule's rate of calls to the gateway.
const Rate = "rate"

// Reserved tells of names whose meaning tokens depend on: configuration cannot set
// them, in whatever place (RFC 7519 §4.1, RFC 9068 §2.2, OpenID Connect Core 1.0 §2,
// RFC 7662 §2.2). They are reserved in whatever case: many who read tokens, such as
// programs in Go, take Scope for scope.
func Reserved(name string) bool {
	return slices.ContainsFunc(reserved, func(r string) bool { return strings.EqualFold(r, name) })
}

var reserved = []string{
	"iss", "sub", "aud", "exp", "nbf", "iat", "jti", "client_id", "scope", "auth_time", "acr", "amr", "azp", "nonce",
	"at_hash", "c_hash", "s_hash", "sid", "rev", "cnf", "act", "may_act", "events", "active", "token_type", Rate, Overage,
}
