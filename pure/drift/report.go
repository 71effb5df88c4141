package drift

import (
	"slices"
	"time"
)

// Version is that of [Report].
const Version = 1

// MaxKeys bounds the keys that a line of a report shows.
const MaxKeys = 20

// maxFields bounds the fields of a report; a plan has fewer.
const maxFields = 1000

// Report tells how far both sides are apart.
type Report struct {
	Version     int       `json:"version"`
	Environment string    `json:"environment"`
	Migration   string    `json:"migration"`
	Source      string    `json:"source"`
	SHA256      string    `json:"sha256"` // of the source
	Began       time.Time `json:"began"`
	Ended       time.Time `json:"ended"`
	Equal       bool      `json:"equal"`   // nothing differs
	Records     int64     `json:"records"` // of the source; they sum over Pairs
	Differing   int64     `json:"differing"`
	// Unmarked counts people of whom an earlier release noted nothing: of what differs
	// nobody knows which side changed it, and their passwords are not compared.
	Unmarked int64            `json:"unmarked"`
	Pairs    []Pair           `json:"pairs"`
	Ledger   map[string]int64 `json:"ledger"` // by state, as it was at the beginning
	Absent   map[string]int64 `json:"absent"` // records of the ledger that the source has not, by state
	Findings []Finding        `json:"findings"`
	Fields   []Field          `json:"fields"`
	Probes   *Probes          `json:"probes,omitempty"`
	// Registered is nil where nobody registered while the running system could not tell
	// whether it knows them, or all of those were looked up before.
	Registered *Registered `json:"registered,omitempty"`
}

// Pair counts records by what they would be and where they are.
type Pair struct {
	There   string `json:"there"` // accept, hold or drop: what the record would become now
	Here    string `json:"here"`  // the state in the ledger; unknown
	Records int64  `json:"records"`
}

// Finding is a class of difference.
type Finding struct {
	Class   Class    `json:"class"`
	Danger  bool     `json:"danger"`
	Title   string   `json:"title"`
	Records int64    `json:"records"`
	Keys    []string `json:"keys"` // the first
	Next    []string `json:"next"` // commands that help
}

// Field counts the people who have a field, by which side changed it.
type Field struct {
	Target  string   `json:"target"`
	Equal   int64    `json:"equal"`
	There   int64    `json:"source"`
	Here    int64    `json:"here"`
	Both    int64    `json:"both"`
	Missing int64    `json:"missing"`
	Unknown int64    `json:"unknown"`
	Keys    []string `json:"keys"` // the first that are not equal
}

// Probes counts people whom the running system was asked about.
type Probes struct {
	Seed   uint64   `json:"seed"`
	Asked  int64    `json:"asked"`
	Same   int64    `json:"same"`
	Differ int64    `json:"differ"`
	Gone   int64    `json:"gone"`   // nobody there has the identifier
	Silent int64    `json:"silent"` // it could not be asked
	Keys   []string `json:"keys"`   // of those who differ or are gone
}

// Registered counts people who registered while the running system could not tell whether
// it knows them, and who were looked up behind the comparison.
type Registered struct {
	Known  int64 `json:"known"`  // it knows their address: its record is held as a duplicate
	Absent int64 `json:"absent"` // it does not
	Open   int64 `json:"open"`   // it still cannot tell
}

// Difference is one record that differs.
type Difference struct {
	Key     string        `json:"key"`
	There   string        `json:"there,omitempty"` // accept, hold or drop; empty: not at the source
	Here    string        `json:"here"`
	Reason  string        `json:"reason,omitempty"` // why it would be held or dropped
	Classes []Class       `json:"classes"`
	Fields  []FieldOnSide `json:"fields"`
}

// FieldOnSide is a field that differs.
type FieldOnSide struct {
	Target string `json:"target"`
	Side   Side   `json:"side"`
}

// Discreet takes every key out, for whoever may not read records.
func (r *Report) Discreet() {
	for i := range r.Findings {
		r.Findings[i].Keys = []string{}
	}
	for i := range r.Fields {
		r.Fields[i].Keys = []string{}
	}
	if r.Probes != nil {
		probes := *r.Probes
		probes.Keys, r.Probes = []string{}, &probes
	}
}

// Named counts the keys of records that the report shows.
func (r *Report) Named() int {
	all := map[string]bool{}
	note := func(keys []string) {
		for _, k := range keys {
			all[k] = true
		}
	}
	for i := range r.Findings {
		note(r.Findings[i].Keys)
	}
	for i := range r.Fields {
		note(r.Fields[i].Keys)
	}
	if r.Probes != nil {
		note(r.Probes.Keys)
	}
	return len(all)
}

// Dangers counts the findings that are dangerous.
func (r *Report) Dangers() (n int) {
	for i := range r.Findings {
		if r.Findings[i].Danger {
			n++
		}
	}
	return n
}

// Name notes somebody who differs or is gone.
func (p *Probes) Name(key string) { p.Keys = example(p.Keys, key) }

// add counts a side.
func (f *Field) add(side Side, key string) {
	counts := map[Side]*int64{Equal: &f.Equal, There: &f.There, Here: &f.Here, Both: &f.Both, Missing: &f.Missing, Unknown: &f.Unknown}
	*counts[side]++
	if side != Equal {
		f.Keys = example(f.Keys, key)
	}
}

// example keeps the first keys.
func example(keys []string, key string) []string {
	if len(keys) < MaxKeys && !slices.Contains(keys, key) {
		keys = append(keys, key)
	}
	return keys
}
