package migrate

import (
	"maps"
	"slices"

	"sallyport/protocol/passhash"
	"sallyport/pure/legacy"
)

// Summary counts outcomes: the assessment of an export, or the report of a run.
// The zero value is empty.
type Summary struct {
	Records  int64
	Verdicts map[Verdict]int64
	Reasons  map[Reason]int64            // of what is held or dropped
	Warnings map[Reason]int64            // of what is accepted
	Schemes  map[passhash.Scheme]int64   // of what is accepted with a password
	Weak     int64                       // accepted hashes that wait to be wrapped
	Factors  map[legacy.FactorKind]int64 // of what is accepted
	Passkeys int64                       // of what is accepted
	Links    int64                       // of what is accepted: who people are elsewhere
	Examples map[Reason][]ExampleRecord  // the first few of each reason
}

// ExampleRecord points at a record in the source.
type ExampleRecord struct {
	Key    string
	Row    int64
	Detail string
}

// maxExamples is how many are kept for a reason.
const maxExamples = 3

// Add counts one outcome.
func (s *Summary) Add(o Outcome) {
	if s.Verdicts == nil {
		*s = Summary{
			Verdicts: map[Verdict]int64{}, Reasons: map[Reason]int64{}, Warnings: map[Reason]int64{},
			Schemes: map[passhash.Scheme]int64{}, Examples: map[Reason][]ExampleRecord{},
		}
	}
	s.Records++
	s.Verdicts[o.Verdict()]++
	if reason := o.Reason(); reason != "" {
		s.Reasons[reason]++
		s.exemplify(reason, o)
		return
	}
	for _, w := range o.Warnings {
		s.Warnings[w.Reason]++
	}
	if o.Hash != nil {
		s.Schemes[o.Hash.Scheme()]++
		if o.Hash.Weak() {
			s.Weak++
		}
	}
	for i := range o.Factors {
		if s.Factors == nil {
			s.Factors = map[legacy.FactorKind]int64{}
		}
		s.Factors[o.Factors[i].Kind]++
	}
	s.Passkeys += int64(len(o.Passkeys))
	s.Links += int64(len(o.Links))
}

func (s *Summary) exemplify(reason Reason, o Outcome) {
	if len(s.Examples[reason]) >= maxExamples {
		return
	}
	example := ExampleRecord{Key: o.Key, Row: o.Row}
	if o.Rejection != nil {
		example.Detail = o.Rejection.Detail
	}
	s.Examples[reason] = append(s.Examples[reason], example)
}

// ByCount lists the reasons of a count, the most frequent first.
func ByCount(counts map[Reason]int64) []Reason {
	return slices.SortedFunc(maps.Keys(counts), func(a, b Reason) int {
		if counts[a] != counts[b] {
			return int(min(max(counts[b]-counts[a], -1), 1))
		}
		if a < b {
			return -1
		}
		return 1
	})
}
