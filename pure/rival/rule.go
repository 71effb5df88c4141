package rival

import (
	"fmt"
	"slices"
	"strings"

	"sallyport/pure/customer"
	"sallyport/pure/migrate"
)

// Rule decides groups of a class, before people are asked. A group is of the class
// if everything that is set holds.
type Rule struct {
	Kind     customer.IdentifierKind // of the contested identifier; required
	Verified string                  // all, some, none of the claimants proved it; empty: whatever
	Equal    []string                // name, email, phone, username: all claimants have it, and the same
	Differ   []string                // the same: all have it, and no two the same
	Spelled  bool                    // they write the identifier in ways that differ, as in capital letters

	Do     Action
	Take   []string
	Suffix string
	Reason migrate.Reason
}

// Problem is a mistake in a rule.
type Problem struct{ Field, What, Fix string }

// Check tells the mistakes of a rule. Its path is the field's name.
func (r Rule) Check() (all []Problem) {
	add := func(field, what, fix string) { all = append(all, Problem{field, what, fix}) }
	if r.Kind != customer.Email && r.Kind != customer.Phone && r.Kind != customer.Username {
		add("kind", "not a kind of identifier", "use email, phone or username")
	}
	if !slices.Contains([]string{"", "all", "some", "none"}, r.Verified) {
		add("verified", "not a condition", "use all, some or none, or leave it out")
	}
	for field, facts := range map[string][]string{"equal": r.Equal, "differ": r.Differ} {
		for _, fact := range facts {
			if fact != "name" && fact != "email" && fact != "phone" && fact != "username" {
				add(field, "not something that is compared", "use name, email, phone or username")
			}
		}
	}
	switch {
	case !slices.Contains(Actions(), r.Do):
		add("do", "not an action", "use merge, split, suffix, ask or drop")
	case r.Do == Merge && r.Verified != "all":
		add("verified", "a rule that merges must know that they are one person", "write verified: all")
	case r.Do == Merge && !slices.Contains(r.Equal, "name") && !r.Spelled:
		add("equal", "a rule that merges must compare more than the identifier", "write equal: [name], or spelled: true")
	case r.Do == Merge && r.Kind == customer.Username:
		add("kind", "nobody proves a username, so no rule merges by one", "use kind email or phone")
	default:
		if err := r.decision([]string{"a"}, "a").Form(); err != nil {
			add("do", strings.TrimPrefix(err.Error(), ErrDecision.Error()+": "), "see the reference of duplicates")
		}
	}
	slices.SortFunc(all, func(a, b Problem) int { return strings.Compare(a.Field, b.Field) })
	return all
}

func (r Rule) decision(keys []string, first string) Decision {
	d := Decision{Do: r.Do, Kind: r.Kind, Claimants: keys, Take: r.Take, Suffix: r.Suffix, Reason: r.Reason}
	if r.Do == Merge {
		d.Into = first
	}
	return d
}

// Propose gives the decision of the first rule that a group is of, and false if
// there is none. Customers who are here keep what they have, so no rule decides
// where one does; nor where one would bring somebody into what is another's.
func Propose(rules []Rule, g *Group) (Decision, bool) {
	g.Sort()
	if len(g.Claimants) < 2 || len(g.Claimants) > MaxClaimants || g.here() {
		return Decision{}, false
	}
	for i, r := range rules {
		if !r.holds(g) {
			continue
		}
		d := r.decision(g.Keys(), g.Claimants[0].Key)
		d.Rule = i + 1
		switch {
		case r.Do != Merge && g.verified() == 1, r.Do == Suffix:
			d.Keeps = g.Claimants[0].Key // the one that proved it, or the first
		}
		return d, d.Check(g) == nil
	}
	return Decision{}, false
}

// Suggest gives what a person might decide, with the reason: nothing is done by it.
func Suggest(g *Group) (d Decision, why string) {
	g.Sort()
	d = Decision{Kind: g.Kind, Claimants: g.Keys(), Do: Split}
	alike := (Rule{Equal: []string{"name"}}).holds(&Group{g.Kind, g.Claimants})
	switch n := g.verified(); {
	case g.here():
		return d, "a customer who is here has it and keeps it; the records come without it"
	case n == 1:
		d.Keeps = g.Claimants[0].Key
		return d, "one of them proved it, and it stays theirs; the others come without it"
	case n == len(g.Claimants) && alike:
		d.Do, d.Into, d.Take = Merge, g.Claimants[0].Key, []string{TakeIdentifiers, TakeLinks, TakeProfile}
		return d, "all proved it, and they have one name: most likely one person"
	case g.Kind == customer.Username:
		d.Do, d.Keeps = Suffix, g.Claimants[0].Key
		return d, "usernames are proved by nobody; the first keeps it, the others get a suffix"
	case n == 0 && alike:
		d.Do = Ask
		return d, "they have one name, and nobody proved it: only they can tell"
	}
	return d, fmt.Sprintf("they have different names, and %d of %d proved it: most likely a family's", g.verified(), len(g.Claimants))
}

func (r Rule) holds(g *Group) bool {
	if r.Kind != "" && r.Kind != g.Kind {
		return false
	}
	n := g.verified()
	switch r.Verified {
	case "all":
		if n != len(g.Claimants) {
			return false
		}
	case "some":
		if n == 0 || n == len(g.Claimants) {
			return false
		}
	case "none":
		if n > 0 {
			return false
		}
	}
	for _, fact := range r.Equal {
		if distinct, whole := compare(g, fact); !whole || distinct != 1 {
			return false
		}
	}
	for _, fact := range r.Differ {
		if distinct, whole := compare(g, fact); !whole || distinct != len(g.Claimants) {
			return false
		}
	}
	return !r.Spelled || spelled(g) > 1
}

// compare counts the different values of a fact, and tells whether all have it.
func compare(g *Group, fact string) (distinct int, whole bool) {
	seen := map[string]bool{}
	for i := range g.Claimants {
		c := &g.Claimants[i]
		value := strings.ToLower(strings.Join(strings.Fields(c.Name), " "))
		if fact != "name" {
			value = strings.Join(c.of(customer.IdentifierKind(fact)), "\n")
		}
		if value == "" {
			return 0, false
		}
		seen[value] = true
	}
	return len(seen), true
}

func spelled(g *Group) int {
	ways := map[string]bool{}
	for i := range g.Claimants {
		ways[g.Claimants[i].Spelled] = true
	}
	return len(ways)
}
