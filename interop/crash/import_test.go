package crash

import (
	"fmt"
	"maps"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
)

// exported is how many records the export of the import stories has.
const exported = 150

// standing is what `migrate status` says.
type standing struct {
	Records map[string]int64
	Run     *migrationRun // nil if nothing was ever imported
	Held    []struct{ Key, Reason string }
}

type migrationRun struct {
	State, Source string
	Done, Total   int64
}

func (s standing) sum() (all int64) {
	for _, n := range s.Records {
		all += n
	}
	return all
}

// crossing is what an import left: who came over, who was held, and why. It names
// nothing that differs from one import to the next.
type crossing struct {
	Records map[string]int64
	Held    []string // key and reason
	People  []string // all identifiers of one customer, state, name and groups
}

// crossing reads it.
func (h home) crossing(t testing.TB) crossing {
	t.Helper()
	s := ask[standing](t, h, "migrate", "status", migration, "--held", "1000")
	c := crossing{Records: s.Records, People: h.directory(t)}
	for _, held := range s.Held {
		c.Held = append(c.Held, held.Key+" "+held.Reason)
	}
	if s.Run == nil {
		t.Fatal("there was no import")
	}
	if s.Run.State != "done" || s.Run.Done != s.Run.Total || s.sum() != s.Run.Total {
		t.Errorf("the run is %+v of records %v", *s.Run, s.Records)
	}
	return c
}

// directory lists every customer, in order, by all names that find them.
func (h home) directory(t testing.TB) []string {
	t.Helper()
	people := map[string][]string{}
	seen := map[string]bool{}
	for _, kind := range []string{"username", "email", "phone"} {
		page := ask[struct {
			Customers []struct {
				ID, State, Name, Identifier string
				Groups                      []string
			}
			Next string
		}](t, h, "customers", "find", "", "--kind", kind, "--limit", "200")
		if page.Next != "" {
			t.Fatalf("there are more of kind %s than one page holds", kind)
		}
		for _, c := range page.Customers {
			name := kind + "=" + c.Identifier
			if seen[strings.ToLower(name)] {
				t.Errorf("%s finds two customers", name)
			}
			seen[strings.ToLower(name)] = true
			if people[c.ID] == nil {
				people[c.ID] = []string{c.State, c.Name, fmt.Sprint(c.Groups)}
			}
			people[c.ID] = append(people[c.ID], name)
		}
	}
	var all []string
	for person := range maps.Values(people) {
		all = append(all, strings.Join(person, " "))
	}
	slices.Sort(all)
	return all
}

func uncutCrossing(t testing.TB, from home) crossing {
	t.Helper()
	h := from.copy(t)
	args := []string{"migrate", "run", migration, "--file", h.export(t, exported, true)}
	h.ends(t, h.try(t, "", args...), args, 6)
	c := h.crossing(t)
	if c.Records["imported"] == 0 || c.Records["held"] == 0 || int(c.Records["imported"]) != len(c.People) {
		t.Fatalf("an import that nobody cut left %v and %d people", c.Records, len(c.People))
	}
	return c
}

// cutImport cuts an import whose command holds the store itself.
func cutImport(t testing.TB, w world, cut string) (reached bool) {
	h := w.bare.copy(t)
	args := []string{"migrate", "run", migration, "--file", h.export(t, exported, true)}
	how := h.try(t, cut, args...)
	if how.code >= 0 {
		h.ends(t, how, args, 6)
		return false
	}
	h.copy(t).nothingHalf(t)
	h.ends(t, h.try(t, "", args...), args, 0, 6)
	h.cameOver(t, w.crossed)
	return true
}

// cutServedImport cuts the server to which a command gave its export.
func cutServedImport(t testing.TB, w world, cut string) (reached bool) {
	h, at := w.bare.copy(t), newAddress(t)
	args := []string{"migrate", "run", migration, "--file", h.export(t, exported, true)}
	n, alive := h.serve(t, at, cut)
	if alive {
		how := h.try(t, "", args...)
		switch {
		case how.code == 6: // not cut so far
			reached = n.leave(t)
		case how.code == 1 && n.endsSoon():
			reached = true
			if !strings.Contains(how.err, "fix:") {
				t.Errorf("when its server died, the command said no more than\n%s", how.err)
			}
		default:
			h.ends(t, how, args, 6)
		}
		if !reached {
			return false
		}
	}
	h.copy(t).nothingHalf(t)
	h.start(t, at)
	h.ends(t, h.try(t, "", args...), args, 0, 6)
	h.cameOver(t, w.crossed)
	return true
}

// nothingHalf looks at an import that was cut and not done again.
func (h home) nothingHalf(t testing.TB) {
	t.Helper()
	h.soundLedger(t)
	if left, err := filepath.Glob(filepath.Join(h.dir, "data", ".sallyport-export-*")); err != nil || len(left) > 0 {
		t.Errorf("it left the export itself: %v %v", left, err)
	}
	people := int64(len(h.directory(t)))
	s := ask[standing](t, h, "migrate", "status", migration)
	if s.Run == nil {
		if people+s.sum() > 0 {
			t.Errorf("before there was a run, it left %d customers and records %v", people, s.Records)
		}
		return
	}
	moved := s.sum() - s.Records["pending"]
	if s.Records["imported"] != people || moved != s.Run.Done || s.sum() != s.Run.Total || s.Run.Total != exported {
		t.Errorf("cut, it left %d customers and records %v in the run %+v", people, s.Records, *s.Run)
	}
}

// cameOver checks that everybody came over just once, and that the ledger says so.
func (h home) cameOver(t testing.TB, want crossing) {
	t.Helper()
	if got := h.crossing(t); !reflect.DeepEqual(got, want) {
		t.Errorf("it left\n%v\nwant\n%v", got, want)
	}
	events := h.events(t, "type:migration.")
	kinds := map[string]int{}
	var imported int64
	for _, e := range events {
		kinds[e.Type]++
		imported += e.Detail.Imported
	}
	if kinds["migration.started"] != 1 || kinds["migration.finished"] != 1 || imported != want.Records["imported"] {
		t.Errorf("the ledger tells of %v, %d customers imported", kinds, imported)
	}
	h.soundLedger(t)
}

// event is an audit event, as far as stories look at it.
type event struct {
	Type, Application, Customer string
	Detail                      struct {
		Token, Grant string
		Imported     int64
		Completed    int64
	}
}

// events gives what a query of the ledger finds.
func (h home) events(t testing.TB, query ...string) []event {
	t.Helper()
	page := ask[struct {
		Events []event
		Next   string
	}](t, h, append([]string{"audit", "query", "--limit", "1000"}, query...)...)
	if page.Next != "" {
		t.Fatalf("there are more events %q than one page holds", query)
	}
	return page.Events
}
