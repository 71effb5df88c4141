package rival_test

import (
	"fmt"
	"maps"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"sallyport/pure/customer"
	"sallyport/pure/legacy"
	"sallyport/pure/migrate"
	"sallyport/pure/rival"
)

// drawn is an export of a few records that claim a few addresses and names.
func drawn(t *rapid.T) map[string]*migrate.Outcome {
	all := map[string]*migrate.Outcome{}
	for i := range rapid.IntRange(1, 5).Draw(t, "records") {
		o := &migrate.Outcome{Key: fmt.Sprint("k", i), Factors: []legacy.Factor{{Kind: legacy.TOTP, Label: fmt.Sprint("k", i)}}}
		o.Customer.State, o.Customer.Name = customer.Active, rapid.SampledFrom([]string{"", "Dana", "Ana"}).Draw(t, "name")
		for _, kind := range []customer.IdentifierKind{customer.Email, customer.Phone, customer.Username} {
			if value := rapid.SampledFrom([]string{"", "p", "q"}).Draw(t, string(kind)); value != "" {
				id := customer.Identifier{Kind: kind, Value: value, Display: value}
				id.Verified = kind != customer.Username && rapid.Bool().Draw(t, "verified")
				o.Identifiers = append(o.Identifiers, id)
			}
		}
		all[o.Key] = o
	}
	return all
}

func drawnDecision(t *rapid.T, keys []string) rival.Decision {
	some := rapid.SliceOfNDistinct(rapid.SampledFrom(keys), 1, len(keys), rapid.ID[string]).Draw(t, "claimants")
	slices.Sort(some)
	d := rival.Decision{
		Do:        rapid.SampledFrom(rival.Actions()).Draw(t, "do"),
		Kind:      rapid.SampledFrom([]customer.IdentifierKind{customer.Email, customer.Phone, customer.Username}).Draw(t, "kind"),
		Claimants: some,
	}
	who := rapid.SampledFrom(append([]string{""}, some...)).Draw(t, "who")
	switch d.Do {
	case rival.Merge:
		d.Into = rapid.SampledFrom(some).Draw(t, "into")
		d.Take = rapid.SliceOfNDistinct(rapid.SampledFrom([]string{rival.TakeIdentifiers, rival.TakeLinks, rival.TakeProfile}), 0, 3, rapid.ID[string]).Draw(t, "take")
	case rival.Drop:
		d.Keeps, d.Reason = who, "spam"
	default:
		d.Keeps = who
	}
	return d
}

func copied(all map[string]*migrate.Outcome) map[string]*migrate.Outcome {
	out := map[string]*migrate.Outcome{}
	for key, o := range all {
		c := *o
		c.Identifiers = slices.Clone(o.Identifiers)
		out[key] = &c
	}
	return out
}

// claim is what a record claims of an identifier.
func claim(o *migrate.Outcome, at rival.Contested) (found customer.Identifier, is bool) {
	for _, id := range o.Identifiers {
		if id.Kind == at.Kind && id.Value == at.Value {
			return id, true
		}
	}
	return found, false
}

// Whatever is decided, and however often: nobody proves by it what their record did not
// prove, or has a factor of another; what one proved goes to nobody who did not; and
// whoever is not of a merge gains nothing at all.
func TestNoDecisionGivesAnybodyWhatAnotherProved(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		before := drawn(t)
		all := copied(before)
		keys := slices.Sorted(maps.Keys(all))
		for range rapid.IntRange(1, 4).Draw(t, "decisions") {
			d := drawnDecision(t, keys)
			at := rival.Contested{Kind: d.Kind, Value: rapid.SampledFrom([]string{"p", "q"}).Draw(t, "value")}
			was := copied(all)
			done := rival.Settle("m", d, at, all)
			for key, o := range all {
				if !done && (o.Verdict() != was[key].Verdict() || len(o.Identifiers) != len(was[key].Identifiers)) {
					t.Fatalf("%s changed by a decision that was not carried out", key)
				}
				gained(t, d, key, was, o)
			}
		}
		winners(t, before, all)
	})
}

func gained(t *rapid.T, d rival.Decision, key string, was map[string]*migrate.Outcome, o *migrate.Outcome) {
	if len(o.Factors) != 1 || o.Factors[0].Label != key || o.Hash != nil {
		t.Fatalf("%s has %+v", key, o.Factors)
	}
	for _, id := range o.Identifiers {
		at := rival.Contested{Kind: id.Kind, Value: id.Value}
		had, is := claim(was[key], at)
		switch {
		case is && id.Verified && !had.Verified:
			t.Fatalf("%s proves %v by a decision", key, at)
		case is, d.Do == rival.Suffix && id.Kind == customer.Username:
			continue
		case d.Do != rival.Merge || d.Into != key:
			t.Fatalf("%s gained %v by %s", key, at, d.Do)
		}
	}
}

// winners judges what was settled as an import does: at most one has each identifier,
// and it is nobody who did not prove what another did.
func winners(t *rapid.T, before, all map[string]*migrate.Outcome) {
	suspects := migrate.NewSuspects(0)
	for _, o := range all {
		if err := suspects.Add(*o); err != nil {
			t.Fatal(err)
		}
	}
	contest := suspects.Contest()
	for _, o := range all {
		contest.Count(*o)
	}
	owner := map[rival.Contested]string{}
	for key, o := range all {
		if judged := contest.Judge(*o); judged.Verdict() != migrate.Accept {
			continue
		}
		for _, id := range o.Identifiers {
			at := rival.Contested{Kind: id.Kind, Value: id.Value}
			if other, taken := owner[at]; taken {
				t.Fatalf("%s and %s both have %v", key, other, at)
			}
			owner[at] = key
		}
	}
	for at, key := range owner {
		mine, claimed := claim(before[key], at)
		for other, o := range before {
			theirs, is := claim(o, at)
			if is && theirs.Verified && other != key && claimed && !mine.Verified && all[other].Verdict() == migrate.Accept {
				if _, still := claim(all[other], at); !still {
					continue // they were split off by somebody, and it went to nobody who is judged beside them
				}
				t.Fatalf("%s has %v, which %s proved", key, at, other)
			}
		}
	}
}

// Alone never adds anything to a record, whatever was decided.
func TestAloneNeverAdds(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		all := drawn(t)
		keys := slices.Sorted(maps.Keys(all))
		d := drawnDecision(t, keys)
		o := all[rapid.SampledFrom(keys).Draw(t, "who")]
		was := copied(all)[o.Key]
		rival.Alone("m", d, rival.Contested{Kind: d.Kind, Value: "p"}, rapid.Bool().Draw(t, "unseen"), o)
		for _, id := range o.Identifiers {
			_, had := claim(was, rival.Contested{Kind: id.Kind, Value: id.Value})
			if !had && (d.Do != rival.Suffix || id.Kind != customer.Username) {
				t.Fatalf("gained %v", id)
			}
		}
		if len(o.Identifiers) > len(was.Identifiers) || o.Settled == rival.MergedInto {
			t.Fatalf("became %+v", o)
		}
	})
}
