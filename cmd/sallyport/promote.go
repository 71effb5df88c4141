package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"github.com/spf13/cobra"

	"sallyport/pure/config"
	"sallyport/web/admin"
)

// promoting is the wish of promote.
type promoting struct {
	from, to      string
	elsewhere     string // server that the target is at; empty: the same
	revision      int64  // of the source; 0: the newest
	title, reason string
	yes, dry, run bool
}

func newPromote(s streams) *cobra.Command {
	var f stateFlags
	var p promoting
	c := &cobra.Command{
		Use: "promote FROM TO", Short: "Take the configuration of one environment to another, in the open", Args: takes("FROM", "TO"),
		Long: `Promote reviews what the newest revision of FROM would change at TO: who could get
more, with a witness and how many customers that are, before everything else. It
then proposes it as a change. If the change needs nobody else, it can be applied at
once; otherwise it waits for a second person, and the exit code is 5.

TO may be an environment of another installation: name its address with --to-server,
where you are signed in too.`,
		Example: `  sallyport promote preview production --dry-run
  sallyport promote preview production --reason "partners may read usage"
  sallyport promote preview production --to-server https://login.example.com`,
		RunE: func(c *cobra.Command, args []string) error {
			p.from, p.to = args[0], args[1]
			return f.promote(c, s, p)
		},
	}
	f.bind(c)
	c.Flags().StringVar(&p.elsewhere, "to-server", "", "address of the server that TO is at (default: the same)")
	c.Flags().Int64Var(&p.revision, "revision", 0, "revision of FROM (default: the newest)")
	proposalFlags(c, &p)
	return c
}

// proposalFlags are those of everything that proposes a change.
func proposalFlags(c *cobra.Command, p *promoting) {
	c.Flags().StringVar(&p.title, "title", "", "one line (default: where it comes from)")
	c.Flags().StringVarP(&p.reason, "reason", "m", "", "what the change is for; approvers read it")
	c.Flags().BoolVar(&p.run, "apply", false, "apply at once if nobody else is needed")
	c.Flags().BoolVarP(&p.yes, "yes", "y", false, "do not ask")
	c.Flags().BoolVar(&p.dry, "dry-run", false, "stop behind the review; nothing is stored")
}

// promote reads the source, and proposes it to the target.
func (f *stateFlags) promote(c *cobra.Command, s streams, p promoting) error {
	from, to := *f, *f
	from.env, to.env = p.from, p.to
	if p.elsewhere != "" {
		to.server = p.elsewhere
	}
	var source admin.RevisionFiles
	err := from.within(c.Context(), s, "", func(talk *session) error {
		return talk.get(talk.here(fmt.Sprintf("/revisions/%d", p.revision)), nil, &source)
	})
	if err != nil {
		return err
	}
	tree, err := parseTree(source.Files)
	if err != nil {
		return err
	}
	at := fmt.Sprintf("%s revision %d", source.Place, source.Number)
	if p.title == "" {
		p.title = "promote " + at
	}
	return to.within(c.Context(), s, tree.TenantName(), func(talk *session) error {
		return talk.propose(tree, at, -1, p)
	})
}

// propose reviews a tree as a change, asks, and stores it. A negative base is the
// newest revision.
func (s *session) propose(tree *config.Tree, source string, base int64, p promoting) error {
	if base < 0 {
		var err error
		if base, err = s.head(); err != nil {
			return err
		}
	}
	wish := admin.Proposal{Files: tree.Files(), Base: base, Title: p.title, Reason: p.reason, Source: source}
	var answer json.RawMessage
	err := s.send(http.MethodPost, s.here("/changes/preview"), wish, &answer)
	if same := (*problemError)(nil); errors.As(err, &same) && same.Code == admin.NoChange {
		return s.alreadyThere(base)
	}
	if err != nil {
		return quoting(err, tree)
	}
	var reviewed admin.ChangeShown
	if err := json.Unmarshal(answer, &reviewed); err != nil {
		return err
	}
	if p.dry {
		if err := show(s, answer, s.printChange); err != nil {
			return err
		}
		return s.stopped(reviewed, 0)
	}
	if !s.flags.json {
		if err := s.printChange(reviewed); err != nil {
			return err
		}
	}
	if err := s.confirm(p.yes, fmt.Sprintf("propose this to %s?", s.place)); err != nil {
		return err
	}
	if err := s.send(http.MethodPost, s.here("/changes"), wish, &answer); err != nil {
		return quoting(err, tree)
	}
	return s.proposed(answer, p)
}

// alreadyThere ends a proposal of what the environment has.
func (s *session) alreadyThere(revision int64) error {
	if s.flags.json {
		return writeJSON(s.out, admin.Applied{Version: 1, Place: s.place, Revision: revision})
	}
	_, err := fmt.Fprintf(s.out, "nothing would change: %s has this already\n", s.place)
	return err
}

// proposed tells what became of a proposal, and applies it if that was asked for
// and nobody else is needed.
func (s *session) proposed(answer json.RawMessage, p promoting) error {
	var stored admin.ChangeShown
	if err := json.Unmarshal(answer, &stored); err != nil {
		return err
	}
	if p.run && stored.Ready {
		return s.applyChange(stored.Number)
	}
	err := show(s, answer, func(c admin.ChangeShown) error {
		_, err := fmt.Fprintf(s.out, "proposed: change %d of %s\n", c.Number, s.place)
		return err
	})
	if err != nil {
		return err
	}
	if stored.Ready {
		s.next("sallyport change apply %d --env %s", stored.Number, s.place)
		return nil
	}
	return s.stopped(stored, stored.Number)
}

// stopped is the error of a change that does not pass its gates: exit code 5.
func (s *session) stopped(c admin.ChangeShown, number int64) error {
	var shut []string
	for _, g := range c.Review.Gates {
		if !g.Passed {
			shut = append(shut, fmt.Sprintf("  %s: %s", g.Name, plain(g.Text)))
		}
	}
	if len(shut) == 0 {
		return nil
	}
	fix := "propose it, and let somebody else approve it"
	if number > 0 {
		fix = fmt.Sprintf("sallyport change show %d --env %s", number, s.place)
	}
	return &exitError{exitRefused, fmt.Errorf("error %s: promotion stopped\n%s\n  fix: %s", admin.Stopping, strings.Join(shut, "\n"), fix)}
}

// head is the newest revision's number; 0 if there is none.
func (s *session) head() (int64, error) {
	var newest admin.Revisions
	if err := s.get(s.here("/revisions"), url.Values{"limit": {"1"}}, &newest); err != nil {
		return 0, err
	}
	if len(newest.Revisions) == 0 {
		return 0, nil
	}
	return newest.Revisions[0].Number, nil
}

var errNumber = errors.New("NUMBER is a whole number from 1; sallyport change list has them")
