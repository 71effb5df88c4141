package review

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"sallyport/pure/access"
	"sallyport/pure/reach"
)

// opening is what a token with some scopes opens now and did not before.
type opening struct {
	server string
	scopes []access.Scope
	before string // what was needed, in words
	list   []*reach.Operation
}

// called is what finds the same operation on either side: what is called, whatever
// its parameters are named.
func called(o *reach.Operation) string {
	segments := strings.Split(o.Path, "/")
	for i, s := range segments {
		if strings.HasPrefix(s, "{") {
			segments[i] = "{}"
		}
	}
	return o.Method + " " + strings.Join(segments, "/")
}

func byCall(list []*reach.Operation) map[string]*reach.Operation {
	all := make(map[string]*reach.Operation, len(list))
	for _, o := range list {
		all[called(o)] = o
	}
	return all
}

// operations compares what operations need, and which there are.
func (c *comparison) operations() error {
	was, is := c.earlier, byCall(c.is.Operations())
	var all []opening
	for _, o := range c.is.Operations() {
		before := was[called(o)]
		c.becamePublic(before, o)
		c.handles(before, o)
		for _, set := range c.fresh(before, o) {
			all = add(all, opening{server: set.Server, scopes: set.Scopes, before: needed(before), list: []*reach.Operation{o}})
		}
		c.closed(before, o)
	}
	for _, o := range c.was.Operations() {
		if is[called(o)] == nil {
			line := c.about(o, Narrowing)
			line.Before, line.After = needed(o), "not offered"
			line.Sentence = fmt.Sprintf("%s is no longer offered", o)
			c.add(line)
		}
	}
	all = append(all, c.elders()...)
	for _, o := range all {
		if err := c.tell(o); err != nil {
			return err
		}
	}
	return nil
}

// add joins operations that the same opens, where the same was needed before.
func add(all []opening, o opening) []opening {
	for i := range all {
		if all[i].server == o.server && all[i].before == o.before && slices.Equal(all[i].scopes, o.scopes) {
			all[i].list = append(all[i].list, o.list...)
			return all
		}
	}
	return append(all, o)
}

func (c *comparison) about(o *reach.Operation, s Section) Line {
	return Line{Section: s, Widens: s == Widening, Kind: KindOperation, Object: "operation " + o.String(), Data: o.Data}
}

// needed says what an operation asks for.
func needed(o *reach.Operation) string {
	switch {
	case o == nil:
		return "not offered"
	case o.Public:
		return "no token"
	case len(o.Needs) == 0:
		return "what no token has"
	}
	var sets []string
	for _, set := range o.Needs {
		sets = append(sets, joined(set.Scopes, " and ")+" of "+set.Server)
	}
	return strings.Join(sets, ", or ")
}

func (c *comparison) becamePublic(before, o *reach.Operation) {
	switch {
	case o.Public && (before == nil || !before.Public):
		line := c.about(o, Widening)
		line.Opens = operations([]*reach.Operation{o})
		line.Before, line.After = needed(before), needed(o)
		line.Sentence = fmt.Sprintf("anybody with a subscription key can now call %s without a token", o)
		c.add(line)
	case before != nil && before.Public && !o.Public:
		line := c.about(o, Narrowing)
		line.Before, line.After = needed(before), needed(o)
		line.Sentence = fmt.Sprintf("%s can no longer be called without a token", o)
		c.add(line)
	}
}

// fresh are the sets of an operation that open it now and did not before. What
// holds a set that opened it before holds nothing fresh.
func (c *comparison) fresh(before, o *reach.Operation) []reach.Set {
	var all []reach.Set
	for _, set := range o.Needs {
		if before == nil || !before.Public && !before.OpensTo(set.Server, c.is.Held(set.Server, set.Scopes...)) {
			all = append(all, set)
		}
	}
	return all
}

