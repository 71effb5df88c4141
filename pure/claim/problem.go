package claim

import "fmt"

// Problem is why a claim was refused.
type Problem struct {
	Claim int    // index in the list
	Key   string // of [Spec] as configuration spells it, such as expression; "" is the claim as a whole
	What  string
	Fix   string

	// Of a name that is not known: which, and those that are. Who tells of the
	// problem may suggest one of them.
	Unknown string
	Known   []string
}

// String is the problem in one line.
func (p Problem) String() string {
	return fmt.Sprintf("claim %d: %s: %s (%s)", p.Claim, p.Key, p.What, p.Fix)
}
