package review

import (
	"cmp"
	"strconv"
)

// most gives more the higher a number is; none is a default.
func most(unset int) judge {
	read := func(text string) int {
		n, _ := strconv.Atoi(text)
		return cmp.Or(n, unset)
	}
	return func(before, after string) direction {
		switch was, is := read(before), read(after); {
		case is > was:
			return more
		case is < was:
			return less
		}
		return same
	}
}
