//go:build large

package login_test

import (
	"fmt"
	"testing"

	"sallyport/service/signin/signintest"
)

func TestLargeWhoeverRoamsThroughPagesGetsNowhereUnproved(t *testing.T) {
	for seed := range uint64(200) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) { roams(t, 1000+seed, 1000) })
	}
}

// It fails by name for a step, a page or a form to which no walk came.
func TestLargeWhoeverWandersAnywhereGetsNowhereUnproved(t *testing.T) {
	saw := newSaw(t)
	for seed := range uint64(100) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) { wanders(t, signintest.Embedded, 1000+seed, 2000, saw) })
	}
	for _, what := range saw.missing(t) {
		t.Error(what)
	}
}
