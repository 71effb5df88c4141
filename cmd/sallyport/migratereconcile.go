package main

import (
	"crypto/rand"
	"encoding/binary"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"sallyport/pure/drift"
	"sallyport/web/admin"
	"sallyport/web/design"
)

// reconcileFlags are those of migrate reconcile.
type reconcileFlags struct {
	stateFlags
	files    exportFiles
	source   bool
	fresh    bool
	keep     bool
	gate     bool
	csv      string
	accounts string
	probe    int
	seed     uint64
}

func newMigrateReconcile(s streams) *cobra.Command {
	var f reconcileFlags
	c := &cobra.Command{
		Use: "reconcile MIGRATION --file EXPORT", Short: "Compare people who came with their source, field by field, and change no customer", Args: takes("MIGRATION"),
		Long: `Reconcile reads the newest export, or with --from-source lets the server read the
running system, and compares every record with the ledger and the customer here by the
mapping of an import: what changed at the source since, here since, or on both sides;
who is disabled or gone there and active here; who is missing on either side. What is
dangerous is told first. It changes no customer, and shows keys and names of fields, never
values. Behind it, whoever registered while the running system could not tell whether it
knows them is looked up there; a record that has their address is held as a duplicate.
--csv writes every record that differs. --probe asks the running system about
some people, chosen by --seed. --accounts signs test accounts in here and there (a line
is the identifier, a tab and the password) and tells where the verdicts differ.

Exit code 3, with --exit-code: something differs. Exit code 6: compared, but the running
system did not answer about somebody.`,
		Example: `  sallyport migrate reconcile meterman --file newest.csv
  sallyport migrate reconcile meterman --file newest.csv --csv differences.csv --exit-code
  sallyport migrate reconcile old-id --from-source --probe 100 --accounts accounts.tsv --keep`,
		RunE: func(c *cobra.Command, args []string) error { return f.run(c, s, args[0]) },
	}
	f.bindEnv(c)
	c.Flags().StringVar(&f.files.file, "file", "", "the newest export, as its configuration describes it")
	c.Flags().StringVar(&f.files.hashes, "hashes", "", "password hashes that the source hands out apart from its users")
	c.Flags().StringVar(&f.files.factors, "factors", "", "second factors that the source hands out apart from its users")
	c.Flags().BoolVar(&f.source, "from-source", false, "let the server read the migration's running system out, and compare that")
	c.Flags().BoolVar(&f.fresh, "fresh", false, "with --from-source: read everybody anew, whatever was read before")
	c.Flags().StringVar(&f.csv, "csv", "", "write every record that differs to this file")
	c.Flags().BoolVar(&f.keep, "keep", false, "keep the report, without keys, in the audit ledger")
	c.Flags().IntVar(&f.probe, "probe", 0, "how many imported people to ask the running system about, at most 1000")
	c.Flags().Uint64Var(&f.seed, "seed", 0, "with --probe: whom; the same seed chooses the same (default: any)")
	c.Flags().StringVar(&f.accounts, "accounts", "", "file of test accounts to sign in here and there; - for standard input")
	c.Flags().BoolVar(&f.gate, "exit-code", false, "exit with 3 if something differs")
	return c
}

func (f *reconcileFlags) run(c *cobra.Command, s streams, migration string) error {
	switch {
	case f.source && f.files.file != "":
		return usage(c, errors.New("--file and --from-source exclude each other"))
	case !f.source && f.files.file == "":
		return usage(c, errors.New("--file is missing: the newest export, or --from-source"))
	case f.probe < 0 || f.probe > 1000:
		return usage(c, errors.New("--probe is from 0 to 1000"))
	}
	if f.probe > 0 && !c.Flags().Changed("seed") {
		var some [4]byte
		_, _ = rand.Read(some[:]) // never fails
		f.seed = uint64(binary.BigEndian.Uint32(some[:]))
	}
	var accounts []testAccount
	if f.accounts != "" {
		var err error
		if accounts, err = readAccounts(c.InOrStdin(), f.accounts); err != nil {
			return usage(c, err)
		}
	}
	return f.within(c.Context(), s, "", func(talk *session) error {
		report, err := talk.reconcile(migration, f)
		if err != nil {
			return err
		}
		compared, err := talk.compareAccounts(migration, accounts)
		if err != nil {
			return err
		}
		return f.conclude(talk, report, compared)
	})
}

