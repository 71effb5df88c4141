package intake

import (
	"context"
	"crypto/sha256"
	"io"

	"sallyport/pure/migrate"
	"sallyport/store"
)

// survey is what reading a source through tells about it.
type survey struct {
	rows    *migrate.Rows    // the header's layout
	first   migrate.Position // of the rows
	digest  [32]byte
	count   int64                       // rows
	fresh   int64                       // records that the ledger does not know, each once
	known   map[store.RecordState]int64 // those that it knows
	contest *migrate.Contest
}

// lookAt reads a source: once to count and digest it, and again if something
// may occur twice or the ledger knows records of this migration.
func (s *Service) lookAt(ctx context.Context, req Request) (*survey, error) {
	v, suspects, err := s.count(ctx, req)
	if err != nil {
		return nil, err
	}
	v.contest = suspects.Contest()
	ledger, err := s.cfg.Store.RecordCounts(ctx, req.Env, req.Plan.Name())
	if err != nil {
		return nil, err
	}
	if v.contest.Empty() && len(ledger) == 0 {
		v.fresh = v.count
		return v, nil
	}
	return v, s.compare(ctx, req, v, len(ledger) > 0)
}

// count is the first reading.
func (s *Service) count(ctx context.Context, req Request) (*survey, *migrate.Suspects, error) {
	digest := sha256.New()
	rows, err := req.Plan.Read(io.TeeReader(req.Source.section(0), digest))
	if err != nil {
		return nil, nil, err
	}
	suspects := migrate.NewSuspects(req.Source.Size)
	v := &survey{rows: rows, first: rows.Position(), known: map[store.RecordState]int64{}}
	err = s.each(ctx, req, rows, 0, func(record migrate.Record) error {
		v.count++
		return suspects.Add(req.Plan.Identify(record))
	})
	v.digest = [32]byte(digest.Sum(nil))
	return v, suspects, err
}

// compare is the second reading: who claims what others claim too, and which
// records the ledger does not know yet.
func (s *Service) compare(ctx context.Context, req Request, v *survey, known bool) error {
	var keys []string
	err := s.each(ctx, req, s.reopen(req, v), v.count, func(record migrate.Record) (err error) {
		o := req.Plan.Identify(record)
		switch repeated := v.contest.Count(o); {
		case repeated:
		case known:
			keys = append(keys, o.Key)
		default:
			v.fresh++
		}
		if len(keys) == keysAtOnce {
			err = s.countFresh(ctx, req, v, keys)
			keys = keys[:0]
		}
		return err
	})
	if err != nil || len(keys) == 0 {
		return err
	}
	return s.countFresh(ctx, req, v, keys)
}

// keysAtOnce is how many keys one look into the ledger asks for.
const keysAtOnce = 500

func (s *Service) countFresh(ctx context.Context, req Request, v *survey, keys []string) error {
	var found map[string]store.KnownRecord
	err := s.cfg.Store.Write(ctx, req.Env, func(tx store.Tx) (err error) {
		found, err = tx.KnownRecords(ctx, req.Plan.Name(), keys)
		return err
	})
	v.fresh += int64(len(keys) - len(found))
	for _, known := range found {
		v.known[known.State]++
	}
	return err
}

// reopen reads the rows again from the first on.
func (s *Service) reopen(req Request, v *survey) *migrate.Rows {
	return v.rows.From(req.Source.section(v.first.Offset), v.first)
}

// each calls do for every row, reports progress now and then, and stops when
// ctx ends.
func (s *Service) each(ctx context.Context, req Request, rows *migrate.Rows, of int64, do func(migrate.Record) error) error {
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
