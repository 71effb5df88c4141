package limit

import (
	"net/netip"
	"sync"
	"testing"
	"time"

	"sallyport/pure/quota"
)

func TestNoTwoCallsSpendTheSameUnit(t *testing.T) {
	l := New(nil)
	limit := quota.Limit{Count: 1, Period: time.Hour, Burst: 100}
	b := Bucket{Environment: 2, Kind: "key", Name: "sub_1"}
	now := time.Unix(1_000_000, 0)
	var mu sync.Mutex
	allowed := 0
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			for range 50 {
				if l.Spend(b, limit, now, 1).Allowed {
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
	l.Refund(b, limit, now)
	if !l.Spend(b, limit, now, 1).Allowed || l.Spend(b, limit, now, 1).Allowed {
		t.Error("a refund is not worth one call")
	}
}

func TestTheLimiterIsBoundedAndStrangersShareWhatIsLeft(t *testing.T) {
	l := New(nil)
	limit := quota.Limit{Count: 1, Period: time.Hour, Burst: 2}
	now := time.Unix(1_000_000, 0)
	source := func(i int) Bucket {
		a := netip.AddrFrom16([16]byte{0x20, byte(i >> 16), byte(i >> 8), byte(i)})
		return Bucket{Environment: 2, Kind: "source", Source: Source(a)}
	}
	n := shards*maxBuckets + 200_000
	for i := range n {
		l.Spend(source(i), limit, now, 1)
	}
	kept := 0
	for i := range l.shards {
		kept += len(l.shards[i].arrival)
	}
	if kept > shards*(maxBuckets+1) {
		t.Errorf("%d callers are kept", kept)
	}
	if l.Spend(source(n+1), limit, now, 1).Allowed {
		t.Error("one stranger too many has a limit of its own")
	}
	if !l.Spend(source(n+1), limit, now.Add(24*time.Hour), 1).Allowed {
		t.Error("callers who have their credit back are not forgotten")
	}
}

func TestAHouseholdIsOneSource(t *testing.T) {
	a, b := netip.MustParseAddr("2001:db8:1:2::1"), netip.MustParseAddr("2001:db8:1:2:ffff::9")
	if Source(a) != Source(b) || Source(a) == Source(netip.MustParseAddr("2001:db8:1:3::1")) {
		t.Error("IPv6 is not counted by /64")
	}
	if Source(netip.MustParseAddr("192.0.2.1")) == Source(netip.MustParseAddr("192.0.2.2")) {
		t.Error("two IPv4 addresses are counted as one")
	}
}

// BenchmarkSpend is one limit of one of many callers, with and without the
// header that tells of it.
func BenchmarkSpend(b *testing.B) {
	rate := quota.Limit{Count: 1_000_000, Period: time.Second, Burst: 1_000_000}
	sources := make([]Bucket, 1024)
	for i := range sources {
		sources[i] = Bucket{2, "token-source", "enterprise", Source(netip.AddrFrom4([4]byte{198, 51, byte(i >> 8), byte(i)}))}
	}
	now := time.Unix(1_000_000, 0)
	b.Run("memory", func(b *testing.B) {
		l := New(nil)
		b.ReportAllocs()
		for i := 0; b.Loop(); i++ {
			now = now.Add(time.Microsecond)
			l.Spend(sources[i%len(sources)], rate, now, 1)
		}
	})
	b.Run("memory and header", func(b *testing.B) {
		l := New(nil)
		b.ReportAllocs()
		for i := 0; b.Loop(); i++ {
			now = now.Add(time.Microsecond)
			_ = quota.RateLimit("source", l.Spend(sources[i%len(sources)], rate, now, 1))
		}
	})
}
