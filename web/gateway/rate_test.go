package gateway_test

import (
	"context"
	"encoding/json"
	"strings"
	"sync"
	"testing"
	"time"

	"sallyport/pure/quota"
	"sallyport/service/verify/verifytest"
	"sallyport/store"
	"sallyport/web/gateway"
)

// rated is a token of the portal for a customer, with the rate of a rule.
func (w *world) rated(subject, rate string) map[string]any {
	claims := verifytest.Person(w.Claims("apps", "portal", "billing.read.bill"), subject, store.GrantID{1}, store.SessionID{1})
	claims["rate"] = rate
	return claims
}

func (w *world) bills(token string) told {
	return w.call(ask{path: "/billing/bills/7", key: w.portal.Primary.Reveal(), token: token})
}

func TestATokenIsHeldToTheRateOfItsRule(t *testing.T) {
	w := newWorld(t)
	for i, row := range []struct {
		what  string
		token string
		want  int
	}{
		{"the first call", w.Sign("apps", w.rated("cus_1", "1/60/2")), 200},
		{"the second, by another token", w.Sign("apps", w.rated("cus_1", "1/60/2")), 200},
		{"the third, by an opaque one", w.Seal("apps", w.rated("cus_1", "1/60/2")), 429},
		{"another customer", w.Sign("apps", w.rated("cus_2", "1/60/2")), 200},
		{"another rate, as another rule has", w.Sign("apps", w.rated("cus_1", "1/60/1")), 200},
		{"no rate", w.person("billing.read.bill"), 200},
	} {
		if got := w.bills(row.token); got.StatusCode != row.want {
			t.Errorf("%d, %s: %d %s", i, row.what, got.StatusCode, got.body)
		}
	}
	got := w.bills(w.Sign("apps", w.rated("cus_1", "1/60/2")))
	if got.problem.Check != "limit" || got.Header.Get("Retry-After") == "" || !strings.Contains(got.Header.Get("RateLimit"), `"rule"`) {
		t.Errorf("%v %s", got.Header, got.body)
	}
	events := w.events("limit")
	if len(events) == 0 {
		t.Fatal("nothing was recorded")
	}
	var event struct {
		Detail struct {
			Reason string `json:"reason"`
		} `json:"detail"`
	}
	if err := json.Unmarshal(events[0].Body, &event); err != nil || event.Detail.Reason != "rate 1/60/2" {
		t.Errorf("%s: %v", events[0].Body, err)
	}
	w.Pass(61 * time.Second)
	w.Hear()
	if got := w.bills(w.Sign("apps", w.rated("cus_1", "1/60/2"))); got.StatusCode != 200 {
		t.Errorf("a minute later: %d %s", got.StatusCode, got.body)
	}
}

// What a later step refuses has not been made: it is given back.
func TestARefusedCallCostsNothingOfTheRate(t *testing.T) {
	w := newWorld(t)
	none := w.rated("cus_1", "1/60/1")
	none["scope"] = "billing.read.nothing"
	for range 3 {
		if got := w.bills(w.Sign("apps", none)); got.problem.Check != "scope" {
			t.Fatalf("%d %s", got.StatusCode, got.body)
		}
	}
	if got := w.bills(w.Sign("apps", w.rated("cus_1", "1/60/1"))); got.StatusCode != 200 {
		t.Errorf("%d %s", got.StatusCode, got.body)
	}
}

func TestARateThatCannotBeReadRefusesTheToken(t *testing.T) {
	w := newWorld(t)
	for _, rate := range []string{"", "10", "10/60", "10/60/", "0/60/1", "-1/60/1", "10/0/1", "010/60/1", "10/60/1/1", " 10/60/1", "1/86400/1000000", "unlimited"} {
		if got := w.bills(w.Sign("apps", w.rated("cus_1", rate))); got.StatusCode != 401 || got.problem.Check != "token" {
			t.Errorf("%q: %d %s", rate, got.StatusCode, got.body)
		}
	}
	odd := w.rated("cus_1", "")
	for _, rate := range []any{10, nil, []string{"10/60/1"}} {
		odd["rate"] = rate
		if got := w.bills(w.Sign("apps", odd)); got.StatusCode != 401 {
			t.Errorf("%v: %d %s", rate, got.StatusCode, got.body)
		}
	}
}

// between is what nodes share.
type between struct {
	mu      sync.Mutex
	arrival map[string]time.Time
}

func (b *between) Spend(_ context.Context, name string, limit quota.Limit, now time.Time, cost int) (quota.Verdict, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	after, verdict := quota.Spend(limit, b.arrival[name], now, cost)
	if verdict.Allowed {
		b.arrival[name] = after
	}
	return verdict, nil
}

func (b *between) Refund(_ context.Context, name string, limit quota.Limit, now time.Time) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.arrival[name] = quota.Refund(limit, b.arrival[name], now, 1)
	return nil
}

func TestNodesShareTheRateOfARule(t *testing.T) {
	shared := &between{arrival: map[string]time.Time{}}
	one := newWorld(t, func(c *gateway.Config) { c.Shared = shared })
	two := newWorld(t, func(c *gateway.Config) { c.Shared = shared })
	for i, row := range []struct {
		node *world
		want int
	}{{one, 200}, {two, 200}, {one, 429}, {two, 429}} {
		if got := row.node.bills(row.node.Sign("apps", row.node.rated("cus_1", "1/3600/2"))); got.StatusCode != row.want {
			t.Errorf("call %d: %d %s", i, got.StatusCode, got.body)
		}
	}
}
