package walk

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"sallyport/pure/config"
	"sallyport/pure/customer"
	"sallyport/pure/expect"
	"sallyport/service/audit"
	"sallyport/service/environment"
	"sallyport/store"
)

// State is what became of one request.
type State string

// The states.
const (
	AsProven  State = "as-proven"
	Differs   State = "differs"    // it got something else than the proof says
	Broken    State = "broken"     // it came to no end, so nothing is known
	NotWalked State = "not-walked" // it could not be made from where it would have been
)

// Observed is what whoever walks saw of one request, in the order of [Begun.Walks].
type Observed struct {
	Outcome expect.Outcome `json:"outcome"`
	Broken  string         `json:"broken,omitempty"`  // why it came to no end
	Skipped string         `json:"skipped,omitempty"` // why it was not made
}

// Result is a request, what it should get, and what it got.
type Result struct {
	Walk  expect.Walk    `json:"walk"`
	State State          `json:"state"`
	Got   expect.Outcome `json:"got"`
	Text  string         `json:"text"`
}

// Report is what a run found.
type Report struct {
	ID        string    `json:"id"`
	Author    string    `json:"author"`
	Revision  int64     `json:"revision"`
	Started   time.Time `json:"started"`
	Ended     time.Time `json:"ended"`
	AsProven  int       `json:"as_proven"`
	Failed    int       `json:"failed"` // differs or broken
	NotWalked int       `json:"not_walked"`
	Results   []Result  `json:"results"`
}

// Finish compares what was seen with the proof, keeps the report, and removes the
// run's customers and secrets, whatever it says. [ErrOver], [ErrMoved].
func (s *Service) Finish(ctx context.Context, live *environment.Live, snapshot *config.Snapshot, id string, seen []Observed, by audit.Actor) (Report, error) {
	row, d, err := s.running(ctx, live.ID, id, by)
	if err != nil {
		return Report{}, err
	}
	moved := snapshot.Revision != row.Revision
	report := Report{ID: id, Author: row.Author, Revision: row.Revision, Started: row.Started.UTC(), Ended: s.cfg.Now().UTC(), Results: []Result{}}
	for i := range d.Walks {
		one := Observed{Skipped: "whoever walked did not come to it"}
		if i < len(seen) {
			one = seen[i]
		}
		report.add(judge(d.Walks[i], one))
	}
	if err := s.remove(ctx, live.ID, id, d.Lent, by); err != nil {
		return Report{}, err
	}
	if moved {
		return Report{}, errors.Join(ErrMoved, s.giveUp(ctx, live.ID, row, by))
	}
	if row.Detail, err = json.Marshal(detail{Report: &report}); err != nil {
		return Report{}, fmt.Errorf("storing a report: %w", err)
	}
	row.Ended = report.Ended
	event := s.cfg.Audit.Event(audit.Entry{Type: audit.WalkFinished, Actor: by, Detail: map[string]any{
		"walk": id, "revision": row.Revision, "as_proven": report.AsProven, "failed": report.Failed, "not_walked": report.NotWalked,
	}})
	err = s.cfg.Store.Write(ctx, live.ID, func(tx store.Tx) error {
		if err := tx.PutWalk(ctx, row); err != nil {
			return err
		}
		return tx.Audit(ctx, event)
	})
	if err != nil {
		return Report{}, fmt.Errorf("storing a report: %w", err)
	}
	return report, nil
}

// running reads a run that goes on and is the caller's.
func (s *Service) running(ctx context.Context, env store.EnvironmentID, id string, by audit.Actor) (store.Walk, detail, error) {
	var d detail
	row, err := s.cfg.Store.Walk(ctx, env, id)
	switch {
	case errors.Is(err, store.ErrNotFound):
		return row, d, ErrOver
	case err != nil:
		return row, d, fmt.Errorf("reading a walk: %w", err)
	case !row.Ended.IsZero() || !s.cfg.Now().Before(row.Expires) || row.Author != string(by):
		return row, d, ErrOver
	}
	if err := json.Unmarshal(row.Detail, &d); err != nil {
		return row, d, fmt.Errorf("reading a walk: %w", err)
	}
	return row, d, nil
}

func (r *Report) add(one Result) {
	switch one.State {
	case AsProven:
		r.AsProven++
	case NotWalked:
		r.NotWalked++
	default:
		r.Failed++
	}
	r.Results = append(r.Results, one)
}

// judge holds what was seen against the proof. What is not known never agrees.
func judge(w expect.Walk, seen Observed) Result {
	one := Result{Walk: w, Got: seen.Outcome}
	empty := seen.Outcome.Error == "" && len(seen.Outcome.Granted) == 0
	switch {
	case w.Skipped != "":
		one.State, one.Text, one.Got = NotWalked, w.Skipped, expect.Outcome{}
	case seen.Skipped != "":
		one.State, one.Text, one.Got = NotWalked, seen.Skipped, expect.Outcome{}
	case seen.Broken != "" || empty:
		one.State, one.Text = Broken, seen.Broken
		if one.Text == "" {
			one.Text = "nothing was told of it"
		}
	case w.Expected.Agrees(seen.Outcome):
		one.State, one.Text = AsProven, seen.Outcome.String()
	default:
		one.State, one.Text = Differs, fmt.Sprintf("it got %s, and the proof says %s", seen.Outcome, w.Expected)
	}
	return one
}

