package main

import (
	"encoding/json"
	"fmt"
	"net/url"
	"strconv"

	"github.com/spf13/cobra"

	"sallyport/web/admin"
)

func newFunnel(s streams) *cobra.Command {
	return group("funnel", "See at which steps of a journey customers drop out", `  sallyport funnel show
  sallyport funnel show --journey registration --device new`, newFunnelShow(s))
}

func newFunnelShow(s streams) *cobra.Command {
	var f stateFlags
	asked := map[string]*string{}
	c := &cobra.Command{
		Use: "show", Short: "Show how many came to each step, did it, and dropped out", Args: noArgs,
		Long: `Show counts, by step of each journey, who came to it, did it, passed it over, left it by
going back or running out of time, or is gone: closed the page, or is still there. Drop is
how many percent of those who came left or are gone. Slow is how many percent of those who
did it took two minutes or longer. Counts are kept by the hour, for four hundred days, and
say nothing of anybody.`,
		Example: `  sallyport funnel show --since 2026-11-01T00:00:00Z
  sallyport funnel show --journey registration --brand acme --device new --json`,
		RunE: func(c *cobra.Command, _ []string) error {
			query := url.Values{}
			for name, value := range asked {
				if *value != "" {
					query.Set(name, *value)
				}
			}
			return f.within(c.Context(), s, "", func(talk *session) error {
				var answer json.RawMessage
				if err := talk.get(talk.here("/funnel"), query, &answer); err != nil {
					return err
				}
				return show(talk, answer, talk.funnel)
			})
		},
	}
	f.bindEnv(c)
	for _, flag := range []struct{ name, use string }{
		{"journey", "only this journey"},
		{"brand", "only visitors of this brand"},
		{"application", "only those who signed in to this application"},
		{"device", "only those on a device that was known, or new"},
		{"since", "since this hour, such as 2026-11-22T08:00:00Z (default: the last seven days)"},
		{"until", "until this hour"},
	} {
		asked[flag.name] = c.Flags().String(flag.name, "", flag.use)
	}
	return c
}

// slow is from which bound of times on somebody is slow, in seconds.
const slow = 120

func (s *session) funnel(all admin.Funnel) error {
	var rows [][]string
	for _, j := range all.Journeys {
		for _, step := range j.Steps {
			number := func(n int64) string { return strconv.FormatInt(n, 10) }
			rows = append(rows, []string{
				j.Journey, step.Step, number(step.Shown), number(step.Done), number(step.Refused), number(step.Skipped), number(step.Left), number(step.Gone),
				fmt.Sprintf("%.1f%%", step.Drop), slowness(step),
			})
		}
	}
	s.note("%s, since %s", all.Place, all.Since.Format("2006-01-02 15:04"))
	return s.look.table(s.out, []string{"JOURNEY", "STEP", "SHOWN", "DONE", "REFUSED", "SKIPPED", "LEFT", "GONE", "DROP", "SLOW"}, rows)
}

func slowness(step admin.FunnelStep) string {
	var timed, late int64
	for _, t := range step.Times {
		timed += t.Done
		if t.Below == 0 || t.Below > slow {
			late += t.Done
		}
	}
	if timed == 0 {
		return "-"
	}
	return fmt.Sprintf("%.0f%%", 100*float64(late)/float64(timed))
}
