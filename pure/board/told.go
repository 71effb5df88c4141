package board

import (
	"fmt"
	"slices"
	"strings"

	"sallyport/pure/config"
	"sallyport/pure/review"
)

// Fact is what is known of a scope under one heading, in words.
type Fact struct {
	What  string
	Lines []string
	// Doubt marks what a board should stop at.
	Doubt bool
}

// Told says everything that is known of a scope, in the order in which a board asks.
// Headings without anything under them are left out.
func (s *Scope) Told() []Fact {
	var all []Fact
	add := func(what string, doubt bool, lines ...string) {
		lines = slices.DeleteFunc(lines, func(l string) bool { return l == "" })
		if len(lines) > 0 {
			all = append(all, Fact{what, lines, doubt})
		}
	}
	add("declared", false, s.declared()...)
	var differs []string
	for _, d := range s.Differs {
		differs = append(differs, fmt.Sprintf("%s: %s, was %s", d.Key, or(d.After, "none"), or(d.Before, "none")))
	}
	add("changes", false, differs...)
	if s.Fate != Removed {
		add("name", s.Naming.Verdict != Good, s.Naming.String())
		add("looks like", true, strings.Join(s.Near, ", "))
	}
	add("opens", false, opened(s.Opens)...)
	add("helps open", false, opened(s.Helps)...)
	add("data", false, strings.Join(s.Data, ", "))
	s.holders(add)
	add("expected", false, s.expected()...)
	for _, gap := range s.Missing {
		add("missing", true, gap.What+": "+gap.Fix)
	}
	return all
}

// holders tells who gains the scope, who has it in another way, and who else could.
func (s *Scope) holders(add func(string, bool, ...string)) {
	if s.Unproven != "" {
		add("gained by", true, "nobody can tell: "+s.Unproven)
	}
	future := false
	for _, g := range s.Gains {
		future = future || g.Application == ""
		add("gained by", g.Application == "", g.told()...)
	}
	if s.Fate != Removed && s.Unproven == "" {
		if len(s.Gains) == 0 {
			add("gained by", false, "nobody who does not have it already")
		}
		if !future {
			add("later", false, "no application that is registered later gains it by that")
		}
	}
	for _, h := range s.Through {
		add("held with", false, h.Scope+", which "+or(strings.Join(h.Applications, ", "), "nobody")+" can obtain")
	}
	for _, o := range s.Others {
		add("would open", false, o.told())
	}
	if s.More > 0 {
		add("would open", false, fmt.Sprintf("something to %d applications more", s.More))
	}
	if a := s.Affected; a != nil {
		add("assigned to", false, or(strings.Join(a.Assigned, ", "), "no application"))
		add("obtained by", false, or(strings.Join(a.Obtained, ", "), "nobody"))
		add("consents", false, a.Consents.told())
	}
}

// declared says how the scope is declared.
func (s *Scope) declared() []string {
	d := s.Is
	parts := []string{d.Kind, fmt.Sprintf("%q", d.Title)}
	for _, one := range []struct{ word, value string }{{"parent ", d.Parent}, {"consent ", d.Consent}, {"", d.Maturity}, {"goes on ", d.Until}, {"instead ", d.Instead}} {
		if one.value != "" && one.value != string(config.Stable) && one.value != "implicit" {
			parts = append(parts, one.word+one.value)
		}
	}
	if d.Default {
		parts = append(parts, "asked for by default")
	}
	if s.Was != "" {
		parts = append(parts, "was "+string(s.Was))
	}
	return []string{strings.Join(parts, ", "), strings.Join(config.TagList(d.Tags), " ")}
}

// String says what is thought of a name.
func (n Naming) String() string {
	text := string(n.Verdict) + ": " + n.Text
	if n.Suggestion != "" {
		text += "; rather " + n.Suggestion
	}
	return text
}

// told says who gains the scope: everybody that it concerns, with an example.
func (g Gain) told() []string {
	head := or(string(g.Application), "ANY FUTURE APPLICATION")
	if g.Grant != "" {
		head += " by " + string(g.Grant)
	}
	lines := []string{head}
	for _, who := range g.Who {
		lines = append(lines, "  "+who.Text+counted(who))
	}
	if g.Example != "" {
		lines = append(lines, "  for example "+g.Example)
	}
	return lines
}

// counted tells how many customers a population has: at most, where more than groups
// decides.
func counted(p review.Population) string {
	if p.Customers == nil {
		return ""
	}
	word := "about"
	if len(p.Has) > 0 || p.From != nil || len(p.When) > 0 || p.OlderThan > 0 || p.NoOlderThan > 0 {
		word = "at most"
	}
	return fmt.Sprintf(": %s %d customers now", word, *p.Customers)
}

func (o Other) told() string {
	text := fmt.Sprintf("to %s, if granted: ", o.Application)
	parts := opened(o.Opens)
	if len(o.Data) > 0 {
		parts = append(parts, "data "+strings.Join(o.Data, ", "))
	}
	return text + strings.Join(parts, ", ")
}

func (c *Consents) told() string {
	switch {
	case c == nil:
		return ""
	case c.Partial:
		return fmt.Sprintf("%d customers' at least: there are too many to look at all", c.Count)
	}
	return fmt.Sprintf("%d customers'", c.Count)
}

// expected are the statements that speak of the scope.
func (s *Scope) expected() []string {
	lines := slices.Clone(s.Expectations)
	if s.MoreExpected > 0 {
		lines = append(lines, fmt.Sprintf("%d more", s.MoreExpected))
	}
	return lines
}

// maxOpened bounds how many operations are named one by one.
const maxOpened = 30

func opened(list []review.Opened) []string {
	var lines []string
	for i, o := range list {
		if i == maxOpened {
			lines = append(lines, fmt.Sprintf("%d more", len(list)-i))
			break
		}
		lines = append(lines, o.String()+" of "+o.API)
	}
	return lines
}

// Told says how full a server gets: "41 of 70 scopes, 40 before".
func (s *Server) Told() string {
	return fmt.Sprintf("%d of %d scopes, %d before", s.After, s.Budget, s.Before)
}

// Told says how long the longest token of an application becomes.
func (s *Size) Told() string {
	text := fmt.Sprintf("%d bytes at most, %d before", s.After, s.Before)
	if s.Before == 0 {
		text = fmt.Sprintf("%d bytes at most, none before", s.After)
	}
	if s.Limit != "within" {
		text += ": " + s.Limit
	}
	return text
}

func or(text, otherwise string) string {
	if text == "" {
		return otherwise
	}
	return text
}
