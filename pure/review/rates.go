package review

import (
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strings"

	"sallyport/pure/config"
)

func address(u *url.URL) string {
	if u == nil {
		return "nowhere"
	}
	return u.String()
}

// rates compares limits of calls as rateText writes them. What is not set, or has no
// calls, is no limit.
func rates(before, after string) direction {
	was, is := readRate(before), readRate(after)
	switch {
	case is.above(was):
		return more
	case was.above(is):
		return less
	}
	return same
}

// limit is a rate that can be compared: how many each nanosecond, and at once.
type limit struct {
	none              bool
	calls, per, burst int64
}

func readRate(text string) limit {
	var calls, burst int64
	var per string
	if n, _ := fmt.Sscanf(text, "%d each %s %d at once", &calls, &per, &burst); n != 3 {
		return limit{none: true}
	}
	d, err := config.ParseDuration(strings.TrimSuffix(per, ","))
	if err != nil || d <= 0 {
		return limit{none: true}
	}
	return limit{calls: calls, per: int64(d), burst: burst}
}

// above reports whether a limit lets more through in some stretch of time.
func (l limit) above(other limit) bool {
	if l.none || other.none {
		return l.none && !other.none
	}
	// Calls and lengths of time are below 2³¹ and 2⁵⁵, so that a float64 tells
	// them apart as far as matters here.
	return float64(l.calls)*float64(other.per) > float64(other.calls)*float64(l.per) || l.burst > other.burst
}

// inEffect tells for each application what its own keys and its servers' together
// come to: the form of its access tokens and its rate.
func (c *comparison) inEffect() {
	for _, name := range slices.Sorted(maps.Keys(c.after.Applications)) {
		before, after := c.before.Applications[name], c.after.Applications[name]
		if before == nil {
			continue
		}
		for _, server := range slices.Sorted(maps.Keys(after.Assigned)) {
			was, is := c.before.Servers[server], c.after.Servers[server]
			if was == nil || is == nil {
				continue
			}
			if _, assigned := before.Assigned[server]; !assigned {
				continue
			}
			c.effect(name, server, effect{"access_tokens", form(before, was), form(after, is), before.AccessTokens == after.AccessTokens, ranked("opaque", "jwt"), true})
			c.effect(name, server, effect{"rate", rateOf(before, was), rateOf(after, is), sameRate(before.Rate, after.Rate), rates, false})
		}
	}
}

// effect is a key of an application with what stands for it on either side.
type effect struct {
	key        string
	was, is    string
	own        bool // the application's own key did not change: the server's line tells
	judge      judge
	credential bool
}

func (c *comparison) effect(name, server string, e effect) {
	if e.own {
		return
	}
	title := "application " + name
	line := Line{
		Kind: KindSetting, Object: title, Server: server, Before: e.key + ": " + e.was, After: e.key + ": " + e.is,
		Sentence: fmt.Sprintf("%s: %s at %s was %s, and is now %s", title, e.key, server, e.was, e.is),
	}
	if e.was == e.is { // it is said of the application now, or no longer
		line.Sentence = fmt.Sprintf("%s: %s at %s stays %s, by another key", title, e.key, server, e.is)
	}
	line.place(e.judge(e.was, e.is), e.credential && e.was != e.is)
	c.add(line)
}

func form(a *config.Application, s *config.LiveServer) string {
	return or(a.AccessTokens, or(s.AccessTokens, config.TokensJWT))
}

func rateOf(a *config.Application, s *config.LiveServer) string {
	switch {
	case a.Rate != nil:
		return rateText(*a.Rate)
	case s.Limits.Application != nil:
		return rateText(*s.Limits.Application)
	}
	return rateText(config.Rate{})
}

func sameRate(a, b *config.Rate) bool {
	if a == nil || b == nil {
		return a == b
	}
	return *a == *b
}
