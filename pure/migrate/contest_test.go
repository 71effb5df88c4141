package migrate

import (
	"errors"
	"fmt"
	"testing"

	"pgregory.net/rapid"

	"sallyport/pure/customer"
)

func claimant(key, email string, verified bool) Outcome {
	return Outcome{Key: key, Identifiers: []customer.Identifier{{Kind: customer.Email, Value: email, Verified: verified}}}
}

func contestOf(t interface{ Fatal(...any) }, outcomes []Outcome) *Contest {
	suspects := NewSuspects(0)
	for _, o := range outcomes {
		if err := suspects.Add(o); err != nil {
			t.Fatal(err)
		}
	}
	contest := suspects.Contest()
	for _, o := range outcomes {
		contest.Count(o)
	}
	return contest
}

func TestJudge(t *testing.T) {
	dropped := claimant("3", "a@x.test", true)
	dropped.Dropped = "dormant"
	held := claimant("3", "a@x.test", true)
	held.Rejection = &Rejection{Reason: BrokenHash}
	tests := map[string]struct {
		outcomes []Outcome
		want     []Reason
	}{
		"nobody shares anything":                     {[]Outcome{claimant("1", "a@x.test", false), claimant("2", "b@x.test", false)}, []Reason{"", ""}},
		"two unverified claimants wait":              {[]Outcome{claimant("1", "a@x.test", false), claimant("2", "a@x.test", false)}, []Reason{DuplicateIdentifier, DuplicateIdentifier}},
		"the only verified claimant wins":            {[]Outcome{claimant("1", "a@x.test", false), claimant("2", "a@x.test", true)}, []Reason{DuplicateIdentifier, ""}},
		"two verified claimants wait":                {[]Outcome{claimant("1", "a@x.test", true), claimant("2", "a@x.test", true)}, []Reason{DuplicateIdentifier, DuplicateIdentifier}},
		"three claimants, two of them verified":      {[]Outcome{claimant("1", "a@x.test", true), claimant("2", "a@x.test", true), claimant("3", "a@x.test", false)}, []Reason{DuplicateIdentifier, DuplicateIdentifier, DuplicateIdentifier}},
		"a record that is left out claims nothing":   {[]Outcome{claimant("1", "a@x.test", false), dropped}, []Reason{"", "dormant"}},
		"a record that is held for a hash claims on": {[]Outcome{claimant("1", "a@x.test", false), held}, []Reason{DuplicateIdentifier, BrokenHash}},
		"one key twice":                              {[]Outcome{claimant("1", "a@x.test", true), claimant("1", "b@x.test", true)}, []Reason{DuplicateKey, DuplicateKey}},
		"one key twice, once to be left out":         {[]Outcome{claimant("3", "b@x.test", true), dropped}, []Reason{DuplicateKey, DuplicateKey}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			contest := contestOf(t, test.outcomes)
			for i, o := range test.outcomes {
				if got := contest.Judge(o); got.Reason() != test.want[i] {
					t.Errorf("record %d: got %q, want %q", i+1, got.Reason(), test.want[i])
				}
			}
		})
	}
}

func TestAtMostOneClaimantOfAnIdentifierIsEverAccepted(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var outcomes []Outcome
		for i := range rapid.IntRange(0, 40).Draw(t, "records") {
			email := rapid.SampledFrom([]string{"a", "b", "c", "d", "e"}).Draw(t, "email")
			outcomes = append(outcomes, claimant(fmt.Sprint(i), email, rapid.Bool().Draw(t, "verified")))
		}
		contest := contestOf(t, outcomes)
		claimants, winners := map[string]int{}, map[string]int{}
		for _, o := range outcomes {
			email := o.Identifiers[0].Value
			claimants[email]++
			if judged := contest.Judge(o); judged.Verdict() == Accept {
				winners[email]++
			}
		}
		for email, n := range claimants {
			if winners[email] > 1 || n == 1 && winners[email] != 1 {
				t.Fatalf("%s: %d winners among %d", email, winners[email], n)
			}
		}
	})
}

func TestTheFilterMissesNoRepetitionAndSuspectsFew(t *testing.T) {
	const unique, twice = 100_000, 1_000
	suspects := NewSuspects(unique * 30)
	add := func(i int) {
		if err := suspects.note(keyClaim(fmt.Sprint(i))); err != nil {
			t.Fatal(err)
		}
	}
	for i := range unique {
		add(i)
	}
	for i := range twice {
		add(i)
	}
	contest := suspects.Contest()
	for i := range twice {
		if _, found := contest.tallies[keyClaim(fmt.Sprint(i))]; !found {
			t.Fatalf("%d was missed", i)
		}
	}
	if extra := len(contest.tallies) - twice; extra > unique/100 {
		t.Errorf("%d of %d unique values are suspected", extra, unique)
	}
}

func TestTheFilterIsBounded(t *testing.T) {
	const MiB = 1 << 20
	for source, want := range map[int64]int{-1: 8 << 10, 0: 8 << 10, 10_000: 8 << 10, 3 * MiB: 2 * MiB, 200 * MiB: 32 * MiB, 1500 * MiB: 32 * MiB} {
		if got := 8 * len(NewSuspects(source).filter); got != want {
			t.Errorf("%d bytes of export: %d bytes of filter, want %d", source, got, want)
		}
	}
}

func TestAListThatRepeatsItselfEndlesslyIsRefused(t *testing.T) {
	suspects := NewSuspects(1 << 30)
	suspects.again = make(map[claim]tally, maxContested)
	for i := range maxContested {
		suspects.again[claim(i)] = tally{}
	}
	o := claimant("x", "y@x.test", true)
	first, second := suspects.Add(o), suspects.Add(o)
	if first != nil || !errors.Is(second, ErrTooContested) {
		t.Errorf("got %v, %v", first, second)
	}
}

func TestWhoeverIsInTheDirectoryKeepsTheirs(t *testing.T) {
	if got := Taken(claimant("1", "a@x.test", true), customer.Email); got.Reason() != DuplicateIdentifier {
		t.Errorf("got %q", got.Reason())
	}
}
