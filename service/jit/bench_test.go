//go:build unix

package jit_test

import (
	"crypto/rand"
	"fmt"
	"net/netip"
	"runtime/debug"
	"syscall"
	"testing"
	"time"

	"sallyport/protocol/passhash"
	"sallyport/service/signin"
)

// processor is the CPU time that this process has used.
func processor() time.Duration {
	var u syscall.Rusage
	_ = syscall.Getrusage(syscall.RUSAGE_SELF, &u) // cannot fail for oneself
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// BenchmarkComingAlong gives what taking somebody along costs in CPU, from the first
// page to the session, durable writes included, beside one hash: as a multiple of it
// and as milliseconds over it. The budget is one hash and 10 ms. The earlier system
// answers at once, so its own time is not in it.
func BenchmarkComingAlong(b *testing.B) {
	roomy := signin.Limit{Burst: 10_000, Interval: time.Millisecond}
	w := worldOf(b, fmt.Sprintf(migrationTree, "ndjson", "limit: {calls: 100000, per: 1s}, source: {calls: 100000, per: 1s}"), func(cfg *signin.Config) {
		cfg.Cost = passhash.DefaultCost
		cfg.Limits = signin.Limits{Account: roomy, Device: roomy, Source: roomy}
	})
	var whole, alone time.Duration
	n := 0
	for b.Loop() {
		n++
		name := fmt.Sprintf("person%d", n)
		w.knows(name, "tractor")
		browser := w.Browser()
		browser.Address = netip.AddrFrom4([4]byte{198, 51, byte(n >> 8), byte(n)})
		w.Pass(time.Second)
		debug.FreeOSMemory() // both sides begin with memory that the system has to give
		began := processor()
		if browser.SignIn(name, "tractor").Next == "" {
			b.Fatal("not signed in")
		}
		end := processor()
		debug.FreeOSMemory()
		middle := processor()
		if _, err := passhash.New(rand.Reader, []byte("tractor"), passhash.DefaultCost); err != nil {
			b.Fatal(err)
		}
		whole, alone = whole+end-began, alone+processor()-middle
	}
	b.ReportMetric(float64(whole)/float64(alone), "×hash")
	b.ReportMetric(float64((whole-alone).Microseconds())/1000/float64(n), "ms-over-hash")
}
