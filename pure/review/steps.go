package review

import (
	"slices"
	"strings"

	"sallyport/pure/config"
)

// step is what a journey asks, whether of everybody, and whether a code that is sent
// does instead.
type step struct {
	ask    string
	always bool
	code   bool
}

// readSteps reads the steps of a journey as walk writes them.
func readSteps(text string) []step {
	var all []step
	for one := range strings.SplitSeq(text, "; ") {
		s := step{always: true}
		for part := range strings.SplitSeq(one, ", ") {
			if ask, is := strings.CutPrefix(part, "ask "); is {
				s.ask = ask
			}
			if part == "when enrolled" {
				s.always = false
			}
			if part == "or code" {
				s.code = true
			}
		}
		all = append(all, s)
	}
	return all
}

// steps compares the steps of a journey. One that is left out, or asked of fewer,
// makes signing in easier, and so may another order.
func steps(before, after string) direction {
	was, is := readSteps(before), readSteps(after)
	at := -1
	for _, s := range was {
		next := slices.IndexFunc(is, func(o step) bool { return o.ask == s.ask && (o.always || !s.always) && (!o.code || s.code) })
		if next <= at {
			return more
		}
		at = next
	}
	if slices.Equal(was, is) {
		return same
	}
	return less
}

// types compares types of applications: one that keeps no secret is easier to be
// taken for.
func types(before, after string) direction {
	public := func(kind string) bool { return kind != config.TypeWeb && kind != config.TypeMachine }
	switch was, is := public(before), public(after); {
	case is && !was:
		return more
	case was && !is:
		return less
	}
	return same
}
