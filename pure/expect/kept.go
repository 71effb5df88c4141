package expect

import (
	"encoding/json"
	"fmt"
	"slices"

	"sallyport/pure/config"
	"sallyport/pure/review"
)

// DroppedName is what the gate of [Dropped] is called.
const DroppedName = "expectations-today"

// Dropped tells of what a change would break if it did not take the statement out
// with the same hand: statements that stand before it, would not hold after it, and
// are demanded by nobody any more. It is passed, since whoever answers for a statement
// may take it back, and says so where people look; that statements go is told as
// widening besides. There is none where nothing of the kind happens.
func Dropped(before, after *config.Snapshot) []review.Gate {
	if before == nil || len(before.Expectations) == 0 {
		return nil
	}
	kept := map[string]bool{}
	for _, s := range Statements(after) {
		kept[s.demand()] = true
	}
	judged := *after
	judged.Expectations = before.Expectations
	verdicts, err := Judge(&judged, Options{})
	if err != nil {
		return []review.Gate{{Name: DroppedName, Text: err.Error(), Fix: fixByTest}}
	}
	broken := slices.DeleteFunc(verdicts, func(v Verdict) bool { return v.Holds() || kept[v.Statement.demand()] })
	if len(broken) == 0 {
		return nil
	}
	first := broken[0].Statement
	return []review.Gate{{Name: DroppedName, Passed: true, Text: fmt.Sprintf(
		"%d expectations that stand today would not hold, and nobody would demand them any more; first %s (%s: %s)",
		len(broken), first, first.Owner, first.Reason,
	)}}
}

// demand is what a statement asks for, whoever asks, why, and in which list.
func (s *Statement) demand() string {
	text, _ := json.Marshal([]any{s.Must, s.Server, s.Application, s.Applications, s.Scope, s.Scopes, s.Operations, s.About}) // of plain values
	return string(text)
}
