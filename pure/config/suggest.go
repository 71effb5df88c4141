package config

import (
	"fmt"
	"slices"
	"strings"
)

// maxListed is how many names a fix lists before it only counts.
const maxListed = 12

// suggest is the fix for a name that is not among the known ones: the nearest of
// them, or else all.
func suggest(name string, known []string) string {
	if nearest, found := nearest(name, known); found {
		return fmt.Sprintf("did you mean %q?", nearest)
	}
	switch len(known) {
	case 0:
		return ""
	case 1:
		return "only " + known[0] + " is known"
	}
	known = slices.Sorted(slices.Values(known))
	if more := len(known) - maxListed; more > 0 {
		return fmt.Sprintf("known are %s and %d more", strings.Join(known[:maxListed], ", "), more)
	}
	return "known are " + strings.Join(known, ", ")
}

// nearest finds the known name that differs least, if it differs little: by a
// third of its length, and by three edits at most.
func nearest(name string, known []string) (string, bool) {
	best, least := "", min(3, max(1, len(name)/3))+1
	for _, candidate := range known {
		if len(candidate)-len(name) >= least || len(name)-len(candidate) >= least {
			continue
		}
		d := distance(strings.ToLower(name), strings.ToLower(candidate))
		if d < least || d == least && best != "" && candidate < best {
			best, least = candidate, d
		}
	}
	return best, best != ""
}

// distance counts the insertions, deletions, replacements and swaps of
// neighbours between two texts (optimal string alignment), in bytes.
func distance(a, b string) int {
	if len(a) > MaxPath || len(b) > MaxPath {
		return MaxPath
	}
	older, old, row := make([]int, len(b)+1), make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := 1; i <= len(a); i++ {
		older, old, row = old, row, older
		row[0] = i
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			row[j] = min(old[j]+1, row[j-1]+1, old[j-1]+cost)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				row[j] = min(row[j], older[j-2]+1)
			}
		}
	}
	return row[len(b)]
}
