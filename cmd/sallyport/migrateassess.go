package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"sallyport/pure/assess"
	"sallyport/web/admin"
	"sallyport/web/design/assessment"
)

// assessFlags are those of migrate assess.
type assessFlags struct {
	stateFlags
	files      exportFiles
	html       string
	lastSignIn string
	gate       bool
	alone      assessAlone
}

func newMigrateAssess(s streams) *cobra.Command {
	var f assessFlags
	c := &cobra.Command{
		Use: "assess MIGRATION --file EXPORT | assess EXPORT", Short: "Tell what an export holds, and what its people will notice", Args: takes("MIGRATION or EXPORT"),
		Long: `Assess reads an export and reports: passwords and whether they verify here, second
factors and passkeys, duplicates, who is dormant, what is not mapped, gaps with an
owner each, and a proposed plan with its reasons. It writes nothing but the file of
--html, and neither holds a value of anybody.

With --file the migration of a server's configuration says what the export means, as
in a run. Without it, the export is read here, with no configuration, store or server:
its format is recognised by its beginning or named by --format, and what its fields
mean is the format's knowledge, or guessed from the names of columns.`,
		Example: `  sallyport migrate assess users.json --html report.html
  sallyport migrate assess export.csv --host id.harbourlight.test --last-sign-in LAST_SEEN
  sallyport migrate assess users.json --format firebase --secret signer_key=key.b64
  sallyport migrate assess orchard --file users.ndjson.gz --hashes hashes.ndjson --html report.html`,
		RunE: func(c *cobra.Command, args []string) error {
			report, err := f.assess(c, s, args[0])
			if err != nil {
				return err
			}
			return f.conclude(s, report)
		},
	}
	f.bindEnv(c)
	c.Flags().StringVar(&f.files.file, "file", "", "the export, to be read by a migration of the server's configuration")
	f.files.bindApart(c)
	c.Flags().StringVar(&f.html, "html", "", "write the report as one file of HTML, too")
	c.Flags().StringVar(&f.lastSignIn, "last-sign-in", "", "field that says when somebody signed in last (default: the first that is called so)")
	c.Flags().BoolVar(&f.gate, "exit-code", false, "exit with 5 if a gap blocks")
	f.alone.bind(c)
	return c
}

// assess asks a server, or reads the file here.
func (f *assessFlags) assess(c *cobra.Command, s streams, name string) (answer json.RawMessage, err error) {
	if f.files.file == "" {
		f.files.file = name
		report, err := f.alone.read(c, s, f)
		if err != nil {
			return nil, err
		}
		return json.Marshal(report)
	}
	if told := f.alone.told(c); told != "" {
		return nil, usage(c, fmt.Errorf("--%s is for an export that no migration describes: leave it out, or leave --file out", told))
	}
	err = f.within(c.Context(), s, "", func(talk *session) error {
		answer, err = talk.assess(name, f)
		return err
	})
	return answer, err
}

// assess has a server read the files.
func (s *session) assess(migration string, f *assessFlags) (json.RawMessage, error) {
	content, err := f.files.open()
	if err != nil {
		return nil, err
	}
	defer content.Close()
	query := url.Values{"source": {filepath.Base(f.files.file)}}
	if f.lastSignIn != "" {
		query.Set("last_sign_in", f.lastSignIn)
	}
	s.note("%s: assessing %s", s.place, f.files)
	response, err := s.do(asking{
		method: http.MethodPost, path: s.here("/migrations/" + url.PathEscape(migration) + "/assessments"), query: query,
		body: content, contentType: content.kind,
	})
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	progress := newProgress(s, migration)
	defer progress.end()
	decoder := json.NewDecoder(response.Body)
	for {
		var line struct {
			admin.AssessLine
			Report json.RawMessage `json:"report"`
		}
		err := decoder.Decode(&line)
		switch {
		case s.ctx.Err() != nil:
			return nil, errStopped
		case err != nil:
			return nil, errors.New("the server ended the assessment\n  fix: run the command again; nothing was written")
		case line.Progress != nil:
			progress.show(admin.ImportProgress{Phase: "assess", Rows: line.Progress.Rows, Of: line.Progress.Of})
		case line.Problem != nil:
			return nil, refused(line.Problem)
		default:
			return line.Report, nil
		}
	}
}