// closed tells the sets that opened an operation and do not any more.
func (c *comparison) closed(before, o *reach.Operation) {
	if before == nil || o.Public {
		return
	}
	for _, set := range before.Needs {
		if o.OpensTo(set.Server, c.is.Held(set.Server, set.Scopes...)) {
			continue
		}
		line := c.about(o, Narrowing)
		line.Server, line.Scopes, line.Together = set.Server, set.Scopes, len(set.Scopes) > 1
		line.Before, line.After = needed(before), needed(o)
		line.Sentence = fmt.Sprintf("a token with %s no longer opens %s, which needs %s now", joined(set.Scopes, " and "), o, needed(o))
		c.add(line)
	}
}

// elders are the scopes that stand for more than they did, and so open by themselves
// what only those below them opening.
func (c *comparison) elders() []opening {
	var all []opening
	for _, server := range c.servers() {
		if c.after.Servers[server] == nil || c.before.Servers[server] == nil {
			continue
		}
		for _, spec := range c.after.Servers[server].Access.Scopes() {
			had := c.was.Held(server, spec.Name)
			has := c.is.Held(server, spec.Name)
			for scope := range has {
				if had[scope] || scope == spec.Name {
					continue
				}
				o := opening{server: server, scopes: []access.Scope{spec.Name}, before: "only by what it stands for now"}
				for _, operation := range c.is.Operations() {
					before := c.earlier[called(operation)]
					if operation.OpensTo(server, has) && before != nil && !before.Public && !before.OpensTo(server, had) && !operation.OpensTo(server, map[access.Scope]bool{spec.Name: true}) {
						o.list = append(o.list, operation)
					}
				}
				if len(o.list) > 0 {
					all = append(all, o)
				}
				break
			}
		}
	}
	return all
}

// tell says of each application that can obtain a set what it opens now.
func (c *comparison) tell(o opening) error {
	holders, err := c.holders(o.server, o.scopes)
	if err != nil {
		return err
	}
	slices.SortFunc(o.list, func(a, b *reach.Operation) int { return cmp.Compare(a.String(), b.String()) })
	if len(holders) == 0 {
		line := o.line(o.list)
		line.Section, line.Sentence = Neutral, line.Sentence+", and nobody can get one"
		c.add(line)
	}
	for _, h := range holders {
		beside := c.gained[gain(o.server, h.application, o.scopes)]
		list := slices.DeleteFunc(slices.Clone(o.list), func(one *reach.Operation) bool { return slices.Contains(beside, operation(one)) })
		if len(list) == 0 {
			continue // all of it stands beside the scopes
		}
		line := o.line(list)
		line.Section, line.Widens, line.Application, line.Future = Widening, true, h.application, h.application == ""
		line.Sentence, line.Witness = who(h.application)+": "+line.Sentence, h.shows()
		c.add(line)
	}
	return nil
}

// line says what opens some of the operations, of nobody yet.
func (o opening) line(list []*reach.Operation) Line {
	var data, names []string
	for _, one := range list {
		data, names = append(data, one.Data...), append(names, one.String())
	}
	return Line{
		Kind: KindOperation, Server: o.server, Scopes: o.scopes, Together: len(o.scopes) > 1, Before: o.before,
		After: joined(o.scopes, " and ") + " of " + o.server, Opens: operations(list), Data: sorted(data),
		Sentence: fmt.Sprintf("a token with %s of %s now opens %s", joined(o.scopes, " and "), o.server, listed(names)),
	}
}

// shown is how many names a sentence gives.
const shown = 6

// listed says some names, and how many more there are.
func listed(names []string) string {
	if len(names) > shown {
		return fmt.Sprintf("%s and %d more", strings.Join(names[:shown], ", "), len(names)-shown)
	}
	return strings.Join(names, ", ")
}

func joined(scopes []access.Scope, by string) string {
	names := make([]string, len(scopes))
	for i, s := range scopes {
		names[i] = string(s)
	}
	return strings.Join(names, by)
}
