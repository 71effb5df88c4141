package main

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"sallyport/pure/config"
	"sallyport/web/admin"
)

// explanation is what a code means, whichever part of the program has it.
type explanation struct {
	Version int    `json:"version,omitempty"`
	Code    string `json:"code"`
	Meaning string `json:"meaning"`
	Fix     string `json:"fix,omitempty"`
}

func newExplain(s streams) *cobra.Command {
	var asJSON bool
	c := &cobra.Command{
		Use: "explain [CODE]", Short: "Explain an error code, or list all", Args: takesUpTo(0, "CODE"),
		Example: `  sallyport explain SP-2102
  sallyport explain`,
		RunE: func(c *cobra.Command, args []string) error {
			all := explanations()
			if len(args) == 0 {
				return listCodes(s, all, asJSON)
			}
			code := strings.ToUpper(args[0])
			i := slices.IndexFunc(all, func(e explanation) bool { return e.Code == code || e.Code == "SP-"+code })
			if i < 0 {
				return usage(c, fmt.Errorf("%q is no code of this program; sallyport explain lists them", args[0]))
			}
			e := all[i]
			if asJSON {
				e.Version = 1
				return writeJSON(s.out, e)
			}
			fmt.Fprintf(s.out, "%s: %s\n", e.Code, e.Meaning)
			if e.Fix != "" {
				fmt.Fprintf(s.out, "  fix: %s\n", e.Fix)
			}
			return nil
		},
		ValidArgsFunction: func(*cobra.Command, []string, string) (codes []string, _ cobra.ShellCompDirective) {
			for _, e := range explanations() {
				codes = append(codes, e.Code)
			}
			return codes, cobra.ShellCompDirectiveNoFileComp
		},
	}
	jsonFlag(c, &asJSON)
	return c
}

func listCodes(s streams, all []explanation, asJSON bool) error {
	if asJSON {
		return writeJSON(s.out, map[string]any{"version": 1, "codes": all})
	}
	var rows [][]string
	for _, e := range all {
		rows = append(rows, []string{e.Code, e.Meaning})
	}
	return lookOf(s.out, false).table(s.out, []string{"CODE", "MEANING"}, rows)
}

// explanations are those of configuration and of the management API, sorted.
func explanations() []explanation {
	var all []explanation
	for _, e := range config.Codes() {
		all = append(all, explanation{Code: string(e.Code), Meaning: e.Meaning, Fix: e.Fix})
	}
	for _, e := range admin.Codes() {
		all = append(all, explanation{Code: string(e.Code), Meaning: e.Title + ". " + e.Meaning, Fix: e.Fix})
	}
	slices.SortFunc(all, func(a, b explanation) int { return cmp.Compare(a.Code, b.Code) })
	return all
}
