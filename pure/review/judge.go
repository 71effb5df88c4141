package review

import (
	"slices"
	"strconv"
	"time"

	"sallyport/pure/config"
)

// direction is what becomes of access, or of the safety of credentials.
type direction int

const (
	same direction = iota
	more           // can be had, or is easier to get at
	less
)

// opposite of a direction.
func (d direction) opposite() direction {
	switch d {
	case more:
		return less
	case less:
		return more
	}
	return same
}

// judge says which direction a key's change has. Texts are empty where there is
// nothing; of a list one of them is, for each entry that came or went.
type judge func(before, after string) direction

func neutral(string, string) direction { return same }

// anyChange is for keys of which each change may give more, and for those that
// nobody has judged yet.
func anyChange(string, string) direction { return more }

// came is for lists of which each entry gives something.
func came(before, _ string) direction {
	if before == "" {
		return more
	}
	return less
}

// went is for lists of which each entry takes something away.
func went(before, after string) direction { return came(before, after).opposite() }

// ranked orders the values of a key, from what is safest to what is least safe. The
// empty text is a value like any other; what is not listed is least safe of all.
func ranked(values ...string) judge {
	return func(before, after string) direction {
		was, is := slices.Index(values, before), slices.Index(values, after)
		switch {
		case is < 0 || was >= 0 && is > was:
			return more
		case was < 0 || is < was:
			return less
		}
		return same
	}
}

// longer gives more the longer a time is. unset is what no time stands for.
func longer(unset time.Duration) judge {
	length := func(text string) time.Duration {
		d, err := config.ParseDuration(text)
		if text == "" || err != nil {
			return unset
		}
		return d.Std()
	}
	return func(before, after string) direction {
		switch was, is := length(before), length(after); {
		case is > was:
			return more
		case is < was:
			return less
		}
		return same
	}
}

// later gives more the later a day is, as YYYY-MM-DD; none never comes.
func later(before, after string) direction {
	switch {
	case before == after:
		return same
	case after == "" || before != "" && after > before:
		return more
	}
	return less
}

// fewer gives more the lower a number is; none is the lowest.
func fewer(before, after string) direction {
	was, _ := strconv.Atoi(before)
	is, _ := strconv.Atoi(after)
	switch {
	case is < was:
		return more
	case is > was:
		return less
	}
	return same
}

// larger gives more the higher a number is; what is not set is a default, and the
// snapshot has it.
func larger(before, after string) direction { return fewer(before, after).opposite() }

// demands is for lists of which each entry holds access to something: one that goes
// lets more through, one that comes changes nobody's access.
func demands(before, _ string) direction {
	if before != "" {
		return more
	}
	return same
}

// forever is what a bound that is not set stands for.
const forever = time.Duration(1<<63 - 1)
