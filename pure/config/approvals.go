package config

import "fmt"

// MaxApprovals bounds how many operators a change can need.
const MaxApprovals = 5

// approvals checks how many operators must approve a change of an environment.
func (r *report) approvals(at spot, spec EnvironmentSpec) {
	if spec.Approvals < 0 || spec.Approvals > MaxApprovals {
		r.fail(at.at("approvals"), finding{
			OutOfBounds, fmt.Sprintf("a change cannot need %d approvals", spec.Approvals),
			fmt.Sprintf("ask for 1 to %d", MaxApprovals),
		})
	}
}
