package storetest

import (
	"strings"

	"sallyport/store"
)

// job is a new job of the migration, made n minutes after the start.
func job(id, migration string, n int) store.Job {
	return store.Job{
		ID: id, Migration: migration, State: store.JobQueued, Node: "node-1", Inputs: []store.JobInput{{Input: "file", Name: "export.csv", Size: 7, SHA256: []byte{1, 2}}},
		Sealed: []byte("sealed\x00"), Options: []byte("{}"), Operator: "operator/cus_1", Created: at(n), Updated: at(n),
	}
}

func (b *bench) job(id string) store.Job {
	b.Helper()
	return read[store.Job](b)(b.Job(b.ctx, b.env, id))
}

// jobIDs are the ids of a page.
func (b *bench) jobIDs(page store.JobPage) (ids []string) {
	b.Helper()
	for _, j := range read[[]store.Job](b)(b.Jobs(b.ctx, b.env, page)) {
		ids = append(ids, j.ID)
	}
	return ids
}

func putJob(b *bench, j store.Job) func(store.Tx) error {
	return func(tx store.Tx) error { return tx.PutJob(b.ctx, j) }
}

var jobTests = []test{
	{"a job is read as it was stored, whole and in lists", func(b *bench) {
		j := job("a", "meterman", 1)
		b.write(putJob(b, j))
		j.Version = 1
		same(b, b.job("a"), j)
		same(b, read[[]store.Job](b)(b.Jobs(b.ctx, b.env, store.JobPage{Limit: 9})), []store.Job{j})
		_, err := b.Job(b.ctx, b.env, "none")
		b.is(err, store.ErrNotFound)
	}},
	{"jobs are listed newest first, by migration, node and whether they are open", func(b *bench) {
		ended, elsewhere := job("b", "orchard", 2), job("c", "meterman", 3)
		ended.State, elsewhere.Node = store.JobDone, "node-2"
		b.write(putJob(b, job("a", "harbour", 1)))
		b.write(putJob(b, ended))
		b.write(putJob(b, elsewhere))
		same(b, b.jobIDs(store.JobPage{Limit: 9}), []string{"c", "b", "a"})
		same(b, b.jobIDs(store.JobPage{Limit: 1}), []string{"c"})
		same(b, b.jobIDs(store.JobPage{Migration: "orchard", Limit: 9}), []string{"b"})
		same(b, b.jobIDs(store.JobPage{Node: "node-1", Limit: 9}), []string{"b", "a"})
		same(b, b.jobIDs(store.JobPage{Node: "node-1", Open: true, Limit: 9}), []string{"a"})
	}},
	{"a job is moved on by who read it last, and keeps what it began with", func(b *bench) {
		b.write(putJob(b, job("a", "meterman", 1)))
		next := b.job("a")
		next.State, next.Phase, next.Rows, next.Of, next.Held, next.Rate = store.JobRunning, "import", 5, 9, 1, 410
		next.Reason, next.Problem, next.Report, next.Sealed, next.Updated = "storage", "it waits", []byte("{}"), nil, at(4)
		other := next
		other.Node, other.Operator, other.Inputs, other.Created = "node-9", "operator/eve", nil, at(9)
		b.write(putJob(b, other))
		b.refused(store.ErrConflict, putJob(b, next))
		next.Version = 2
		same(b, b.job("a"), next)
	}},
	{"a job of an id that is taken is refused", func(b *bench) {
		b.write(putJob(b, job("a", "meterman", 1)))
		b.refused(store.ErrExists, putJob(b, job("a", "orchard", 1)))
	}},
	{"a migration has one open job, however it became open", func(b *bench) {
		b.write(putJob(b, job("a", "meterman", 1)))
		b.refused(store.ErrExists, putJob(b, job("b", "meterman", 2)))
		failed := b.job("a")
		failed.State = store.JobFailed
		b.write(putJob(b, failed))
		b.write(putJob(b, job("b", "meterman", 2)))
		again := b.job("a")
		again.State = store.JobQueued
		b.refused(store.ErrExists, putJob(b, again))
		same(b, b.job("a").State, store.JobFailed)
	}},
	{"of many who begin a job of one migration, one does", func(b *bench) {
		won := b.won(16, func(tx store.Tx, n int) error { return tx.PutJob(b.ctx, job(strings.Repeat("x", n+1), "meterman", n)) })
		if won != 1 {
			b.Fatalf("%d began one", won)
		}
	}},
	{"of many who move one version on, one does", func(b *bench) {
		b.write(putJob(b, job("a", "meterman", 1)))
		j := b.job("a")
		if won := b.won(16, func(tx store.Tx, _ int) error { return tx.PutJob(b.ctx, j) }); won != 1 {
			b.Fatalf("%d moved it", won)
		}
	}},
	{"a job's key, options and report are bounded", func(b *bench) {
		key, options, report := job("a", "meterman", 1), job("a", "meterman", 1), job("a", "meterman", 1)
		key.Sealed, options.Options, report.Report = make([]byte, 4<<10+1), make([]byte, 16<<10+1), make([]byte, 64<<10+1)
		for _, j := range []store.Job{key, options, report} {
			b.refused(store.ErrInvalid, putJob(b, j))
		}
	}},
}
