package main

import (
	"encoding/json"
	"fmt"
	"net/url"
	"strconv"

	"github.com/spf13/cobra"

	"sallyport/pure/config"
	"sallyport/web/admin"
)

func newChange(s streams) *cobra.Command {
	return group("change", "Propose, review, approve, apply and undo changes of configuration", `  sallyport change propose ./tree --env production -m "partners may read usage"
  sallyport change list --env production
  sallyport change show 418 --env production
  sallyport change approve 418 --env production`,
		newChangePropose(s), newChangeList(s), newChangeShow(s), newChangeApprove(s), newChangeReject(s), newChangeWithdraw(s),
		newChangeRebase(s), newChangeApply(s), newChangeUndo(s))
}

func newChangePropose(s streams) *cobra.Command {
	var f stateFlags
	var p promoting
	var base int64
	c := &cobra.Command{
		Use: "propose DIR", Short: "Propose a tree to an environment, for others to look at", Args: takes("DIR"),
		Long: `Propose reviews what a tree would change, who could get more before everything
else, and stores it as a change. A protected environment takes changes in no other
way but by break-glass.`,
		Example: `  sallyport change propose ./tree --env production -m "partners may read usage"
  sallyport change propose ./tree --env production --dry-run`,
		RunE: func(c *cobra.Command, args []string) error {
			return f.withTree(c.Context(), s, args[0], func(talk *session, tree *config.Tree) error {
				if p.title == "" {
					p.title = "propose " + args[0]
				}
				if base < 0 {
					remembered, err := readMarker(args[0])
					if err != nil {
						return err
					}
					if m, known := remembered.Environments[talk.place]; known {
						base = m.Revision
					}
				}
				return talk.propose(tree, "a tree on disk", base, p)
			})
		},
	}
	f.bindEnv(c)
	c.Flags().Int64Var(&base, "base", -1, "revision that the tree was made from (default: as the tree remembers, else the newest)")
	proposalFlags(c, &p)
	return c
}

func newChangeList(s streams) *cobra.Command {
	var f stateFlags
	var states []string
	var limit int
	var before int64
	c := &cobra.Command{
		Use: "list", Short: "List changes, newest first", Args: noArgs,
		Example: `  sallyport change list --env production --state open,approved
  sallyport change list --limit 5 --json`,
		RunE: func(c *cobra.Command, _ []string) error {
			return f.within(c.Context(), s, "", func(talk *session) error {
				query := url.Values{"limit": {strconv.Itoa(limit)}}
				for _, state := range states {
					query.Add("state", state)
				}
				if before > 0 {
					query.Set("before", strconv.FormatInt(before, 10))
				}
				var answer json.RawMessage
				if err := talk.get(talk.here("/changes"), query, &answer); err != nil {
					return err
				}
				return show(talk, answer, talk.printChangeList)
			})
		},
	}
	f.bindEnv(c)
	c.Flags().StringSliceVar(&states, "state", nil, "only these: open, approved, rejected, withdrawn, applied, superseded")
	c.Flags().IntVar(&limit, "limit", 20, "how many, at most 200")
	c.Flags().Int64Var(&before, "before", 0, "only those with a smaller number")
	return c
}

func newChangeShow(s streams) *cobra.Command {
	var f stateFlags
	c := &cobra.Command{
		Use: "show NUMBER", Short: "Show a change: what it means, who approved it, what stands in its way", Args: takes("NUMBER"),
		Example: `  sallyport change show 418 --env production
  sallyport change show 418 --json`,
		RunE: func(c *cobra.Command, args []string) error {
			return f.withChange(c, s, args[0], func(talk *session, number int64) error {
				answer, _, err := talk.change(number)
				if err != nil {
					return err
				}
				return show(talk, answer, talk.printChange)
			})
		},
	}
	f.bindEnv(c)
	return c
}

// withChange opens a session about one change.
func (f *stateFlags) withChange(c *cobra.Command, s streams, text string, do func(*session, int64) error) error {
	number, err := strconv.ParseInt(text, 10, 64)
	if err != nil || number < 1 {
		return usage(c, errNumber)
	}
	return f.within(c.Context(), s, "", func(talk *session) error { return do(talk, number) })
}

// changeAt is the path of a change.
func (s *session) changeAt(number int64, rest string) string {
	return s.here(fmt.Sprintf("/changes/%d%s", number, rest))
}

// change reads a change; answer is as it came.
func (s *session) change(number int64) (answer json.RawMessage, c admin.ChangeShown, err error) {
	if err = s.get(s.changeAt(number, ""), nil, &answer); err != nil {
		return nil, c, err
	}
	return answer, c, json.Unmarshal(answer, &c)
}
