package intake

import (
	"context"
	"crypto/sha256"
	"errors"
	"io"

	"sallyport/pure/migrate"
	"sallyport/store"
)

// survey is what reading a source through tells about it.
type survey struct {
	rows    *migrate.Rows // the layout of the records' file
	first   spot          // of the records
	beside  indexes       // of what is joined; nil: nothing
	digest  [32]byte      // of all that was read
	count   int64         // records
	fresh   int64         // records that the ledger does not know, each once
	open    int64         // records that the ledger knows and this source completes
	known   map[store.RecordState]int64
	contest *migrate.Contest
	rivals  *rivals
	keys    *keyHashes        // of what is fresh
	maybe   []migrate.Outcome // records to bring up to date, unless they are contested
	absent  absence           // records that the ledger has and this source has not
	newest  store.Run         // when the ledger was asked; zero: none
	goesOn  bool              // newest is of these bytes, and not finished
}

// lookAt reads a source: once to count and digest it, and again if something
// may occur twice or the ledger knows records of this migration. A run that goes on
// asks the ledger for no record: its batches do. Close the survey, also beside an error.
func (s *Service) lookAt(ctx context.Context, req Request) (*survey, error) {
	v := &survey{known: map[store.RecordState]int64{}, keys: s.newKeyHashes()}
	ledger, err := s.cfg.Store.RecordCounts(ctx, req.Env, req.Plan.Name())
	if err != nil {
		return v, err
	}
	suspects, err := s.count(ctx, req, v, len(ledger) > 0)
	if err != nil {
		return v, err
	}
	if err := s.lookForRun(ctx, req, v); err != nil {
		return v, err
	}
	asks := len(ledger) > 0 && !v.goesOn
	v.contest = suspects.Contest()
	if v.rivals, err = s.newRivals(ctx, req); err != nil {
		return v, err
	}
	if v.fresh = v.count; asks || !v.contest.Empty() || len(v.rivals.decisions) > 0 {
		v.fresh = 0
		if err := s.compare(ctx, req, v, asks); err != nil {
			return v, err
		}
		v.rivals.settle(req, v.contest)
	}
	if v.goesOn {
		return v, v.resumes(ledger)
	}
	if !asks {
		return v, nil
	}
	if err := s.openRivals(ctx, req, v); err != nil {
		return v, err
	}
	for _, o := range v.maybe {
		if o = v.contest.Judge(o); o.Verdict() == migrate.Accept {
			v.open++
		}
	}
	v.maybe = nil
	v.absent = absentOf(ledger, v.known)
	return v, nil
}

// lookForRun finds whether the newest run is over the same bytes and goes on. Then
// nobody waits for the survey to look up everybody who came already.
func (s *Service) lookForRun(ctx context.Context, req Request, v *survey) (err error) {
	v.newest, err = s.cfg.Store.Run(ctx, req.Env, req.Plan.Name(), "")
	if errors.Is(err, store.ErrNotFound) {
		return nil
	}
	v.goesOn = err == nil && !req.DryRun && v.newest.Digest == v.digest && unfinished(&v.newest)
	return err
}

// mostMaybe bounds what is remembered of a survey. Beyond it a run may be started
// that finds nothing to do.
const mostMaybe = 10_000

// close forgets what the survey keeps on disk.
func (v *survey) close() error {
	if v == nil {
		return nil
	}
	return errors.Join(v.beside.close(), v.keys.close())
}

