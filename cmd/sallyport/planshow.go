package main

import (
	"fmt"
	"strings"
	"time"

	"sallyport/pure/access"
	"sallyport/pure/config"
	"sallyport/service/environment"
	"sallyport/web/admin"
)

// maxShownCells is how many changes of access are told one by one.
const maxShownCells = 100

// printPlan writes a plan for people: what widens, what narrows, what changes.
func (s *session) printPlan(p admin.Plan) error {
	if p.Base == 0 {
		s.note("%s has no revision yet", p.Place)
	} else {
		s.note("%s is at revision %d", p.Place, p.Base)
	}
	for _, w := range p.Warnings {
		s.note("warning %s: %s", w.Code, problemOf(w))
	}
	if !p.Differs() {
		_, err := fmt.Fprintf(s.out, "nothing would change: the tree means what revision %d means\n", p.Base)
		return err
	}
	s.printAccess(p.Access)
	return s.printChanges(p.Changes)
}

func (s *session) printAccess(changes []environment.AccessChange) {
	widening := 0
	for _, c := range changes {
		if c.Widens {
			widening++
		}
	}
	fmt.Fprintf(s.out, "access: %d widen, %d narrow\n", widening, len(changes)-widening)
	for i, c := range changes {
		if i == maxShownCells {
			fmt.Fprintf(s.out, "  … and %d more: --json has all\n", len(changes)-i)
			break
		}
		fmt.Fprintln(s.out, "  "+s.sentence(c))
	}
}

// sentence tells one cell that changes.
func (s *session) sentence(c environment.AccessChange) string {
	who := c.Application
	if who == "" {
		who = "any future application"
	}
	word := s.look.paint(green, "narrows")
	if c.Widens {
		word = s.look.paint(red, "WIDENS ")
	}
	text := fmt.Sprintf("%s  %s: %s at %s %s", word, who, c.Scope, c.Server, becoming(c))
	if c.Widens && c.Witness != nil {
		text += "\n             " + witnessed(c.Witness)
	}
	return text
}

// becoming tells what a cell was and will be.
func becoming(c environment.AccessChange) string {
	var parts []string
	if c.Before != c.After {
		will := "will be " + c.After.String()
		if c.After == access.Never {
			will = "will never be obtainable"
		}
		parts = append(parts, fmt.Sprintf("was %s, %s", c.Before, will))
	}
	if c.LongestBefore != c.LongestAfter {
		parts = append(parts, fmt.Sprintf("had tokens of up to %s, will have up to %s", seconds(c.LongestBefore), seconds(c.LongestAfter)))
	}
	return strings.Join(parts, "; ")
}

func seconds(n int64) string {
	return config.Duration(time.Duration(n) * time.Second).String()
}

// witnessed tells how something can be had.
func witnessed(w *access.Witness) string {
	parts := []string{"by " + string(w.Grant)}
	if len(w.Groups) > 0 {
		groups := make([]string, len(w.Groups))
		for i, g := range w.Groups {
			groups[i] = string(g)
		}
		parts = append(parts, "a customer in "+strings.Join(groups, " and "))
	}
	if w.Address.IsValid() {
		parts = append(parts, "from "+w.Address.String())
	}
	if !w.At.IsZero() {
		parts = append(parts, "at "+w.At.Format("Mon 15:04 MST"))
	}
	if w.Assurance > access.OneFactor {
		parts = append(parts, "with "+w.Assurance.String())
	}
	return "for example " + strings.Join(parts, ", ") + fmt.Sprintf(" (policy %s, rule %s)", w.Policy, w.Rule)
}

func (s *session) printChanges(changes []admin.Change) error {
	counts := map[string]int{}
	for _, c := range changes {
		counts[c.Action]++
	}
	fmt.Fprintf(s.out, "objects: %d added, %d changed, %d removed\n", counts["+"], counts["~"], counts["-"])
	colors := map[string]string{"+": green, "~": yellow, "-": red}
	for _, c := range changes {
		fmt.Fprintf(s.out, "  %s %s %s\n", s.look.paint(colors[c.Action], c.Action), c.Kind, plain(c.Name))
		for _, f := range c.Fields {
			if _, err := fmt.Fprintf(s.out, "      %s\n", plain(fieldText(f))); err != nil {
				return err
			}
		}
	}
	return nil
}

func fieldText(f admin.FieldChange) string {
	switch {
	case f.Before == "":
		return f.Path + " + " + f.After
	case f.After == "":
		return f.Path + " - " + f.Before
	}
	return f.Path + " " + f.Before + " → " + f.After
}
