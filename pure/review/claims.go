package review

import (
	"fmt"
	"reflect"
	"slices"
	"strings"

	"sallyport/pure/access"
	"sallyport/pure/config"
)

// told is the claims of one name that a server's tokens say, in their order: more than
// one where they are said under different scopes.
type told []config.ClaimSpec

// claimsOf gathers the claims of a server by name.
func claimsOf(s *config.LiveServer) map[string]told {
	all := map[string]told{}
	if s != nil {
		for _, c := range s.Claims {
			c.Tags = nil
			all[c.Name] = append(all[c.Name], c)
		}
	}
	return all
}

// scopes are those under which a claim is said; none if whatever is granted.
func (t told) scopes() [][]access.Scope {
	var all [][]access.Scope
	for _, c := range t {
		if len(c.Scopes) == 0 {
			return [][]access.Scope{nil}
		}
		for _, s := range c.Scopes {
			all = append(all, []access.Scope{access.Scope(s)})
		}
	}
	return all
}

func (t told) String() string {
	var all []string
	for _, c := range t {
		c.Name = ""
		all = append(all, text(reflect.ValueOf(c)))
	}
	return strings.Join(all, "; or ")
}

// claims compares what the tokens of each server say, whoever gets them. What an
// application can be told only since it can get a scope stands beside that scope.
func (c *comparison) claims() error {
	for _, server := range c.servers() {
		if c.after.Servers[server] == nil {
			continue // with the server goes what it says
		}
		was, is := claimsOf(c.before.Servers[server]), claimsOf(c.after.Servers[server])
		names := map[string]bool{}
		for name := range was {
			names[name] = true
		}
		for name := range is {
			names[name] = true
		}
		for _, name := range sortedKeys(names) {
			if err := c.claim(server, name, was[name], is[name]); err != nil {
				return err
			}
		}
	}
	return nil
}

func (c *comparison) claim(server, name string, was, is told) error {
	if reflect.DeepEqual(was, is) {
		return nil
	}
	line := Line{
		Section: Widening, Widens: true, Kind: KindClaim, Server: server, Object: "claim " + name, Claims: []string{name},
		Before: or(was.String(), "not said"), After: or(is.String(), "not said"), Data: c.classes(is),
	}
	if len(is) == 0 {
		line.Section, line.Widens = Narrowing, false
		line.Sentence = fmt.Sprintf("tokens of %s no longer say %s", server, name)
		c.add(line)
		return nil
	}
	what := fmt.Sprintf("tokens of %s now say %s: %s", server, name, is)
	if len(was) > 0 {
		what = fmt.Sprintf("what tokens of %s say as %s may be more: it was %s, and is %s", server, name, was, is)
		if lessOften(was, is) {
			line.Section, line.Widens = Narrowing, false
			what = fmt.Sprintf("tokens of %s say %s less often: it was %s, and is %s", server, name, was, is)
		}
	}
	told := map[access.ApplicationID]bool{}
	for _, scopes := range is.scopes() {
		holders, err := c.holders(server, scopes)
		if err != nil {
			return err
		}
		for _, h := range holders {
			if told[h.application] {
				continue
			}
			told[h.application] = true
			one := line
			one.Application, one.Future, one.Witness = h.application, h.application == "", h.shows()
			one.Sentence = who(h.application) + ": " + what
			c.add(one)
		}
	}
	if len(told) == 0 {
		line.Section, line.Widens, line.Sentence = Neutral, false, what+"; nobody can get one"
		c.add(line)
	}
	return nil
}

// lessOften reports whether a claim says the same as before, in fewer places or under
// fewer scopes.
func lessOften(was, is told) bool {
	if len(was) != 1 || len(is) != 1 {
		return false
	}
	a, b := was[0], is[0]
	inside := func(some, of []string) bool {
		return !slices.ContainsFunc(some, func(s string) bool { return !slices.Contains(of, s) })
	}
	if !inside(b.In, a.In) || len(a.Scopes) > 0 && (len(b.Scopes) == 0 || !inside(b.Scopes, a.Scopes)) {
		return false
	}
	a.In, a.Scopes, b.In, b.Scopes = nil, nil, nil, nil
	return reflect.DeepEqual(a, b)
}

// classes are those of the attributes that claims say.
func (c *comparison) classes(claims told) []string {
	var all []string
	for _, one := range claims {
		for _, a := range c.after.Tenant.Attributes {
			if a.Name == one.Attribute && a.Classification != "" {
				all = append(all, a.Classification)
			}
		}
	}
	return sorted(all)
}

// brings lists the claims that a server says because of some scopes, and the classes
// of what they say. An application that could get nothing before is told, besides,
// what every token says.
func (c *comparison) brings(server string, scopes []access.Scope, newcomer bool) (names, data []string) {
	s := c.after.Servers[server]
	if s == nil {
		return nil, nil
	}
	for _, one := range s.Claims {
		because := slices.ContainsFunc(one.Scopes, func(s string) bool { return slices.Contains(scopes, access.Scope(s)) })
		if because || len(one.Scopes) == 0 && newcomer {
			names, data = append(names, one.Name), append(data, c.classes(told{one})...)
		}
	}
	return sorted(names), sorted(data)
}
