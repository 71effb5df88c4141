package crash

import (
	"slices"
	"strconv"
	"sync"
	"testing"
)

// Two operators apply, at the same moment, changes that were both made from what is
// live: one becomes the revision, and the other is told that the environment moved on.
func TestOfTwoOperatorsWhoApplyAtOnceOneWins(t *testing.T) {
	t.Parallel()
	t.Run("by commands alone", func(t *testing.T) {
		h := furnish(t, nil)
		race(t, h, h)
	})
	t.Run("through one server", func(t *testing.T) {
		h := furnish(t, nil)
		h.start(t, newAddress(t))
		race(t, h, h)
	})
	t.Run("through two nodes of one database", func(t *testing.T) {
		h := furnish(t, newCluster(t))
		other := h.machine(t)
		for _, each := range []home{h, other} {
			each.start(t, newAddress(t))
		}
		race(t, h, other)
	})
}

// race has two homes of one store apply a change each, several times.
func race(t *testing.T, one, two home) {
	t.Helper()
	const rounds = 3
	before, wins := lifeBefore, [2]int{}
	for round := range rounds {
		live := strconv.FormatInt(newest(one.revisions(t, "--env", place)).Revision, 10)
		for _, minutes := range []string{"30", "40"} {
			after := "lifetimes: {access: " + minutes[:1] + strconv.Itoa(round+1) + "m}"
			one.amend(t, "servers.yaml", before, after)
			one.run(t, "change", "propose", one.tree(), "--yes", "-m", "longer lives", "--base", live, "--env", place)
			before = after
		}
		numbers := [2]string{strconv.Itoa(2*round + 1), strconv.Itoa(2*round + 2)}
		var how [2]said
		var both sync.WaitGroup
		for i, from := range []home{one, two} {
			both.Go(func() { how[i] = from.try(t, "", "change", "apply", numbers[i], "--env", place) })
		}
		both.Wait()
		codes := []int{how[0].code, how[1].code}
		if slices.Sort(codes); !slices.Equal(codes, []int{0, 3}) {
			t.Fatalf("they ended with %d and %d, want 0 and 3\n%s%s%s%s", how[0].code, how[1].code, how[0].out, how[0].err, how[1].out, how[1].err)
		}
		winner := slices.IndexFunc(how[:], func(s said) bool { return s.code == 0 })
		wins[winner]++
		changes := one.changesAt(t)
		for i, number := range numbers {
			n, _ := strconv.ParseInt(number, 10, 64)
			at := slices.IndexFunc(changes, func(c proposed) bool { return c.Number == n })
			if applied := changes[at].State == "applied"; applied != (i == winner) || applied != (changes[at].Revision > 0) {
				t.Errorf("change %s is %+v, and the winner is %s", number, changes[at], numbers[winner])
			}
		}
		if all := one.revisions(t, "--env", place); len(all) != round+2 {
			t.Errorf("there are %d revisions, want %d", len(all), round+2)
		}
	}
	if n := len(one.events(t, "type:change.applied", "--env", place)); n != rounds {
		t.Errorf("the ledger tells of %d changes that were applied", n)
	}
	one.soundLedger(t)
	t.Logf("the first won %d times, the second %d times", wins[0], wins[1])
}

// changesAt is changes where there are several environments, or none is chosen.
func (h home) changesAt(t testing.TB) []proposed {
	t.Helper()
	return ask[struct{ Changes []proposed }](t, h, "change", "list", "--env", place).Changes
}
