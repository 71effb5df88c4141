//go:build large

package login_test

import (
	"fmt"
	"testing"
)

func TestLargeWhoeverRoamsThroughPagesGetsNowhereUnproved(t *testing.T) {
	for seed := range uint64(200) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) { roams(t, 1000+seed, 1000) })
	}
}
