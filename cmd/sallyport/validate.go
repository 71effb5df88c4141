package main

import (
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"sallyport/pure/config"
	"sallyport/pure/govern"
	"sallyport/web/admin"
)

func newValidate(s streams) *cobra.Command {
	var asJSON bool
	c := &cobra.Command{
		Use: "validate DIR", Short: "Check a configuration tree for every environment", Args: takes("DIR"),
		Long: `Validate prints every problem of a tree with its place and what to do, and exits 1
if one is an error. Warnings alone exit 0. It needs no store.`,
		Example: `  sallyport validate ./tree
  sallyport validate ./tree --json`,
		RunE: func(_ *cobra.Command, args []string) error { return validate(s, args[0], asJSON) },
	}
	jsonFlag(c, &asJSON)
	return c
}

// validation is the result of validate for programs.
type validation struct {
	Version  int             `json:"version"`
	Valid    bool            `json:"valid"`
	Errors   int             `json:"errors"`
	Warnings int             `json:"warnings"`
	Problems []admin.Mistake `json:"problems"`
}

func validate(s streams, dir string, asJSON bool) error {
	files, err := readTree(dir)
	if err != nil {
		return err
	}
	tree, _ := config.Parse(files)
	problems := govern.Check(tree, standInVariables())
	v := validation{Version: 1, Valid: !config.Refused(problems), Problems: admin.Mistakes(problems)}
	for _, p := range problems {
		if p.Severity == config.Error {
			v.Errors++
		} else {
			v.Warnings++
		}
	}
	if asJSON {
		err = writeJSON(s.out, v)
	} else {
		_, err = fmt.Fprint(s.out, config.Render(problems, files))
	}
	summary := fmt.Sprintf("%s, %s", count(int64(v.Errors), "error"), count(int64(v.Warnings), "warning"))
	switch {
	case err != nil:
		return err
	case !v.Valid:
		return errors.New(summary + " in " + dir)
	case !asJSON:
		fmt.Fprintf(s.out, "valid: %s in %s, %s\n", count(int64(len(tree.Objects())), "object"), count(int64(len(tree.Environments())), "environment"), summary)
		fmt.Fprintf(s.err, "next: sallyport plan %s; where no server runs yet: sallyport serve --config %s\n", dir, dir)
	}
	return nil
}
