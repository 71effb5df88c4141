package quota

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// The header fields that tell a caller about its limits. RateLimit and
// RateLimit-Policy follow draft-ietf-httpapi-ratelimit-headers-08 and later:
// lists of named items (RFC 9651), in whole seconds. The draft is not final.

// Policy is a limit under the name that callers see, such as "burst" or "day".
type Policy struct {
	Name   string
	Count  int           // quota units per period
	Period time.Duration // told in seconds, rounded up
}

// Policy names a limit for callers. The draft knows no burst: what it calls
// quota is what may pass at once, so the quota is the burst and its window the
// time in which a burst is regained. Neither overstates what is allowed.
func (l Limit) Policy(name string) Policy { return Policy{name, l.Burst, l.Credit()} }

// Policy names a window for callers.
func (w Window) Policy(name string) Policy { return Policy{name, w.Count, w.Period} }

// RateLimitPolicy is the value of a RateLimit-Policy field:
//
//	"burst";q=20;w=4, "day";q=10000;w=86400
func RateLimitPolicy(policies ...Policy) string {
	items := make([]string, len(policies))
	for i, p := range policies {
		items[i] = fmt.Sprintf("%s;q=%d;w=%d", quote(p.Name), p.Count, seconds(p.Period))
	}
	return strings.Join(items, ", ")
}

// RateLimit is one item of a RateLimit field; join several with ", ":
//
//	"burst";r=19;t=1
//
// t is the time until what was spent is regained in full.
func RateLimit(name string, v Verdict) string {
	item := append(make([]byte, 0, len(name)+48), quote(name)...)
	item = strconv.AppendInt(append(item, ";r="...), int64(v.Remaining), 10)
	return string(strconv.AppendInt(append(item, ";t="...), seconds(v.ResetAfter), 10))
}

// RetryAfter is the value of a Retry-After field (RFC 9110 §10.2.3) in seconds,
// rounded up, so that who obeys is not refused again. It is empty, and the field
// should be left out, if the call was allowed or would never be.
func RetryAfter(v Verdict) string {
	if v.Allowed || v.RetryAfter == Never {
		return ""
	}
	return strconv.FormatInt(max(seconds(v.RetryAfter), 1), 10)
}

// seconds rounds up.
func seconds(d time.Duration) int64 {
	if d <= 0 {
		return 0
	}
	return (int64(d)-1)/int64(time.Second) + 1
}

// quote writes a structured-field string (RFC 9651 §3.3.3). Characters that
// such a string cannot hold become question marks: a name must never be able to
// end the header line.
func quote(name string) string {
	var b strings.Builder
	b.WriteByte('"')
	for _, c := range name {
		switch {
		case c < 0x20 || c > 0x7e:
			b.WriteByte('?')
		case c == '"' || c == '\\':
			b.WriteByte('\\')
			fallthrough
		default:
			b.WriteRune(c)
		}
	}
	b.WriteByte('"')
	return b.String()
}
