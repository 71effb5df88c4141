package access

import (
	"fmt"
	"strings"
	"time"
)

// Trace is a [Decision] with everything that led to it, for people. String
// renders it as text, and it marshals to JSON.
type Trace struct {
	Server   ServerID `json:"server"`
	Request  Request  `json:"request"`
	Decision Decision `json:"decision"`
	// Steps are the checks made, in order; only the last may have failed.
	Steps []Step `json:"steps"`
	// Above are the scopes above the ceilings; of an empty request, the
	// defaults that it therefore did not ask for.
	Above []RefusedScope `json:"above,omitempty"`
	// Policies of the server in order; none if a check before them failed.
	Policies []PolicyTrace `json:"policies,omitempty"`
}

// Step is one check and what it found.
type Step struct {
	Check  Check  `json:"check"`
	Passed bool   `json:"passed"`
	Text   string `json:"text"`
}

// PolicyTrace is one policy's part in a decision.
type PolicyTrace struct {
	Policy PolicyName  `json:"policy"`
	Part   Part        `json:"part"`
	Rules  []RuleTrace `json:"rules,omitempty"` // as far as they were tested
}

// Part says what a policy had to do with a decision.
type Part string

// The parts.
const (
	PartNotNamed   Part = "not-named"   // it does not name the application
	PartNotReached Part = "not-reached" // an earlier policy decided
	PartNoMatch    Part = "no-match"    // no rule of it matched
	PartDecided    Part = "decided"
)

// RuleTrace is one rule that was tested.
type RuleTrace struct {
	Rule   RuleName `json:"rule"`
	Effect string   `json:"effect"`
	// Matched marks the rule that decided; it is the last.
	Matched bool `json:"matched,omitempty"`
	// Failed is the first condition that did not hold, and Why says how.
	Failed Condition `json:"failed,omitempty"`
	Why    string    `json:"why,omitempty"`
}

// Explain decides and says how. Its decision is Decide's: both run the same
// checks, and the trace only listens.
func Explain(m *Model, r Request) Trace {
	t := Trace{Server: m.server, Request: r}
	t.Decision = decide(m, r, &t)
	return t
}

func (t *Trace) step(check Check, passed bool, text string) {
	t.Steps = append(t.Steps, Step{Check: check, Passed: passed, Text: text})
}

// lay lists the policies as they stand before the first rule.
func (t *Trace) lay(m *Model, app *application) {
	for _, p := range m.policies {
		part := PartNotNamed
		if p.names(app.id) {
			part = PartNotReached
		}
		t.Policies = append(t.Policies, PolicyTrace{Policy: p.name, Part: part})
	}
}

// settle marks the policies that were passed without a rule to test.
func (t *Trace) settle(app *application) {
	for _, i := range app.line.policies {
		if t.Policies[i].Part == PartDecided {
			return
		}
		t.Policies[i].Part = PartNoMatch
	}
}

// rule hears of each rule that the evaluator tests.
func (t *Trace) rule(q *inquiry, r *rule, failed Condition, decided bool) {
	p := &t.Policies[r.policy]
	heard := RuleTrace{Rule: r.name, Effect: r.effect.String(), Matched: decided}
	p.Part = PartNoMatch
	if decided {
		p.Part = PartDecided
	} else {
		if failed == holds {
			failed = ConditionScopes
		}
		heard.Failed, heard.Why = failed, r.why(q, failed)
	}
	p.Rules = append(p.Rules, heard)
}

// why says how a condition failed.
func (r *rule) why(q *inquiry, failed Condition) string {
	c := &q.context
	switch failed {
	case ConditionGrant:
		return fmt.Sprintf("it is for %s, not for %s", list(grantNames(r.grants), "no grant"), q.request.Grant)
	case ConditionAnyOf:
		if c.machine {
			return "a machine is in no group, and it needs " + list(r.groupNames[0], "")
		}
		return "the customer is not in " + list(r.groupNames[0], "any group")
	case ConditionNoneOf:
		hit := c.groups.clone()
		hit.and(r.noneOf)
		return "the customer is in " + q.model.groupsIn(hit)
	case ConditionAttribute:
		return r.whyAttribute(q)
	case ConditionNetwork:
		if !c.address.IsValid() {
			return "the address is not known"
		}
		return fmt.Sprintf("the address %s is outside %s", c.address, joined(r.networks))
	case ConditionWindow:
		if c.at.IsZero() {
			return "the instant is not known"
		}
		zone := r.windows[0].Zone
		return fmt.Sprintf("%s is outside %s", c.at.In(zone).Format("Mon 15:04:05 MST"), joined(r.windows))
	case ConditionAssurance:
		return fmt.Sprintf("it needs %s, and the session has %s", r.assurance, c.assurance)
	case ConditionAge:
		if c.age == unknownAge {
			return fmt.Sprintf("it needs a sign-in at most %s ago, and when it was is not known", span(r.maxAge))
		}
		return fmt.Sprintf("it needs a sign-in at most %s ago, and it was %s ago", span(r.maxAge), span(c.age.Truncate(time.Second)))
	}
	return r.whyScopes(q)
}

// whyAttribute tells no value, which may be nobody's business.
func (r *rule) whyAttribute(q *inquiry) string {
	c := &q.context
	a := r.attributes[r.lacks(c)]
	switch name := q.model.domains[a.domain].Name; {
	case c.machine:
		return "a machine has no attributes, and it needs that " + a.text
	case c.cells[a.domain] == lacking:
		return fmt.Sprintf("the customer has no %s that can be read, and it needs that %s", name, a.text)
	}
	return "it needs that " + a.text
}

func (r *rule) whyScopes(q *inquiry) string {
	switch {
	case r.effect == Deny:
		return "it lists none of the scopes asked"
	case q.column.defaults:
		return "it covers none of the default scopes"
	}
	left := q.column.scopes.clone()
	left.without(r.scopes)
	return "it does not cover " + q.model.listed(left)
}

func (m *Model) groupsIn(s set) string {
	var names []Group
	s.each(func(i int) { names = append(names, m.groups[i]) })
	return list(names, "no group")
}

func joined[T fmt.Stringer](values []T) string {
	texts := make([]string, len(values))
	for i, v := range values {
		texts[i] = v.String()
	}
	return strings.Join(texts, ", ")
}
