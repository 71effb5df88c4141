package console

import (
	"context"
	"errors"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"sallyport/service/audit"
	"sallyport/service/environment"
	"sallyport/service/operator"
	"sallyport/store"
)

// counting is a ledger that counts what it is asked for, and may be down.
type counting struct {
	audit.ReaderStore
	asked atomic.Int64
	down  bool
}

func (c *counting) AuditEvents(ctx context.Context, env store.EnvironmentID, q store.AuditQuery) ([]store.ChainedEvent, string, error) {
	c.asked.Add(int64(q.Limit))
	if c.down {
		return nil, "", errors.New("the ledger is down")
	}
	return c.ReaderStore.AuditEvents(ctx, env, q)
}

// happened records events at an age.
func (s *site) happened(live *environment.Live, age time.Duration, kinds ...audit.Type) {
	s.Helper()
	for _, kind := range kinds {
		e := audit.Entry{At: s.now.Add(-age), Type: kind, Actor: "system"}
		if strings.HasSuffix(string(kind), ".refused") {
			e.Result = "wrong"
		}
		s.must(s.cfg.Audit.Record(s.Context(), live.ID, e))
	}
}

func TestTheFiguresOfAnEnvironmentAreBoundedAndSayHowOldTheyAre(t *testing.T) {
	s := newSite(t)
	ledger := &counting{ReaderStore: s.store}
	s.cfg.Ledger.Store = ledger
	s.as(operator.Auditor, "harbourlight")
	live, _ := s.cfg.Registry.ByName("harbourlight", "production")
	s.happened(live, time.Minute, audit.SignedIn, audit.SignedIn, audit.SignedIn, audit.SignInRefused)
	s.happened(live, 50*time.Hour, audit.SignedIn)
	at := "/e/harbourlight/production"
	page := s.open(at).Body.String()
	for _, want := range []string{"75%", "3 signed in, 1 turned away; over 7 days 80%", "As of", "2026-11-22T10:00:00Z"} {
		if !strings.Contains(page, want) {
			t.Errorf("the page does not say %q", want)
		}
	}
	if most := int64(hourPages*windowRows + weekSlices*perSlice); ledger.asked.Load() > most || ledger.asked.Load() == 0 {
		t.Errorf("the ledger was asked for %d events, more than %d", ledger.asked.Load(), most)
	}
	ledger.asked.Store(0)
	s.now = s.now.Add(pulseFor - time.Second)
	if s.open(at); ledger.asked.Load() != 0 {
		t.Errorf("within a minute the ledger was asked for %d events", ledger.asked.Load())
	}
	s.now, ledger.down = s.now.Add(time.Minute), true
	s.must(s.cfg.Registry.Start(t.Context())) // it has heard of changes, meanwhile
	ledger.asked.Store(0)
	for range 3 {
		s.open(at)
	}
	if ledger.asked.Load() != windowRows {
		t.Errorf("a ledger that is down was asked for %d events", ledger.asked.Load())
	}
	if page := s.open(at); page.Code != 200 || !strings.Contains(page.Body.String(), "does not answer in time") || !strings.Contains(page.Body.String(), "75%") {
		t.Errorf("with the ledger down: %d", page.Code)
	}
}

func TestAnHourOfMoreThanCanBeReadIsToldAsAtLeast(t *testing.T) {
	s := newSite(t)
	s.as(operator.Auditor, "harbourlight")
	live, _ := s.cfg.Registry.ByName("harbourlight", "production")
	entries := make([]audit.Entry, 1000)
	for i := range entries {
		entries[i] = audit.Entry{At: s.now.Add(-time.Second), Type: audit.SignedIn, Actor: "system"}
	}
	for range hourPages {
		s.must(s.cfg.Audit.Record(t.Context(), live.ID, entries...))
	}
	s.happened(live, time.Minute, audit.SignInRefused)
	if page := s.open("/e/harbourlight/production").Body.String(); !strings.Contains(page, "at least 4,99") || !strings.Contains(page, "0 turned away") {
		t.Error("it is told as all")
	}
}

func TestTheOverviewTellsWhatNeedsSomebody(t *testing.T) {
	s := newSite(t)
	s.furnish()
	s.things("harbourlight")
	s.as(operator.Owner, "harbourlight")
	live, _ := s.cfg.Registry.ByName("harbourlight", "production")
	s.widen(live, "rules:\n      - name: post", "rules:\n      - {name: first, grants: [client_credentials], scopes: [\"*\"]}\n      - name: post",
		"pkce: optional", "pkce: optional\nowner: Digital", "type: browser", "type: browser\nowner: Digital")
	s.now = s.now.Add(366 * 24 * time.Hour)
	s.must(s.cfg.Registry.Start(t.Context())) // it has not heard of anything for a year
	s.has.SignedIn = s.now
	page := s.open("/e/harbourlight/production").Body.String()
	for _, want := range []string{
		"4 applications without an owner", `q=owner%3Anone`, "my-account has a secret that is older than a year", "payright has no secret",
		"1 rule of enterprise no request ever comes to", "/servers/enterprise#policies", "The key of apps should have been rotated",
		"Nobody but one person may do everything here",
	} {
		if !strings.Contains(page, want) {
			t.Errorf("the page does not say %q", want)
		}
	}
	s.as(operator.Developer, "harbourlight")
	if page := s.open("/e/harbourlight/production").Body.String(); strings.Contains(page, "should have been rotated") || !strings.Contains(page, "without an owner") {
		t.Error("a developer is told of what is not theirs")
	}
	if server := s.open("/e/harbourlight/production/servers/enterprise").Body.String(); !strings.Contains(server, "Never reached") {
		t.Error("the rule is not marked")
	}
}

func TestAnEmptyEnvironmentBeginsWithFiveSteps(t *testing.T) {
	s := newSite(t)
	_, err := s.cfg.Registry.Create(t.Context(), "harbourlight", "preview", false, "tester")
	s.must(err)
	s.as(operator.Owner, "harbourlight")
	page := s.open("/e/harbourlight/preview").Body.String()
	if strings.Count(page, "To do") != 5 || !strings.Contains(page, "sallyport apply DIR --env harbourlight/preview") {
		t.Error(page)
	}
}

func TestNumbersAreGrouped(t *testing.T) {
	for n, want := range map[int64]string{0: "0", 999: "999", 1000: "1,000", 12400: "12,400", 3500000: "3,500,000", -1000: "-1,000", -100: "-100"} {
		if got := grouped(n); got != want {
			t.Errorf("%d: %s", n, got)
		}
	}
}

func TestPagesThatKeepThingsAreOpenedAtOnce(t *testing.T) {
	s := newSite(t)
	ledger := &counting{ReaderStore: s.store}
	s.cfg.Ledger.Store = ledger
	s.as(operator.Auditor, "harbourlight")
	var all sync.WaitGroup
	for range 8 {
		for _, path := range []string{"", "/access/apps", "/access/apps?group=residential", "/applications/payright"} {
			all.Go(func() {
				if got := s.open("/e/harbourlight/production" + path); got.Code != 200 {
					t.Errorf("%s: %d", path, got.Code)
				}
			})
		}
	}
	all.Wait()
}
