package sqlite

import (
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"

	"sallyport/store"
	"sallyport/store/storetest"
)

// statements are the texts that stores had compiled when they were closed.
type statements struct {
	mu    sync.Mutex
	texts map[string]bool
}

// watched tells its statements before it is closed.
type watched struct {
	*Store
	all *statements
}

func (w watched) Close() error {
	w.all.mu.Lock()
	defer w.all.mu.Unlock()
	for _, p := range []*prepared{&w.reader.prepared, &w.writer.statements} {
		for text := range p.text {
			w.all.texts[text] = true
		}
	}
	return w.Store.Close()
}

// whole is the plan of reading all that an environment has in one of the tables
// that grow with customers.
var whole = regexp.MustCompile(`^SCAN \w+$|^SEARCH (i|c|a|m|t|accounts|account_members|account_premises|account_invitations|agreements|customer_tags|identifiers|customers|credentials|sessions|grants|consents|passkeys|migration_records|usage) .*\(env=\?\)`)

// counted is how customers are counted by their groups, which reads no customer, and
// how those few are found who cannot be.
var counted = regexp.MustCompile(`^SEARCH customers USING (COVERING INDEX customers_groups|INDEX customers_many_groups) `)

// One environment can have millions of customers, and an index that begins with the
// environment looks as good as any to a planner that does not know that.
func TestNoStatementReadsAWholeEnvironment(t *testing.T) {
	all := &statements{texts: map[string]bool{}}
	t.Run("conformance", func(t *testing.T) { // ends when all that runs at once in it has ended
		storetest.Run(t, func(t *testing.T) store.Store { return watched{opened(t), all} })
	})
	s := opened(t)
	defer s.Close()
	for text := range all.texts {
		verb, _, _ := strings.Cut(text, " ")
		if verb != "SELECT" && verb != "UPDATE" && verb != "DELETE" {
			continue // plans of INSERT tell of foreign keys that SQLite does not look for
		}
		for _, step := range plan(t, s, text) {
			// Consents are counted among the first so many alone.
			if bounded := strings.Contains(text, "FROM consents WHERE env = ? LIMIT ?) AS looked"); bounded {
				continue
			}
			if whole.MatchString(step) && !counted.MatchString(step) && !strings.Contains(text, "FROM environments") {
				t.Errorf("%s: %s", step, strings.Join(strings.Fields(text), " "))
			}
		}
	}
	if len(all.texts) < 100 {
		t.Errorf("only %d statements were seen", len(all.texts))
	}
}

// A reference that a caller reads out must not be looked for in the whole ledger.
func TestATraceIsFoundByItsIndex(t *testing.T) {
	s := opened(t)
	defer s.Close()
	got := plan(t, s, "SELECT body FROM audit_events WHERE env = ? AND trace = ? AND trace <> '' ORDER BY at DESC, writer DESC, seq DESC LIMIT ?")
	if !strings.Contains(strings.Join(got, "\n"), "audit_events_trace (env=? AND trace=?)") {
		t.Errorf("the plan is %q", got)
	}
}

func opened(t *testing.T) *Store {
	t.Helper()
	s, err := Open(t.Context(), Config{Path: filepath.Join(t.TempDir(), "store.db")})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// plan is how a statement would be run.
func plan(t *testing.T, s *Store, text string) []string {
	t.Helper()
	rows, err := s.reads.QueryContext(t.Context(), "EXPLAIN QUERY PLAN "+text, make([]any, strings.Count(text, "?"))...)
	if err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	defer rows.Close()
	var steps []string
	for rows.Next() {
		var id, parent, unused int
		var step string
		if err := rows.Scan(&id, &parent, &unused, &step); err != nil {
			t.Fatal(err)
		}
		steps = append(steps, step)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return steps
}

// Each search of the ledger is led by the index that knows most of it, in the order of
// its pages: nothing is sorted, and nothing read that the index does not lead to.
func TestASearchIsLedByAnIndex(t *testing.T) {
	for _, search := range storetest.Searches {
		t.Run(search.Name, func(t *testing.T) {
			s := opened(t)
			defer s.Close()
			storetest.Searched(t, s, search)
			looked := 0
			for text := range s.reader.prepared.text {
				if !strings.Contains(text, " FROM "+search.Table+" ") {
					continue
				}
				looked++
				steps := strings.Join(plan(t, s, text), "\n")
				if !strings.Contains(steps, " INDEX "+search.Index+" ") || strings.Contains(steps, "SCAN") || strings.Contains(steps, "TEMP B-TREE") {
					t.Errorf("%s is done by\n%s", text, steps)
				}
			}
			if looked < search.Least {
				t.Errorf("only %d statements were seen", looked)
			}
		})
	}
}
