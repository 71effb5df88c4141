package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"

	"github.com/spf13/cobra"

	"sallyport/pure/config"
	"sallyport/web/admin"
)

func newPlan(s streams) *cobra.Command {
	var f stateFlags
	var tell bool
	c := &cobra.Command{
		Use: "plan DIR", Short: "Show what applying a tree would change: access first", Args: takes("DIR"),
		Long: `Plan compares a tree with the newest revision of an environment and changes
nothing. What widens access comes first, each with a way to obtain it.`,
		Example: `  sallyport plan ./tree --env preview
  sallyport plan ./tree --env production --exit-code   # 3 if anything differs`,
		RunE: func(c *cobra.Command, args []string) error {
			return f.withTree(c.Context(), s, args[0], func(talk *session, tree *config.Tree) error {
				var answer json.RawMessage
				plan, err := talk.plan(tree, &answer)
				if err != nil {
					return err
				}
				if err := show(talk, answer, talk.printPlan); err != nil {
					return err
				}
				if plan.Differs() && !f.json {
					talk.next("sallyport apply %s --env %s", args[0], talk.place)
				}
				if plan.Differs() && tell {
					return errDiffers
				}
				return nil
			})
		},
	}
	f.bindEnv(c)
	c.Flags().BoolVar(&tell, "exit-code", false, "exit 3 if anything differs")
	return c
}

// plan asks what applying tree would change; answer is as it came.
func (s *session) plan(tree *config.Tree, answer *json.RawMessage) (admin.Plan, error) {
	var plan admin.Plan
	body := map[string]any{"files": tree.Files()}
	if err := s.send(http.MethodPost, s.here("/plan"), body, answer); err != nil {
		return plan, quoting(err, tree)
	}
	return plan, json.Unmarshal(*answer, &plan)
}

// quoting adds the lines of the tree to a refusal that is about it.
func quoting(err error, tree *config.Tree) error {
	var p *problemError
	if !errors.As(err, &p) || len(p.Problems) == 0 {
		return err
	}
	problems := make([]config.Problem, len(p.Problems))
	for i, m := range p.Problems {
		problems[i] = problemOf(m)
	}
	rest := *p.Problem
	rest.Problems, rest.Fix = nil, ""
	return &exitError{exitFailed, fmt.Errorf("%s%w", config.Render(problems, tree.Files()), &problemError{&rest})}
}

// problemOf gives back the problem that the API told of.
func problemOf(m admin.Mistake) config.Problem {
	return config.Problem{
		Severity: config.Severity(m.Severity), Code: config.Code(m.Code), File: m.File,
		Line: m.Line, Column: m.Column, What: m.What, Fix: m.Fix,
	}
}
