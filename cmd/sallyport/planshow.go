package main

import (
	"fmt"

	"sallyport/web/admin"
)

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
	if err := s.printReview(p.Review); err != nil {
		return err
	}
	if !p.Review.Passed() {
		s.printGates(p.Review.Gates)
	}
	return s.printChanges(p.Changes)
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
