package assess

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	"sallyport/pure/migrate"
)

// maxCosts bounds the costs of one scheme that are told apart; who wants to, can
// write another one into each record.
const maxCosts = 16

// passwords counts hashes.
type passwords struct {
	schemes map[schemeKey]*schemeTally
	report  Passwords
}

type schemeKey struct {
	name string
	fate Portability
}

type schemeTally struct {
	records, beyond int64
	costs           map[string]int64
}

// add counts the password of one person.
func (p *passwords) add(e *Entry) {
	o := &e.Outcome
	switch {
	case o.Hash != nil:
		name, cost, _ := strings.Cut(o.Hash.String(), " ")
		fate := Verifies
		if o.Hash.Weak() {
			fate = Wrapped
		}
		p.count(schemeKey{name, fate}, cost)
	case o.Reason() == migrate.UnknownHash:
		p.count(schemeKey{"", Unknown}, "")
	case o.Reason() == migrate.BrokenHash:
		p.count(schemeKey{"", Broken}, "")
	case o.Reason() == migrate.CostlyHash:
		p.count(schemeKey{"", Costly}, "")
	case o.Reason() == migrate.DuplicateHash:
		p.report.Disputed++
	case e.expired():
		p.report.Expired++
	case e.Person != nil && len(e.Person.Passwords) > 0:
		p.report.Unjudged++
	default:
		p.report.Without++
		if e.elsewhere() {
			p.report.WithoutElsewhere++
		}
	}
}

func (p *passwords) count(key schemeKey, cost string) {
	t := p.schemes[key]
	if t == nil {
		t = &schemeTally{costs: map[string]int64{}}
		p.schemes[key] = t
	}
	t.records++
	if _, known := t.costs[cost]; !known && len(t.costs) == maxCosts {
		t.beyond++
		return
	}
	if cost != "" {
		t.costs[cost]++
	}
}

// told sums up: what is most first.
func (p *passwords) told() Passwords {
	all := p.report
	all.Schemes = []Scheme{}
	for key, t := range p.schemes {
		all.Schemes = append(all.Schemes, Scheme{Name: key.name, Portability: key.fate, Records: t.records, Costs: counts(t.costs), CostsBeyond: t.beyond})
	}
	slices.SortFunc(all.Schemes, func(a, b Scheme) int {
		return cmp.Or(cmp.Compare(b.Records, a.Records), cmp.Compare(a.Name, b.Name), cmp.Compare(a.Portability, b.Portability))
	})
	return all
}

// usable counts hashes that verify here, weak ones too.
func (p *Passwords) usable() (n int64) {
	for _, s := range p.Schemes {
		if s.Portability == Verifies || s.Portability == Wrapped {
			n += s.Records
		}
	}
	return n
}

// unusable counts those that do not.
func (p *Passwords) unusable() (n int64) {
	for _, s := range p.Schemes {
		n += s.Records
	}
	return n - p.usable()
}

// weak counts those that wait to be wrapped.
func (p *Passwords) weak() (n int64) {
	for _, s := range p.Schemes {
		if s.Portability == Wrapped {
			n += s.Records
		}
	}
	return n
}

// counts lists a count, the most first.
func counts[K ~string](of map[K]int64) []Count {
	all := make([]Count, 0, len(of))
	for _, name := range slices.Sorted(maps.Keys(of)) {
		all = append(all, Count{string(name), of[name]})
	}
	slices.SortStableFunc(all, func(a, b Count) int { return cmp.Compare(b.Records, a.Records) })
	return all
}