// conclude shows a report, and writes its file.
func (f *assessFlags) conclude(s streams, answer json.RawMessage) error {
	var report assess.Report
	if err := json.Unmarshal(answer, &report); err != nil {
		return err
	}
	if f.html != "" {
		if err := writeReport(f.html, report); err != nil {
			return err
		}
	}
	talk := &session{streams: s, ctx: context.Background(), flags: &f.stateFlags, look: lookOf(s.out, f.noColor)}
	if err := show(talk, answer, func(r assess.Report) error { return talk.printAssessment(r, f.html) }); err != nil {
		return err
	}
	for _, g := range report.Gaps {
		if f.gate && g.Weight == assess.Blocks {
			return &exitError{exitRefused, fmt.Errorf("a gap blocks: %s\n  fix: %s", g.Title, g.Do)}
		}
	}
	return nil
}

// writeReport writes a file of HTML for nobody but its owner: it tells a lot about
// a system, though nothing about a person.
func writeReport(path string, report assess.Report) error {
	var page bytes.Buffer
	if err := assessment.Render(&page, report); err != nil {
		return err
	}
	return os.WriteFile(path, page.Bytes(), 0o600)
}

// printAssessment tells the most important in a page.
func (s *session) printAssessment(r assess.Report, html string) error {
	fmt.Fprintf(s.out, "%s: %s, %d can be taken, %d held, %d dropped\n", plain(r.Source.Title), count(r.Records.Total, "record"), r.Records.Accepted, r.Records.Held, r.Records.Dropped)
	figures := func(title string, all ...assess.Count) {
		for _, c := range all {
			if c.Records > 0 {
				fmt.Fprintf(s.out, "  %-10s %9d  %s\n", title, c.Records, plain(c.Name))
			}
		}
	}
	w := r.Ways
	figures("come in", assess.Count{Name: "by the password they have", Records: w.Password}, assess.Count{Name: "by a passkey", Records: w.Passkey}, assess.Count{Name: "by choosing a password", Records: w.Reset},
		assess.Count{Name: "only by another provider", Records: w.Elsewhere}, assess.Count{Name: "not without help", Records: w.Stuck})
	for _, h := range r.Passwords.Schemes {
		figures("password", assess.Count{Name: fmt.Sprintf("%s, %s", dash(h.Name), h.Portability), Records: h.Records})
	}
	figures("factor", assess.Count{Name: "people who keep one", Records: r.Factors.Keep}, assess.Count{Name: "people whose is kept as data", Records: r.Factors.Waiting}, assess.Count{Name: "people who lose it", Records: r.Factors.Lose})
	for _, h := range r.Held {
		figures("held", assess.Count{Name: h.Name, Records: h.Records})
	}
	fmt.Fprintf(s.out, "proposed: %s\n", r.Proposal.Approach)
	for _, reason := range r.Proposal.Reasons {
		fmt.Fprintf(s.out, "  %s  (%s)\n", reason.Text, reason.Rule)
	}
	if len(r.Gaps) > 0 {
		fmt.Fprintln(s.out)
	}
	var rows [][]string
	for _, g := range r.Gaps {
		rows = append(rows, []string{string(g.Weight), g.Title, fmt.Sprint(g.People), string(g.Owner)})
	}
	if err := s.look.table(s.out, []string{"GAP", "WHAT", "COUNT", "OWNER"}, rows); err != nil {
		return err
	}
	switch {
	case html != "":
		s.next("open %s", plain(html))
	case r.Migration != "" && r.Environment != "":
		s.next("sallyport migrate run %s --file FILE --dry-run --env %s", r.Migration, r.Environment)
	default:
		s.next("the same with --html report.html, which has everything")
	}
	return nil
}
