package issue

import (
	"fmt"
	"net/netip"
	"testing"
	"time"
)

func TestFailuresAreCountedByClientAndSource(t *testing.T) {
	now := time.Date(2026, 11, 22, 10, 0, 0, 0, time.UTC)
	here := netip.MustParseAddr("192.0.2.1")
	f := newFailures()
	for i := range clientBurst {
		if wait := f.reserve("payright", here, now); wait != 0 {
			t.Fatalf("failure %d waits %v", i, wait)
		}
	}
	if wait := f.reserve("payright", here, now); wait != failureCost {
		t.Errorf("after the burst: wait %v, want %v", wait, failureCost)
	}
	if wait := f.reserve("payright", netip.MustParseAddr("192.0.2.2"), now); wait != 0 {
		t.Errorf("a stranger's failures lock the client out elsewhere: %v", wait)
	}
	if wait := f.reserve("payright", here, now.Add(failureCost)); wait != 0 {
		t.Errorf("after its wait: %v", wait)
	}
	for i := range 2 * sourceBurst {
		f.reserve(fmt.Sprint("client", i), here, now)
	}
	if wait := f.reserve("yet-another", here, now); wait <= 0 {
		t.Error("a source that tries many names is not limited")
	}
}

func TestASuccessLeavesNoTrace(t *testing.T) {
	now, here := time.Unix(1_800_000_000, 0), netip.MustParseAddr("2001:db8::1")
	f := newFailures()
	for range 1000 {
		if f.reserve("payright", here, now) != 0 {
			t.Fatal("a success was counted")
		}
		f.giveBack("payright", here, now)
	}
	if len(f.current)+len(f.before) != 0 {
		t.Errorf("%d keys are kept", len(f.current))
	}
}

func TestAnIPv6NetworkIsOneSourceAndMemoryIsBounded(t *testing.T) {
	now := time.Unix(1_800_000_000, 0)
	f := newFailures()
	for i := range clientBurst {
		f.reserve("payright", netip.MustParseAddr(fmt.Sprintf("2001:db8::%x", i+1)), now)
	}
	if f.reserve("payright", netip.MustParseAddr("2001:db8::ffff"), now) == 0 {
		t.Error("another address of the same network was let in")
	}
	for i := range 3 * maxFailures {
		f.reserve("x", netip.AddrFrom4([4]byte{byte(i >> 24), byte(i >> 16), byte(i >> 8), byte(i)}), now)
	}
	if n := len(f.current) + len(f.before); n > 2*maxFailures+1 {
		t.Errorf("%d keys are kept", n)
	}
}
