package drift_test

import (
	"fmt"
	"time"

	"sallyport/pure/drift"
)

func Example() {
	all := drift.New(drift.Facts{Environment: "acme/preview", Migration: "old"})
	state := drift.Sets{Brought: drift.Values{1: true}, There: drift.Values{2: true}, Here: drift.Values{1: true}, Known: true}.Side()
	all.Record(drift.Difference{
		Key: "17", There: "accept", Here: "imported", Classes: []drift.Class{drift.DisabledThere, drift.ValuesDiffer},
	}, map[string]drift.Side{"state": state})
	report := all.Report(time.Unix(0, 0))
	for _, f := range report.Findings {
		fmt.Println(f.Class, f.Danger, f.Records)
	}
	fmt.Println(report.Fields[0].Target, state)
	// Output:
	// disabled-there true 1
	// values-differ false 1
	// state source
}
