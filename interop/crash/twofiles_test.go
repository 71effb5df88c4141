package crash

import (
	"bufio"
	"io"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"sallyport/demo/orchard"
)

const (
	sister  = "orchard" // the migration of two files
	growers = 120       // of its users come in these stories
)

// joined is what an import of two files left: where the records are, who came over,
// and how many passwords were completed.
type joined struct {
	Records   map[string]int64
	Held      []string
	People    []string
	Completed int64
	Juno      string // how her password is kept
}

// orchardFiles writes the first users of Orchard Valley at home, and all hashes: most of
// them have no user here.
func (h home) orchardFiles(t testing.TB) (users, hashes string) {
	t.Helper()
	allUsers, allHashes, err := orchard.Open()
	if err != nil {
		t.Fatal(err)
	}
	write := func(name string, from io.Reader, most int) string {
		var text strings.Builder
		lines := bufio.NewScanner(from)
		for n := 0; n < most && lines.Scan(); n++ {
			text.WriteString(lines.Text() + "\n")
		}
		path := filepath.Join(h.dir, name)
		if err := os.WriteFile(path, []byte(text.String()), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	return write("users.ndjson", allUsers, growers), write("hashes.ndjson", allHashes, orchard.Customers)
}

// awaiting gives a home whose users have come, and wait for their passwords.
func awaiting(t testing.TB, from home) home {
	t.Helper()
	h := from.copy(t)
	users, _ := h.orchardFiles(t)
	args := []string{"migrate", "run", sister, "--file", users}
	h.ends(t, h.try(t, "", args...), args, 6)
	return h
}

func (h home) joinArgs(t testing.TB) []string {
	users, hashes := h.orchardFiles(t)
	return []string{"migrate", "run", sister, "--file", users, "--hashes", hashes}
}

func (h home) joined(t testing.TB) joined {
	t.Helper()
	s := ask[standing](t, h, "migrate", "status", sister, "--held", "1000")
	j := joined{Records: s.Records, People: h.directory(t)}
	for _, held := range s.Held {
		j.Held = append(j.Held, held.Key+" "+held.Reason)
	}
	for _, e := range h.events(t, "type:migration.batch") {
		j.Completed += e.Detail.Completed
	}
	j.Juno = ask[struct{ Password string }](t, h, "customers", "show", orchard.Juno().Email).Password
	return j
}

func uncutJoin(t testing.TB, from home) joined {
	t.Helper()
	h := from.copy(t)
	args := h.joinArgs(t)
	h.ends(t, h.try(t, "", args...), args, 6)
	j := h.joined(t)
	if j.Completed == 0 || j.Juno != "bcrypt" || j.Records["held"] < 100 || j.Records["pending"] > 0 {
		t.Fatalf("an import of two files that nobody cut left %+v", j)
	}
	return j
}

// cutJoin cuts an import that completes whom an earlier one left without a password, and
// has hashes of nobody besides.
func cutJoin(t testing.TB, w world, cut string) (reached bool) {
	h := w.awaiting.copy(t)
	args := h.joinArgs(t)
	how := h.try(t, cut, args...)
	if how.code >= 0 {
		h.ends(t, how, args, 6)
		return false
	}
	h.copy(t).nothingHalfJoined(t, w.joined)
	h.ends(t, h.try(t, "", args...), args, 0, 6)
	if got := h.joined(t); !reflect.DeepEqual(got, w.joined) {
		t.Errorf("it left\n%v\nwant\n%v", got, w.joined)
	}
	h.soundLedger(t)
	return true
}

// nothingHalfJoined looks at an import of two files that was cut and not done again.
func (h home) nothingHalfJoined(t testing.TB, want joined) {
	t.Helper()
	h.soundLedger(t)
	if left, err := filepath.Glob(filepath.Join(h.dir, "data", ".sallyport-export-*")); err != nil || len(left) > 0 {
		t.Errorf("it left people's details: %v %v", left, err)
	}
	if people := h.directory(t); !reflect.DeepEqual(people, want.People) {
		t.Errorf("completing made other people:\n%v\nwant\n%v", people, want.People)
	}
	s := ask[standing](t, h, "migrate", "status", sister)
	begun := s.Run.Source != "users.ndjson"
	switch {
	case s.Records["imported"] != want.Records["imported"]:
		t.Errorf("completing made %v", s.Records)
	case begun && (s.sum() != growers+s.Run.Total || s.Records["pending"] != s.Run.Total-s.Run.Done):
		t.Errorf("cut, it left records %v in the run %+v", s.Records, *s.Run)
	case !begun && s.sum() != growers:
		t.Errorf("before it began, it left records %v", s.Records)
	}
}
