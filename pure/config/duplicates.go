package config

import (
	"sallyport/pure/customer"
	"sallyport/pure/migrate"
	"sallyport/pure/rival"
)

// DuplicateSpec decides a class of groups of records that claim one identifier, before
// people are asked: a line of `duplicates:` of a migration.
type DuplicateSpec struct {
	Kind     string   `yaml:"kind"`     // email, phone, username: what is contested
	Verified string   `yaml:"verified"` // all, some, none of the claimants proved it
	Equal    []string `yaml:"equal"`    // name, email, phone, username: the same of all claimants
	Differ   []string `yaml:"differ"`   // the same list: another of each claimant
	Spelled  bool     `yaml:"spelled"`  // only if they write the identifier differently
	Do       string   `yaml:"do"`       // merge, split, suffix, ask, drop
	Take     []string `yaml:"take"`     // of merge: identifiers, links, profile
	Suffix   string   `yaml:"suffix"`   // of suffix: # stands for the number
	Reason   string   `yaml:"reason"`   // of drop
}

func (d DuplicateSpec) rule() rival.Rule {
	return rival.Rule{
		Kind: customer.IdentifierKind(d.Kind), Verified: d.Verified, Equal: d.Equal, Differ: d.Differ, Spelled: d.Spelled,
		Do: rival.Action(d.Do), Take: d.Take, Suffix: d.Suffix, Reason: migrate.Reason(d.Reason),
	}
}

// mostDuplicateRules bounds the rules of a migration.
const mostDuplicateRules = 50

// duplicates checks the rules of a migration and gives them.
func (c *checker) duplicates(at spot, m *Migration) (rules []rival.Rule) {
	if len(m.Duplicates) > mostDuplicateRules {
		c.fail(at.at("duplicates"), finding{MigrationInvalid, "more than fifty rules", "decide the rest by hand: sallyport migrate duplicates " + m.Name})
		return nil
	}
	for i, d := range m.Duplicates {
		rule := d.rule()
		for _, p := range rule.Check() {
			c.fail(at.at("duplicates", i, p.Field), finding{MigrationInvalid, p.What, p.Fix})
		}
		rules = append(rules, rule)
	}
	return rules
}
