package main

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"sallyport/pure/access"
	"sallyport/pure/review"
)

// maxShownLines is how many lines of a section of a review are told one by one.
const maxShownLines = 100

// sectionWords begin the lines of a section.
var sectionWords = map[review.Section]struct{ word, color string }{
	review.Widening:    {"WIDENS", red},
	review.Credentials: {"trusts", yellow},
	review.Narrowing:   {"narrows", green},
	review.Neutral:     {"neutral", ""},
}

// printReview writes what a change means: how many lines of each section, then the
// lines, those that widen first.
func (s *session) printReview(r *review.Review) error {
	fmt.Fprintln(s.out, r.Summary())
	shown := map[review.Section]int{}
	for i := range r.Lines {
		l := &r.Lines[i]
		if shown[l.Section]++; shown[l.Section] > maxShownLines {
			continue
		}
		s.printReviewLine(l)
	}
	for section := review.Widening; section <= review.Neutral; section++ {
		if more := shown[section] - maxShownLines; more > 0 {
			fmt.Fprintf(s.out, "  … and %d more of %s: --json has all\n", more, section)
		}
	}
	return nil
}

func (s *session) printReviewLine(l *review.Line) {
	head := sectionWords[l.Section]
	if l.Widens {
		head = sectionWords[review.Widening]
	}
	word := fmt.Sprintf("%-8s", head.word)
	if head.color != "" {
		word = s.look.paint(head.color, word)
	}
	fmt.Fprintf(s.out, "  %s%s\n", word, plain(l.Sentence))
	if !l.Widens {
		return
	}
	if l.Witness != nil {
		fmt.Fprintf(s.out, "          for example %s\n", plain(requested(l.Witness)))
	}
	for _, who := range l.Who {
		if who.Customers != nil {
			fmt.Fprintf(s.out, "          %s: %s\n", plain(who.Text), customersOf(who))
		}
	}
	if len(l.Data) > 0 {
		fmt.Fprintf(s.out, "          data: %s\n", plain(strings.Join(l.Data, ", ")))
	}
}

// customersOf tells how many customers a population has; at most, where more than
// groups decides.
func customersOf(p review.Population) string {
	text := "about "
	if len(p.Has) > 0 || p.From != nil || len(p.When) > 0 || p.OlderThan > 0 || p.NoOlderThan > 0 {
		text = "at most "
	}
	return text + count(*p.Customers, "customer") + " now"
}

// requested tells a request as a person would say it.
func requested(r *access.Request) string {
	parts := []string{string(r.Grant)}
	if r.Subject != nil {
		who := "a customer in no group"
		if len(r.Subject.Groups) > 0 {
			who = "a customer in " + strings.Join(words(r.Subject.Groups), " and ")
		}
		for _, name := range slices.Sorted(maps.Keys(r.Subject.Attributes)) {
			who += fmt.Sprintf(", %s %q", name, r.Subject.Attributes[name])
		}
		parts = append(parts, who)
	}
	if r.Address.IsValid() {
		parts = append(parts, "from "+r.Address.String())
	}
	if !r.At.IsZero() {
		parts = append(parts, "at "+r.At.Format("Mon 15:04 MST"))
	}
	if r.Assurance > access.OneFactor {
		parts = append(parts, "with "+r.Assurance.String())
	}
	return strings.Join(parts, ", ")
}

// printGates tells what a change passes, and what it does not.
func (s *session) printGates(gates []review.Gate) {
	for _, g := range gates {
		word := s.look.paint(green, "passed ")
		if !g.Passed {
			word = s.look.paint(red, "STOPPED")
		}
		fmt.Fprintf(s.out, "  %s  %s: %s\n", word, g.Name, plain(g.Text))
		if !g.Passed && g.Fix != "" {
			fmt.Fprintf(s.out, "           fix: %s\n", plain(g.Fix))
		}
	}
}
