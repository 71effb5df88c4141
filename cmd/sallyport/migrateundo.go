package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"

	"github.com/spf13/cobra"

	"sallyport/web/admin"
)

func newMigrateUndo(s streams) *cobra.Command {
	var f stateFlags
	var dry bool
	c := &cobra.Command{
		Use: "undo MIGRATION RUN", Short: "Remove the customers whom a run made and who did nothing here since", Args: takes("MIGRATION", "RUN"),
		Long: `Undo removes the customers whom a run made, with all that came along, and their
records are pending again. Whoever signed in or changed something since stays, and
is told with the reason. People of other runs whom this one brought up to date stay
as they are: the ledger keeps digests of values, so what was here before cannot
return. --dry-run tells all of that beforehand, exactly. RUN is an id, or newest.
Ctrl-C stops between two batches; the same command goes on from there.`,
		Example: `  sallyport migrate undo meterman r-2c26b46b68-8f01aa --dry-run
  sallyport migrate undo meterman r-2c26b46b68-8f01aa --env production`,
		RunE: func(c *cobra.Command, args []string) error {
			return f.within(c.Context(), s, "", func(talk *session) error { return talk.undo(args[0], args[1], dry) })
		},
	}
	f.bindEnv(c)
	c.Flags().BoolVar(&dry, "dry-run", false, "tell what would happen, and change nothing")
	return c
}

func (s *session) undo(migration, run string, dry bool) error {
	response, err := s.do(asking{
		method: http.MethodPost, path: s.here("/migrations/" + url.PathEscape(migration) + "/runs/" + url.PathEscape(run) + "/undo"),
		query: url.Values{"dry_run": {strconv.FormatBool(dry)}},
	})
	if err != nil {
		return err
	}
	defer response.Body.Close()
	progress := newProgress(s, migration)
	defer progress.end()
	decoder := json.NewDecoder(response.Body)
	for {
		var line struct {
			admin.UndoLine
			Report json.RawMessage `json:"report"`
		}
		err := decoder.Decode(&line)
		switch {
		case s.ctx.Err() != nil:
			return &exitError{exitStopped, fmt.Errorf("stopped between two batches; nothing is lost\n  to go on: sallyport migrate undo %s %s --env %s", migration, run, s.place)}
		case err != nil:
			return errors.New("the server ended the undo\n  fix: run the command again, it goes on from there")
		case line.Progress != nil:
			progress.show(*line.Progress)
		case line.Problem != nil:
			return refused(line.Problem)
		default:
			progress.end()
			return show(s, line.Report, s.printUndo)
		}
	}
}

func (s *session) printUndo(r admin.UndoReport) error {
	verb := "removed"
	if r.DryRun {
		verb = "would be removed"
	}
	var stay int64
	for _, n := range r.Stay {
		stay += n
	}
	fmt.Fprintf(s.out, "%s, run %s: %s %s, %d stay\n", r.Migration, r.Run, count(r.Removed, "customer"), verb, stay)
	for _, reason := range sortedKeys(r.Stay) {
		fmt.Fprintf(s.out, "  stay     %7d  %s\n", r.Stay[reason], reason)
	}
	if r.Updated > 0 {
		fmt.Fprintf(s.out, "  %s by this run: what was here before is not kept, and stays as it is\n",
			count(r.Updated, "customer of other runs was changed", "customers of other runs were changed"))
	}
	for i, u := range r.Records {
		if u.Stays == "" || i >= 20 {
			continue
		}
		fmt.Fprintf(s.out, "  for example key %s stays: %s\n", plain(u.Key), u.Stays)
	}
	if r.DryRun {
		s.next("the same without --dry-run")
	} else {
		s.next("sallyport migrate status %s --env %s", r.Migration, s.place)
	}
	return nil
}

func newMigrateRetry(s streams) *cobra.Command {
	var f stateFlags
	var files exportFiles
	var reasons []string
	var dry bool
	c := &cobra.Command{
		Use: "retry MIGRATION --file EXPORT", Short: "Look once more at records that are held or were dropped", Args: takes("MIGRATION"),
		Long: `Retry imports an export, the same or a newer one, and looks once more at those of
its records that are held or were dropped, with the mapping as it is now. All else
is as with run. Without --reason it looks at all of them.`,
		Example: `  sallyport migrate retry meterman --file export.csv --reason broken-hash
  sallyport migrate retry meterman --file newer.csv --dry-run`,
		RunE: func(c *cobra.Command, args []string) error {
			if files.file == "" {
				return usage(c, errors.New("--file is missing: the export to read"))
			}
			again := url.Values{"retry": {"true"}, "reason": reasons}
			return f.within(c.Context(), s, "", func(talk *session) error { return talk.importFiles(args[0], files, importWish{dry: dry, also: again}) })
		},
	}
	f.bindEnv(c)
	c.Flags().StringVar(&files.file, "file", "", "the export, as its configuration describes it")
	files.bindApart(c)
	c.Flags().StringSliceVar(&reasons, "reason", nil, "only records that are held or were dropped for this; may be repeated")
	c.Flags().BoolVar(&dry, "dry-run", false, "do everything but write")
	return c
}