// reconcile asks the server, and writes differences as they come.
func (s *session) reconcile(migration string, f *reconcileFlags) (report drift.Report, err error) {
	asked := asking{method: http.MethodPost, path: s.here("/migrations/" + url.PathEscape(migration) + "/reconciliations"), query: url.Values{
		"differences": {strconv.FormatBool(f.csv != "")}, "keep": {strconv.FormatBool(f.keep)},
		"probe": {strconv.Itoa(f.probe)}, "seed": {strconv.FormatUint(f.seed, 10)},
	}}
	if f.source {
		asked.path += "/from-source"
		asked.query.Set("fresh", strconv.FormatBool(f.fresh))
		s.note("%s: comparing %s with its running system", s.place, migration)
	} else {
		content, err := f.files.open()
		if err != nil {
			return report, err
		}
		defer content.Close()
		asked.query.Set("source", filepath.Base(f.files.file))
		asked.body, asked.contentType = content, content.kind
		s.note("%s: comparing %s with %s", s.place, migration, f.files)
	}
	response, err := s.do(asked)
	if err != nil {
		return report, err
	}
	defer response.Body.Close()
	list, err := newDifferences(f.csv)
	if err != nil {
		return report, err
	}
	defer func() { err = errors.Join(err, list.close()) }()
	progress := newProgress(s, migration)
	defer progress.end()
	decoder := json.NewDecoder(response.Body)
	for {
		var line admin.ReconcileLine
		err := decoder.Decode(&line)
		switch {
		case s.ctx.Err() != nil:
			return report, errStopped
		case err != nil:
			return report, errors.New("the server ended the comparison\n  fix: run the command again; nothing was changed")
		case line.Progress != nil:
			progress.show(*line.Progress)
		case line.Difference != nil:
			if err := list.add(line.Difference); err != nil {
				return report, err
			}
		case line.Problem != nil:
			return report, refused(line.Problem)
		case line.Report != nil:
			return *line.Report, nil
		}
	}
}

// differences is the file of --csv.
type differences struct {
	file *os.File
	out  *csv.Writer
}

// newDifferences makes a file that nobody but its owner reads; the empty path: none.
func newDifferences(path string) (*differences, error) {
	if path == "" {
		return &differences{out: csv.NewWriter(io.Discard)}, nil
	}
	file, err := os.OpenFile(path, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, err
	}
	d := &differences{file, csv.NewWriter(file)}
	return d, d.out.Write([]string{"key", "classes", "fields", "there", "here", "reason"})
}

func (d *differences) add(of *drift.Difference) error {
	classes, fields := make([]string, len(of.Classes)), make([]string, len(of.Fields))
	for i, c := range of.Classes {
		classes[i] = string(c)
	}
	for i, f := range of.Fields {
		fields[i] = f.Target + "=" + string(f.Side)
	}
	return d.out.Write([]string{design.Inert(of.Key), strings.Join(classes, " "), strings.Join(fields, " "), of.There, of.Here, of.Reason})
}

func (d *differences) close() error {
	d.out.Flush()
	if d.file == nil {
		return d.out.Error()
	}
	return errors.Join(d.out.Error(), d.file.Close())
}

// accountCompared is one test account at both sides.
type accountCompared struct {
	Identifier string           `json:"identifier"`
	Said       admin.ComparedAs `json:"said"`
}

func (s *session) compareAccounts(migration string, accounts []testAccount) ([]accountCompared, error) {
	var all []accountCompared
	for _, a := range accounts {
		one := accountCompared{Identifier: a.identifier}
		path := s.here("/migrations/" + url.PathEscape(migration) + "/compare")
		if err := s.send(http.MethodPost, path, admin.ProbeOf{Identifier: a.identifier, Password: a.password}, &one.Said); err != nil {
			return nil, err
		}
		all = append(all, one)
	}
	return all, nil
}

// reconciledAs is what --json shows: the report, and the accounts beside it.
type reconciledAs struct {
	drift.Report
	Accounts []accountCompared `json:"accounts,omitempty"`
}

