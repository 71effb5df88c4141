package config

import (
	"slices"

	"sallyport/pure/claim"
	"sallyport/pure/customer"
)

// claims is the rule as it is computed.
func (r AccountRule) claims() claim.Accounts {
	return claim.Accounts{Roles: slices.Clone(r.Roles), WithRole: r.WithRole}
}

// accountRule checks that a claim says whose accounts it tells: all that somebody has
// anything to do with is never meant.
func (c *checker) accountRule(at spot, by string, r AccountRule) {
	if r.claims().IsZero() {
		return
	}
	if len(r.Roles) == 0 {
		c.fail(at.at("roles"), finding{FieldRequired, by + " tells accounts of no role", "name owner, occupier or agent"})
	}
	var roles []string
	for _, role := range customer.Roles() {
		roles = append(roles, string(role))
	}
	for i, role := range r.Roles {
		c.oneOf(at.at("roles", i), "role of a member", role, roles...)
	}
}
