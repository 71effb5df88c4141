package main

import (
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"sallyport/web/admin"
	"sallyport/web/design"
)

func newMigrateRecords(s streams) *cobra.Command {
	var f stateFlags
	var state, reason string
	var table bool
	c := &cobra.Command{
		Use: "records MIGRATION", Short: "List the single records of a migration, as its ledger has them", Args: takes("MIGRATION"),
		Long: `Records writes one line for each record of the ledger, in the order of their keys, page by
page: as fields with tabs between them, with --csv as CSV, with --json as one JSON object
a line. A record of an unfinished run that it has not come to yet has no line. That
records were shown is recorded.`,
		Example: `  sallyport migrate records meterman --state held
  sallyport migrate records meterman --state held --reason broken-hash --csv > held.csv`,
		RunE: func(c *cobra.Command, args []string) error {
			if table && f.json {
				return usage(c, errors.New("--csv and --json exclude each other"))
			}
			return f.within(c.Context(), s, "", func(talk *session) error {
				write, flush := talk.recordWriter(table)
				err := talk.eachRecord(args[0], state, reason, write)
				return errors.Join(err, flush())
			})
		},
	}
	f.bindEnv(c)
	c.Flags().StringVar(&state, "state", "", "only those that are imported, staged, held, dropped, erased or pending")
	c.Flags().StringVar(&reason, "reason", "", "only those of this reason")
	c.Flags().BoolVar(&table, "csv", false, "as CSV")
	return c
}

// eachRecord gives every record, page by page.
func (s *session) eachRecord(migration, state, reason string, give func(admin.LedgerRecord) error) error {
	query := url.Values{}
	for name, value := range map[string]string{"state": state, "reason": reason} {
		if value != "" {
			query.Set(name, value)
		}
	}
	for {
		var page admin.Records
		if err := s.get(s.here("/migrations/"+url.PathEscape(migration)+"/records"), query, &page); err != nil {
			return err
		}
		for _, r := range page.Records {
			if err := give(r); err != nil {
				return err
			}
		}
		if page.Next == "" {
			return nil
		}
		query.Set("cursor", page.Next)
	}
}

// recordWriter gives what writes a line, and what writes the rest.
func (s *session) recordWriter(asCSV bool) (write func(admin.LedgerRecord) error, flush func() error) {
	nothing := func() error { return nil }
	if s.flags.json {
		return func(r admin.LedgerRecord) error {
			line, err := json.Marshal(r)
			if err == nil {
				_, err = s.out.Write(append(plainJSON(line), '\n'))
			}
			return err
		}, nothing
	}
	titles := []string{"key", "state", "way", "reason", "detail", "row", "customer", "run", "at"}
	if !asCSV {
		_, err := fmt.Fprintln(s.out, strings.ToUpper(strings.Join(titles, "\t")))
		return func(r admin.LedgerRecord) error {
			if err != nil {
				return err
			}
			cells := recordFields(r)
			for i := range cells {
				cells[i] = plain(cells[i])
			}
			_, err := fmt.Fprintln(s.out, strings.Join(cells, "\t"))
			return err
		}, nothing
	}
	w := csv.NewWriter(s.out)
	err := w.Write(titles)
	return func(r admin.LedgerRecord) error {
			if err != nil {
				return err
			}
			cells := recordFields(r)
			for i := range cells {
				cells[i] = design.Inert(cells[i])
			}
			return w.Write(cells)
		}, func() error {
			w.Flush()
			return w.Error()
		}
}

func recordFields(r admin.LedgerRecord) []string {
	row := ""
	if r.Row > 0 {
		row = fmt.Sprint(r.Row)
	}
	return []string{r.Key, r.State, r.Way, r.Reason, r.Detail, row, r.Customer, r.Run, r.At.UTC().Format(time.RFC3339)}
}
