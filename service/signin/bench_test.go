//go:build unix

package signin_test

import (
	"crypto/rand"
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

// BenchmarkPasswordSignIn gives what a whole sign-in costs in CPU, durable
// writes included, as a multiple of the one hash in it. The budget is 1.1.
func BenchmarkPasswordSignIn(b *testing.B) {
	w := worldOf(b, func(cfg *signin.Config) {
		cfg.Cost = passhash.DefaultCost
		cfg.Limits = signin.Limits{Account: roomy, Device: roomy, Source: roomy}
	})
	encoded, err := passhash.New(rand.Reader, []byte("tractor"), passhash.DefaultCost)
	if err != nil {
		b.Fatal(err)
	}
	hash, err := passhash.Parse(encoded)
	if err != nil {
		b.Fatal(err)
	}
	w.Customer("dana", encoded)
	var whole, alone time.Duration
	for b.Loop() {
		debug.FreeOSMemory() // both sides begin with memory that the system has to give
		began := processor()
		if w.Browser().SignIn("dana", "tractor").Next == "" {
			b.Fatal("not signed in")
		}
		end := processor()
		debug.FreeOSMemory()
		middle := processor()
		if match, _ := hash.Verify([]byte("tractor")); !match {
			b.Fatal("no match")
		}
		whole, alone = whole+end-began, alone+processor()-middle
	}
	b.ReportMetric(float64(whole)/float64(alone), "×hash")
}
