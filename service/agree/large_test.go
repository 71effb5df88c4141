//go:build large

package agree_test

import (
	"testing"
	"time"
)

// A million contexts, of configurations that the small form does not draw.
func TestLargeDecisionsExplanationsProofsAndTheGatewayAgree(t *testing.T) {
	begin := time.Now()
	contexts := int64(0)
	for first := uint64(1_000_000); contexts < 1_000_000 && !t.Failed(); first += 2000 {
		contexts += agree(t, first, 2000, 40).contexts.Load()
	}
	t.Logf("%d contexts in %v", contexts, time.Since(begin).Round(time.Second))
}

func TestLargeTokensPreviewsAndTheGatewayAgree(t *testing.T) { issues(t, 2_000_000, 1000) }

func TestLargeReviewsTellEveryWideningAndNoOther(t *testing.T) { reviews(t, 3_000_000, 3000) }
