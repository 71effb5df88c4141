package expect

import (
	"fmt"

	"sallyport/pure/access"
)

// Verdict is the judgement of one statement.
type Verdict struct {
	Statement Statement `json:"statement"`
	// Failures contradict it; none if it holds.
	Failures []Failure `json:"failures,omitempty"`
}

// Holds reports whether nothing contradicts the statement.
func (v Verdict) Holds() bool { return len(v.Failures) == 0 }

// Failure is one way in which a statement is not met.
type Failure struct {
	Server string `json:"server,omitempty"`
	// Application is whom it is about; [config.AnyFuture] for one to come.
	Application string       `json:"application,omitempty"`
	Scope       access.Scope `json:"scope,omitempty"`
	Operation   string       `json:"operation,omitempty"`
	// Witness has what should not be had, and Rank tells which rule gives it.
	Witness *access.Witness `json:"witness,omitempty"`
	Rank    *Rank           `json:"rule,omitempty"`
	// Missing is what stands nearest in the way of what should be had.
	Missing *Missing `json:"missing,omitempty"`
	// Text says it in a sentence without full stop, and Fix what to do.
	Text string `json:"text"`
	Fix  string `json:"fix,omitempty"`
}

// Rank is where a rule stands: its policy among the server's, and the rule among the
// policy's, from 1.
type Rank struct {
	Policy   access.PolicyName `json:"policy"`
	Rule     access.RuleName   `json:"rule"`
	Ordinal  int               `json:"rank"`
	Of       int               `json:"of"`
	Policies int               `json:"policies"`
	Position int               `json:"policy_rank"`
}

// String gives "rule 2 of 5 in policy staff (1 of 3)".
func (r Rank) String() string {
	return fmt.Sprintf("rule %d of %d in policy %s (%d of %d)", r.Ordinal, r.Of, r.Policy, r.Position, r.Policies)
}

// Missing is why something cannot be had: the request that comes nearest, and what
// refuses it.
type Missing struct {
	Check   access.Check    `json:"check"`
	Request *access.Request `json:"request,omitempty"`
	Text    string          `json:"text"`
}

// Count tells how many statements were judged, and how many of them fail.
func Count(all []Verdict) (judged, failed int) {
	for _, v := range all {
		if !v.Holds() {
			failed++
		}
	}
	return len(all), failed
}
