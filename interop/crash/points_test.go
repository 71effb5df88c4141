package crash

import "testing"

func TestACrashLosesNobodyDoublesNobodyAndLeavesNothingHalf(t *testing.T) {
	t.Parallel()
	cutEverywhere(t, nil, small)
}

func TestACrashBesidePostgreSQLDoesNoHarmEither(t *testing.T) {
	t.Parallel()
	cutEverywhere(t, newCluster(t), little)
}
