package config

import (
	"fmt"
	"slices"
	"time"

	"sallyport/pure/access"
)

// attributeKinds are the types of attributes, as `type:` spells them.
var attributeKinds = []string{access.Text.String(), access.Number.String(), access.Boolean.String(), access.Date.String()}

// attributeType sets and checks the type of an attribute.
func (c *checker) attributeType(at spot, a *AttributeSpec) {
	a.Type = or(a.Type, access.Text.String())
	c.oneOf(at.at("type"), "type of an attribute", a.Type, attributeKinds...)
}

// attributeTypes is the registry as rules and claims read it. What has no known
// type is text here; it has been refused.
func (c *checker) attributeTypes() []access.AttributeSpec {
	var specs []access.AttributeSpec
	if c.snapshot.Tenant == nil {
		return nil
	}
	for _, a := range c.snapshot.Tenant.Attributes {
		if a.Of == OfAccount {
			continue
		}
		kind := access.Text
		_ = kind.UnmarshalText([]byte(a.Type))
		specs = append(specs, access.AttributeSpec{Name: access.Attribute(a.Name), Type: kind})
	}
	return specs
}

// conditions checks what a rule asks of attributes and of the sign-in, and how often
// what it grants may be used.
func (c *checker) conditions(at spot, r *RuleSpec) {
	by := fmt.Sprintf("the rule %q", r.Name)
	if r.Attributes != nil && len(r.Attributes) == 0 {
		c.fail(at.at("attributes"), finding{ConditionInvalid, by + " has an empty list of conditions on attributes", "add a condition, or remove attributes: for everybody"})
	}
	for i, a := range r.Attributes {
		c.condition(at.at("attributes", i), by, a)
	}
	if c.within(at, "max_age", r.MaxAge, bounds{"the age of a sign-in", Duration(time.Second), Duration(access.MaxSignInAge)}); r.MaxAge > 0 && r.Effect == "deny" {
		c.fail(at.at("max_age"), finding{ConditionInvalid, by + " denies those who signed in of late, and not the others", "ask for max_age: on the rules that allow"})
	}
	if r.Rate == nil {
		return
	}
	c.rate(at.at("rate"), r.Rate)
	switch rate := at.at("rate"); {
	case r.Effect == "deny":
		c.fail(rate, finding{ConditionInvalid, by + " denies, so nothing of it can be used at all", "remove rate:"})
	case r.Rate.Calls == 0:
		c.fail(rate, finding{FieldRequired, "the rate of " + by + " has no calls", "add calls:, or remove rate: for no limit"})
	case r.Rate.Calls > access.MaxRate || r.Rate.Burst > access.MaxRate:
		c.fail(rate, finding{OutOfBounds, fmt.Sprintf("the rate of %s is above %d calls", by, access.MaxRate), "lower calls and burst"})
	case r.Rate.Per > Duration(day):
		c.fail(rate.at("per"), finding{OutOfBounds, fmt.Sprintf("the rate of %s is for %s", by, r.Rate.Per), "choose between 1s and 1d"})
	}
}

func (c *checker) condition(at spot, by string, a AttributeCond) {
	if !c.required(at, "name", a.Name) || !c.known(at.at("name"), by, "attribute", a.Name, c.attributes) {
		return
	}
	c.selfMade(at, by, a.Name)
	types := c.attributeTypes()
	kind := types[slices.IndexFunc(types, func(s access.AttributeSpec) bool { return string(s.Name) == a.Name })].Type
	asks := false
	for key, values := range map[string][]string{"is": a.Is, "not": a.Not} {
		asks = asks || values != nil
		if values != nil && len(values) == 0 {
			c.fail(at.at(key), finding{ConditionInvalid, fmt.Sprintf("%s compares %s with no value", by, a.Name), fmt.Sprintf("list values, or remove %s:", key)})
		}
		for i, value := range values {
			c.constant(at.at(key, i), a.Name, kind, value)
		}
		c.once(at.at(key), values, "value")
	}
	for key, value := range map[string]string{"at_least": a.AtLeast, "below": a.Below} {
		switch asks = asks || value != ""; {
		case value == "":
		case kind == access.Text || kind == access.Boolean:
			c.fail(at.at(key), finding{ConditionInvalid, fmt.Sprintf("%s is a %s, which is neither more nor less than another", a.Name, kind), "compare with is: or not:, or register it with type: number or date"})
		default:
			c.constant(at.at(key), a.Name, kind, value)
		}
	}
	if !asks {
		c.fail(at, finding{ConditionInvalid, fmt.Sprintf("%s asks nothing of %s", by, a.Name), "add is:, not:, at_least: or below:"})
	}
}

// constant refuses what no value of the attribute can be. An empty text can be one
// that could not be read, which has been told.
func (c *checker) constant(at spot, name string, kind access.AttributeType, value string) {
	if value != "" && !kind.Valid(value) {
		c.fail(at, finding{ConditionInvalid, fmt.Sprintf("%s is a %s, and %.40q is none", name, kind, value), map[access.AttributeType]string{
			access.Number:  "write a whole number such as 20",
			access.Boolean: `write "true" or "false", in quotes`, access.Date: "write a day such as 2026-03-02",
		}[kind]})
	}
}

// rateSpec is the rate of a rule as package access has it.
func (r RuleSpec) rateSpec() access.Rate {
	if r.Rate == nil {
		return access.Rate{}
	}
	return access.Rate{Calls: r.Rate.Calls, Per: r.Rate.Per.Std(), Burst: r.Rate.Burst}
}

// attributeSpecs are the conditions of a rule as package access has them.
func (r RuleSpec) attributeSpecs() []access.AttributeCond {
	if r.Attributes == nil {
		return nil
	}
	specs := []access.AttributeCond{}
	for _, a := range r.Attributes {
		specs = append(specs, access.AttributeCond{Name: access.Attribute(a.Name), Is: a.Is, Not: a.Not, AtLeast: a.AtLeast, Below: a.Below})
	}
	return specs
}
