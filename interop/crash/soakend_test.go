package crash

import (
	"encoding/json"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"
)

// settled holds every line of the ledger to what is known of its record, and counts
// the people in the directory.
func (s *soak) settled(t *testing.T) {
	t.Helper()
	for id, wrong := range s.all.wrongly {
		t.Error(id, wrong)
	}
	met, came := map[string]bool{}, map[string]int{}
	var customers int
	for _, l := range s.home.lines(t) {
		name := l.Key
		want, known := s.known.keyed[l.Key]
		switch arrived := s.all.arrived[l.Key]; {
		case arrived && l.Way == "jit" && want.reason == "" && !strings.HasPrefix(l.Key, "X"):
			want = fate{"imported", "kept-here"} // the hash of the export came later than the password itself
		case arrived:
			want, known = fate{"imported", ""}, true
		case !known:
			name = ""
			if want, known = s.known.unkeyed[l.Row]; known {
				name = l.Key
			}
		}
		if got := (fate{l.State, l.Reason}); !known || got != want || met[name] {
			t.Errorf("%s of row %d is %v by %s, want %v", l.Key, l.Row, got, l.Way, want)
		}
		if beside := strings.HasPrefix(l.Key, "X"); l.Way != "bulk" && !s.all.arrived[l.Key] || beside && l.Way != "jit" {
			t.Errorf("%s came by %s", l.Key, l.Way)
		}
		if (l.Customer != "") != (l.State == "imported" || l.State == "staged") {
			t.Errorf("%s is %s and has the customer %q", l.Key, l.State, l.Customer)
		}
		met[name] = true
		came[l.Way]++
		if l.Customer != "" {
			customers++
		}
	}
	least, _ := s.all.bounds('X')
	if want := s.known.records() + least; int64(len(met)) != want {
		t.Errorf("the ledger has %d records, want %d", len(met), want)
	}
	if n := s.home.customers(t); n != customers {
		t.Errorf("there are %d customers, and %d in the ledger", n, customers)
	}
	t.Logf("records by way: %v", came)
}

// customers counts who has a username.
func (h home) customers(t testing.TB) (all int) {
	w := h.window()
	for cursor := ""; ; {
		var page struct {
			Customers []json.RawMessage
			Next      string
		}
		if !w.get(t, "/customers?kind=username&limit=200&cursor="+cursor, &page) {
			t.Fatal("the server does not answer")
		}
		all += len(page.Customers)
		if cursor = page.Next; cursor == "" {
			return all
		}
	}
}

// changesNothing imports the export once more.
func (s *soak) changesNothing(t *testing.T) {
	t.Helper()
	before := s.home.lines(t)
	args := []string{"migrate", "run", migration, "--file", s.file, "--json"}
	out := s.home.ends(t, s.home.try(t, "", args...), args, 0, 6)
	var report struct{ Imported, Held, Dropped, Completed, Updated int64 }
	if err := json.Unmarshal([]byte(out), &report); err != nil {
		t.Fatalf("%v in %s", err, out)
	}
	if report.Imported+report.Held+report.Dropped+report.Completed+report.Updated != 0 {
		t.Errorf("importing it again did %+v", report)
	}
	if after := s.home.lines(t); !reflect.DeepEqual(before, after) {
		t.Error("importing it again changed the ledger")
	}
	s.look(t)
}

// alone takes the earlier system away: whoever came signs in here.
func (s *soak) alone(t *testing.T) {
	t.Helper()
	s.old.Close()
	tried := 0
	for _, p := range s.known.crowd {
		if s.all.arrived[p.id] && tried < 20 {
			tried++
			if code, page := s.all.ask(t, p.login, p.password, 1<<18+tried); code == "" {
				t.Errorf("%s cannot sign in without the earlier system: status %d", p.id, page.Status)
			}
		}
	}
}

func (s *soak) report(t *testing.T, took time.Duration) {
	slices.Sort(s.resumed)
	right, wrong := s.old.asked()
	t.Logf("%d rows and %d looks in %v, killed %d times, %d of them within the run", s.known.rows, s.looks, took.Round(time.Millisecond), s.lives, s.midst)
	if n := len(s.resumed); n > 0 {
		t.Logf("a new row after a death within %v, at most %v", s.resumed[n/2].Round(time.Millisecond), s.resumed[n-1].Round(time.Millisecond))
	}
	t.Logf("%d sign-ins begun, %d people came in, %d wrong passwords refused, %d cut off, and asked to come back were %v",
		s.all.begun, len(s.all.arrived), s.all.refusals, s.all.cutOff, s.all.put)
	t.Logf("the earlier system was asked %d times with the right password, %d with a wrong one", right, wrong)
}
