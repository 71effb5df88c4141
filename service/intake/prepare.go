package intake

import (
	"context"
	"errors"
	"fmt"
	"io"

	"sallyport/protocol/passhash"
	"sallyport/pure/customer"
	"sallyport/pure/migrate"
	"sallyport/store"
)

// item is a row that is ready to be written.
type item struct {
	outcome  migrate.Outcome // as it was judged
	mapped   migrate.Outcome // before that
	person   newcomer        // if it is accepted
	repeated bool            // another row of this key came before
	lost     bool            // the id that the person would keep is somebody's here
	after    spot
}

// chunk is how items travel between the two goroutines: few enough to be there
// soon, enough to make the hand-over cheap.
type chunk struct {
	items []item
	err   error // io.EOF behind the last
}

const (
	chunkRows   = 64
	chunksAhead = 16 // about a thousand records wait for the writer
)

// prepare maps, judges and seals on a goroutine of its own, ahead of writing,
// until ctx ends.
func (j *job) prepare(ctx context.Context, from spot) <-chan chunk {
	chunks := make(chan chunk, chunksAhead)
	p := &preparer{
		job: j, ids: newSequence(j.cfg.Rand, j.cfg.Now), repeated: map[string]bool{},
		rows: j.survey.stream(j.req.Source, from),
	}
	go func() {
		defer close(chunks)
		for {
			c := p.next(ctx)
			select {
			case chunks <- c:
			case <-ctx.Done():
				return
			}
			if c.err != nil {
				return
			}
		}
	}()
	return chunks
}

type preparer struct {
	*job
	rows     *stream
	ids      *sequence
	repeated map[string]bool // keys of several rows that were met
}

func (p *preparer) next(ctx context.Context) chunk {
	c := chunk{items: make([]item, 0, chunkRows)}
	for len(c.items) < chunkRows && c.err == nil {
		var record migrate.Record
		if record, c.err = p.rows.Next(); c.err != nil {
			break
		}
		var ready item
		if ready, c.err = p.ready(ctx, record); c.err == nil {
			c.items = append(c.items, ready)
		}
	}
	return c
}

func (p *preparer) ready(ctx context.Context, record migrate.Record) (item, error) {
	if err := p.rows.join(&record); err != nil {
		return item{}, err
	}
	it := item{mapped: migrate.Map(p.req.Plan, record), after: p.rows.Position()}
	it.outcome = p.survey.contest.Judge(p.survey.rivals.of(it.mapped))
	if p.survey.contest.Repeats(it.outcome) {
		it.repeated = p.repeated[it.outcome.Key]
		p.repeated[it.outcome.Key] = true
	}
	if it.outcome.Verdict() != migrate.Accept {
		return it, nil
	}
	if kept := it.outcome.Kept; kept != nil {
		switch _, err := p.cfg.Store.Customer(ctx, p.req.Env, kept.Customer.ID); {
		case err == nil:
			it.lost = true
		case !errors.Is(err, store.ErrNotFound):
			return item{}, err
		}
	}
	if p.req.DryRun {
		return it, nil
	}
	id, err := p.ids.next()
	if err != nil {
		return item{}, err
	}
	it.person, err = p.newcomer(ctx, p.req.Env, p.report.Migration, id, &it.outcome)
	return it, err
}

// seal makes the stored form of a record's password hash.
func (s *Service) seal(ctx context.Context, env store.EnvironmentID, id customer.ID, hash *passhash.Hash) (*store.Credential, error) {
	if hash == nil {
		return nil, nil
	}
	sealed, err := s.cfg.Sealer.Seal(ctx, env, credentialRow(id), []byte(hash.Encode()))
	if err != nil {
		return nil, fmt.Errorf("sealing a credential: %w", err)
	}
	return &store.Credential{Customer: id, Sealed: sealed, Scheme: string(hash.Scheme()), Weak: hash.Weak()}, nil
}

// credentialRow is the name under which a customer's password hash is sealed.
func credentialRow(id customer.ID) string { return "credential/" + id.String() }

// feed hands out items in whatever numbers are asked for.
type feed struct {
	chunks <-chan chunk
	left   []item
	err    error
}

// take gives up to n items; none and no error behind the last.
func (f *feed) take(ctx context.Context, n int) ([]item, error) {
	var batch []item
	for len(batch) < n {
		if len(f.left) == 0 {
			if f.err != nil {
				break
			}
			c, open := <-f.chunks
			if !open {
				return nil, ctx.Err()
			}
			f.left, f.err = c.items, c.err
			continue
		}
		some := min(n-len(batch), len(f.left))
		batch = append(batch, f.left[:some]...)
		f.left = f.left[some:]
	}
	if len(batch) == 0 && f.err != io.EOF {
		return nil, f.err
	}
	return batch, nil
}
