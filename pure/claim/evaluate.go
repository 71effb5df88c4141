package claim

import "sallyport/pure/access"

// Input is what claims are made of.
type Input struct {
	Customer    *Customer // nil: a machine
	Application Application
	Scopes      []access.Scope // granted
	Grant       access.GrantType
	Assurance   access.Assurance
	Filled      map[string]any // what hooks answered, by claim: string, int64, bool or []string
}

// Customer is what claims may know of a customer.
type Customer struct {
	ID         string // as the application knows them: `sub`
	Name       string
	Groups     []string          // sorted
	Attributes map[string]string // by registered name; an empty text is no value
	// Accounts are those of which they are a member and shown all, by number; empty where
	// no claim tells of accounts.
	Accounts     []Account
	MoreAccounts bool // there are more than [MaxAccounts]
}

// Application is what claims may know of an application.
type Application struct {
	Name  string
	Owner string
	Tags  map[string]string
}

// Value is one claim that is told.
type Value struct {
	Name  string
	Value any // string, int64, bool or []string
	From  int // which claim of the set it is
}

// Reason says why a claim failed. It is safe to log and to keep.
type Reason string

// The reasons.
const (
	NotOfType      Reason = "attribute-not-of-its-type" // the directory has a text that is none of the registered type
	Costly         Reason = "expression-costs-too-much"
	DivisionByZero Reason = "division-by-zero"
	Overflow       Reason = "number-too-large"
	NoNumber       Reason = "text-is-no-number" // a conversion of a text that is none
	NotAsDeclared  Reason = "hook-gave-another-type"
	Failed         Reason = "expression-failed"
)

// Failure is a claim that could not be computed. It is left out.
type Failure struct {
	Claim  string `json:"claim"`
	Reason Reason `json:"reason"`
}

// Result is what a place is told.
type Result struct {
	Values   []Value   // in the order of the configuration; no name twice
	Overage  []string  // names of claims whose values were too long
	Failures []Failure // for the operators; the token is as good without
}

// Evaluate computes the claims of a place. Of two with one name the first that has a
// value is told, and the second is computed only if the first has none.
func (s *Set) Evaluate(place Place, in *Input) (r Result) {
	for i := range s.Len() {
		c := s.At(i)
		if !c.In(place, in.Scopes) || r.settled(c.name) {
			continue
		}
		value, reason := c.source.value(in)
		switch {
		case reason == tooMany:
			r.Overage = append(r.Overage, c.name)
		case reason != "":
			r.Failures = append(r.Failures, Failure{c.name, reason})
		case value == nil:
		case fits(value, c.most):
			r.Values = append(r.Values, Value{c.name, value, i})
		default:
			r.Overage = append(r.Overage, c.name)
		}
	}
	return r
}

// settled tells whether a claim of the name is told, or too long to be.
func (r *Result) settled(name string) bool {
	for i := range r.Values {
		if r.Values[i].Name == name {
			return true
		}
	}
	for _, left := range r.Overage {
		if left == name {
			return true
		}
	}
	return false
}
