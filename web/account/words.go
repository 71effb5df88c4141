package account

import (
	"strconv"
	"time"
)

// speaker says a text in the language of a page.
type speaker func(text string, with ...any) string

// inWords gives a time to wait, rounded up so that it is not too early.
func inWords(say speaker, d time.Duration) string {
	up := func(unit time.Duration) int { return int((d + unit - 1) / unit) }
	switch {
	case d <= time.Minute:
		return say("a minute")
	case d <= time.Hour:
		return say("%d minutes", up(time.Minute))
	}
	return say("%d hours", up(time.Hour))
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
