package intake

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"math/rand/v2"

	"sallyport/pure/customer"
	"sallyport/pure/drift"
	"sallyport/pure/migrate"
	"sallyport/service/audit"
	"sallyport/store"
)

// Reconciling is the phase of a reconciliation, which reads an export two or three
// times and then the ledger.
const Reconciling Phase = "reconcile"

// MaxProbes bounds how many people one reconciliation asks the running system about.
const MaxProbes = 1000

// Reconciliation asks how far a migration's people and its source are apart. Of
// Request, Stage, Retry and DryRun count for nothing.
type Reconciliation struct {
	Request
	Environment string // as people call it
	// Differs is given every record that differs, in the order of the source and then
	// of the ledger; nil: nobody wants them.
	Differs func(drift.Difference) error
	// Keep has the audit event hold the report without keys, not only its counts.
	Keep bool
	// Probes is how many people who were imported are asked about at the running
	// system, at most MaxProbes; Seed chooses them, and Ask asks about one by an
	// identifier: false for nobody. Errors of Ask mean that it cannot be known now.
	Probes int
	Seed   uint64
	Ask    func(ctx context.Context, identifier string) (migrate.Outcome, bool, error)
}

// Reconcile compares every record of an export with the ledger and the directory, and
// the ledger with the export, by the same mapping as an import. It changes nothing,
// and writes nothing but one event of the audit ledger. Whoever changes while it reads
// may be seen halfway.
//
// Errors are those of reading, as of [Service.Assess], of Differs and of the store;
// [ErrPaused] when ctx ended.
func (s *Service) Reconcile(ctx context.Context, r Reconciliation) (drift.Report, error) {
	for input := range r.Joined {
		if err := r.Plan.Joins(input); err != nil {
			return drift.Report{}, fmt.Errorf("reconciling %s: %w", r.Plan.Name(), err)
		}
	}
	if r.Actor == "" {
		r.Actor = audit.System
	}
	if told := r.Progress; told != nil {
		r.Progress = func(p Progress) { p.Phase = Reconciling; told(p) }
	}
	c := &reconciling{Service: s, Reconciliation: r, survey: &survey{keys: s.newKeyHashes()}, repeated: map[string]bool{}}
	report, err := c.work(ctx)
	if err = errors.Join(err, c.survey.close()); err != nil {
		if ctx.Err() != nil {
			err = errors.Join(ErrPaused, err)
		}
		return drift.Report{}, fmt.Errorf("reconciling %s: %w", r.Plan.Name(), err)
	}
	return report, nil
}

// reconciling is one call of Reconcile.
type reconciling struct {
	*Service
	Reconciliation
	survey   *survey
	tally    *drift.Tally
	repeated map[string]bool // keys of several rows that were met
	seen     int64           // people who may be asked about
	chosen   []store.RecordMove
	dice     *rand.Rand
}

func (c *reconciling) work(ctx context.Context) (report drift.Report, err error) {
	facts := drift.Facts{Environment: c.Environment, Migration: c.Plan.Name(), Source: c.label(), Began: c.cfg.Now().UTC(), Ledger: map[string]int64{}}
	ledger, err := c.cfg.Store.RecordCounts(ctx, c.Env, c.Plan.Name())
	if err != nil {
		return report, err
	}
	for state, n := range ledger {
		facts.Ledger[string(state)] = n
	}
	if err := c.rivals(ctx); err != nil {
		return report, err
	}
	facts.SHA256 = hex.EncodeToString(c.survey.digest[:])
	c.tally, c.dice = drift.New(facts), rand.New(rand.NewPCG(c.Seed, c.Seed))
	all := c.survey.stream(c.Source, c.survey.first)
	if err := c.each(ctx, c.Request, all, c.survey.count, func(record migrate.Record) error {
		if err := all.join(&record); err != nil {
			return err
		}
		return c.record(ctx, record)
	}); err != nil {
		return report, err
	}
	if err := c.sweep(ctx); err != nil {
		return report, err
	}
	if err := c.probe(ctx); err != nil {
		return report, err
	}
	report = c.tally.Report(c.cfg.Now().UTC())
	return report, c.cfg.Store.Write(ctx, c.Env, func(tx store.Tx) error { return tx.Audit(ctx, c.event(report)) })
}

// rivals reads the source once, and again if something may occur twice or somebody
// decided who is who: then records are compared as they were settled.
func (c *reconciling) rivals(ctx context.Context) error {
	suspects, err := c.count(ctx, c.Request, c.survey, true)
	if err != nil {
		return err
	}
	v := c.survey
	v.contest = suspects.Contest()
	if v.rivals, err = c.newRivals(ctx, c.Request); err != nil || v.contest.Empty() && len(v.rivals.decisions) == 0 {
		return err
	}
	if err := c.compare(ctx, c.Request, v, false); err != nil {
		return err
	}
	v.rivals.settle(c.Request, v.contest)
	return nil
}

