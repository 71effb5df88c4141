package console

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"os"
	"regexp"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"sallyport/service/audit"
	"sallyport/service/environment"
	"sallyport/service/operator"
	"sallyport/store"
)

// What is told in words is a type of the catalogue, and the catalogue is told in
// words but for what is new.
func TestTypesOfEventsAreToldInWords(t *testing.T) {
	source, err := os.ReadFile("../../service/audit/types.go")
	if err != nil {
		t.Fatal(err)
	}
	all := regexp.MustCompile(`Type = "([a-z_.]+)"`).FindAllSubmatch(source, -1)
	if len(all) < 40 {
		t.Fatalf("only %d types were found", len(all))
	}
	known := map[audit.Type]bool{}
	for _, found := range all {
		kind := audit.Type(found[1])
		if known[kind] = true; doings[kind] == "" {
			t.Logf("%s is told by its name alone", kind)
		}
	}
	for kind := range doings {
		if !known[kind] {
			t.Errorf("there is no type %s", kind)
		}
	}
}

func TestAnEventIsASentence(t *testing.T) {
	for want, e := range map[string]audit.Record{
		"rita changed a customer: cus_1":          {Type: "customer.changed", Actor: "operator/rita", Customer: "cus_1"},
		"Customer cus_1 signed in for my-account": {Type: "signin.succeeded", Actor: "customer/cus_1", Customer: "cus_1", Application: "my-account"},
		"Application payright got a token":        {Type: "token.issued", Actor: "application/payright", Application: "payright"},
		"Sallyport made a key":                    {Type: "key.created", Actor: "system"},
		"Sallyport caused what.never_was":         {Type: "what.never_was"},
		"somebody read the ledger":                {Type: "audit.read", Actor: "somebody"},
	} {
		if got := sentence(e); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

func TestBeforeAndAfterAreTakenOutOfTheDetail(t *testing.T) {
	for name, test := range map[string]struct {
		detail, changes, rest string
	}{
		"a word":    {`{"before":"active","after":"disabled","reason":"theft"}`, "~ value: \"active\" → \"disabled\"", `"reason": "theft"`},
		"an object": {`{"before":{"a":1,"b":2},"after":{"b":3,"c":4}}`, "- a: 1\n~ b: 2 → 3\n+ c: 4", ""},
		"the first": {`{"before":null,"after":{"protected":true}}`, "+ protected: true", ""},
		"none":      {`{"id":"x"}`, "", `"id": "x"`},
		"no object": {`[1]`, "", "1"},
	} {
		changes, rest := beforeAfter(json.RawMessage(test.detail))
		var lines []string
		for _, c := range changes {
			lines = append(lines, c.Sign()+" "+c.Text)
		}
		if got := strings.Join(lines, "\n"); got != test.changes || !strings.Contains(rest, test.rest) || test.rest == "" && rest != "" {
			t.Errorf("%s: %q, rest %q", name, got, rest)
		}
	}
}

func TestAHistogramDrawsWhatWasFound(t *testing.T) {
	end := time.Date(2026, 11, 22, 10, 0, 0, 0, time.UTC)
	for name, test := range map[string]struct {
		span   time.Duration
		events int
		per    string
		bars   int
	}{
		"minutes":                     {time.Hour, 61, "minute", 61},
		"hours":                       {48 * time.Hour, 49, "hour", 49},
		"days":                        {30 * 24 * time.Hour, 31, "day", 31},
		"more days than can be drawn": {365 * 24 * time.Hour, 366, "day", maxBars},
		"one instant":                 {0, 2, "minute", 1},
	} {
		var events []audit.Record
		for i := range test.events {
			e := audit.Record{At: end.Add(-test.span / time.Duration(max(1, test.events-1)) * time.Duration(i)), Result: audit.OK}
			if i%2 == 1 {
				e.Result = "wrong"
			}
			events = append(events, e)
		}
		b := histogram(events)
		if len(b.Bars) != test.bars || len(b.Table.Rows) != test.bars || !strings.Contains(b.Caption, "per "+test.per) {
			t.Errorf("%s: %d bars, %d rows, %q", name, len(b.Bars), len(b.Table.Rows), b.Caption)
		}
		for _, bar := range b.Bars {
			if bar.X < 0 || bar.X+b.Each > barsWide || bar.Y < 0 || bar.Y+bar.Height != barsHigh || bar.Bad > bar.Height {
				t.Errorf("%s: %+v is out of the picture", name, bar)
			}
		}
	}
}

func TestTheLedgerIsSearchedByChipsAndTakenAway(t *testing.T) {
	s := newSite(t)
	s.as(operator.Auditor, "harbourlight")
	live, _ := s.cfg.Registry.ByName("harbourlight", "production")
	s.must(s.cfg.Audit.Record(t.Context(), live.ID, audit.Entry{
		Type: audit.TokenRefused, Actor: "application/payright", Application: "payright", Result: "wrong_secret", Trace: "ABCDEFGH", Personal: map[string]any{"address": "192.0.2.99"},
	}))
	at := "/e/harbourlight/production/audit"
	page := s.open(at).Body.String()
	for _, want := range []string{"Application payright was refused a token", "q=trace%3AABCDEFGH", "result%3Awrong_secret", "<svg", "The same as a table", "result:!ok after:24h"} {
		if !strings.Contains(page, want) {
			t.Errorf("the page does not have %q", want)
		}
	}
	if page := s.open(at + "?q=type:token.refused+result:wrong_secret").Body.String(); !strings.Contains(page, `q=result%3Awrong_secret"`) || strings.Contains(page, "made the environment") {
		t.Error("a chip does not lead to the search without it")
	}
	if got := s.open(at + "?q=colour:red"); got.Code != 400 || !strings.Contains(got.Body.String(), "aria-invalid") {
		t.Errorf("%d", got.Code)
	}
	for _, kind := range []string{"ndjson", "csv"} {
		got := s.open(at + "." + kind + "?q=type:token.refused")
		if text := got.Body.String(); got.Code != 200 || !strings.Contains(text, "wrong_secret") || strings.Contains(text, "192.0.2.99") {
			t.Errorf("%s: %d %q", kind, got.Code, text)
		}
	}
	found, _, err := s.cfg.Ledger.Events(t.Context(), live.ID, "type:audit.read", "", 20)
	s.must(err)
	files := 0
	for _, e := range found {
		if strings.Contains(string(e.Detail), `"file":true`) {
			files++
		}
	}
	if files != 2 {
		t.Errorf("%d files are recorded", files)
	}
	if got := s.open(at + ".csv?q=colour:red"); got.Code != 400 {
		t.Errorf("%d", got.Code)
	}
}

func TestAFileOfTheLedgerHasAnEnd(t *testing.T) {
	s := newSite(t)
	s.as(operator.Auditor, "harbourlight")
	live, _ := s.cfg.Registry.ByName("harbourlight", "production")
	entries := make([]audit.Entry, 1000)
	for i := range entries {
		entries[i] = audit.Entry{Type: audit.SignedIn, Actor: "system"}
	}
	for range maxEventsFile/1000 + 1 {
		s.must(s.cfg.Audit.Record(t.Context(), live.ID, entries...))
	}
	lines := strings.Split(strings.TrimSpace(s.open("/e/harbourlight/production/audit.ndjson?q=type:signin.succeeded").Body.String()), "\n")
	var last rest
	if err := json.Unmarshal([]byte(lines[len(lines)-1]), &last); err != nil || len(lines) != maxEventsFile+1 || !last.Truncated {
		t.Fatalf("%d lines, %v, %+v", len(lines), err, last)
	}
	more := s.open(query("/e/harbourlight/production/audit.ndjson", "q", "type:signin.succeeded", "cursor", last.Cursor)).Body.String()
	if n := strings.Count(more, "\n"); n != 1000 {
		t.Errorf("%d lines behind it", n)
	}
}

// patient is a ledger that answers only when it is no longer waited for.
type patient struct{ audit.ReaderStore }

func (p patient) AuditEvents(ctx context.Context, _ store.EnvironmentID, _ store.AuditQuery) ([]store.ChainedEvent, string, error) {
	<-ctx.Done()
	return nil, "", ctx.Err()
}

func TestASearchThatTakesTooLongIsGivenUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		x := &exchange{Handler: &Handler{cfg: Config{Ledger: &audit.Reader{Store: patient{}, Now: time.Now}}}, r: httptest.NewRequest(http.MethodGet, host, nil), live: &environment.Live{}}
		began := time.Now()
		if _, _, err := x.searchLedger("type:key.", "", 1); !errors.Is(err, errSlow) || time.Since(began) != searchPatience {
			t.Errorf("%v after %v", err, time.Since(began))
		}
		gone, cancel := context.WithCancel(context.Background())
		cancel()
		x.r = x.r.WithContext(gone)
		if _, _, err := x.searchLedger("", "", 1); errors.Is(err, errSlow) {
			t.Error("who has gone is told to search otherwise")
		}
	})
}
