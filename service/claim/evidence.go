package claim

import "encoding/json"

// Evidence is what a claim went by: names of facts, and never what was said.
type Evidence struct {
	By    string   `json:"by"` // addresses, facts, operator
	Place string   `json:"place,omitempty"`
	Right []string `json:"right,omitempty"`
	Wrong []string `json:"wrong,omitempty"`
	Claim string   `json:"claim,omitempty"`
}

// What an account was linked by.
const (
	byAddresses = "addresses"
	byFacts     = "facts"
	byOperator  = "operator"
)

// EvidenceOf reads what a kept claim went by; nothing of what cannot be read.
func EvidenceOf(c Kept) Evidence {
	var e Evidence
	if json.Unmarshal(c.Evidence, &e) != nil {
		return Evidence{}
	}
	return e
}
