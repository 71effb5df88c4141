package main

import (
	"fmt"
	"strings"

	"sallyport/web/admin"
)

func (s *session) printChangeList(list admin.ProposedChanges) error {
	var rows [][]string
	for _, c := range list.Changes {
		became := "-"
		switch {
		case c.UndoneBy > 0:
			became = fmt.Sprintf("revision %d, undone by %d", c.Revision, c.UndoneBy)
		case c.Revision > 0:
			became = fmt.Sprintf("revision %d", c.Revision)
		case c.FollowUp > 0:
			became = fmt.Sprintf("change %d", c.FollowUp)
		}
		rows = append(rows, []string{fmt.Sprint(c.Number), c.State, when(c.Created), c.Author, became, c.Title})
	}
	s.note("%s: %s", list.Place, count(int64(len(rows)), "change"))
	if err := s.look.table(s.out, []string{"CHANGE", "STATE", "PROPOSED", "BY", "BECAME", "TITLE"}, rows); err != nil {
		return err
	}
	if len(rows) == 0 {
		s.next("sallyport change propose ./tree --env %s, or sallyport promote FROM %s", list.Place, list.Place)
	} else {
		s.next("sallyport change show %d --env %s", list.Changes[0].Number, list.Place)
	}
	return nil
}

// printChange writes a change for whoever has to decide on it.
func (s *session) printChange(c admin.ChangeShown) error {
	s.printChangeHead(c)
	if err := s.printReview(c.Review); err != nil {
		return err
	}
	s.printBoard(c.Board)
	if c.CountedPart {
		s.note("customers are in too many different sets of groups to count them all: there may be more than told")
	}
	if err := s.printChanges(c.Edits); err != nil {
		return err
	}
	if c.State == "open" || c.State == "approved" {
		fmt.Fprintln(s.out, "gates:")
		s.printGates(c.Review.Gates)
	}
	for _, g := range c.Given {
		text := fmt.Sprintf("approved by %s, %s", plain(g.By), when(g.At))
		if g.Carried > 0 {
			text += fmt.Sprintf(", of change %d, which meant the same", g.Carried)
		}
		if !g.Counts {
			text += "; does not count: " + plain(g.Why)
		}
		fmt.Fprintln(s.out, text)
	}
	s.printRecalled(c.Recalled)
	if c.Ready && c.Number > 0 {
		s.next("sallyport change apply %d --env %s", c.Number, s.place)
	}
	return nil
}

func (s *session) printChangeHead(c admin.ChangeShown) {
	if c.Number > 0 {
		fmt.Fprintf(s.out, "change %d of %s: %s\n", c.Number, c.Place, plain(c.Title))
		fmt.Fprintf(s.out, "  state    %s\n  proposed %s by %s\n", c.State, when(c.Created), plain(c.Author))
	} else {
		s.note("a review: nothing is stored")
	}
	if c.Source != "" {
		fmt.Fprintf(s.out, "  source   %s\n", plain(c.Source))
	}
	fmt.Fprintf(s.out, "  base     revision %d of %s\n", c.Base, c.Place)
	for _, fact := range []struct{ name, text string }{{"reason", c.Reason}, {"ended", endedText(c)}, {"note", c.Note}} {
		if fact.text != "" {
			fmt.Fprintf(s.out, "  %-8s %s\n", fact.name, plain(strings.ReplaceAll(fact.text, "\n", " ")))
		}
	}
}

func (s *session) printRecalled(recalled []admin.Recalled) {
	for _, r := range recalled {
		what := "everything issued"
		if len(r.Scopes) > 0 {
			what = "what was issued with " + strings.Join(r.Scopes, ", ")
		}
		fmt.Fprintf(s.out, "recalled: %s to %s by %s, under revisions %d to %d\n", plain(what), plain(r.Application), plain(r.Server), r.From, r.To)
	}
}

// endedText tells when and by whom a change ended, and what it became.
func endedText(c admin.ChangeShown) string {
	if c.Ended.IsZero() {
		return ""
	}
	text := fmt.Sprintf("%s by %s", when(c.Ended), c.EndedBy)
	switch {
	case c.UndoneBy > 0:
		text += fmt.Sprintf(", as revision %d; undone by change %d", c.Revision, c.UndoneBy)
	case c.Revision > 0:
		text += fmt.Sprintf(", as revision %d", c.Revision)
	case c.FollowUp > 0:
		text += fmt.Sprintf("; change %d stands in its place", c.FollowUp)
	}
	return text
}
