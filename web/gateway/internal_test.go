package gateway

import (
	"net/http"
	"net/netip"
	"strings"
	"sync"
	"testing"
	"time"

	"sallyport/pure/quota"
)

// Whatever a header is called: if a back end that reads all punctuation as a
// dash, and minds no case, could take it for one of ours, it does not cross.
func FuzzNoAliasOfAnIdentityHeaderCrosses(f *testing.F) {
	for _, name := range []string{"Sallyport-Subject", "x_forwarded.for", "X-Custom", "SALLYPORT_subject", "cookie", "Authorization", "Sallyport\u2010Subject", ""} {
		f.Add(name)
	}
	f.Fuzz(func(t *testing.T, name string) {
		if !forwarded(name) {
			return
		}
		read := strings.Map(func(r rune) rune {
			if r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' {
				return r
			}
			return '-'
		}, name)
		read = http.CanonicalHeaderKey(read)
		if notForwarded[read] || strings.HasPrefix(read, "Sallyport-") || strings.HasPrefix(read, "X-Forwarded-") || strings.HasPrefix(read, "X-Original-") {
			t.Errorf("%q crosses and may be read as %s", name, read)
		}
	})
}

func TestTheNamesOfListsAreCanonical(t *testing.T) {
	for _, list := range []map[string]bool{notForwarded, notReturned} {
		for name := range list {
			if http.CanonicalHeaderKey(name) != name {
				t.Errorf("%s would never be found", name)
			}
		}
	}
	for _, prefix := range notForwardedPrefixes {
		if prefix[0] != 'S' && prefix[0] != 'X' {
			t.Errorf("%s is never looked for", prefix)
		}
		if !strings.HasPrefix(http.CanonicalHeaderKey(prefix+"xx"), prefix) {
			t.Errorf("%s would never be found", prefix)
		}
	}
}

func TestNoTwoCallsSpendTheSameUnit(t *testing.T) {
	l := newLimiter(nil)
	limit := quota.Limit{Count: 1, Period: time.Hour, Burst: 100}
	b := bucket{environment: 2, kind: byKey, name: "sub_1"}
	now := time.Unix(1_000_000, 0)
	var mu sync.Mutex
	allowed := 0
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			for range 50 {
				if l.spend(b, limit, now, 1).Allowed {
					mu.Lock()
					allowed++
					mu.Unlock()
				}
			}
		})
	}
	all.Wait()
	if allowed != 100 {
		t.Errorf("%d calls of 100 were allowed", allowed)
	}
	l.refund(b, limit, now)
	if !l.spend(b, limit, now, 1).Allowed || l.spend(b, limit, now, 1).Allowed {
		t.Error("a refund is not worth one call")
	}
}

func TestTheLimiterIsBoundedAndStrangersShareWhatIsLeft(t *testing.T) {
	l := newLimiter(nil)
	limit := quota.Limit{Count: 1, Period: time.Hour, Burst: 2}
	now := time.Unix(1_000_000, 0)
	source := func(i int) bucket {
		a := netip.AddrFrom16([16]byte{0x20, byte(i >> 16), byte(i >> 8), byte(i)})
		return bucket{environment: 2, kind: bySource, address: network(a)}
	}
	n := limiterShards*maxBuckets + 200_000
	for i := range n {
		l.spend(source(i), limit, now, 1)
	}
	kept := 0
	for i := range l.shards {
		kept += len(l.shards[i].arrival)
	}
	if kept > limiterShards*(maxBuckets+1) {
		t.Errorf("%d callers are kept", kept)
	}
	if l.spend(source(n+1), limit, now, 1).Allowed {
		t.Error("one stranger too many has a limit of its own")
	}
	if !l.spend(source(n+1), limit, now.Add(24*time.Hour), 1).Allowed {
		t.Error("callers who have their credit back are not forgotten")
	}
}

func TestAHouseholdIsOneSource(t *testing.T) {
	a, b := netip.MustParseAddr("2001:db8:1:2::1"), netip.MustParseAddr("2001:db8:1:2:ffff::9")
	if network(a) != network(b) || network(a) == network(netip.MustParseAddr("2001:db8:1:3::1")) {
		t.Error("IPv6 is not counted by /64")
	}
	if network(netip.MustParseAddr("192.0.2.1")) == network(netip.MustParseAddr("192.0.2.2")) {
		t.Error("two IPv4 addresses are counted as one")
	}
}
