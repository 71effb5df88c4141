package review

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"sallyport/pure/access"
	"sallyport/pure/config"
	"sallyport/pure/reach"
)

// access compares the rules of every server.
func (c *comparison) access() error {
	for _, server := range c.servers() {
		d, err := access.Diff(model(c.before, server), model(c.after, server), access.DiffOptions{AndSets: c.sets(server), From: c.options.From})
		var unreviewable *access.Unreviewable
		switch {
		case errors.As(err, &unreviewable):
			c.unreviewable(server, err)
		case err != nil:
			return fmt.Errorf("comparing the rules of %s: %w", server, err)
		default:
			c.difference(server, d)
		}
	}
	return nil
}

// unreviewable fails the gate of a server whose rules cannot be proven, once.
func (c *comparison) unreviewable(server string, err error) {
	gate := Gate{
		Name: GateReviewable, Text: fmt.Sprintf("what the rules of %s give cannot be compared: %v", server, err),
		Fix: "split the policies, so that each tells fewer groups, attributes, networks and times apart",
	}
	if !slices.ContainsFunc(c.gates, func(g Gate) bool { return strings.HasPrefix(g.Text, fmt.Sprintf("what the rules of %s ", server)) }) {
		c.gates = append(c.gates, gate)
	}
}

// sets are what operations need together on either side, as far as a model has it.
func (c *comparison) sets(server string) [][]access.Scope {
	sets := append(c.was.AndSets(server), c.is.AndSets(server)...)
	slices.SortFunc(sets, slices.Compare[[]access.Scope])
	return slices.CompactFunc(sets, slices.Equal[[]access.Scope])
}

// difference turns what access.Diff found into lines, like ones of several scopes
// into one.
func (c *comparison) difference(server string, d *access.Difference) {
	places := map[string]int{}
	for _, change := range d.Changes {
		if repeats(d, change) {
			continue
		}
		line := c.change(server, d, change)
		if change.Kind == access.NewAccess {
			told := gain(server, change.Application, change.Scopes)
			c.gained[told] = append(c.gained[told], line.Opens...)
		}
		key := line.key(change)
		if at, known := places[key]; known && !line.Together {
			c.lines[at].join(line)
			continue
		}
		places[key] = len(c.lines)
		c.add(line)
	}
	for _, at := range places {
		c.lines[at].Sentence = c.lines[at].said(server)
	}
	c.edits(server, d)
}

// repeats reports whether a change says only of requests without scopes what others
// say of the scopes themselves: that they are had for another time.
func repeats(d *access.Difference, change access.Change) bool {
	return change.Kind == access.OtherDefaults && len(change.Gained)+len(change.Gone) == 0 &&
		slices.ContainsFunc(d.Changes, func(o access.Change) bool {
			return o.Application == change.Application && o.Grant == change.Grant && o.Kind != access.OtherDefaults
		})
}

// gain names scopes that an application can obtain and could not.
func gain(server string, id access.ApplicationID, scopes []access.Scope) string {
	return fmt.Sprintf("%q %q %q", server, id, scopes)
}

// change is one change as a line, without its sentence.
func (c *comparison) change(server string, d *access.Difference, change access.Change) Line {
	line := Line{
		Section: section(change.Kind), Kind: Kind(change.Kind.String()), Widens: change.Kind.Widens(), Server: server,
		Application: change.Application, Future: change.Application == "" && change.Kind != access.OtherExcess,
		Grant: change.Grant, Scopes: change.Scopes, Together: len(change.Scopes) > 1,
	}
	line.Before, line.After = c.sides(server, change)
	for _, who := range change.Who {
		line.Who = append(line.Who, Population{Population: who, Text: who.String()})
	}
	for _, e := range change.Causes {
		line.Causes = append(line.Causes, d.Edits[e].Text)
	}
	if change.Kind == access.OtherExcess {
		return line
	}
	witness := change.Witness
	line.Witness = &witness
	if k := change.Kind; k == access.NewAccess || k == access.WiderAccess || k == access.WeakerAssurance || k == access.OlderSignIn {
		opens := c.opens(server, change)
		line.Opens = operations(opens)
		for _, o := range opens {
			line.Data = append(line.Data, o.Data...)
		}
		if k == access.NewAccess {
			claims, data := c.brings(server, change.Scopes, c.newcomer(server, change.Application))
			line.Claims, line.Data = claims, append(line.Data, data...)
		}
		line.Data = sorted(line.Data)
	}
	return line
}

// newcomer reports whether an application could get nothing of a server before.
func (c *comparison) newcomer(server string, id access.ApplicationID) bool {
	if c.before.Servers[server] == nil {
		return true
	}
	app := c.before.Applications[string(id)]
	if app == nil {
		return id != ""
	}
	_, assigned := app.Assigned[server]
	return !assigned
}

