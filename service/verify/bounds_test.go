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
