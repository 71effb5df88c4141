package review

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"maps"
	"slices"
	"strings"

	"sallyport/pure/access"
	"sallyport/pure/config"
	"sallyport/pure/reach"
)

// comparison is a review in the making.
type comparison struct {
	options       Options
	before, after *config.Snapshot // never nil
	first         bool             // there was no snapshot before
	was, is       *reach.Map
	earlier       map[string]*reach.Operation // those before, by what is called
	matrices      map[string]*access.Matrix   // after, by server; nil where unreviewable
	gained        map[string][]Opened         // what is told beside access that could not be had; see gain
	lines         []Line
	gates         []Gate
	basis         []string // every fact that differs, told or not
	unchanged     int
}

func newComparison(before, after *config.Snapshot, o Options) *comparison {
	c := &comparison{options: o, before: before, after: after, first: before == nil}
	if c.first {
		c.before = &config.Snapshot{Environment: after.Environment}
	}
	c.was, c.is = reach.Of(c.before), reach.Of(c.after)
	c.earlier, c.matrices, c.gained = byCall(c.was.Operations()), map[string]*access.Matrix{}, map[string][]Opened{}
	return c
}

// run compares everything.
func (c *comparison) run() error {
	for _, part := range [...]func() error{c.access, c.operations, c.claims} {
		if err := part(); err != nil {
			return err
		}
	}
	c.settings()
	c.inEffect()
	c.tagged()
	c.requests()
	if len(c.gates) == 0 {
		c.gates = append(c.gates, Gate{Name: GateReviewable, Passed: true, Text: "every rule can be reviewed"})
	}
	return nil
}

func (c *comparison) add(l Line) { c.lines = append(c.lines, l) }

// review puts the lines into the order in which they are read.
func (c *comparison) review() *Review {
	slices.SortStableFunc(c.lines, func(a, b Line) int {
		return cmp.Or(
			cmp.Compare(a.Section, b.Section), first(b.Widens, a.Widens), cmp.Compare(a.Server, b.Server), cmp.Compare(a.Object, b.Object),
			first(a.Future, b.Future), cmp.Compare(a.Application, b.Application), cmp.Compare(a.Kind, b.Kind),
			cmp.Compare(a.Grant, b.Grant), slices.Compare(a.Scopes, b.Scopes), cmp.Compare(a.Sentence, b.Sentence),
		)
	})
	slices.Sort(c.basis)
	basis := sha256.Sum256([]byte(strings.Join(c.basis, "\n")))
	return &Review{Version: Version, Lines: slices.Concat([]Line{}, c.lines), Gates: c.gates, Unchanged: c.unchanged, Basis: hex.EncodeToString(basis[:])}
}

// first puts false before true.
func first(a, b bool) int {
	switch {
	case a == b:
		return 0
	case b:
		return -1
	}
	return 1
}

// servers are the names of the servers of either side.
func (c *comparison) servers() []string {
	names := map[string]bool{}
	for _, s := range [...]*config.Snapshot{c.before, c.after} {
		for name := range s.Servers {
			names[name] = true
		}
	}
	return slices.Sorted(maps.Keys(names))
}

// model is the access model of a server; nil if there is none.
func model(s *config.Snapshot, server string) *access.Model {
	if live := s.Servers[server]; live != nil {
		return live.Access
	}
	return nil
}
