package intake

import (
	"bytes"
	"context"
	"encoding/binary"
	"fmt"
	"io"
	"time"

	"sallyport/store"
)

// keyHashes are the hashes of the keys that a run will count as pending, in order
// and in bounded memory: they are sorted as places of a joined input are.
type keyHashes struct{ sorting }

func (s *Service) newKeyHashes() *keyHashes {
	return &keyHashes{sorting{dir: s.cfg.Scratch, room: s.cfg.sortRoom}}
}

func (k *keyHashes) add(key string) error {
	var e entry
	binary.BigEndian.PutUint64(e[:], store.RecordHash(key))
	return k.sorting.add(e)
}

// each gives every hash once, rising; it is over then.
func (k *keyHashes) each(take func(uint64) error) error {
	var last entry
	some := false
	one := func(e entry) error {
		if some && bytes.Equal(e[:8], last[:8]) {
			return nil
		}
		last, some = e, true
		return take(binary.BigEndian.Uint64(e[:]))
	}
	all, few := k.inMemory()
	if !few {
		return k.finish(one)
	}
	for _, e := range all {
		if err := one(e); err != nil {
			return err
		}
	}
	return nil
}

func (k *keyHashes) close() error {
	if k == nil {
		return nil
	}
	return k.sorting.close()
}

// pagesAtOnce is how many pages of keys are written in one transaction.
const pagesAtOnce = 4

// putKeys stores which keys a run will count, before it starts: nobody looks at
// them before that, and whoever starts one later deletes what was left.
func (j *job) putKeys(ctx context.Context, run string) error {
	var pages []store.RunKeys
	var page []uint64
	flush := func(least int) error {
		if len(page) > 0 {
			pages = append(pages, store.RunKeys{Migration: j.report.Migration, Run: run, Hashes: page})
			page = nil
		}
		if len(pages) < least {
			return nil
		}
		j.cfg.Crash(BeforeKeys)
		began := j.cfg.Now()
		err := j.cfg.Store.Write(ctx, j.req.Env, func(tx store.Tx) error {
			for _, p := range pages {
				if err := tx.PutRunKeys(ctx, p); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return err
		}
		pages = pages[:0]
		j.cfg.Crash(AfterKeys)
		return j.cfg.Rest(ctx, Importing, j.cfg.Now().Sub(began))
	}
	err := j.survey.keys.each(func(hash uint64) error {
		page = append(page, hash)
		if len(page) < store.KeysAtOnce {
			return nil
		}
		return flush(pagesAtOnce)
	})
	if err != nil {
		return err
	}
	return flush(1)
}

// dropKeys deletes the pages of every run of the migration but keep.
func (s *Service) dropKeys(ctx context.Context, env store.EnvironmentID, migration, keep string) error {
	for {
		var dropped int
		err := s.cfg.Store.Write(ctx, env, func(tx store.Tx) (err error) {
			dropped, err = tx.DropRunKeys(ctx, migration, keep, pagesAtOnce)
			return err
		})
		if err != nil || dropped == 0 {
			return err
		}
	}
}

// Clocks of nodes differ by less than this, in any installation in which tokens hold.
const clocksApart = time.Minute

// mostArrivals is how many people may come in while an export is surveyed.
const mostArrivals = 100_000

// ErrOvertaken: so many came another way while the export was surveyed that its
// records cannot be counted. The same call may succeed at a calmer time.
var ErrOvertaken = fmt.Errorf("too many people came while the export was surveyed: %w", store.ErrUnavailable)

// arrived counts the run's keys whose people came another way since the survey
// began. The transaction that starts the run asks, when nobody else can come.
func (j *job) arrived(ctx context.Context, tx store.Tx, run string) (int64, error) {
	keys, err := tx.Arrivals(ctx, j.report.Migration, j.began.Add(-clocksApart), mostArrivals)
	if err != nil || len(keys) == 0 {
		return 0, err
	}
	if len(keys) == mostArrivals {
		return 0, ErrOvertaken
	}
	counted, err := tx.CountedKeys(ctx, j.report.Migration, run, keys)
	return int64(len(counted)), err
}

// runID names a run: two over the same bytes, as after an undo, differ.
func (j *job) runID() (string, error) {
	var some [3]byte
	if _, err := io.ReadFull(j.cfg.Rand, some[:]); err != nil {
		return "", err
	}
	return fmt.Sprintf("r-%x-%x", j.survey.digest[:5], some), nil
}
