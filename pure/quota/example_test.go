package quota_test

import (
	"fmt"
	"time"

	"sallyport/pure/quota"
)

func ExampleSpend() {
	limit := quota.Limit{Count: 2, Period: time.Second, Burst: 3}
	now := time.Date(2026, 11, 22, 9, 0, 0, 0, time.UTC)
	var tat time.Time
	for range 4 {
		var verdict quota.Verdict
		tat, verdict = quota.Spend(limit, tat, now, 1)
		fmt.Println(verdict.Allowed, verdict.Remaining, verdict.RetryAfter)
	}
	// Output:
	// true 2 0s
	// true 1 0s
	// true 0 0s
	// false 0 500ms
}

func ExampleWindow_Spend() {
	day := quota.Window{Count: 10_000, Period: 24 * time.Hour}
	now := time.Date(2026, 11, 22, 21, 30, 0, 0, time.UTC)
	usage, verdict := day.Spend(quota.Usage{}, now, 9_999)
	fmt.Println(usage.Begin.Format(time.DateTime), verdict.Remaining)
	_, verdict = day.Spend(usage, now, 2)
	fmt.Println(verdict.Allowed, verdict.RetryAfter)
	// Output:
	// 2026-11-22 00:00:00 1
	// false 2h30m0s
}

func ExampleRateLimit() {
	limit := quota.Limit{Count: 300, Period: time.Minute, Burst: 20}
	day := quota.Window{Count: 10_000, Period: 24 * time.Hour}
	now := time.Date(2026, 11, 22, 9, 0, 0, 0, time.UTC)
	_, verdict := quota.Spend(limit, time.Time{}, now, 1)
	fmt.Println("RateLimit-Policy:", quota.RateLimitPolicy(limit.Policy("burst"), day.Policy("day")))
	fmt.Println("RateLimit:", quota.RateLimit("burst", verdict))
	// Output:
	// RateLimit-Policy: "burst";q=20;w=4, "day";q=10000;w=86400
	// RateLimit: "burst";r=19;t=1
}
