package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/url"
	"path/filepath"
	"slices"
	"strconv"

	"github.com/spf13/cobra"

	"sallyport/web/admin"
)

func newMigrate(s streams) *cobra.Command {
	return group("migrate", "Bring customers over from an earlier system", `  sallyport migrate assess export.csv --html report.html
  sallyport migrate run meterman --file export.csv --dry-run
  sallyport migrate run meterman --file export.csv
  sallyport migrate status meterman`,
		newMigrateAssess(s), newMigrateMap(s), newMigratePlan(s), newMigrateFetch(s), newMigrateRun(s), newMigrateRetry(s), newMigrateUndo(s), newMigratePause(s), newMigrateResume(s), newMigrateCancel(s), newMigrateFollow(s), newMigrateStatus(s), newMigrateReconcile(s), newMigrateRecords(s), newMigrateProbe(s), newMigrateFind(s), newMigrateDuplicates(s),
		group("hashes", "Check that password hashes of an earlier system verify", `  sallyport migrate hashes verify vectors.json`, newHashesVerify(s)))
}

func newMigrateRun(s streams) *cobra.Command {
	var f stateFlags
	var files exportFiles
	var dry, source, fresh, detach bool
	c := &cobra.Command{
		Use: "run MIGRATION --file EXPORT", Short: "Import an export, or go on where an import of it stopped", Args: takes("MIGRATION"),
		Long: `Run imports the records of an export in small batches, each whole or not at all.
Where a server runs, it keeps the export, encrypted, and imports it by itself: losing the
connection stops nothing, nor does a restart. Ctrl-C has it pause at its next checkpoint;
resume, or the same command, goes on from there, and running it again when it is done
changes nothing. Without a server the command imports by itself. Exit code 6: done, but
rows are held.
What a source hands out apart has a flag of its own: of Auth0 password hashes
--hashes and second factors --factors. Files may be packed by gzip.`,
		Example: `  sallyport migrate run meterman --file export.csv --dry-run
  sallyport migrate run meterman --file export.csv --env production
  sallyport migrate run orchard --file users.ndjson.gz --hashes hashes.ndjson`,
		RunE: func(c *cobra.Command, args []string) error {
			switch {
			case source && files.file != "":
				return usage(c, errors.New("--file and --from-source exclude each other"))
			case detach && (dry || source):
				return usage(c, errors.New("--detach is for imports that a server runs by itself: without --dry-run and --from-source"))
			case source:
				return f.within(c.Context(), s, "", func(talk *session) error { return talk.runFromSource(args[0], dry, fresh) })
			case files.identity != "" && files.hashes != "":
				return usage(c, errors.New("--identity and --hashes exclude each other: an export of Sallyport's is one file"))
			case files.file == "":
				return usage(c, errors.New("--file is missing: the export to read, or --from-source"))
			}
			return f.within(c.Context(), s, "", func(talk *session) error {
				return talk.importFiles(args[0], files, importWish{dry: dry, detach: detach})
			})
		},
	}
	f.bindEnv(c)
	c.Flags().BoolVar(&detach, "detach", false, "upload the export, and leave the import to the server")
	c.Flags().BoolVar(&source, "from-source", false, "let the server read the migration's running system out first, and import that")
	c.Flags().BoolVar(&fresh, "fresh", false, "with --from-source: read everybody anew, whatever was read before")
	c.Flags().StringVar(&files.file, "file", "", "the export, as its configuration describes it")
	files.bindApart(c)
	c.Flags().StringVarP(&files.identity, "identity", "i", "", "file with the secret key, if the export is one of sallyport customers export")
	c.Flags().BoolVar(&dry, "dry-run", false, "do everything but write")
	return c
}

// importWish is how an import is to be.
type importWish struct {
	dry, detach bool
	also        url.Values // what the request asks besides
}

// importFiles has a server import files by itself, if there is one and something is
// to be written; else it lasts as long as the request.
func (s *session) importFiles(migration string, files exportFiles, wish importWish) error {
	switch {
	case !wish.dry && !s.alone:
		return s.runJob(migration, files, wish.detach, wish.also)
	case wish.detach:
		return &exitError{exitUsage, errors.New("--detach leaves an import to a server, and none runs on this store\n  fix: start sallyport serve, or leave --detach out")}
	}
	return s.migrate(migration, files, wish.dry, wish.also)
}

