package account

import (
	"fmt"
	"strconv"
	"time"
)

// inWords gives a time to wait, rounded up so that it is not too early.
func inWords(d time.Duration) string {
	up := func(unit time.Duration) int { return int((d + unit - 1) / unit) }
	switch {
	case d <= time.Minute:
		return "a minute"
	case d <= time.Hour:
		return fmt.Sprintf("%d minutes", up(time.Minute))
	}
	return fmt.Sprintf("%d hours", up(time.Hour))
}

// retryAfter tells programs the same.
func (x *exchange) retryAfter(d time.Duration) {
	if d > 0 {
		x.w.Header().Set("Retry-After", strconv.Itoa(int((d+time.Second-1)/time.Second)))
	}
}

// rank sorts what is not before what is.
func rank(is bool) int {
	if is {
		return 1
	}
	return 0
}
