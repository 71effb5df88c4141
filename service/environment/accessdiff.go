package environment

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"sallyport/pure/access"
	"sallyport/pure/config"
)

// AccessChange is one cell of the access matrix that applying a tree would
// change: whether something can be had, or for how long. Its Scope is "openid"
// for signing in alone.
type AccessChange struct {
	Server      string            `json:"server"`
	Application string            `json:"application"` // empty: any future application
	Scope       string            `json:"scope"`
	Before      access.Obtainable `json:"before"`
	After       access.Obtainable `json:"after"`
	// The longest life of an access token with it, in seconds; both are zero if
	// that does not change or cannot be compared.
	LongestBefore int64           `json:"longest_before_seconds,omitempty"`
	LongestAfter  int64           `json:"longest_after_seconds,omitempty"`
	Witness       *access.Witness `json:"witness,omitempty"` // of what will be possible; nil if nothing will
	Widens        bool            `json:"widens"`
}

// cellName finds the same cell on both sides.
type cellName struct{ server, application, scope string }

// compareAccess lists the cells that differ, widening first. Rules that tell
// too much apart to be proven give a doubt instead of a list that would look
// complete. Both sides are proven as of at.
func compareAccess(before, after *config.Snapshot, at time.Time) (changes []AccessChange, doubts []config.Problem) {
	was, unseen := cells(before, at)
	is, unseenNow := cells(after, at)
	for _, server := range slices.Compact(slices.Sorted(slices.Values(append(unseen, unseenNow...)))) {
		doubts = append(doubts, config.Problem{
			Severity: config.Warning, Code: config.AccessDoubtful,
			What: fmt.Sprintf("the rules of %q tell too much apart to compare what they give", server),
			Fix:  "split the policies, or look at each rule",
		})
	}
	names := maps.Clone(was)
	maps.Copy(names, is)
	for name := range names {
		if slices.Contains(unseen, name.server) || slices.Contains(unseenNow, name.server) {
			continue
		}
		if change, differs := compareCells(was[name], is[name]); differs {
			change.Server, change.Application, change.Scope = name.server, name.application, name.scope
			changes = append(changes, change)
		}
	}
	slices.SortFunc(changes, compareChanges)
	return changes, doubts
}

// compareCells tells how one cell changes. What was not there is never obtainable.
func compareCells(was, is access.Cell) (c AccessChange, differs bool) {
	c = AccessChange{Before: was.Obtainable, After: is.Obtainable, Witness: is.Witness, Widens: is.Obtainable > was.Obtainable}
	if was.Longest > 0 && is.Longest > 0 && was.Longest != is.Longest {
		c.LongestBefore, c.LongestAfter = int64(was.Longest/time.Second), int64(is.Longest/time.Second)
		if is.Longest > was.Longest && !c.Widens {
			c.Widens, c.Witness = true, is.LongestBy
		}
	}
	return c, c.Before != c.After || c.LongestBefore != c.LongestAfter
}

func compareChanges(a, b AccessChange) int {
	if a.Widens != b.Widens {
		if a.Widens {
			return -1
		}
		return 1
	}
	return cmp.Or(strings.Compare(a.Server, b.Server), strings.Compare(a.Application, b.Application), strings.Compare(a.Scope, b.Scope))
}

// cells proves every server of a snapshot and names those that it cannot.
func cells(s *config.Snapshot, at time.Time) (all map[cellName]access.Cell, unseen []string) {
	all = map[cellName]access.Cell{}
	if s == nil {
		return all, nil
	}
	for name, server := range s.Servers {
		matrix, err := access.Prove(server.Access, access.Options{From: at})
		if err != nil {
			unseen = append(unseen, name)
			continue
		}
		for _, row := range matrix.Rows {
			all[cellName{name, string(row.Application), "openid"}] = row.SignIn
			for i, cell := range row.Cells {
				all[cellName{name, string(row.Application), string(matrix.Scopes[i])}] = cell
			}
		}
	}
	return all, unseen
}
