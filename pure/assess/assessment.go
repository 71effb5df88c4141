package assess

import (
	"cmp"
	"maps"
	"slices"
	"time"

	"sallyport/pure/customer"
	"sallyport/pure/legacy"
	"sallyport/pure/migrate"
)

// Facts is what the file itself does not say.
type Facts struct {
	At          time.Time // when it is assessed; ages are counted from it
	Environment string
	Hosts       []string // on which people will sign in; empty: not known
	Source      Source
	// Bytes is the size of the export, by which memory for finding repetitions is
	// chosen.
	Bytes int64
	// LastSignIn names the field that says when somebody signed in last; empty: the
	// first that is called so.
	LastSignIn string
	// Fields are those that the source has, as far as they are known before it is
	// read. Uses says what the mapping makes of them.
	Fields []string
	Uses   map[string]Use
	// Known counts records that the ledger had already, by state; nil: not looked.
	Known map[string]int64
}

// Use is what a mapping makes of a field.
type Use struct {
	To    string // its target
	Keep  string // move, behind or drop; empty: move
	Legal string // the reason of what is not moved
}

// Assessment counts the records of one export in three readings of it: Suspect
// every record, Count every record, then Add every record, and ask for the
// Report. It is used by one goroutine.
type Assessment struct {
	facts       Facts
	migration   string
	records     Records
	ways        Ways
	held        map[migrate.Reason]*Reason
	dropped     map[migrate.Reason]*Reason
	warnings    map[migrate.Reason]int64
	states      map[string]int64
	regions     map[string]int64
	identifiers map[customer.IdentifierKind]*Identifier
	cohorts     [lastCohort]int64
	passwords   passwords
	factors     factors
	links       links
	repeats     repeats
	activity    activity
	fields      fields
}

// New begins an assessment of a migration, by its name.
func New(migration string, facts Facts) *Assessment {
	a := &Assessment{
		facts: facts, migration: migration,
		held: map[migrate.Reason]*Reason{}, dropped: map[migrate.Reason]*Reason{}, warnings: map[migrate.Reason]int64{},
		states: map[string]int64{}, regions: map[string]int64{}, identifiers: map[customer.IdentifierKind]*Identifier{},
		passwords: passwords{schemes: map[schemeKey]*schemeTally{}},
		factors:   factors{hosts: facts.Hosts, people: map[string]int64{}, count: map[string]int64{}, parties: map[string]*Party{}},
		links:     links{providers: map[string]*Provider{}},
		repeats:   repeats{suspects: migrate.NewSuspects(facts.Bytes), groups: map[uint64]*group{}},
		activity:  activity{at: facts.At, field: facts.LastSignIn, asked: facts.LastSignIn != "", years: map[int]int64{}},
		fields:    fields{byName: map[string]*fieldTally{}, texts: map[troubleKey]int64{}},
	}
	for _, name := range facts.Fields {
		a.fields.declare(name)
		if a.activity.field == "" && IsLastSignIn(name) {
			a.activity.field = name
		}
	}
	return a
}

// Suspect is the first reading. An outcome of [migrate.Plan.Identify] is enough.
func (a *Assessment) Suspect(o migrate.Outcome) { a.repeats.suspect(&o) }

// Count is the second reading, of the same outcomes.
func (a *Assessment) Count(o migrate.Outcome) { a.repeats.count(&o) }

// Add is the third: it counts one record with everything about it. What it is
// given is not kept.
func (a *Assessment) Add(e Entry) {
	o := &e.Outcome
	a.records.Total++
	a.repeats.look(o)
	for _, w := range o.Warnings {
		a.warnings[w.Reason]++
	}
	if _, known := a.regions[o.Region]; o.Region != "" && (known || len(a.regions) < maxParties) {
		a.regions[o.Region]++
	}
	switch o.Verdict() {
	case migrate.Leave:
		a.records.Dropped++
		note(a.dropped, o)
		return
	case migrate.Hold:
		a.records.Held++
		note(a.held, o)
	default:
		a.records.Accepted++
	}
	if e.Record.Input != "" {
		a.passwords.report.Orphans++
		return
	}
	if e.Record.Fault == nil {
		a.person(&e)
	}
}

