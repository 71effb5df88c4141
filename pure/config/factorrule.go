package config

import (
	"fmt"
	"slices"

	"sallyport/pure/customer"
)

// FactorRule says what some customers are asked for as a second factor instead of what
// its step says. Of several rules the first that matches counts.
type FactorRule struct {
	Name    string     `yaml:"name"` // for people who read the ledger; may be empty
	For     FactorsFor `yaml:"for"`
	When    string     `yaml:"when"`                 // always, enrolled, never
	Factors []string   `yaml:"factors" config:"set"` // which count: app, passkey, text, call, card; default all
	Defer   int        `yaml:"defer"`                // how often setting one up may wait for the next sign-in
}

// FactorsFor says whom a rule concerns: whoever is in any of the groups, wears any of the
// tags, and signs in at any of the risks. What is not said concerns everybody.
type FactorsFor struct {
	Groups []string `yaml:"groups" config:"set"`
	Tags   []string `yaml:"tags" config:"set"` // of customers, which operators put on them
	Risk   []string `yaml:"risk" config:"set"`
}

// risks are what a rule can know of a sign-in.
var risks = []string{"new-device", "known-device", "after-recovery", "guessed", "breached-password", "dormant"}

// secondFactors are what can count as one.
var secondFactors = []string{"app", "passkey", "text", "call", "card"}

// maxFactorRules is how many rules a step has at most.
const maxFactorRules = 50

// factorRules checks the rules of a step, each of which concerns somebody.
func (c *checker) factorRules(at spot, step StepSpec, purpose string) {
	if len(step.Rules) == 0 || !c.only(at, "rules", step.Ask, "totp") {
		return
	}
	if purpose != "sign-in" {
		c.fail(at.at("rules"), finding{ValueUnknown, "only a journey that signs people in asks by rules", "remove them; who recovers gives the second factor that they have, always"})
	}
	if len(step.Rules) > maxFactorRules {
		c.fail(at.at("rules"), finding{OutOfBounds, fmt.Sprintf("there are %d rules", len(step.Rules)), fmt.Sprintf("keep %d at most", maxFactorRules)})
	}
	names := make([]string, len(step.Rules))
	for i, rule := range step.Rules {
		here := at.at("rules", i)
		if rule.Name != "" {
			c.name(here, rule.Name, "rule")
			names[i] = rule.Name
		}
		c.factorsFor(here.at("for"), rule.For)
		if c.required(here, "when", rule.When) {
			c.oneOf(here.at("when"), "time to ask", rule.When, "always", "enrolled", "never")
		}
		for k, factor := range rule.Factors {
			c.oneOf(here.at("factors", k), "second factor", factor, secondFactors...)
		}
		c.once(here.at("factors"), rule.Factors, "second factor")
		if rule.When == "always" && len(rule.Factors) > 0 && !slices.Contains(rule.Factors, "app") {
			c.fail(here.at("factors"), finding{ValueUnknown, "whoever has none of these could not sign in", "add app, which anybody can set up on the way"})
		}
		if rule.Defer < 0 || rule.Defer > 20 {
			c.fail(here.at("defer"), finding{OutOfBounds, fmt.Sprintf("setting up a second factor waits for %d sign-ins", rule.Defer), "choose between 0 and 20"})
		}
	}
	c.once(at.at("rules"), names, "rule", "name")
}

// factorsFor checks whom a rule concerns.
func (c *checker) factorsFor(at spot, who FactorsFor) {
	if len(who.Groups)+len(who.Tags)+len(who.Risk) == 0 {
		c.fail(at, finding{FieldRequired, "the rule does not say whom it concerns", "add groups, tags or risk below for; what concerns everybody stands at the step itself"})
	}
	c.references(at.at("groups"), "the rule", "group", who.Groups, c.groups)
	for i, tag := range who.Tags {
		if clean, err := customer.Tag(tag); err != nil || clean != tag {
			c.fail(at.at("tags", i), finding{ValueUnknown, fmt.Sprintf("%.80q is no tag of customers", tag), "use lower-case letters, digits and dashes"})
		}
	}
	c.once(at.at("tags"), who.Tags, "tag")
	for i, risk := range who.Risk {
		c.oneOf(at.at("risk", i), "risk that we know", risk, risks...)
	}
	c.once(at.at("risk"), who.Risk, "risk")
}
