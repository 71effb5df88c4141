//go:build large

package crash

import "testing"

// These go on to wherever a story passes a point.

func TestLargeACrashLosesNobody(t *testing.T) { cutEverywhere(t, nil, whole) }

func TestLargeACrashBesidePostgreSQLLosesNobody(t *testing.T) { cutEverywhere(t, newCluster(t), whole) }

func TestLargeAnImportBesideSignInsIsKilledAHundredTimes(t *testing.T) {
	soakFor(t, extent{rows: 100_000, kills: 100, each: 10})
}
