package main

import (
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"

	"github.com/spf13/cobra"

	"sallyport/pure/config"
	"sallyport/web/admin"
)

// applying is the wish of apply.
type applying struct {
	dir        string
	base       int64 // negative: what the tree remembers, else the newest
	message    string
	breakGlass string
	yes, dry   bool
}

func newApply(s streams) *cobra.Command {
	var f stateFlags
	var a applying
	c := &cobra.Command{
		Use: "apply DIR", Short: "Make a tree the newest revision of an environment", Args: takes("DIR"),
		Long: `Apply shows the plan, asks, and makes the tree the newest revision. It is live at
once, without a dropped request. If the environment has moved on since the tree
was last applied or pulled, nothing happens and the exit code is 3; a protected
environment refuses with exit code 5.`,
		Example: `  sallyport apply ./tree --env preview --message "partners may read usage"
  sallyport apply ./tree --env production --yes --base 41
  sallyport apply ./tree --env production --break-glass "INC-2047: partner locked out"`,
		RunE: func(c *cobra.Command, args []string) error {
			a.dir = args[0]
			return f.withTree(c.Context(), s, a.dir, func(talk *session, tree *config.Tree) error { return talk.apply(tree, a) })
		},
	}
	f.bindEnv(c)
	c.Flags().Int64Var(&a.base, "base", -1, "revision that the tree was made from (default: as the tree remembers)")
	c.Flags().StringVarP(&a.message, "message", "m", "", "what the change is for")
	c.Flags().StringVar(&a.breakGlass, "break-glass", "", "override a protection, for this reason; recorded")
	c.Flags().BoolVarP(&a.yes, "yes", "y", false, "do not ask")
	c.Flags().BoolVar(&a.dry, "dry-run", false, "stop behind the plan")
	return c
}

// apply plans, asks and applies.
func (s *session) apply(tree *config.Tree, a applying) error {
	var answer json.RawMessage
	plan, err := s.plan(tree, &answer)
	if err != nil {
		return err
	}
	if a.dry {
		return show(s, answer, s.printPlan)
	}
	if !s.flags.json {
		if err := s.printPlan(plan); err != nil {
			return err
		}
	}
	if !plan.Differs() {
		return s.unchanged(plan, a.dir)
	}
	base, err := s.base(plan, a)
	if err != nil {
		return err
	}
	if err := s.confirm(a.yes, fmt.Sprintf("apply this to %s?", s.place)); err != nil {
		return err
	}
	wish := admin.NewRevision{Files: tree.Files(), Base: base, Message: a.message, BreakGlass: a.breakGlass}
	if err := s.send(http.MethodPost, s.here("/revisions"), wish, &answer); err != nil {
		return quoting(err, tree)
	}
	var done admin.Applied
	if err := json.Unmarshal(answer, &done); err != nil {
		return err
	}
	if err := remember(a.dir, s.place, mark{done.Revision, done.Digest}); err != nil {
		return err
	}
	return show(s, answer, func(done admin.Applied) error {
		fmt.Fprintf(s.out, "applied: %s is at revision %d\n", s.place, done.Revision)
		s.next("sallyport access matrix --env %s", s.place)
		return nil
	})
}

// unchanged ends an apply that has nothing to do, so that the tree knows where
// it stands.
func (s *session) unchanged(plan admin.Plan, dir string) error {
	if s.flags.json {
		if err := writeJSON(s.out, admin.Applied{Version: 1, Place: s.place, Revision: plan.Base, Digest: plan.Digest}); err != nil {
			return err
		}
	}
	return remember(dir, s.place, mark{plan.Base, plan.Digest})
}

// base is the revision that the author of a tree saw: as told, as the tree
// remembers, or what the plan just showed.
func (s *session) base(plan admin.Plan, a applying) (int64, error) {
	if a.base >= 0 {
		return a.base, nil
	}
	remembered, err := readMarker(a.dir)
	if err != nil {
		return 0, err
	}
	if m, known := remembered.Environments[s.place]; known {
		return m.Revision, nil
	}
	return plan.Base, nil
}

// digestText is how digests are written.
func digestText(tree *config.Tree) string {
	digest := tree.Digest()
	return hex.EncodeToString(digest[:])
}

var errDiffers = &exitError{exitDiffers, errors.New("")}
