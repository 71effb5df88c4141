package verify

import (
	"encoding/hex"
	"fmt"
	"strings"
	"testing"
	"time"

	"sallyport/store"
)

func TestTheCacheKeepsWhatIsUsedAndNoMoreThanItsLimit(t *testing.T) {
	c := newCache(4 * shards)
	name := func(i int) string { return fmt.Sprintf("token-%d", i) }
	put := func(text string) { c.put(c.hash(2, text), &remembered{env: 2, text: text, token: &Token{}}) }
	put("hot")
	for i := range 2000 {
		if c.get(c.hash(2, "hot"), 2, "hot") == nil {
			t.Fatalf("a token in constant use was forgotten after %d others", i)
		}
		put(name(i))
	}
	kept := 0
	for i := range c.shards {
		if len(c.shards[i].at) != len(c.shards[i].ring) {
			t.Error("the index and the ring disagree")
		}
		kept += len(c.shards[i].ring)
	}
	if kept > 4*shards {
		t.Errorf("%d tokens are kept, the limit is %d", kept, 4*shards)
	}
	long := strings.Repeat("x", maxRememberedBytes+1)
	if put(long); c.get(c.hash(2, long), 2, long) != nil {
		t.Error("a token above the limit was kept")
	}
	if c.get(c.hash(2, "hot"), 3, "hot") != nil {
		t.Error("a token of one environment was found in another")
	}
}

func TestRevocationsForgottenBeforeTheirTimeRefuseAllThatIsOlder(t *testing.T) {
	r := newRevoked(2)
	start := time.Unix(1_000_000, 0)
	revoke := func(n byte, at time.Time) {
		id := store.GrantID{n}
		r.hear(store.FeedEntry{Env: 2, Kind: store.GrantRevoked, Subject: hex.EncodeToString(id[:]), At: at, Until: at.Add(25 * time.Hour)}, at)
	}
	for n := range byte(3) {
		revoke(n, start.Add(time.Duration(n)*time.Minute))
	}
	if len(r.ids) != 2 || len(r.queue) != 2 {
		t.Fatalf("%d kept, %d queued", len(r.ids), len(r.queue))
	}
	issued := func(grant byte, at time.Time) *Token {
		return &Token{Subject: "cus_1", GrantID: store.GrantID{grant}, IssuedAt: at}
	}
	tests := map[string]struct {
		token *Token
		env   store.EnvironmentID
		want  bool
	}{
		"the forgotten grant":                {issued(0, start.Add(-time.Second)), 2, true},
		"another grant as old":               {issued(9, start.Add(-time.Second)), 2, true},
		"another grant, younger":             {issued(9, start.Add(time.Second)), 2, false},
		"a kept grant":                       {issued(2, start.Add(time.Second)), 2, true},
		"as old, but in another environment": {issued(9, start.Add(-time.Second)), 3, false},
	}
	for name, test := range tests {
		if got := r.names(test.env, test.token); got != test.want {
			t.Errorf("%s: revoked is %v", name, got)
		}
	}
}

func TestRevocationsAreForgottenOnceNoTokenCanBeAlive(t *testing.T) {
	r := newRevoked(100)
	at := time.Unix(1_000_000, 0)
	id := store.GrantID{1}
	entry := store.FeedEntry{Env: 2, Kind: store.GrantRevoked, Subject: hex.EncodeToString(id[:]), At: at, Until: at.Add(time.Hour)}
	r.hear(entry, at)
	r.hear(store.FeedEntry{Env: 2, Kind: store.CustomerRevoked, Subject: "cus_1", At: at, Until: at.Add(time.Hour)}, at)
	r.hear(store.FeedEntry{Kind: store.RevisionApplied}, at.Add(2*time.Hour))
	if len(r.ids)+len(r.since)+len(r.queue) != 0 {
		t.Errorf("still kept: %d grants, %d customers, %d queued", len(r.ids), len(r.since), len(r.queue))
	}
}

