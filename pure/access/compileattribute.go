package access

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// MaxConstants bounds the values that rules may name of one attribute.
const MaxConstants = 1000

// domains gives a domain to each attribute that some rule names.
func (c *compiler) domains() {
	types := c.attributeTypes()
	found := map[Attribute]*domain{}
	for _, p := range c.spec.Policies {
		for _, r := range p.Rules {
			for _, a := range r.Attributes {
				if types[a.Name] == 0 {
					continue
				}
				d := found[a.Name]
				if d == nil {
					d = &domain{AttributeSpec: AttributeSpec{a.Name, types[a.Name]}}
					found[a.Name] = d
				}
				d.noteAll(a)
			}
		}
	}
	for _, name := range slices.Sorted(maps.Keys(found)) {
		d := found[name]
		d.settle()
		if len(d.texts) > MaxConstants || len(d.cuts) > 2*MaxConstants {
			c.refuse("attributes", fmt.Sprintf("rules name more than %d values of %s", MaxConstants, d.Name), "group customers by a coarser attribute")
		}
		c.model.domains = append(c.model.domains, *d)
	}
}

func (d *domain) noteAll(a AttributeCond) {
	for _, constant := range slices.Concat(a.Is, a.Not) {
		d.note(constant, true)
	}
	for _, bound := range [...]string{a.AtLeast, a.Below} {
		if bound != "" && d.Type.ordered() {
			d.note(bound, false)
		}
	}
}

// attributeTypes checks the declarations.
func (c *compiler) attributeTypes() map[Attribute]AttributeType {
	types := map[Attribute]AttributeType{}
	for i, a := range c.spec.Attributes {
		path := fmt.Sprintf("attributes[%d]", i)
		c.name(path, string(a.Name))
		if a.Type < Text || a.Type > Date {
			c.refuse(path+".type", "has no type", "say text, number, boolean or date")
		}
		if types[a.Name] != 0 {
			c.refuse(path, fmt.Sprintf("attribute %s is already declared", a.Name), "remove one of them")
		}
		types[a.Name] = a.Type
	}
	return types
}

// attributes compiles the conditions of a rule, those on the same attribute
// together.
func (c *compiler) attributes(path string, s RuleSpec) []attributeRule {
	if s.Attributes != nil && len(s.Attributes) == 0 {
		c.refuse(path, "is an empty list", "list conditions, or remove it to mean everybody")
	}
	told := len(c.problems)
	var rules []attributeRule
	for i, a := range s.Attributes {
		at := fmt.Sprintf("%s[%d]", path, i)
		place := slices.IndexFunc(c.model.domains, func(d domain) bool { return d.Name == a.Name })
		if place < 0 {
			c.refuse(at+".name", fmt.Sprintf("attribute %q is not declared", a.Name), "declare it under attributes or correct the name")
			continue
		}
		d := &c.model.domains[place]
		c.condition(at, d.Type, a)
		one := attributeRule{domain: place, holds: d.meeting(a, s.Effect), text: a.text()}
		if known := slices.IndexFunc(rules, func(r attributeRule) bool { return r.domain == place }); known >= 0 {
			rules[known].holds.and(one.holds)
			rules[known].text += " and " + one.text
			continue
		}
		rules = append(rules, one)
	}
	for _, one := range rules {
		if s.Effect == Allow && one.holds.empty() && len(c.problems) == told {
			c.warn(path, fmt.Sprintf("no value of %s meets it, so the rule never matches", c.model.domains[one.domain].Name), "correct the values")
		}
	}
	slices.SortFunc(rules, func(a, b attributeRule) int { return a.domain - b.domain })
	return rules
}

// meeting gives the cells that meet a condition: each as one of its values does.
func (d *domain) meeting(a AttributeCond, effect Effect) set {
	holds := newSet(d.cells())
	for cell := range d.cells() {
		if value, some := d.value(cell); some && cell != lacking && a.meets(d.Type, value) {
			holds.add(cell)
		}
	}
	if effect == Deny {
		holds.add(lacking)
	}
	return holds
}

// condition refuses what cannot be compared.
func (c *compiler) condition(path string, t AttributeType, a AttributeCond) {
	for _, list := range []struct {
		key    string
		values []string
	}{{"is", a.Is}, {"not", a.Not}} {
		if list.values != nil && len(list.values) == 0 {
			c.refuse(path+"."+list.key, "is an empty list", "list values, or remove it")
		}
		for i, value := range list.values {
			c.constant(fmt.Sprintf("%s.%s[%d]", path, list.key, i), t, value)
		}
	}
	for _, bound := range []struct{ key, value string }{{"atLeast", a.AtLeast}, {"below", a.Below}} {
		switch {
		case bound.value == "":
		case !t.ordered():
			c.refuse(path+"."+bound.key, fmt.Sprintf("a %s is neither more nor less than another", t), "compare with is or not, or declare the attribute as a number or a date")
		default:
			c.constant(path+"."+bound.key, t, bound.value)
		}
	}
	if a.Is == nil && a.Not == nil && a.AtLeast == "" && a.Below == "" {
		c.refuse(path, fmt.Sprintf("asks nothing of %s", a.Name), "add is, not, at least or below")
	}
}

func (c *compiler) constant(path string, t AttributeType, value string) {
	if len(value) > maxName {
		c.refuse(path, fmt.Sprintf("is longer than %d bytes", maxName), "shorten it")
	} else if !t.Valid(value) {
		c.refuse(path, fmt.Sprintf("%q is no %s", value, t), map[AttributeType]string{
			Text: "write a text", Number: "write a whole number such as 20", Boolean: "write true or false", Date: "write a day such as 2026-03-02",
		}[t])
	}
}

// text says the condition, as "tariff is green or eco".
func (a AttributeCond) text() string {
	var parts []string
	if a.Is != nil {
		parts = append(parts, "is "+either(a.Is))
	}
	if a.Not != nil {
		parts = append(parts, "is not "+either(a.Not))
	}
	if a.AtLeast != "" {
		parts = append(parts, "is at least "+a.AtLeast)
	}
	if a.Below != "" {
		parts = append(parts, "is below "+a.Below)
	}
	return string(a.Name) + " " + strings.Join(parts, " and ")
}

// cells places a customer's attributes.
func (m *Model) cells(attributes map[Attribute]string) []int {
	if len(m.domains) == 0 {
		return nil
	}
	cells := make([]int, len(m.domains))
	for i := range m.domains {
		if value, has := attributes[m.domains[i].Name]; has {
			cells[i] = m.domains[i].cell(value)
		}
	}
	return cells
}
