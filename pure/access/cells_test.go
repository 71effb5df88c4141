package access

import (
	"net/netip"
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

func TestAddressCellsMissNoCombination(t *testing.T) {
	var rules []*rule
	for _, network := range []string{"10.0.0.0/8", "10.0.0.0/16", "10.255.0.0/16", "0.0.0.0/0", "::/0", "2001:db8::/32", "::fffe:0:0/96", "255.255.255.255/32"} {
		rules = append(rules, &rule{effect: Allow, networks: []netip.Prefix{netip.MustParsePrefix(network)}})
	}
	rules = append(rules, &rule{effect: Deny, networks: []netip.Prefix{netip.MustParsePrefix("10.0.0.0/16")}})
	key := func(a netip.Addr) (k [9]bool) {
		for i, r := range rules {
			k[i] = r.reaches(a)
		}
		return k
	}
	found := map[[9]bool]bool{}
	for _, a := range addressCells(rules) {
		found[key(a)] = true
	}
	tried := map[[9]bool]bool{key(netip.Addr{}): true}
	for _, text := range []string{"10.0.0.1", "10.1.0.1", "10.255.0.1", "11.0.0.1", "255.255.255.255", "2001:db8::1", "::fffe:0:1", "::1", "ffff::1"} {
		tried[key(netip.MustParseAddr(text))] = true
	}
	for k := range tried {
		if !found[k] {
			t.Errorf("%v is in no cell", k)
		}
	}
	if len(found) != len(tried) {
		t.Errorf("%d cells, want %d", len(found), len(tried))
	}
}
