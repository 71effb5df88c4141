//go:build large

package crash

import "testing"

// These go on to wherever a story passes a point.

func TestLargeACrashLosesNobody(t *testing.T) { cutEverywhere(t, nil, whole) }

func TestLargeACrashBesidePostgreSQLLosesNobody(t *testing.T) { cutEverywhere(t, newCluster(t), whole) }

func TestLargeAnImportBesideSignInsIsKilledAHundredTimes(t *testing.T) {
	soakFor(t, extent{rows: 100_000, kills: 100, each: 10})
}

// Every write of a day of customers, and every second one on the other side of its commit.
func TestLargeACrashUndoesNothingThatACustomerWasTold(t *testing.T) {
	if reached := cutDays(t, 1, 60); reached < 30 {
		t.Errorf("only %d days were cut", reached)
	}
}
