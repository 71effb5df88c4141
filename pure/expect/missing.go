package expect

import (
	"fmt"
	"slices"
	"time"

	"sallyport/pure/access"
	"sallyport/pure/config"
)

// checks are in the order in which a decision makes them.
var checks = []access.Check{
	access.CheckApplication, access.CheckGrant, access.CheckSubject, access.CheckOriginal, access.CheckScopes,
	access.CheckCeilings, access.CheckPolicy, access.CheckDeny, access.CheckRule, access.CheckAssurance,
}

// missing finds what stands nearest in the way of what nobody can obtain: of all
// requests made to meet a rule that covers the scope, it takes the one that gets
// furthest, and says what refuses it.
func (p *proof) missing(application string, scope access.Scope) *Missing {
	key := gap{application, scope}
	if known := p.gaps[key]; known != nil {
		return known
	}
	m := p.nearest(application, scope)
	p.gaps[key] = m
	return m
}

func (p *proof) nearest(application string, scope access.Scope) *Missing {
	if application == config.AnyFuture {
		return &Missing{Check: access.CheckPolicy, Text: "no rule for every application, those to come included, gives it"}
	}
	now := time.Date(2026, 1, 5, 12, 0, 0, 0, time.UTC)
	best, furthest := &Missing{}, -1
	try := func(r access.Request, by *access.RuleRef) {
		t := access.Explain(p.live.Access, r)
		if reached := slices.Index(checks, t.Decision.Error.Check); reached > furthest {
			furthest = reached
			best = &Missing{Check: t.Decision.Error.Check, Request: &r, Text: p.why(t, by, scope)}
		}
	}
	for i := range p.live.Policies {
		policy := &p.live.Policies[i]
		for j := range policy.Rules {
			rule := &policy.Rules[j]
			if rule.Effect == "deny" || !p.covers(rule, scope) {
				continue
			}
			by := &access.RuleRef{Policy: access.PolicyName(policy.Name), Rule: access.RuleName(rule.Name)}
			for _, r := range p.meeting(rule, application, scope, now) {
				try(r, by)
			}
		}
	}
	if furthest < 0 {
		for _, r := range p.meeting(&config.RuleSpec{}, application, scope, now) {
			try(r, nil)
		}
	}
	return best
}

// covers reports whether a rule lists a scope or what stands above it.
func (p *proof) covers(r *config.RuleSpec, scope access.Scope) bool {
	return slices.ContainsFunc(r.Scopes, func(s string) bool {
		return s == "*" || s == string(scope) || slices.Contains(p.above[scope], access.Scope(s))
	})
}

// why says what refused a request that was made to meet a rule.
func (p *proof) why(t access.Trace, by *access.RuleRef, scope access.Scope) string {
	switch check := t.Decision.Error.Check; check {
	case access.CheckApplication:
		return fmt.Sprintf("it is assigned no scope of %s", t.Server)
	case access.CheckGrant:
		return fmt.Sprintf("it may not use %s", t.Request.Grant)
	case access.CheckCeilings:
		for _, r := range t.Decision.Refused {
			if r.Scope == scope {
				return ceiling(r.Reason)
			}
		}
	case access.CheckPolicy:
		return "no policy names it"
	case access.CheckRule, access.CheckAssurance:
		return p.unmatched(t, by)
	}
	return t.Steps[len(t.Steps)-1].Text
}

func ceiling(r access.Reason) string {
	switch r {
	case access.NotAssigned:
		return "it is not assigned the scope"
	case access.NotEntitled:
		return "no group that the rule takes is entitled to the scope"
	}
	return "the scope is above its ceiling: " + string(r)
}

// unmatched says why the rule that a request was made for did not match.
func (p *proof) unmatched(t access.Trace, by *access.RuleRef) string {
	if by == nil {
		return "no rule covers the scope"
	}
	for _, policy := range t.Policies {
		if policy.Policy != by.Policy {
			continue
		}
		for _, rule := range policy.Rules {
			if rule.Rule == by.Rule {
				return fmt.Sprintf("rule %s, which comes nearest, does not match: %s", by, rule.Why)
			}
		}
		if policy.Part == access.PartNotNamed {
			return fmt.Sprintf("policy %s, whose rule %s covers the scope, does not name it", policy.Policy, by.Rule)
		}
		return fmt.Sprintf("a policy before %s decides for it", policy.Policy)
	}
	return t.Steps[len(t.Steps)-1].Text
}