// remove deletes the customers of a run, and takes the secrets back.
func (s *Service) remove(ctx context.Context, env store.EnvironmentID, id string, lent map[string]string, by audit.Actor) error {
	s.takeBack(ctx, env, lent, by)
	for {
		some, err := s.cfg.Store.Synthetics(ctx, env, id, 50)
		if err != nil || len(some) == 0 {
			return err
		}
		if err := s.removeSome(ctx, env, some); err != nil {
			return fmt.Errorf("removing invented customers: %w", err)
		}
	}
}

// removeSome also ends what was issued to them, on every node.
func (s *Service) removeSome(ctx context.Context, env store.EnvironmentID, some []customer.ID) error {
	now := s.cfg.Now()
	return s.cfg.Store.Write(ctx, env, func(tx store.Tx) error {
		for _, one := range some {
			if err := tx.RemoveSynthetic(ctx, one); err != nil && !errors.Is(err, store.ErrNotFound) {
				return err
			}
			entry := store.FeedEntry{Kind: store.CustomerRevoked, Subject: one.String(), At: now, Until: now.Add(24*time.Hour + 10*time.Minute)}
			if err := tx.Publish(ctx, entry); err != nil {
				return err
			}
		}
		return nil
	})
}

// takeBack ends lent secrets. One that cannot be ended now ends by itself.
func (s *Service) takeBack(ctx context.Context, env store.EnvironmentID, lent map[string]string, by audit.Actor) {
	for application, id := range lent {
		_ = s.cfg.Secrets.DeleteSecret(ctx, env, application, id, by)
	}
}

// Last gives the report of the last run that ended; store.ErrNotFound.
func (s *Service) Last(ctx context.Context, env store.EnvironmentID) (Report, error) {
	walks, err := s.cfg.Store.Walks(ctx, env, 100)
	if err != nil {
		return Report{}, fmt.Errorf("reading walks: %w", err)
	}
	for _, w := range walks {
		if w.Ended.IsZero() {
			continue
		}
		row, err := s.cfg.Store.Walk(ctx, env, w.ID)
		if err != nil {
			return Report{}, fmt.Errorf("reading a walk: %w", err)
		}
		var d detail
		if err := json.Unmarshal(row.Detail, &d); err != nil || d.Report == nil {
			return Report{}, fmt.Errorf("reading a report: %w", errors.Join(err, store.ErrNotFound))
		}
		return *d.Report, nil
	}
	return Report{}, store.ErrNotFound
}

// Sweep gives up runs whose time is up, with everything that they made, and forgets
// old reports.
func (s *Service) Sweep(ctx context.Context, env store.EnvironmentID) error {
	walks, err := s.cfg.Store.Walks(ctx, env, 100)
	if err != nil {
		return fmt.Errorf("reading walks: %w", err)
	}
	reports := 0
	for _, w := range walks {
		over := w.Ended.IsZero() && !s.cfg.Now().Before(w.Expires)
		if !w.Ended.IsZero() {
			reports++
		}
		if !over && reports <= kept {
			continue
		}
		var d detail
		if row, err := s.cfg.Store.Walk(ctx, env, w.ID); err == nil {
			_ = json.Unmarshal(row.Detail, &d) // secrets end by themselves
		}
		if err := s.remove(ctx, env, w.ID, d.Lent, audit.System); err != nil {
			return err
		}
		forget := s.forget
		if over {
			forget = s.giveUp
		}
		if err := forget(ctx, env, w, audit.System); err != nil {
			return err
		}
	}
	return nil
}

// forget deletes an old report.
func (s *Service) forget(ctx context.Context, env store.EnvironmentID, w store.Walk, _ audit.Actor) error {
	if err := s.cfg.Store.Write(ctx, env, func(tx store.Tx) error { return tx.DeleteWalk(ctx, w.ID) }); err != nil {
		return fmt.Errorf("forgetting a walk: %w", err)
	}
	return nil
}

// giveUp ends a run without a report, and records that it did: customers were there
// and are not.
func (s *Service) giveUp(ctx context.Context, env store.EnvironmentID, w store.Walk, by audit.Actor) error {
	event := s.cfg.Audit.Event(audit.Entry{Type: audit.WalkFinished, Actor: by, Result: "given-up", Detail: map[string]any{
		"walk": w.ID, "revision": w.Revision,
	}})
	err := s.cfg.Store.Write(ctx, env, func(tx store.Tx) error {
		if err := tx.DeleteWalk(ctx, w.ID); err != nil {
			return err
		}
		return tx.Audit(ctx, event)
	})
	if err != nil {
		return fmt.Errorf("giving a walk up: %w", err)
	}
	return nil
}