// record compares one record of the source.
func (c *reconciling) record(ctx context.Context, record migrate.Record) error {
	o := c.survey.contest.Judge(c.survey.rivals.of(migrate.Map(c.Plan, record)))
	if c.survey.contest.Repeats(o) {
		if c.repeated[o.Key] {
			return nil
		}
		c.repeated[o.Key] = true
	}
	if err := c.survey.keys.add(o.Key); err != nil {
		return err
	}
	line, err := c.cfg.Store.LedgerRecord(ctx, c.Env, c.Plan.Name(), o.Key)
	if errors.Is(err, store.ErrNotFound) {
		line, err = store.RecordMove{}, nil
	}
	if err != nil {
		return err
	}
	m, err := c.against(ctx, o, line)
	if err != nil {
		return err
	}
	if m.unmarked {
		c.tally.Unmarked()
	}
	if c.tally.Record(m.Difference, m.sides) && c.Differs != nil {
		return c.Differs(m.Difference)
	}
	return nil
}

// sweep reads the ledger by its key, for what the source has not.
func (c *reconciling) sweep(ctx context.Context) error {
	keys, err := c.survey.keys.set()
	defer func() { _ = keys.close() }()
	if err != nil {
		return err
	}
	page, looked := store.MovePage{Migration: c.Plan.Name(), Limit: 1000}, int64(0)
	for {
		lines, next, err := c.cfg.Store.LedgerRecords(ctx, c.Env, page)
		if err != nil {
			return err
		}
		for _, line := range lines {
			if err := c.lacking(ctx, keys, line); err != nil {
				return err
			}
		}
		looked += int64(len(lines))
		if c.Progress != nil {
			c.Progress(Progress{Rows: c.survey.count + looked})
		}
		if page.After = next; next == "" {
			return ctx.Err()
		}
	}
}

// lacking counts a line of the ledger that the source has not. Of who was erased
// there is nothing to compare.
func (c *reconciling) lacking(ctx context.Context, keys *keySet, line store.RecordMove) error {
	here := line.State == store.RecordImported || line.State == store.RecordStaged
	if here {
		c.choose(line)
	}
	if has, err := keys.has(line.Key); err != nil || has || line.State == store.RecordErased {
		return err
	}
	d := drift.Difference{Key: line.Key, Here: string(line.State), Classes: []drift.Class{drift.AbsentIdle}, Fields: []drift.FieldOnSide{}}
	if here {
		id, err := customer.ParseID(line.Customer)
		if err != nil {
			return fmt.Errorf("the ledger's line of a record: %w", err)
		}
		switch person, err := c.cfg.Store.Customer(ctx, c.Env, id); {
		case err == nil && person.State == customer.Active:
			d.Classes = []drift.Class{drift.GoneThere}
		case err != nil && !errors.Is(err, store.ErrNotFound):
			return err
		}
	}
	c.tally.Lacking(d)
	if c.Differs != nil {
		return c.Differs(d)
	}
	return nil
}

// choose keeps each of those who come with the same chance.
func (c *reconciling) choose(line store.RecordMove) {
	c.seen++
	most := min(c.Probes, MaxProbes)
	if c.Ask == nil || most <= 0 {
		return
	}
	if len(c.chosen) < most {
		c.chosen = append(c.chosen, line)
		return
	}
	if at := c.dice.Int64N(c.seen); at < int64(most) {
		c.chosen[at] = line
	}
}

// reconciledDetail is what audit keeps of a reconciliation.
type reconciledDetail struct {
	Migration string                `json:"migration"`
	Source    string                `json:"source"`
	SHA256    string                `json:"sha256"`
	Records   int64                 `json:"records"`
	Differing int64                 `json:"differing"`
	Classes   map[drift.Class]int64 `json:"classes,omitempty"`
	Probes    *drift.Probes         `json:"probes,omitempty"`
	Report    *drift.Report         `json:"report,omitempty"`
}

func (c *reconciling) event(report drift.Report) store.Event {
	kept := report
	kept.Findings, kept.Fields = append([]drift.Finding(nil), report.Findings...), append([]drift.Field(nil), report.Fields...)
	kept.Discreet()
	d := reconciledDetail{
		Migration: report.Migration, Source: report.Source, SHA256: report.SHA256, Records: report.Records, Differing: report.Differing,
		Classes: map[drift.Class]int64{}, Probes: kept.Probes,
	}
	for i := range report.Findings {
		d.Classes[report.Findings[i].Class] = report.Findings[i].Records
	}
	if c.Reconciliation.Keep {
		d.Report = &kept
	}
	return c.audit.Event(audit.Entry{Type: audit.MigrationReconciled, Actor: c.Actor, Detail: d})
}
