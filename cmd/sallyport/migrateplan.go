package main

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/spf13/cobra"

	"sallyport/pure/assess"
)

func newMigratePlan(s streams) *cobra.Command {
	var f assessFlags
	c := &cobra.Command{
		Use: "plan MIGRATION --file EXPORT | plan EXPORT", Short: "Propose how to move the people of an export, with the reasons", Args: takes("MIGRATION or EXPORT"),
		Long: `Plan assesses an export, as sallyport migrate assess does, and shows the proposal alone:
everybody at once or in waves, how long the earlier system is still asked about
passwords, what to do in which order, and how many people will call. Each line names the
rule that it follows from. It writes nothing, and decides nothing.`,
		Example: `  sallyport migrate plan users.json
  sallyport migrate plan orchard --file users.ndjson.gz --hashes hashes.ndjson`,
		RunE: func(c *cobra.Command, args []string) error {
			answer, err := f.assess(c, s, args[0])
			if err != nil {
				return err
			}
			return f.propose(s, answer)
		},
	}
	f.bindEnv(c)
	c.Flags().StringVar(&f.files.file, "file", "", "the export, to be read by a migration of the server's configuration")
	f.files.bindApart(c)
	c.Flags().StringVar(&f.lastSignIn, "last-sign-in", "", "field that says when somebody signed in last (default: the first that is called so)")
	f.alone.bind(c)
	return c
}

// propose shows the proposal of a report.
func (f *assessFlags) propose(s streams, answer json.RawMessage) error {
	var report assess.Report
	if err := json.Unmarshal(answer, &report); err != nil {
		return err
	}
	if f.json {
		return writeJSON(s.out, map[string]any{"version": 1, "source": report.Source, "records": report.Records.Total, "proposal": report.Proposal})
	}
	talk := &session{streams: s, ctx: context.Background(), flags: &f.stateFlags, look: lookOf(s.out, f.noColor)}
	return talk.printProposal(&report)
}

func (s *session) printProposal(r *assess.Report) error {
	p := &r.Proposal
	fmt.Fprintf(s.out, "%s, %s: %s\n", plain(r.Source.Title), count(r.Records.Total, "record"), p.Approach)
	if p.Window > 0 {
		fmt.Fprintf(s.out, "passwords are checked against the earlier system for %s\n", count(int64(p.Window), "day"))
	}
	var rows [][]string
	for _, step := range p.Reasons {
		rows = append(rows, []string{"why", step.Rule, plain(step.Text)})
	}
	for i, step := range p.Stages {
		rows = append(rows, []string{fmt.Sprintf("step %d", i+1), step.Rule, plain(step.Text)})
	}
	for i, wave := range p.Waves {
		rows = append(rows, []string{fmt.Sprintf("wave %d", i+1), fmt.Sprint(wave.People), plain(wave.Name + ". " + wave.Notice + " Before: " + wave.First)})
	}
	for _, calls := range p.Calls {
		rows = append(rows, []string{"calls", fmt.Sprint(calls.Calls), fmt.Sprintf("%s: %d in a thousand of %d, an assumption", plain(calls.Of), calls.PerMill, calls.People)})
	}
	if err := s.look.table(s.out, []string{"PART", "RULE OR COUNT", "WHAT"}, rows); err != nil {
		return err
	}
	if r.Migration != "" && r.Environment != "" {
		s.next("sallyport migrate run %s --file FILE --dry-run --env %s", r.Migration, r.Environment)
	} else {
		s.next("sallyport migrate map FILE shows what its records become")
	}
	return nil
}
