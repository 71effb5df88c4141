package funnel

import (
	"slices"
	"time"
)

// bounds are the upper ends of the buckets of times, from the first; the last has none.
func bounds() []time.Duration {
	return []time.Duration{5 * time.Second, 15 * time.Second, 30 * time.Second, time.Minute, 2 * time.Minute, 5 * time.Minute, 15 * time.Minute}
}

// Bucket is the number of the bucket of the time between the page of a step and its being
// done, from 1; 0 is for a time that nobody knows.
func Bucket(took time.Duration) int {
	if took < 0 {
		return 0
	}
	all := bounds()
	for i, b := range all {
		if took < b {
			return i + 1
		}
	}
	return len(all) + 1
}

// Buckets is how many there are, besides that of unknown times.
func Buckets() int { return len(bounds()) + 1 }

// Bound is the upper end of a bucket; 0: it has none.
func Bound(bucket int) time.Duration {
	if all := bounds(); bucket >= 1 && bucket <= len(all) {
		return all[bucket-1]
	}
	return 0
}

// Count is how often an outcome was observed at a step.
type Count struct {
	Step    string
	Outcome Outcome
	Took    int // bucket; of [Done] alone
	Times   int64
}

// StepSummary is what became of those who came to a step.
type StepSummary struct {
	Step    string
	Shown   int64
	Done    int64
	Refused int64 // tries; somebody may have several
	Skipped int64
	Left    int64
	Gone    int64   // closed the page, or are still there
	Drop    float64 // percent of those who were shown it who left or are gone
	Took    []int64 // done, by bucket; the first is of unknown times
}

// Summarise adds counts up by step, in the order of the steps; a step that the journey has
// no more comes last. No figure is below zero: who was shown a step in the hour before
// what is asked for may have done it in it.
func Summarise(steps []string, counts []Count) []StepSummary {
	all := make([]StepSummary, 0, len(steps))
	at := map[string]int{}
	add := func(step string) *StepSummary {
		i, known := at[step]
		if !known {
			i = len(all)
			at[step], all = i, append(all, StepSummary{Step: step, Took: make([]int64, Buckets()+1)})
		}
		return &all[i]
	}
	for _, step := range steps {
		add(step)
	}
	sorted := slices.Clone(counts)
	slices.SortStableFunc(sorted, func(a, b Count) int {
		if a.Step < b.Step {
			return -1
		} else if a.Step > b.Step {
			return 1
		}
		return 0
	})
	for _, c := range sorted {
		add(c.Step).count(c)
	}
	for i := range all {
		all[i].conclude()
	}
	return all
}

func (s *StepSummary) count(c Count) {
	n := max(0, c.Times)
	switch c.Outcome {
	case Shown:
		s.Shown += n
	case Done:
		s.Done += n
		if c.Took < 0 || c.Took >= len(s.Took) {
			c.Took = 0
		}
		s.Took[c.Took] += n
	case Refused:
		s.Refused += n
	case Skipped:
		s.Skipped += n
	case Left:
		s.Left += n
	}
}

func (s *StepSummary) conclude() {
	s.Gone = max(0, s.Shown-s.Done-s.Skipped-s.Left)
	if s.Shown > 0 {
		s.Drop = min(100, 100*float64(s.Gone+s.Left)/float64(s.Shown))
	}
}
