package review

import (
	"errors"
	"fmt"
	"slices"

	"sallyport/pure/access"
	"sallyport/pure/reach"
)

// access compares the rules of every server.
func (c *comparison) access() error {
	reviewable := Gate{Name: "reviewable", Passed: true, Text: "every rule can be reviewed"}
	for _, server := range c.servers() {
		d, err := access.Diff(model(c.before, server), model(c.after, server), access.DiffOptions{AndSets: c.sets(server), From: c.options.From})
		var unreviewable *access.Unreviewable
		switch {
		case errors.As(err, &unreviewable):
			reviewable = Gate{
				Name: "reviewable", Text: fmt.Sprintf("what the rules of %s give cannot be compared: %v", server, unreviewable),
				Fix: "split the policies, so that each tells fewer groups, networks and times apart",
			}
			c.gates = append(c.gates, reviewable)
		case err != nil:
			return fmt.Errorf("comparing the rules of %s: %w", server, err)
		default:
			c.difference(server, d)
		}
	}
	if reviewable.Passed {
		c.gates = append(c.gates, reviewable)
	}
	return nil
}

// sets are what operations need together on either side, as far as it is declared.
func (c *comparison) sets(server string) [][]access.Scope {
	sets := append(c.was.AndSets(server), c.is.AndSets(server)...)
	slices.SortFunc(sets, slices.Compare[[]access.Scope])
	return slices.CompactFunc(sets, slices.Equal[[]access.Scope])
}

// difference turns what access.Diff found into lines.
func (c *comparison) difference(server string, d *access.Difference) {
	for _, change := range d.Changes {
		line := Line{
			Section: section(change.Kind), Kind: Kind(change.Kind.String()), Widens: change.Kind.Widens(), Server: server,
			Application: change.Application, Future: change.Application == "" && change.Kind != access.OtherExcess,
			Grant: change.Grant, Scopes: change.Scopes, Together: len(change.Scopes) > 1, Sentence: d.Sentence(change),
		}
		for _, who := range change.Who {
			line.Who = append(line.Who, Population{Population: who, Text: who.String()})
		}
		for _, e := range change.Causes {
			line.Causes = append(line.Causes, d.Edits[e].Text)
		}
		if line.Future || change.Application != "" {
			line.Witness = &change.Witness
		}
		line.Opens = operations(c.is.Opens(server, change.After.Granted...))
		c.add(line)
	}
}

func section(k access.ChangeKind) Section {
	switch {
	case k.Widens():
		return Widening
	case k == access.OtherDefaults || k == access.OtherExcess:
		return Neutral
	}
	return Narrowing
}

func operations(list []*reach.Operation) []Operation {
	var all []Operation
	for _, o := range list {
		all = append(all, Operation{API: o.API, ID: o.ID, Method: o.Method, Path: o.Path})
	}
	return all
}
