package crash

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net"
	"net/http"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// tally is what `migrate status` says, with how records came.
type tally struct {
	standing
	Ways map[string]map[string]int64
	Job  *struct{ State, Phase, Reason, Problem string }
}

// check tells what does not add up in a look that was taken between two counts of
// those who came beside the export.
func (s tally) check(e *export, least, most int64) (wrong []string) {
	for state, n := range s.Records {
		var byWay int64
		for _, more := range s.Ways[state] {
			byWay += more
		}
		if state != "pending" && byWay != n || n < 0 {
			wrong = append(wrong, fmt.Sprintf("%d records are %s, and by way %d", n, state, byWay))
		}
	}
	if s.Run == nil {
		return wrong
	}
	if got := s.sum(); got < e.records()+least || got > e.records()+most {
		wrong = append(wrong, fmt.Sprintf("the states %v sum to %d; %d are in the export, and %d to %d came beside it", s.Records, got, e.records(), least, most))
	}
	return wrong
}

// window looks at a running server through its control socket, which is quicker than
// a command, and so can tell when to kill it.
type window struct{ client http.Client }

func (h home) window() *window {
	socket := filepath.Join(h.dir, "data", "store.db.sock")
	return &window{http.Client{Timeout: 10 * time.Second, Transport: &http.Transport{
		DisableKeepAlives: true,
		DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
			return new(net.Dialer).DialContext(ctx, "unix", socket)
		},
	}}}
}

// look is a look; ok is false if the server does not answer.
func (w *window) look(t testing.TB) (s tally, ok bool) {
	t.Helper()
	ok = w.get(t, "/migrations/"+migration+"?held=0", &s)
	return s, ok
}

func (w *window) get(t testing.TB, path string, into any) (ok bool) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://sallyport/admin/v1/environments/"+place+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Sallyport-Operator", "soak")
	res, err := w.client.Do(req)
	if err != nil {
		return false
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	if err != nil {
		return false
	}
	if err := json.Unmarshal(text, into); err != nil || res.StatusCode != http.StatusOK {
		t.Fatalf("%s was answered with %d %s", path, res.StatusCode, text)
	}
	return true
}

// ledgerLine is one record of the ledger.
type ledgerLine struct {
	Key, State, Way, Reason, Customer, Run, At string
	Row                                        int64
}

// lines reads the whole ledger of the migration.
func (h home) lines(t testing.TB) (all []ledgerLine) {
	t.Helper()
	for line := range strings.Lines(h.run(t, "migrate", "records", migration, "--json")) {
		var l ledgerLine
		if err := json.Unmarshal([]byte(line), &l); err != nil {
			t.Fatalf("%v in %s", err, line)
		}
		all = append(all, l)
	}
	return all
}

// still looks at what a server left that was killed: each state has as many lines as
// it is said to have, and no record and no customer has two.
func (h home) still(t testing.TB, e *export) {
	t.Helper()
	s := ask[tally](t, h, "migrate", "status", migration, "--held", "0")
	counted, keys, customers := map[string]int64{"pending": s.Records["pending"]}, map[string]bool{}, map[string]bool{}
	var beside int64
	for _, l := range h.lines(t) {
		counted[l.State]++
		if keys[l.Key] || l.Customer != "" && customers[l.Customer] {
			t.Errorf("there are two lines of %s or of its customer", l.Key)
		}
		keys[l.Key], customers[l.Customer] = true, true
		if strings.HasPrefix(l.Key, "X") {
			beside++
		}
	}
	maps.DeleteFunc(s.Records, func(_ string, n int64) bool { return n == 0 })
	maps.DeleteFunc(counted, func(_ string, n int64) bool { return n == 0 })
	if !maps.Equal(s.Records, counted) {
		t.Errorf("the states are %v, and the lines %v", s.Records, counted)
	}
	for _, wrong := range s.check(e, beside, beside) {
		t.Error(wrong)
	}
	if s.Run != nil && s.Run.Done+s.Records["pending"] > s.Run.Total { // less by those who came ahead of it
		t.Errorf("%v are in the run %+v", s.Records, *s.Run)
	}
}
