package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"

	"sallyport/web/admin"
)

const (
	followEvery = 250 * time.Millisecond
	// followPatience is how long a follower waits for a server that does not answer,
	// which may be one that starts again.
	followPatience = 3 * time.Second
	// pausePatience is how long Ctrl-C waits for the next checkpoint.
	pausePatience = 10 * time.Second
)

// jobAnswer is a job as the server told it.
type jobAnswer struct {
	admin.Job
	Report json.RawMessage `json:"report"`
}

func jobPath(s *session, migration, rest string) string {
	return s.here("/migrations/" + url.PathEscape(migration) + "/jobs" + rest)
}

// runJob uploads an export, and follows the job that the server makes of it.
func (s *session) runJob(migration string, files exportFiles, detach bool, also url.Values) error {
	content, err := files.open()
	if err != nil {
		return err
	}
	defer content.Close()
	query := url.Values{"source": {filepath.Base(files.file)}}
	for name, values := range also {
		query[name] = values
	}
	s.note("%s: uploading %s", s.place, files)
	var answer json.RawMessage
	err = s.exchange(asking{
		method: http.MethodPost, path: jobPath(s, migration, ""), query: query, body: content, contentType: content.kind,
	}, nil, &answer)
	if errors.Is(err, errStopped) {
		return &exitError{exitStopped, fmt.Errorf("stopped while the export was uploaded\n  to see whether it had all come: sallyport migrate status %s --env %s", migration, s.place)}
	}
	if err != nil {
		return err
	}
	var j jobAnswer
	if err := json.Unmarshal(answer, &j); err != nil {
		return err
	}
	if detach {
		return show(s, answer, s.printJob)
	}
	return s.followJob(migration, j.ID)
}

// followJob tells how a job goes on until it ends or pauses. The job does not mind
// whether anybody follows.
func (s *session) followJob(migration, id string) error {
	bar := newProgress(s, "migrate run "+migration)
	defer bar.end()
	heard := time.Now()
	for {
		var j jobAnswer
		err := s.get(jobPath(s, migration, "/"+url.PathEscape(id)), nil, &j)
		var exit *exitError
		switch {
		case s.ctx.Err() != nil:
			bar.end()
			return s.pauseJob(migration, id)
		case errors.As(err, &exit):
			return err
		case err != nil && time.Since(heard) > followPatience:
			bar.end()
			return fmt.Errorf("%w\n  the import goes on when the server is back\n  to watch it: sallyport migrate follow %s --env %s", err, migration, s.place)
		case err == nil:
			heard = time.Now()
			if !j.moves() {
				bar.end()
				return s.jobEnded(j)
			}
			bar.show(admin.ImportProgress{Phase: phaseOf(j), Rows: j.Rows, Of: j.Of, Held: j.Held, Rate: float64(j.Rate)})
		}
		select {
		case <-s.ctx.Done():
		case <-time.After(followEvery):
		}
	}
}

func (j jobAnswer) moves() bool {
	return j.State == "queued" || j.State == "running" || j.State == "pausing"
}

// phaseOf is what a job does, or why it does nothing.
func phaseOf(j jobAnswer) string {
	switch {
	case j.Reason != "":
		return "waits, " + j.Reason
	case j.State == "queued" && !j.Here:
		return "waits for node " + j.Node
	case j.State == "queued", j.Phase == "":
		return j.State
	}
	return j.Phase
}

// pauseJob asks a job to pause, once whoever followed it gave a sign.
func (s *session) pauseJob(migration, id string) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(s.ctx), pausePatience)
	defer cancel()
	last := *s
	last.ctx = ctx
	again := fmt.Sprintf("\n  to go on: sallyport migrate resume %s --env %s", migration, s.place)
	var j jobAnswer
	err := last.send(http.MethodPost, jobPath(s, migration, "/newest/pause"), nil, &j)
	for err == nil && j.moves() && ctx.Err() == nil {
		_ = pauseFor(ctx, followEvery)
		err = last.get(jobPath(s, migration, "/"+url.PathEscape(id)), nil, &j)
	}
	switch {
	case err == nil && j.State == "done":
		return s.jobEnded(j)
	case err == nil && j.State == "paused":
		return &exitError{exitStopped, fmt.Errorf("paused at a checkpoint; nothing is lost%s", again)}
	case err == nil && ctx.Err() != nil, err != nil && ctx.Err() != nil:
		return &exitError{exitStopped, fmt.Errorf("asked to pause; it does at its next checkpoint%s", again)}
	}
	return &exitError{exitStopped, fmt.Errorf("it may still be running: sallyport migrate status %s --env %s%s", migration, s.place, again)}
}

func pauseFor(ctx context.Context, d time.Duration) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(d):
		return nil
	}
}