// opens are the operations that a change opens in the witness's context, which no
// token of the application opened there before.
func (c *comparison) opens(server string, change access.Change) []*reach.Operation {
	var all []*reach.Operation
	for _, o := range c.is.Opens(server, change.Scopes...) {
		if len(change.Scopes) > 1 && !slices.ContainsFunc(o.Needs, func(s reach.Set) bool { return s.Server == server && slices.Equal(s.Scopes, change.Scopes) }) {
			continue // some of them open it, and are told by themselves
		}
		if before := c.earlier[called(o)]; before == nil || !c.could(server, before, change.Witness) {
			all = append(all, o)
		}
	}
	return all
}

// could reports whether somebody in a context could open an operation before.
func (c *comparison) could(server string, o *reach.Operation, context access.Request) bool {
	m := model(c.before, server)
	if o.Public {
		return true
	}
	if m == nil || context.Application == "" {
		return false
	}
	return slices.ContainsFunc(o.Needs, func(set reach.Set) bool {
		if set.Server != server {
			return false
		}
		context.Scopes = set.Scopes
		decision := access.Decide(m, context)
		return decision.Allowed && len(decision.Refused) == 0
	})
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

// sides are what stood before and stands after, in words.
func (c *comparison) sides(server string, change access.Change) (before, after string) {
	switch change.Kind {
	case access.LongerAccess, access.LongerRefresh, access.LongerIdle, access.ShorterAccess, access.ShorterRefresh, access.ShorterIdle:
		return life(change.From), life(change.To)
	case access.HigherRate, access.LowerRate:
		return paceText(change.FromRate), paceText(change.ToRate)
	case access.OtherDefaults:
		return "without " + joined(change.Gained, ", "), "without " + joined(change.Gone, ", ")
	case access.OtherExcess:
		return c.before.Servers[server].Excess, c.after.Servers[server].Excess
	}
	return outcome(change.Before), outcome(change.After)
}

// outcome says what a request came to.
func outcome(d access.Decision) string {
	if !d.Allowed {
		return or(string(d.Error.Check), "nothing")
	}
	return fmt.Sprintf("granted for %s, refresh %s, idle %s, %s", life(d.Lifetimes.Access), life(d.Lifetimes.Refresh), life(d.Lifetimes.Idle), paceText(d.Rate))
}

// paceText says the rate of a rule.
func paceText(r access.Rate) string {
	if r.Calls <= 0 {
		return "no limit of calls"
	}
	return fmt.Sprintf("%d calls each %s, %d at once", r.Calls, life(r.Per), max(r.Burst, 1))
}

func life(d time.Duration) string {
	if d == 0 {
		return "none"
	}
	return config.Duration(d).String()
}

// key is the same for lines that differ in single scopes alone.
func (l *Line) key(change access.Change) string {
	who := make([]access.Population, len(l.Who))
	for i, w := range l.Who {
		who[i] = w.Population
	}
	text, _ := json.Marshal([]any{l.Kind, l.Application, l.Future, l.Grant, l.Before, l.After, who, l.Causes, len(l.Scopes) == 0, change.Gained, change.Gone})
	if l.Together {
		text = fmt.Append(text, l.Scopes)
	}
	return string(text)
}

// join takes another line's scopes in.
func (l *Line) join(other Line) {
	l.Scopes = append(slices.Clone(l.Scopes), other.Scopes...)
	for _, o := range other.Opens {
		if !slices.Contains(l.Opens, o) {
			l.Opens = append(l.Opens, o)
		}
	}
	l.Data, l.Claims = sorted(slices.Concat(l.Data, other.Data)), sorted(slices.Concat(l.Claims, other.Claims))
}

// edits tells those that made no difference, so that nothing in a change goes unseen.
func (c *comparison) edits(server string, d *access.Difference) {
	caused := map[int]bool{}
	for _, change := range d.Changes {
		for _, e := range change.Causes {
			caused[e] = true
		}
	}
	for i, e := range d.Edits {
		whole := e.Kind == access.EditServer || e.Kind == access.EditApplication && c.hasOne(string(e.Application))
		if caused[i] || whole {
			continue
		}
		line := Line{Section: Neutral, Kind: KindEdit, Server: server, Application: e.Application, After: e.Text, Sentence: server + ": " + e.Text}
		if e.Meaningless {
			line.Sentence += "; nobody can get more or less by it"
		}
		c.add(line)
	}
}

// hasOne reports whether an application is there on one side alone: it has a line of
// its own.
func (c *comparison) hasOne(name string) bool {
	return (c.before.Applications[name] == nil) != (c.after.Applications[name] == nil)
}

func operations(list []*reach.Operation) []Opened {
	var all []Opened
	for _, o := range list {
		all = append(all, operation(o))
	}
	return all
}

func operation(o *reach.Operation) Opened {
	return Opened{API: o.API, ID: o.ID, Method: o.Method, Path: o.Path}
}
