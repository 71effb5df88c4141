package access

import (
	"encoding/json"
	"net/netip"
	"time"
)

// Request is everything that a decision depends on besides the model, so that a
// recorded request can be replayed against another revision. With a customer,
// Address and At are the browser's at authorization, else the token request's.
type Request struct {
	// Application is authenticated by the caller.
	Application ApplicationID `json:"application"`
	// Grant is the grant type; for a refresh that of the original grant.
	Grant GrantType `json:"grant"`
	// Subject is the customer, nil for a machine.
	Subject *Subject `json:"subject,omitempty"`
	// Scopes asked for; none means the server's defaults, and in a refresh the
	// original set.
	Scopes []Scope `json:"scopes,omitempty"`
	// Original is the set first granted, and marks a refresh when not nil.
	// Nothing beyond it is granted.
	Original []Scope `json:"original,omitzero"`
	// Address may be the zero Addr, for unknown.
	Address netip.Addr `json:"address,omitzero"`
	// At is the instant. The zero time counts as unknown, which is in every
	// window of a deny rule and in none of an allow rule.
	At time.Time `json:"at"`
	// Assurance of the customer's session.
	Assurance Assurance `json:"assurance"`
	// Authenticated is when the customer proved who they are. The zero time counts
	// as unknown, which is too long ago for every MaxAge.
	Authenticated time.Time `json:"authenticated,omitzero"`
}

// Subject is the customer a request is for.
type Subject struct {
	Groups []Group `json:"groups,omitempty"`
	// Attributes have values as their types demand; those that no rule names do
	// not matter.
	Attributes map[Attribute]string `json:"attributes,omitempty"`
}

// Decision is the answer to a [Request].
type Decision struct {
	Allowed bool `json:"allowed"`
	// Granted scopes, OIDC's own first, then by name. Never empty if Allowed.
	Granted []Scope `json:"granted,omitempty"`
	// Refused scopes with reasons; with Allowed those that were dropped.
	Refused []RefusedScope `json:"refused,omitempty"`
	// Error says why not; it is zero if Allowed.
	Error Refusal `json:"error,omitzero"`
	// Policy and Rule that decided; empty if none did.
	Policy PolicyName `json:"policy,omitempty"`
	Rule   RuleName   `json:"rule,omitempty"`
	// Lifetimes of what may be issued; zero unless Allowed.
	Lifetimes Lifetimes `json:"lifetimes,omitzero"`
	// Rate of the calls that can be made with what is granted; zero: no limit of
	// the rule's own.
	Rate Rate `json:"rate,omitzero"`
	// NeededAssurance and NeededAge are the least demanding sign-in with which the
	// same request would be granted, if a weaker or older one is why nothing
	// matched: a fresh one of the same assurance before a stronger one. NeededAge
	// is the most that may have passed since. What is zero is good as it is. In
	// JSON the age is in seconds.
	NeededAssurance Assurance     `json:"needed_assurance,omitzero"`
	NeededAge       time.Duration `json:"-"`
	// FellThrough says that an earlier policy named the application without
	// matching, and a later one decided.
	FellThrough bool `json:"fell_through,omitzero"`
}

// Refusal is why a request was refused.
type Refusal struct {
	// Code is the OAuth error code.
	Code ErrorCode `json:"code"`
	// Check is the step that failed.
	Check Check `json:"check"`
	// Description is one clause for the application's developer. It holds no
	// text from the request and no name of a policy, rule or group.
	Description string `json:"description"`
}

// ErrorCode is an OAuth error code (RFC 6749 §4.1.2.1 and §5.2).
type ErrorCode string

// The codes that decisions use.
const (
	InvalidScope       ErrorCode = "invalid_scope"
	AccessDenied       ErrorCode = "access_denied"
	UnauthorizedClient ErrorCode = "unauthorized_client"
)

// Check names a step of a decision, in the order below.
type Check string

// The checks in the order in which they are made.
const (
	CheckApplication Check = "application" // the server serves the application
	CheckGrant       Check = "grant"       // the application may use the grant
	CheckSubject     Check = "subject"     // the grant and the subject agree
	CheckOriginal    Check = "original"    // a refresh asks for nothing new
	CheckScopes      Check = "scopes"      // every scope is known and askable
	CheckCeilings    Check = "ceilings"    // nothing is above the ceilings
	CheckPolicy      Check = "policy"      // a policy names the application
	CheckDeny        Check = "deny"        // no deny rule fires first
	CheckRule        Check = "rule"        // an allow rule matches
	CheckAge         Check = "age"         // a fresher sign-in would have matched
	CheckAssurance   Check = "assurance"   // more assurance would have matched, fresh or not
)

// RefusedScope is a scope that was not granted.
type RefusedScope struct {
	Scope  Scope  `json:"scope"`
	Reason Reason `json:"reason"`
}

// Reason is why a scope was not granted.
type Reason string

// The reasons.
const (
	UnknownScope   Reason = "unknown"         // the server does not know it
	NeedsCustomer  Reason = "needs-customer"  // a customer's or OIDC's, asked by a machine
	NeedsMachine   Reason = "needs-machine"   // the system's, asked with a customer
	NotAssigned    Reason = "not-assigned"    // not assigned to the application
	NotEntitled    Reason = "not-entitled"    // the customer's groups do not have it
	BeyondOriginal Reason = "beyond-original" // not in the set first granted
	DeniedByRule   Reason = "denied"          // a deny rule lists it
)

// decisionJSON is the JSON form of [Decision].
type decisionJSON struct {
	decisionFields
	NeededAge int64 `json:"needed_age,omitempty"`
}

type decisionFields Decision

// MarshalJSON gives the fields by their names, and lengths of time in seconds.
func (d Decision) MarshalJSON() ([]byte, error) {
	return json.Marshal(decisionJSON{decisionFields(d), int64(d.NeededAge / time.Second)})
}

// UnmarshalJSON reads what [Decision.MarshalJSON] writes.
func (d *Decision) UnmarshalJSON(data []byte) error {
	var raw decisionJSON
	if err := json.Unmarshal(data, &raw); err != nil {
		return err
	}
	*d = Decision(raw.decisionFields)
	d.NeededAge = time.Duration(raw.NeededAge) * time.Second
	return nil
}