// person counts a record that could be read.
func (a *Assessment) person(e *Entry) {
	o := &e.Outcome
	e.each(a.fields.add)
	a.state(e)
	for _, id := range o.Identifiers {
		a.identify(id)
	}
	a.passwords.add(e)
	a.links.add(o)
	has := a.factors.add(e)
	last := a.activity.add(e)
	if o.Verdict() == migrate.Accept {
		a.cohorts[a.enter(e, has, last)]++
	}
}

func (a *Assessment) state(e *Entry) {
	state := string(e.Outcome.Customer.State)
	if e.Person != nil && e.Person.State != "" {
		state = string(e.Person.State)
	}
	if e.Outcome.Reason() == migrate.UnknownState {
		state = string(legacy.Unclear)
	}
	if state != "" {
		a.states[state]++
	}
}

func (a *Assessment) identify(id customer.Identifier) {
	t := a.identifiers[id.Kind]
	if t == nil {
		t = &Identifier{Kind: string(id.Kind)}
		a.identifiers[id.Kind] = t
	}
	t.Records++
	if id.Verified {
		t.Verified++
	} else {
		t.Unverified++
	}
}

// note counts a reason.
func note(all map[migrate.Reason]*Reason, o *migrate.Outcome) {
	r := all[o.Reason()]
	if r == nil {
		r = &Reason{Name: string(o.Reason())}
		if o.Rejection != nil {
			r.Detail = o.Rejection.Detail
		}
		all[o.Reason()] = r
	}
	r.Records++
	if len(r.Examples) < maxExamples {
		r.Examples = append(r.Examples, Example{Key: o.Key, Row: o.Row})
	}
}

// Report tells what was found, and what follows from it.
func (a *Assessment) Report() Report {
	r := Report{
		Version: Version, Migration: a.migration, Environment: a.facts.Environment, At: a.facts.At.UTC().Truncate(time.Second), Source: a.facts.Source,
		Records: a.records, Ways: a.ways, States: counts(a.states), Residency: counts(a.regions), Identifiers: []Identifier{}, Passwords: a.passwords.told(), Links: a.links.told(),
		Duplicates: a.repeats.told(), Held: reasons(a.held), Dropped: reasons(a.dropped), Warnings: counts(a.warnings),
		Texts: a.texts(), FieldsBeyond: a.fields.beyond, System: SystemOf(a.facts.Source.Format),
	}
	r.Records.Known = a.facts.Known
	if r.Source.Files == nil {
		r.Source.Files = []File{}
	}
	r.Factors, r.Passkeys = a.factors.told()
	r.Activity, r.Created = a.activity.told()
	r.Fields = a.usedFields()
	for _, kind := range slices.Sorted(maps.Keys(a.identifiers)) {
		r.Identifiers = append(r.Identifiers, *a.identifiers[kind])
	}
	r.Gaps = gaps(&r)
	r.Proposal = propose(&r, a.cohorts)
	return r
}

func (a *Assessment) usedFields() []Field {
	all := a.fields.told()
	for i := range all {
		use, used := a.facts.Uses[all[i].Name]
		all[i].Used, all[i].To, all[i].Keep, all[i].Legal = used, use.To, use.Keep, use.Legal
	}
	return all
}

func (a *Assessment) texts() []Trouble {
	all := []Trouble{}
	for key, n := range a.fields.texts {
		all = append(all, Trouble{key.field, key.kind, n})
	}
	slices.SortFunc(all, func(x, y Trouble) int {
		return cmp.Or(cmp.Compare(y.Records, x.Records), cmp.Compare(x.Field, y.Field), cmp.Compare(x.Kind, y.Kind))
	})
	return all
}

func reasons(of map[migrate.Reason]*Reason) []Reason {
	all := []Reason{}
	for _, r := range of {
		all = append(all, *r)
	}
	slices.SortFunc(all, func(x, y Reason) int { return cmp.Or(cmp.Compare(y.Records, x.Records), cmp.Compare(x.Name, y.Name)) })
	return all
}