// migrate sends an export; also is what the request asks besides.
func (s *session) migrate(migration string, files exportFiles, dry bool, also url.Values) error {
	content, err := files.open()
	if err != nil {
		return err
	}
	defer content.Close()
	query := url.Values{"source": {filepath.Base(files.file)}, "dry_run": {strconv.FormatBool(dry)}}
	maps.Copy(query, also)
	s.note("%s: importing %s", s.place, files)
	response, err := s.do(asking{
		method: http.MethodPost, path: s.here("/migrations/" + url.PathEscape(migration) + "/runs"), query: query,
		body: content, contentType: content.kind,
	})
	if err != nil {
		return err
	}
	defer response.Body.Close()
	return s.followImport(migration, files.flags(), response.Body)
}

// followImport tells how an import goes on. flags are those that it was asked by.
func (s *session) followImport(migration, flags string, from io.Reader) error {
	progress := newProgress(s, migration)
	decoder := json.NewDecoder(from)
	for {
		var line struct {
			admin.ImportLine
			Report json.RawMessage `json:"report"`
		}
		err := decoder.Decode(&line)
		switch {
		case s.ctx.Err() != nil:
			progress.end()
			return &exitError{exitStopped, fmt.Errorf("stopped between two batches; nothing is lost\n  to go on: sallyport migrate run %s %s --env %s", migration, flags, s.place)}
		case err != nil: // between two lines or, if it died, within one
			return errors.New("the server ended the import\n  fix: run the command again, it goes on from there")
		case line.Progress != nil:
			progress.show(*line.Progress)
		case line.Problem != nil:
			progress.end()
			return refused(line.Problem)
		default:
			progress.end()
			return s.imported(line.Report)
		}
	}
}

func (s *session) imported(answer json.RawMessage) error {
	var r admin.ImportReport
	if err := json.Unmarshal(answer, &r); err != nil {
		return err
	}
	if err := show(s, answer, s.printReport); err != nil || r.Held == 0 {
		return err
	}
	text := fmt.Sprintf("%s held, %d imported\n  fix: sallyport migrate status %s --env %s lists them", count(r.Held, "row"), r.Imported, r.Migration, s.place)
	if r.DryRun {
		text = fmt.Sprintf("%s would be held, %d imported; nothing was written\n  fix: mend the source or the mapping, or import and leave them held", count(r.Held, "row"), r.Imported)
	}
	return &exitError{exitPartial, fmt.Errorf("error %s: %s", admin.RowsHeld, text)}
}

func (s *session) printReport(r admin.ImportReport) error {
	verb := "imported"
	if r.DryRun {
		verb = "would be imported"
	}
	fmt.Fprintf(s.out, "%s: %d %s, %d held, %d dropped, %d known before; %s in %.1f s\n",
		r.Migration, r.Imported, verb, r.Held, r.Dropped, r.Known, count(r.Rows, "row"), r.Seconds)
	if r.Completed > 0 {
		fmt.Fprintf(s.out, "  %s by what had been missing\n", count(r.Completed, "record known before was completed", "records known before were completed"))
	}
	if r.Updated > 0 {
		fmt.Fprintf(s.out, "  %s by what changed at the source\n", count(r.Updated, "customer was updated", "customers were updated"))
	}
	if r.Absent > 0 {
		fmt.Fprintf(s.out, "  %s not in this file; nobody is removed for that\n", count(r.Absent, "record known before is", "records known before are"))
	}
	counts := func(title string, of map[string]int64) {
		for _, name := range sortedKeys(of) {
			fmt.Fprintf(s.out, "  %-8s %7d  %s\n", title, of[name], name)
		}
	}
	counts("kept", r.Kept) // by field, changed here and at the source
	counts("reason", r.Reasons)
	counts("warning", r.Warnings)
	s.printBrought(r)
	s.printHoldings(r.Holdings)
	if r.Weak > 0 {
		fmt.Fprintf(s.out, "  %s: the server wraps such in Argon2id in the background\n", count(r.Weak, "weak hash", "weak hashes"))
	}
	for _, e := range r.Examples {
		fmt.Fprintf(s.out, "  for example row %d, key %s: %s %s\n", e.Row, plain(e.Key), e.Reason, plain(e.Detail))
	}
	if r.DryRun {
		s.next("the same without --dry-run")
	} else {
		s.next("sallyport migrate status %s --env %s", r.Migration, s.place)
	}
	return nil
}