// Whoever gives up more tokens than there is room for ends their own early, and
// nobody else's.
func TestTokensGivenUpBeyondTheLimitEndThoseOfTheirApplicationAlone(t *testing.T) {
	r := newRevoked(2)
	start := time.Unix(1_000_000, 0)
	for n := range 3 {
		at := start.Add(time.Duration(n) * time.Minute)
		entry := store.FeedEntry{Env: 2, Kind: store.TokenRevoked, Subject: fmt.Sprint("flood/", n), At: at, Until: at.Add(time.Hour)}
		r.hear(entry, at)
		r.hear(entry, at) // as the feed repeats what this node heard first
	}
	r.hear(store.FeedEntry{Env: 2, Kind: store.TokenRevoked, Subject: "no-token-at-all", At: start, Until: start.Add(time.Hour)}, start)
	if len(r.singles.tokens) != 2 || len(r.singles.queue) != 2 || len(r.queue) != 0 {
		t.Fatalf("%d kept, %d queued, %d among the others", len(r.singles.tokens), len(r.singles.queue), len(r.queue))
	}
	issued := func(application, jti string, at time.Time) *Token {
		return &Token{Subject: "app:" + application, ClientID: application, JTI: jti, IssuedAt: at}
	}
	for name, test := range map[string]struct {
		token *Token
		env   store.EnvironmentID
		want  bool
	}{
		"a token that is remembered":             {issued("flood", "2", start), 2, true},
		"the forgotten one":                      {issued("flood", "0", start.Add(-time.Second)), 2, true},
		"another of the application, as old":     {issued("flood", "9", start.Add(-time.Second)), 2, true},
		"another of the application, younger":    {issued("flood", "9", start.Add(time.Second)), 2, false},
		"another application's, as old":          {issued("calm", "9", start.Add(-time.Second)), 2, false},
		"the same jti of another application":    {issued("calm", "2", start), 2, false},
		"the same token in another environment":  {issued("flood", "2", start), 3, false},
		"a token of the same name with a prefix": {issued("flood", "22", start.Add(time.Second)), 2, false},
	} {
		if got := r.names(test.env, test.token); got != test.want {
			t.Errorf("%s: revoked is %v", name, got)
		}
	}
	r.hear(store.FeedEntry{Kind: store.RevisionApplied}, start.Add(3*time.Hour))
	if len(r.singles.tokens)+len(r.singles.queue) != 0 {
		t.Error("tokens are remembered after their death")
	}
}

func TestRecallsEndWithTheTokensAndMakeWayOnTheSafeSide(t *testing.T) {
	start := time.Unix(1_000_000, 0)
	hear := func(r *revoked, application string, at time.Time) {
		entry := store.Recall{Server: "apps", Application: application, From: 1, To: 2, At: at}.Entry()
		entry.Env, entry.Until = 2, at.Add(25*time.Hour)
		r.hear(entry, at)
	}
	r := newRevoked(2)
	hear(r, "portal", start)
	hear(r, "mobile", start.Add(30*time.Hour))
	if len(r.cells.of) != 1 || len(r.cells.queue) != 1 {
		t.Errorf("%d cells, %d queued: what matters to no token is kept", len(r.cells.of), len(r.cells.queue))
	}
	hear(r, "outage", start.Add(31*time.Hour))
	hear(r, "payright", start.Add(32*time.Hour))
	issued := func(at time.Duration) *Token {
		return &Token{Server: "apps", Subject: "app:x", ClientID: "x", IssuedAt: start.Add(at), Revision: 9}
	}
	if len(r.cells.queue) != 2 || !r.names(2, issued(30*time.Hour)) || r.names(2, issued(31*time.Hour)) || r.names(3, issued(0)) {
		t.Errorf("%d queued, floor %v", len(r.cells.queue), r.floor)
	}
}