// count is the first reading. Without a ledger every key is new.
func (s *Service) count(ctx context.Context, req Request, v *survey, ledger bool) (suspects *migrate.Suspects, err error) {
	if v.beside, err = s.newIndexes(ctx, req); err != nil {
		return nil, err
	}
	digest := sha256.New()
	if v.rows, err = req.Plan.Read(io.TeeReader(req.Source.section(0), digest)); err != nil {
		return nil, err
	}
	v.first = spot{Offset: v.rows.Position().Offset}
	suspects = req.Plan.Suspects(req.Source.Size, req.joinedSize())
	note := func(record migrate.Record) error {
		v.count++
		o := req.Plan.Identify(record)
		if !ledger && !req.DryRun {
			if err := v.keys.add(o.Key); err != nil {
				return err
			}
		}
		return suspects.Add(o)
	}
	if v.beside == nil {
		err = s.each(ctx, req, v.rows, 0, note)
		v.digest = [32]byte(digest.Sum(nil))
		return suspects, err
	}
	asking := v.beside.cursors()
	err = s.each(ctx, req, v.rows, 0, func(record migrate.Record) error {
		if err := asking.mark(&record); err != nil {
			return err
		}
		return note(record)
	})
	if err != nil {
		return nil, err
	}
	v.digest = v.beside.digest([32]byte(digest.Sum(nil)))
	return suspects, s.each(ctx, req, v.stream(req.Source, spot{Beside: true, Row: v.count}), 0, note)
}

// compare is the second reading: who claims what others claim too, and which
// records the ledger does not know yet, or knows as incomplete.
func (s *Service) compare(ctx context.Context, req Request, v *survey, known bool) error {
	all := v.stream(req.Source, v.first)
	var records []migrate.Record
	err := s.each(ctx, req, all, v.count, func(record migrate.Record) (err error) {
		o := req.Plan.Identify(record)
		if v.rivals.wants(v.contest, o) {
			whole := record
			if err := all.join(&whole); err != nil {
				return err
			}
			mapped := migrate.Map(req.Plan, whole)
			v.rivals.came[o.Key] = &mapped
		}
		switch repeated := v.contest.Count(o); {
		case repeated:
		case known:
			records = append(records, record)
		default:
			v.fresh++
		}
		if len(records) == recordsAtOnce {
			err = s.countFresh(ctx, req, v, all, records)
			records = records[:0]
		}
		return err
	})
	if err != nil || len(records) == 0 {
		return err
	}
	return s.countFresh(ctx, req, v, all, records)
}

// recordsAtOnce is for how many one look into the ledger asks.
const recordsAtOnce = 500

func (s *Service) countFresh(ctx context.Context, req Request, v *survey, all *stream, records []migrate.Record) error {
	keys := make([]string, len(records))
	for i, record := range records {
		keys[i] = req.Plan.Identify(record).Key
	}
	found, err := s.cfg.Store.KnownRecords(ctx, req.Env, req.Plan.Name(), keys)
	if err != nil {
		return err
	}
	v.fresh += int64(len(keys) - len(found))
	for i, record := range records {
		known, is := found[keys[i]]
		if !is {
			if err := v.keys.add(keys[i]); err != nil {
				return err
			}
			continue
		}
		v.known[known.State]++
		if v.rivals.came[keys[i]] != nil {
			v.rivals.known[keys[i]] = known
			continue
		}
		if err := all.join(&record); err != nil {
			return err
		}
		o := migrate.Map(req.Plan, record)
		outdated, err := s.outdated(ctx, req, known, &o)
		if err != nil {
			return err
		}
		if outdated && !v.contest.Empty() && len(v.maybe) < mostMaybe {
			v.maybe = append(v.maybe, o)
			continue
		}
		if outdated || s.admits(known, &o) || completes(known, &o) || known.State == store.RecordPending ||
			req.retries(known) && string(o.Reason()) != known.Reason {
			v.open++
		}
	}
	return nil
}

// source is what [Service.each] reads.
type source interface {
	Next() (migrate.Record, error)
}

// each calls do for every row, reports progress now and then, and stops when
// ctx ends.
func (s *Service) each(ctx context.Context, req Request, rows source, of int64, do func(migrate.Record) error) error {
	const now = 4096 // rows
	for n := int64(1); ; n++ {
		record, err := rows.Next()
		if err == io.EOF {
			return nil
		}
		if err == nil {
			err = do(record)
		}
		if err != nil {
			return err
		}
		if n%now != 0 {
			continue
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if req.Progress != nil {
			req.Progress(Progress{Phase: Surveying, Rows: n, Of: of})
		}
	}
}