// printBrought tells what people brought to sign in with.
func (s *session) printBrought(r admin.ImportReport) {
	line := func(title string, n int64, what string) {
		if n > 0 {
			fmt.Fprintf(s.out, "  %-8s %7d  %s\n", title, n, what)
		}
	}
	for _, name := range sortedKeys(r.Schemes) {
		line("password", r.Schemes[name], name)
	}
	for _, kind := range sortedKeys(r.Factors) {
		line("factor", r.Factors[kind], kind)
	}
	line("passkey", r.Passkeys, "")
	line("link", r.Links, "who they are at other providers")
}

func newMigrateStatus(s streams) *cobra.Command {
	var f stateFlags
	var held int
	c := &cobra.Command{
		Use: "status MIGRATION", Short: "Show where the records of a migration are, and which are held", Args: takes("MIGRATION"),
		Example: `  sallyport migrate status meterman
  sallyport migrate status meterman --held 1000 --json`,
		RunE: func(c *cobra.Command, args []string) error {
			return f.within(c.Context(), s, "", func(talk *session) error {
				var answer json.RawMessage
				path := talk.here("/migrations/" + url.PathEscape(args[0]))
				if err := talk.get(path, url.Values{"held": {strconv.Itoa(held)}}, &answer); err != nil {
					return err
				}
				return show(talk, answer, talk.standing)
			})
		},
	}
	f.bindEnv(c)
	c.Flags().IntVar(&held, "held", 20, "how many held records to list, at most 1000")
	return c
}

// waysOf are the cells that tell how records came.
func waysOf(counts map[string]int64) (cells []string) {
	for _, way := range []string{"bulk", "jit", "claim", "register"} {
		cell := "-"
		if counts[way] > 0 {
			cell = fmt.Sprint(counts[way])
		}
		cells = append(cells, cell)
	}
	return cells
}

func (s *session) standing(st admin.Standing) error {
	var total int64
	var rows [][]string
	for _, state := range []string{"imported", "staged", "held", "dropped", "erased", "pending"} {
		if n := st.Records[state]; n > 0 || state != "staged" && state != "erased" {
			total += n
			rows = append(rows, append([]string{state, fmt.Sprint(n)}, waysOf(st.Ways[state])...))
		}
	}
	s.note("%s: migration %s", st.Place, st.Migration)
	if st.Run != nil {
		s.note("newest run %s of %s is %s: %d of %d, begun %s", st.Run.ID, st.Run.Source, st.Run.State, st.Run.Done, st.Run.Total, when(st.Run.Started))
	}
	if st.Job != nil {
		s.note("job %s is %s%s", st.Job.ID, st.Job.State, jobNote(*st.Job))
	}
	titles := []string{"STATE", "RECORDS", "BULK", "JIT", "CLAIM", "REGISTER"}
	if !slices.ContainsFunc(rows, func(row []string) bool { return slices.ContainsFunc(row[3:], func(n string) bool { return n != "-" }) }) {
		titles = titles[:2] // all came from exports
	}
	rows = append(rows, []string{"total", fmt.Sprint(total), "", "", "", ""})
	for i := range rows {
		rows[i] = rows[i][:len(titles)]
	}
	if err := s.look.table(s.out, titles, rows); err != nil {
		return err
	}
	if st.Job != nil && st.Job.Report != nil {
		s.note("whom it imported brought, to sign in with:")
		s.printBrought(*st.Job.Report)
	}
	if len(st.Held) == 0 {
		return nil
	}
	fmt.Fprintln(s.out)
	rows = nil
	for _, h := range st.Held {
		rows = append(rows, []string{h.Key, fmt.Sprint(h.Row), h.Reason, dash(h.Detail)})
	}
	return s.look.table(s.out, []string{"HELD", "ROW", "REASON", "DETAIL"}, rows)
}
