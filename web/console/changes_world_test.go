package console

import (
	"fmt"
	"strconv"
	"strings"

	"sallyport/pure/config"
	"sallyport/pure/customer"
	"sallyport/service/environment"
	"sallyport/service/promotion"
)

// proposals are one change of each kind that routes are about, by number.
type proposalsOf struct{ open, drifted, applied string }

// proposer wrote every change of the tests.
var proposer = promotion.By{ID: customer.ID{7}, Name: "pro.poser"}

// proposals makes what is missing of them: one that was applied, one that the
// environment moved on from, and one that is open.
func (s *site) proposals(live *environment.Live) proposalsOf {
	s.Helper()
	if found := s.findProposals(live); found.applied == "" {
		if found.drifted == "" {
			s.propose(live, "drifts")
		}
		made := s.propose(live, "applies")
		_, err := s.cfg.Promotion.Apply(s.Context(), live, made, proposer)
		s.must(err)
	}
	if found := s.findProposals(live); found.open == "" {
		s.propose(live, "waits")
	}
	if found := s.findProposals(live); found.drifted == "" {
		s.propose(live, "drifts")
		made := s.propose(live, "applies")
		_, err := s.cfg.Promotion.Apply(s.Context(), live, made, proposer)
		s.must(err)
		s.propose(live, "waits")
	}
	return s.findProposals(live)
}

func (s *site) findProposals(live *environment.Live) (found proposalsOf) {
	s.Helper()
	list, err := s.cfg.Promotion.List(s.Context(), live, promotion.Page{Limit: 100})
	s.must(err)
	for _, c := range list {
		number := strconv.FormatInt(c.Number, 10)
		switch waits := c.State == "open" || c.State == "approved"; {
		case waits && c.Base == live.Snapshot().Revision:
			found.open = number
		case waits:
			found.drifted = number
		case c.State == "applied" && c.UndoneBy == 0 && c.Base > 0:
			found.applied = number
		}
	}
	return found
}

// propose proposes another title for the tenant.
func (s *site) propose(live *environment.Live, title string) int64 {
	s.Helper()
	r, tree, err := s.cfg.Registry.Revision(s.Context(), live, 0)
	s.must(err)
	list, err := s.cfg.Promotion.List(s.Context(), live, promotion.Page{Limit: 1})
	s.must(err)
	files, next := tree.Files(), int64(1)
	if len(list) > 0 {
		next = list[0].Number + 1
	}
	files["tree.yaml"] = []byte(retitled(string(files["tree.yaml"]), fmt.Sprintf("Title %d", next)))
	edited, problems := config.Parse(files)
	if config.Refused(problems) {
		s.Fatal(problems)
	}
	shown, err := s.cfg.Promotion.Propose(s.Context(), live, promotion.Proposal{Tree: edited, Base: r.Number, Title: title}, proposer)
	s.must(err)
	return shown.Change.Number
}

// retitled gives the tenant of a tree another title.
func retitled(text, title string) string {
	before, rest, found := strings.Cut(text, "kind: tenant\n")
	if !found {
		panic("the tree of the tests has no tenant")
	}
	name, rest, _ := strings.Cut(rest, "\n")
	if head, tail, _ := strings.Cut(rest, "\n"); strings.HasPrefix(head, "title:") {
		rest = tail
	}
	return before + "kind: tenant\n" + name + "\ntitle: " + title + "\n" + rest
}
