package main

import (
	"encoding/json"
	"fmt"
	"net/http"

	"github.com/spf13/cobra"

	"sallyport/web/admin"
)

func newChangeApprove(s streams) *cobra.Command {
	var f stateFlags
	var yes bool
	c := &cobra.Command{
		Use: "approve NUMBER", Short: "Consent to a change that somebody else wrote", Args: takes("NUMBER"),
		Long: `Approve shows the change, asks, and signs exactly what was shown: base, target and
what their difference means. Nobody approves what they wrote; and who works at a
terminal of the host, without signing in, is nobody's second person.`,
		Example: `  sallyport change approve 418 --env production --server https://login.example.com`,
		RunE: func(c *cobra.Command, args []string) error {
			return f.withChange(c, s, args[0], func(talk *session, number int64) error { return talk.approveChange(number, yes) })
		},
	}
	f.bindEnv(c)
	c.Flags().BoolVarP(&yes, "yes", "y", false, "do not ask")
	return c
}

func (s *session) approveChange(number int64, yes bool) error {
	_, shown, err := s.change(number)
	if err != nil {
		return err
	}
	if !s.flags.json {
		if err := s.printChange(shown); err != nil {
			return err
		}
	}
	if err := s.confirm(yes, fmt.Sprintf("approve change %d of %s as shown?", number, s.place)); err != nil {
		return err
	}
	var answer json.RawMessage
	if err := s.send(http.MethodPost, s.changeAt(number, "/approvals"), map[string]string{"binding": shown.Binding}, &answer); err != nil {
		return err
	}
	return show(s, answer, func(c admin.ChangeShown) error {
		fmt.Fprintf(s.out, "approved: change %d has %s\n", number, count(int64(c.Approvals), "approval"))
		if c.Ready {
			s.next("sallyport change apply %d --env %s", number, s.place)
		}
		return nil
	})
}

func newChangeReject(s streams) *cobra.Command {
	return newChangeEnd(s, "reject", "End a change that you do not want", "rejected",
		`  sallyport change reject 418 --env production -m "refunds go through the call centre"`)
}

func newChangeWithdraw(s streams) *cobra.Command {
	return newChangeEnd(s, "withdraw", "Take back a change that you proposed", "withdrawn", `  sallyport change withdraw 418 --env production`)
}

// newChangeEnd is a command that ends a change without a revision.
func newChangeEnd(s streams, verb, short, done, example string) *cobra.Command {
	var f stateFlags
	var note string
	c := &cobra.Command{
		Use: verb + " NUMBER", Short: short, Args: takes("NUMBER"), Example: example,
		RunE: func(c *cobra.Command, args []string) error {
			return f.withChange(c, s, args[0], func(talk *session, number int64) error {
				var answer json.RawMessage
				if err := talk.send(http.MethodPost, talk.changeAt(number, "/"+verb), map[string]string{"note": note}, &answer); err != nil {
					return err
				}
				return show(talk, answer, func(admin.ChangeShown) error {
					_, err := fmt.Fprintf(talk.out, "%s: change %d of %s\n", done, number, talk.place)
					return err
				})
			})
		},
	}
	f.bindEnv(c)
	c.Flags().StringVarP(&note, "note", "m", "", "why; it is kept with the change")
	return c
}

func newChangeRebase(s streams) *cobra.Command {
	var f stateFlags
	c := &cobra.Command{
		Use: "rebase NUMBER", Short: "Carry a change over to the newest revision", Args: takes("NUMBER"),
		Long: `Rebase makes another change with the same edits on what the environment has now.
Approvals go with it only if it means the same there, to the byte.`,
		Example: `  sallyport change rebase 418 --env production`,
		RunE: func(c *cobra.Command, args []string) error {
			return f.withChange(c, s, args[0], func(talk *session, number int64) error {
				var answer json.RawMessage
				if err := talk.send(http.MethodPost, talk.changeAt(number, "/rebase"), nil, &answer); err != nil {
					return err
				}
				return show(talk, answer, func(c admin.ChangeShown) error {
					fmt.Fprintf(talk.out, "rebased: change %d stands in the place of %d, with %s\n", c.Number, number, count(int64(c.Approvals), "approval"))
					talk.next("sallyport change show %d --env %s", c.Number, talk.place)
					return nil
				})
			})
		},
	}
	f.bindEnv(c)
	return c
}

func newChangeApply(s streams) *cobra.Command {
	var f stateFlags
	c := &cobra.Command{
		Use: "apply NUMBER", Short: "Make a change the newest revision, if it passes every gate", Args: takes("NUMBER"),
		Long: `Apply makes the change the newest revision in one step, all or nothing. A gate that
is shut stops it with exit code 5; an environment that moved on, with 3.`,
		Example: `  sallyport change apply 418 --env production`,
		RunE: func(c *cobra.Command, args []string) error {
			return f.withChange(c, s, args[0], func(talk *session, number int64) error { return talk.applyChange(number) })
		},
	}
	f.bindEnv(c)
	return c
}

func (s *session) applyChange(number int64) error {
	var answer json.RawMessage
	if err := s.send(http.MethodPost, s.changeAt(number, "/apply"), nil, &answer); err != nil {
		return err
	}
	return show(s, answer, func(e admin.Ended) error {
		fmt.Fprintf(s.out, "applied: %s is at revision %d\n", s.place, e.Revision)
		s.printRecalled(e.Recalled)
		s.next("sallyport change undo %d --env %s, if it must be taken back", number, s.place)
		return nil
	})
}

func newChangeUndo(s streams) *cobra.Command {
	var f stateFlags
	var reason string
	var yes bool
	c := &cobra.Command{
		Use: "undo NUMBER", Short: "Take an applied change back, with the tokens issued for what it widened", Args: takes("NUMBER"),
		Long: `Undo makes a new revision without the change, and recalls the access tokens and
refresh families that were issued for what it had widened: no node honours them five
seconds later. Going back narrows, so nobody else is needed; if it should widen
something nevertheless, it becomes a change that waits for approval.`,
		Example: `  sallyport change undo 418 --env production -m "INC-2047"`,
		RunE: func(c *cobra.Command, args []string) error {
			return f.withChange(c, s, args[0], func(talk *session, number int64) error {
				if err := talk.confirm(yes, fmt.Sprintf("undo change %d of %s?", number, talk.place)); err != nil {
					return err
				}
				return talk.undoChange(number, reason)
			})
		},
	}
	f.bindEnv(c)
	c.Flags().StringVarP(&reason, "reason", "m", "", "why; it is kept with the change")
	c.Flags().BoolVarP(&yes, "yes", "y", false, "do not ask")
	return c
}

func (s *session) undoChange(number int64, reason string) error {
	var answer json.RawMessage
	if err := s.send(http.MethodPost, s.changeAt(number, "/undo"), map[string]string{"reason": reason}, &answer); err != nil {
		return err
	}
	var done admin.Ended
	if err := json.Unmarshal(answer, &done); err != nil {
		return err
	}
	if err := show(s, answer, s.printUndone); err != nil || done.Revision > 0 {
		return err
	}
	return &exitError{exitRefused, fmt.Errorf("the undo widens something, so it waits for approval\n  fix: sallyport change show %d --env %s", done.Number, s.place)}
}

func (s *session) printUndone(e admin.Ended) error {
	if e.Revision == 0 {
		_, err := fmt.Fprintf(s.out, "proposed: change %d of %s\n", e.Number, s.place)
		return err
	}
	fmt.Fprintf(s.out, "undone: %s is at revision %d, by change %d\n", s.place, e.Revision, e.Number)
	s.printRecalled(e.Recalled)
	return nil
}
