package assess

import (
	"cmp"
	"slices"
	"strings"

	"sallyport/pure/customer"
	"sallyport/pure/migrate"
)

const (
	// mailbox is the sort of a claim under which all spellings of an address meet:
	// without the tag behind a plus, and without dots before the @.
	mailbox customer.IdentifierKind = "mailbox"
	// maxGroups bounds what is remembered of repeated values: about 60 MiB.
	maxGroups = 1 << 19
	// maxKeys is of how many groups a key is remembered, for examples.
	maxKeys = 4096
	// maxExamples is how many are told of a kind.
	maxExamples = 3
)

// repeats finds what several records claim, in three readings: suspect values,
// count the suspected ones, and look closely at those that do occur twice. The
// first two are [migrate.Suspects] and [migrate.Contest], which know nothing of
// addresses; they are given the coarsest form of each.
type repeats struct {
	suspects *migrate.Suspects
	contest  *migrate.Contest
	groups   map[uint64]*group
	keys     int // how many groups remember one
	cut      bool
}

// sort is what is shared.
type sort uint8

const (
	sharedKey sort = iota
	sharedAddress
	sharedTagless // spelled: with tags
	sharedDotless // spelled: with dots
	sharedPhone
	sharedUsername
)

// group is what is known of the records that share something.
type group struct {
	sort              sort
	records, verified uint32
	first, second     int64  // their rows
	key               string // of the second
	spelled, name     uint64 // of the first
	otherwise         bool   // somebody spells it differently
	named             bool   // somebody has a different name
}

// claims gives what a record claims, coarsely, as an outcome of its own.
func claims(o *migrate.Outcome) migrate.Outcome {
	c := migrate.Outcome{Key: o.Key}
	if o.Verdict() == migrate.Leave {
		return c
	}
	for _, id := range o.Identifiers {
		if id.Kind == customer.Email {
			_, dotless := plain(id.Value)
			id = customer.Identifier{Kind: mailbox, Value: dotless}
		}
		id.Verified = false
		c.Identifiers = append(c.Identifiers, id)
	}
	return c
}

// plain gives an address without its tag, and without the dots of its mailbox
// besides.
func plain(address string) (tagless, dotless string) {
	at := strings.LastIndexByte(address, '@')
	if at < 0 {
		return address, address
	}
	box, _, _ := strings.Cut(address[:at], "+")
	if box == "" {
		box = address[:at]
	}
	return box + address[at:], strings.ReplaceAll(box, ".", "") + address[at:]
}

// suspect is the first reading.
func (r *repeats) suspect(o *migrate.Outcome) {
	r.cut = r.cut || r.suspects.Add(claims(o)) != nil
}

// count is the second.
func (r *repeats) count(o *migrate.Outcome) {
	if r.contest == nil {
		r.contest, r.suspects = r.suspects.Contest(), nil
	}
	r.contest.Count(claims(o))
}

// look is the third: at what a record shares with others.
func (r *repeats) look(o *migrate.Outcome) {
	if r.contest.Empty() {
		return
	}
	if r.contest.Repeats(*o) {
		r.meet(sharedKey, o.Key, "", o)
	}
	if o.Verdict() == migrate.Leave {
		return
	}
	for _, id := range o.Identifiers {
		switch {
		case !r.repeated(id):
		case id.Kind == customer.Email:
			r.address(o, id)
		case id.Kind == customer.Phone:
			r.meet(sharedPhone, id.Value, "", o)
		default:
			r.meet(sharedUsername, id.Value, "", o)
		}
	}
}

// repeated asks whether others claim an identifier too, coarsely.
func (r *repeats) repeated(id customer.Identifier) bool {
	alone := migrate.Outcome{Identifiers: []customer.Identifier{id}}
	judged := r.contest.Judge(claims(&alone))
	return judged.Rejection != nil
}

// address looks at an address that others have in some form.
func (r *repeats) address(o *migrate.Outcome, id customer.Identifier) {
	tagless, dotless := plain(id.Value)
	r.meet(sharedTagless, tagless, id.Value, o)
	r.meet(sharedDotless, dotless, tagless, o)
	g := r.meet(sharedAddress, id.Value, id.Display, o)
	if g == nil {
		return
	}
	if id.Verified {
		g.verified++
	}
	if o.Customer.Name == "" {
		return
	}
	name := digest(strings.ToLower(strings.Join(strings.Fields(o.Customer.Name), " ")))
	g.named = g.named || g.name != 0 && g.name != name
	g.name = cmp.Or(g.name, name)
}

// meet notes that a record has a value, spelled in some way. It gives nil when
// too much is remembered already.
func (r *repeats) meet(of sort, value, spelled string, o *migrate.Outcome) *group {
	at, how := digest(string(rune('a'+of))+value), digest(spelled)
	g, known := r.groups[at]
	switch {
	case !known && len(r.groups) == maxGroups:
		r.cut = true
		return nil
	case !known:
		g = &group{sort: of, first: o.Row, spelled: how}
		r.groups[at] = g
	case g.records == 1:
		g.second = o.Row
		if r.keys < maxKeys {
			g.key = o.Key
			r.keys++
		}
	}
	g.records++
	g.otherwise = g.otherwise || g.spelled != how
	return g
}

// told sums up.
func (r *repeats) told() Duplicates {
	d := Duplicates{Cut: r.cut}
	all := make([]*group, 0, len(r.groups))
	for _, g := range r.groups {
		if g.records > 1 {
			all = append(all, g)
		}
	}
	slices.SortFunc(all, func(a, b *group) int {
		return cmp.Or(cmp.Compare(a.second, b.second), cmp.Compare(a.sort, b.sort), cmp.Compare(a.first, b.first))
	})
	for _, g := range all {
		for _, kind := range g.kinds(&d) {
			kind.add(g)
		}
	}
	return d
}

// kinds are what a group is an instance of.
func (g *group) kinds(d *Duplicates) (kinds []*Group) {
	is := func(kind *Group, so bool) {
		if so {
			kinds = append(kinds, kind)
		}
	}
	is(&d.Keys, g.sort == sharedKey)
	is(&d.Phones, g.sort == sharedPhone)
	is(&d.Usernames, g.sort == sharedUsername)
	is(&d.PlusTags, g.sort == sharedTagless && g.otherwise)
	is(&d.Dots, g.sort == sharedDotless && g.otherwise)
	address := g.sort == sharedAddress
	is(&d.Same, address && !g.otherwise)
	is(&d.Case, address && g.otherwise)
	is(&d.Family, address && g.verified > 0 && g.named)
	is(&d.Mixed, address && g.verified > 0 && g.verified < g.records)
	return kinds
}

func (k *Group) add(g *group) {
	k.Groups++
	k.Records += int64(g.records)
	if g.key != "" && len(k.Examples) < maxExamples {
		k.Examples = append(k.Examples, Example{Key: g.key, Row: g.second, With: g.first})
	}
}