// jobEnded tells what a job came to.
func (s *session) jobEnded(j jobAnswer) error {
	switch j.State {
	case "done":
		return s.jobDone(j)
	case "paused":
		return &exitError{exitStopped, fmt.Errorf("the import is paused at %s of %s\n  to go on: sallyport migrate resume %s --env %s", thousands(j.Rows), count(j.Of, "row"), j.Migration, s.place)}
	case "cancelled":
		return fmt.Errorf("the import was cancelled; what it had imported stays\n  fix: sallyport migrate run %s --file FILE --env %s", j.Migration, s.place)
	}
	return fmt.Errorf("error %s: the import failed, %s\n  %s\n  fix: %s", j.Code, j.Reason, j.Problem, j.Fix)
}

// jobDone shows the report. One that went on after a stop counts what came since, so
// that rows held before are found in the ledger.
func (s *session) jobDone(j jobAnswer) error {
	var r admin.ImportReport
	if err := json.Unmarshal(j.Report, &r); err != nil {
		return err
	}
	if r.Held == 0 && r.Resumed && j.Held > 0 {
		if err := show(s, j.Report, s.printReport); err != nil {
			return err
		}
		return &exitError{exitPartial, fmt.Errorf("error %s: %s held\n  fix: sallyport migrate status %s --env %s lists them", admin.RowsHeld, count(r.Ledger["held"], "row"), j.Migration, s.place)}
	}
	return s.imported(j.Report)
}

// jobNote is what there is to say of a job besides its state.
func jobNote(j admin.Job) string {
	switch {
	case j.Problem != "":
		return ": " + j.Problem
	case j.State != "done" && !j.Here:
		return " on node " + j.Node
	case j.State == "running" && j.Of > 0:
		return fmt.Sprintf(": %s of %s, %s/s", thousands(j.Rows), count(j.Of, "row"), thousands(j.Rate))
	}
	return ""
}

func (s *session) printJob(j admin.Job) error {
	fmt.Fprintf(s.out, "job %s of %s is %s", j.ID, j.Migration, j.State)
	if j.Of > 0 {
		fmt.Fprintf(s.out, ", %s of %s, held %s", thousands(j.Rows), count(j.Of, "row"), thousands(j.Held))
	}
	fmt.Fprintln(s.out)
	if j.Problem != "" {
		fmt.Fprintf(s.out, "  %s: %s\n  fix: %s\n", j.Reason, j.Problem, j.Fix)
	}
	if j.State == "queued" && !j.Here {
		fmt.Fprintf(s.out, "  its files are on node %s, which goes on with it when it runs\n", j.Node)
	}
	switch j.State {
	case "queued", "running", "pausing":
		s.next("sallyport migrate follow %s --env %s", j.Migration, s.place)
	case "paused", "failed":
		s.next("sallyport migrate resume %s --env %s", j.Migration, s.place)
	default:
		s.next("sallyport migrate status %s --env %s", j.Migration, s.place)
	}
	return nil
}

// newMigrateSteer is a command that decides about the open job of a migration.
func newMigrateSteer(s streams, move, short, long string) *cobra.Command {
	var f stateFlags
	c := &cobra.Command{
		Use: move + " MIGRATION", Short: short, Long: long, Args: takes("MIGRATION"), Example: "  sallyport migrate " + move + " meterman",
		RunE: func(c *cobra.Command, args []string) error {
			return f.within(c.Context(), s, "", func(talk *session) error {
				var answer json.RawMessage
				if err := talk.send(http.MethodPost, jobPath(talk, args[0], "/newest/"+move), nil, &answer); err != nil {
					return err
				}
				return show(talk, answer, talk.printJob)
			})
		},
	}
	f.bindEnv(c)
	return c
}

func newMigratePause(s streams) *cobra.Command {
	return newMigrateSteer(s, "pause", "Pause an import that a server runs, at its next checkpoint",
		"Pause stops an import between two batches, each of which is whole or not at all. Its files\nare kept for 30 days, until somebody resumes or cancels it.")
}

func newMigrateResume(s streams) *cobra.Command {
	return newMigrateSteer(s, "resume", "Have an import go on that was paused or has failed",
		"Resume has an import go on where the ledger says, on the node that has its files.")
}

func newMigrateCancel(s streams) *cobra.Command {
	return newMigrateSteer(s, "cancel", "Give an import up that a server runs, and remove its files",
		"Cancel keeps whoever was imported, and removes the export from the server. The same export\nfinishes what it began, with run; undo takes a finished run back.")
}

func newMigrateFollow(s streams) *cobra.Command {
	var f stateFlags
	c := &cobra.Command{
		Use: "follow MIGRATION", Short: "Follow an import that a server runs", Args: takes("MIGRATION"),
		Long: `Follow shows how an import goes on, as run does. Ctrl-C asks it to pause at its next
checkpoint; to stop following alone, end the command otherwise: the import does not mind.`,
		Example: `  sallyport migrate run meterman --file export.csv --detach
  sallyport migrate follow meterman`,
		RunE: func(c *cobra.Command, args []string) error {
			return f.within(c.Context(), s, "", func(talk *session) error {
				var j admin.Job
				if err := talk.get(jobPath(talk, args[0], "/newest"), nil, &j); err != nil {
					return err
				}
				return talk.followJob(args[0], j.ID)
			})
		},
	}
	f.bindEnv(c)
	return c
}
