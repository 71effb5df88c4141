package storetest

import (
	"errors"
	"strings"
	"sync/atomic"

	"sallyport/store"
)

var environmentTests = []test{
	{"the system environment is there from the first and listed first", func(b *bench) {
		all := read[[]store.Environment](b)(b.Environments(b.ctx))
		if len(all) < 2 || all[0].ID != store.System {
			b.Fatalf("environments are %+v", all)
		}
	}},
	{"a new environment is found by its name", func(b *bench) {
		e := store.Environment{Tenant: b.Name(), Name: "production", Protected: true, Created: at(3)}
		b.ok(b.Write(b.ctx, store.System, func(tx store.Tx) (err error) {
			e.ID, err = tx.CreateEnvironment(b.ctx, e)
			return err
		}))
		same(b, read[store.Environment](b)(b.EnvironmentByName(b.ctx, e.Tenant, e.Name)), e)
		_, err := b.EnvironmentByName(b.ctx, e.Tenant, "preview")
		b.is(err, store.ErrNotFound)
	}},
	{"tenant and name are unique together", func(b *bench) {
		create := func(tx store.Tx) error {
			_, err := tx.CreateEnvironment(b.ctx, store.Environment{Tenant: b.Name(), Name: "preview"})
			return err
		}
		b.ok(b.Write(b.ctx, store.System, create))
		b.is(b.Write(b.ctx, store.System, create), store.ErrExists)
	}},
	{"only the system environment creates others", func(b *bench) {
		b.refused(store.ErrInvalid, func(tx store.Tx) error {
			_, err := tx.CreateEnvironment(b.ctx, store.Environment{Tenant: "t", Name: "n"})
			return err
		})
	}},
	{"nothing is written in an environment that does not exist", func(b *bench) {
		ran := false
		err := b.Write(b.ctx, 1<<40, func(store.Tx) error { ran = true; return nil })
		b.is(err, store.ErrNotFound)
		b.is(b.Record(b.ctx, 1<<40, event("token.issued")), store.ErrNotFound)
		b.is(b.Write(b.ctx, 0, func(store.Tx) error { return nil }), store.ErrNotFound)
		if ran {
			b.Fatal("the function ran")
		}
	}},
}

func revision(base int64, content string) store.Revision {
	return store.Revision{
		Base: base, Digest: hash(unique()), Content: []byte(content), Author: "operator/robin",
		Message: "widen solar", BreakGlass: "storm", Created: at(5),
	}
}

var revisionTests = []test{
	{"revisions are numbered from one, and zero reads the newest", func(b *bench) {
		first, second := revision(0, "one"), revision(1, "two")
		for i, r := range []*store.Revision{&first, &second} {
			b.write(func(tx store.Tx) (err error) {
				r.Number, err = tx.AppendRevision(b.ctx, *r)
				return err
			})
			if r.Number != int64(i)+1 {
				b.Fatalf("revision %d has number %d", i, r.Number)
			}
		}
		same(b, read[store.Revision](b)(b.Revision(b.ctx, b.env, 0)), second)
		same(b, read[store.Revision](b)(b.Revision(b.ctx, b.env, 1)), first)
		_, err := b.Revision(b.ctx, b.env, 3)
		b.is(err, store.ErrNotFound)
		first.Content, second.Content = nil, nil
		same(b, read[[]store.Revision](b)(b.RevisionList(b.ctx, b.env, 0, 10)), []store.Revision{second, first})
		same(b, read[[]store.Revision](b)(b.RevisionList(b.ctx, b.env, 2, 10)), []store.Revision{first})
		same(b, read[[]store.Revision](b)(b.RevisionList(b.ctx, b.env, 0, 1)), []store.Revision{second})
	}},
	{"an environment knows its newest revision", func(b *bench) {
		append1(b, 0)
		append1(b, 1)
		for _, e := range read[[]store.Environment](b)(b.Environments(b.ctx)) {
			if e.ID == b.env && e.Revision != 2 {
				b.Fatalf("newest is %d", e.Revision)
			}
		}
	}},
	{"an environment without revisions has no newest", func(b *bench) {
		_, err := b.Revision(b.ctx, b.env, 0)
		b.is(err, store.ErrNotFound)
	}},
	{"a base that is not the newest is refused", func(b *bench) {
		append1(b, 0)
		for _, base := range []int64{0, 2, -1} {
			b.refused(store.ErrConflict, func(tx store.Tx) error {
				_, err := tx.AppendRevision(b.ctx, revision(base, "late"))
				return err
			})
		}
	}},
	{"of parallel revisions on one base exactly one is taken", func(b *bench) {
		append1(b, 0)
		var won, lost atomic.Int64
		parallel(16, func(i int) {
			err := b.Write(b.ctx, b.env, func(tx store.Tx) error {
				_, err := tx.AppendRevision(b.ctx, revision(1, "mine"))
				return err
			})
			switch {
			case err == nil:
				won.Add(1)
			case errors.Is(err, store.ErrConflict):
				lost.Add(1)
			default:
				b.Error(err)
			}
		})
		if won.Load() != 1 || lost.Load() != 15 {
			b.Fatalf("%d won, %d lost", won.Load(), lost.Load())
		}
	}},
	{"content of a few megabytes is kept, above the limit it is refused", func(b *bench) {
		large := strings.Repeat("scope: billing.read.bill\n", 100_000)
		b.write(func(tx store.Tx) error {
			_, err := tx.AppendRevision(b.ctx, revision(0, large))
			return err
		})
		if got := read[store.Revision](b)(b.Revision(b.ctx, b.env, 0)); string(got.Content) != large {
			b.Fatal("the content came back changed")
		}
		b.refused(store.ErrInvalid, func(tx store.Tx) error {
			_, err := tx.AppendRevision(b.ctx, store.Revision{Base: 1, Content: make([]byte, 64<<20+1)})
			return err
		})
	}},
}

func append1(b *bench, base int64) {
	b.Helper()
	b.write(func(tx store.Tx) error {
		_, err := tx.AppendRevision(b.ctx, revision(base, "content"))
		return err
	})
}
