package drift_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"sallyport/pure/drift"
)

func values(all ...uint64) drift.Values {
	v := drift.Values{}
	for _, one := range all {
		v[one] = true
	}
	return v
}

func TestASideIsToldByWhatWasBrought(t *testing.T) {
	for name, c := range map[string]struct {
		brought, there, here drift.Values
		unknown, loose       bool
		want                 drift.Side
	}{
		"nothing changed":                           {values(1), values(1), values(1), false, false, drift.Equal},
		"no value anywhere":                         {nil, nil, nil, false, false, drift.Equal},
		"changed there":                             {values(1), values(2), values(1), false, false, drift.There},
		"came there":                                {nil, values(2), nil, false, false, drift.There},
		"went there":                                {values(1), nil, values(1), false, false, drift.There},
		"changed here":                              {values(1), values(1), values(2), false, false, drift.Here},
		"one more here":                             {values(1), values(1), values(1, 2), false, false, drift.Here},
		"changed on both sides":                     {values(1), values(2), values(3), false, false, drift.Both},
		"changed to the same":                       {values(1), values(2), values(2), false, false, drift.Equal},
		"not here any more":                         {values(1), values(1), nil, false, false, drift.Missing},
		"differs and nothing was noted":             {nil, values(1), values(2), true, false, drift.Unknown},
		"missing and nothing was noted":             {nil, values(1), nil, true, false, drift.Missing},
		"their own besides, of a kind that has any": {values(1), values(1), values(1, 2), false, true, drift.Equal},
		"their own instead, of a kind that has any": {values(1), values(1), values(2), false, true, drift.Missing},
	} {
		got := drift.Sets{Brought: c.brought, There: c.there, Here: c.here, Known: !c.unknown, Loose: c.loose}.Side()
		if got != c.want {
			t.Errorf("%s: %s, want %s", name, got, c.want)
		}
	}
}

func TestBothSidesAreEqualExactlyIfTheirValuesAre(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		draw := func(name string) drift.Values {
			return values(rapid.SliceOfDistinct(rapid.Uint64Range(0, 3), rapid.ID[uint64]).Draw(r, name)...)
		}
		s := drift.Sets{Brought: draw("brought"), There: draw("there"), Here: draw("here"), Known: rapid.Bool().Draw(r, "known")}
		if same := cmp.Equal(s.There, s.Here); same != (s.Side() == drift.Equal) {
			r.Fatalf("%+v is %s", s, s.Side())
		}
	})
}

func tally() *drift.Tally {
	return drift.New(drift.Facts{Environment: "acme/preview", Migration: "old", Source: "export.csv", Began: time.Unix(0, 0).UTC()})
}

func TestTheReportTellsWhatIsDangerousFirstAndStaysSmall(t *testing.T) {
	all := tally()
	for n := range 5000 {
		d := drift.Difference{Key: fmt.Sprint("key", n), There: "accept", Here: "imported", Classes: []drift.Class{drift.ValuesDiffer}}
		if n%3 == 0 {
			d.Classes = []drift.Class{drift.DisabledThere, drift.ValuesDiffer}
		}
		all.Record(d, map[string]drift.Side{"name": drift.There, fmt.Sprint("attribute.", n): drift.Equal})
	}
	all.Lacking(drift.Difference{Key: "gone", Here: "imported", Classes: []drift.Class{drift.GoneThere}})
	r := all.Report(time.Unix(9, 0).UTC())
	if r.Equal || r.Records != 5000 || r.Differing != 5001 || r.Absent["imported"] != 1 || r.Dangers() != 2 {
		t.Errorf("%+v", r)
	}
	if len(r.Findings) != 3 || r.Findings[0].Class != drift.DisabledThere || r.Findings[1].Class != drift.GoneThere || r.Findings[2].Danger {
		t.Errorf("findings %+v", r.Findings)
	}
	if f := r.Findings[0]; f.Records != 1667 || len(f.Keys) != drift.MaxKeys || f.Next[0] != "sallyport migrate run old --file FILE --env acme/preview" {
		t.Errorf("%+v", f)
	}
	encoded, err := json.Marshal(r)
	if err != nil || len(encoded) > 200<<10 {
		t.Errorf("%d bytes, %v", len(encoded), err)
	}
}

func TestADiscreetReportNamesNobody(t *testing.T) {
	all := tally()
	all.Record(drift.Difference{Key: "secret-key", There: "accept", Here: "imported", Classes: []drift.Class{drift.Elsewhere}}, map[string]drift.Side{"email": drift.Both})
	p := drift.Probes{Asked: 1, Differ: 1}
	p.Name("secret-key")
	all.Probed(p)
	r := all.Report(time.Unix(9, 0))
	if r.Named() != 1 {
		t.Errorf("it names %d", r.Named())
	}
	r.Discreet()
	encoded, err := json.Marshal(r)
	if err != nil || strings.Contains(string(encoded), "secret-key") || r.Named() != 0 {
		t.Errorf("%s, %v", encoded, err)
	}
	if again := all.Report(time.Unix(9, 0)); len(again.Probes.Keys) != 1 {
		t.Error("the tally lost its keys")
	}
}

func TestNothingThatDiffersIsEqual(t *testing.T) {
	all := tally()
	all.Record(drift.Difference{Key: "1", There: "accept", Here: "imported"}, map[string]drift.Side{"name": drift.Equal})
	if r := all.Report(time.Unix(9, 0)); !r.Equal || len(r.Findings) != 0 || r.Fields[0].Equal != 1 {
		t.Errorf("%+v", r)
	}
	all.Probed(drift.Probes{Asked: 1, Gone: 1})
	if r := all.Report(time.Unix(9, 0)); r.Equal {
		t.Error("who is gone at the source is no difference")
	}
}