func (f *reconcileFlags) conclude(s *session, report drift.Report, accounts []accountCompared) error {
	whole, err := json.Marshal(reconciledAs{report, accounts})
	if err != nil {
		return err
	}
	if err := show(s, whole, s.printReconciled); err != nil {
		return err
	}
	differ, silent := !report.Equal, report.Probes != nil && report.Probes.Silent > 0
	for i := range accounts {
		said := &accounts[i].Said
		away := said.Here.Verdict == "unavailable" || said.There.Verdict == "unavailable"
		silent, differ = silent || away, differ || !away && !said.Agree
	}
	switch {
	case differ && f.gate:
		return errDiffers
	case silent:
		return &exitError{exitPartial, errors.New("the running system did not answer about everybody who was asked about\n  fix: sallyport doctor tells why; run the command again when it answers")}
	}
	return nil
}

func (s *session) printReconciled(r reconciledAs) error {
	fmt.Fprintf(s.out, "%s and %s: %s, %s\n", plain(r.Migration), plain(r.Source), count(r.Records, "record"), differing(r.Differing))
	if len(r.Findings) > 0 {
		var rows [][]string
		for _, f := range r.Findings {
			mark := ""
			if f.Danger {
				mark = "danger"
			}
			rows = append(rows, []string{dash(mark), string(f.Class), fmt.Sprint(f.Records), f.Title, some(f.Keys)})
		}
		if err := s.look.table(s.out, []string{"", "CLASS", "RECORDS", "WHAT", "FOR EXAMPLE"}, rows); err != nil {
			return err
		}
	}
	if err := s.printFields(r.Fields); err != nil {
		return err
	}
	for _, p := range r.Pairs {
		fmt.Fprintf(s.out, "  records  %7d  %s there, %s here\n", p.Records, p.There, p.Here)
	}
	for _, state := range sortedKeys(r.Absent) {
		fmt.Fprintf(s.out, "  records  %7d  not there, %s here\n", r.Absent[state], state)
	}
	if r.Unmarked > 0 {
		fmt.Fprintf(s.out, "  %s by an earlier release: which side changed is not known\n", count(r.Unmarked, "customer was imported", "customers were imported"))
	}
	if p := r.Probes; p != nil {
		fmt.Fprintf(s.out, "  asked about %d people (--seed %d): %d same, %d differ, %d gone there, %d not answered; %s\n", p.Asked, p.Seed, p.Same, p.Differ, p.Gone, p.Silent, some(p.Keys))
	}
	if p := r.Registered; p != nil {
		fmt.Fprintf(s.out, "  registered while the running system could not be asked: %d known there, now held as duplicates; %d not known there; %d still open\n", p.Known, p.Absent, p.Open)
	}
	for i := range r.Accounts {
		a := &r.Accounts[i]
		verdict := "both say " + a.Said.Here.Verdict
		if !a.Said.Agree {
			verdict = fmt.Sprintf("%s here (%s), %s there (%s)", a.Said.Here.Verdict, dash(a.Said.Here.Reason), a.Said.There.Verdict, dash(a.Said.There.Reason))
		}
		fmt.Fprintf(s.out, "  account  %s: %s\n", plain(a.Identifier), verdict)
	}
	told := map[string]bool{}
	for _, f := range r.Findings {
		for _, next := range f.Next {
			if !told[next] {
				told[next] = true
				s.next("%s", next)
			}
		}
	}
	return nil
}

func (s *session) printFields(fields []drift.Field) error {
	var rows [][]string
	for _, f := range fields {
		if f.There+f.Here+f.Both+f.Missing+f.Unknown == 0 {
			continue
		}
		row := []string{plain(f.Target)}
		for _, n := range []int64{f.Equal, f.There, f.Here, f.Both, f.Missing, f.Unknown} {
			row = append(row, fmt.Sprint(n))
		}
		rows = append(rows, append(row, some(f.Keys)))
	}
	if len(rows) == 0 {
		return nil
	}
	fmt.Fprintln(s.out)
	return s.look.table(s.out, []string{"FIELD", "EQUAL", "CHANGED THERE", "HERE", "BOTH", "MISSING", "UNKNOWN", "FOR EXAMPLE"}, rows)
}

func differing(n int64) string {
	if n == 0 {
		return "nothing differs"
	}
	return count(n, "differs", "differ")
}

// some are the first of keys, for a line.
func some(keys []string) string {
	const most = 3
	shown := make([]string, 0, most)
	for _, k := range keys[:min(len(keys), most)] {
		shown = append(shown, plain(k))
	}
	if len(keys) > most {
		shown = append(shown, "…")
	}
	return dash(strings.Join(shown, ", "))
}
