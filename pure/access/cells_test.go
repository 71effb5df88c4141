package access

import (
	"testing"
	"time"
)

// TestInstantCellsMissNoCombination compares with every half hour of a year in
// which two zones change their clocks on different days.
func TestInstantCellsMissNoCombination(t *testing.T) {
	zone := func(name string) *time.Location {
		z, err := time.LoadLocation(name)
		if err != nil {
			t.Fatal(err)
		}
		return z
	}
	london, newYork, kolkata := zone("Europe/London"), zone("America/New_York"), zone("Asia/Kolkata")
	rules := []*rule{
		{effect: Allow, windows: []Window{{From: 9 * time.Hour, To: 17 * time.Hour, Zone: london}}},
		{effect: Allow, windows: []Window{{From: 9 * time.Hour, To: 13 * time.Hour, Zone: newYork}}},
		{effect: Deny, windows: []Window{{Days: []time.Weekday{time.Friday}, From: 22 * time.Hour, To: 5*time.Hour + 30*time.Minute, Zone: kolkata}}},
		{effect: Allow, windows: []Window{{Days: []time.Weekday{time.Sunday}, From: time.Hour, To: 2 * time.Hour, Zone: london}}},
	}
	key := func(at time.Time) (k [4]bool) {
		for i, r := range rules {
			k[i] = r.open(at)
		}
		return k
	}
	from := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	found := map[[4]bool]bool{}
	for _, at := range instantCells(rules, from) {
		found[key(at)] = true
	}
	tried := map[[4]bool]bool{}
	for at := from; at.Before(from.AddDate(1, 0, 0)); at = at.Add(30 * time.Minute) {
		tried[key(at)] = true
		if !found[key(at)] {
			t.Fatalf("%v at %v is in no cell", key(at), at)
		}
	}
	if len(found) != len(tried) {
		t.Errorf("%d cells, but only %d combinations in the year", len(found), len(tried))
	}
}
