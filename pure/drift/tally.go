package drift

import (
	"cmp"
	"maps"
	"slices"
	"time"
)

// Facts are what is known before the first record.
type Facts struct {
	Environment, Migration, Source, SHA256 string
	Began                                  time.Time
	Ledger                                 map[string]int64
}

// Tally adds records up. It is used by one goroutine.
type Tally struct {
	report   Report
	pairs    map[[2]string]int64
	findings map[Class]*Finding
	fields   map[string]*Field
}

// New gives a tally of nothing.
func New(f Facts) *Tally {
	return &Tally{
		report: Report{
			Version: Version, Environment: f.Environment, Migration: f.Migration, Source: f.Source, SHA256: f.SHA256, Began: f.Began,
			Ledger: f.Ledger, Absent: map[string]int64{},
		},
		pairs: map[[2]string]int64{}, findings: map[Class]*Finding{}, fields: map[string]*Field{},
	}
}

// Record counts one record of the source; sides are all fields that were compared.
// It tells whether anything differs.
func (t *Tally) Record(d Difference, sides map[string]Side) bool {
	t.report.Records++
	t.pairs[[2]string{d.There, d.Here}]++
	for target, side := range sides {
		f := t.fields[target]
		if f == nil && len(t.fields) == maxFields {
			continue
		}
		if f == nil {
			f = &Field{Target: target, Keys: []string{}}
			t.fields[target] = f
		}
		f.add(side, d.Key)
	}
	return t.found(d)
}

// Lacking counts one record of the ledger that the source has not.
func (t *Tally) Lacking(d Difference) {
	t.report.Absent[d.Here]++
	t.found(d)
}

// Unmarked counts somebody of whom nobody noted what was brought.
func (t *Tally) Unmarked() { t.report.Unmarked++ }

// Probed says what came of asking the running system.
func (t *Tally) Probed(p Probes) { t.report.Probes = &p }

func (t *Tally) found(d Difference) bool {
	if len(d.Classes) == 0 {
		return false
	}
	t.report.Differing++
	for _, c := range d.Classes {
		f := t.findings[c]
		if f == nil {
			f = &Finding{Class: c, Keys: []string{}}
			t.findings[c] = f
		}
		f.Records++
		f.Keys = example(f.Keys, d.Key)
	}
	return true
}

// Report gives what was counted until now: what is dangerous first.
func (t *Tally) Report(ended time.Time) Report {
	r := t.report
	r.Ended, r.Findings, r.Fields, r.Pairs = ended, []Finding{}, []Field{}, []Pair{}
	r.Equal = r.Differing == 0 && (r.Probes == nil || r.Probes.Differ+r.Probes.Gone == 0)
	for _, about := range classes() {
		if f := t.findings[about.class]; f != nil {
			one := *f
			one.Danger, one.Title, one.Next = about.danger, about.title, about.commands(r.Migration, r.Environment)
			r.Findings = append(r.Findings, one)
		}
	}
	for _, target := range slices.Sorted(maps.Keys(t.fields)) {
		r.Fields = append(r.Fields, *t.fields[target])
	}
	for p, n := range t.pairs {
		r.Pairs = append(r.Pairs, Pair{p[0], p[1], n})
	}
	slices.SortFunc(r.Pairs, func(a, b Pair) int {
		return cmp.Or(cmp.Compare(a.There, b.There), cmp.Compare(a.Here, b.Here))
	})
	return r
}
