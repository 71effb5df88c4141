package storetest

import (
	"time"

	"sallyport/store"
)

// scopeUse is one on the n-th day.
func scopeUse(application string, n int) store.ScopeUse {
	return store.ScopeUse{Server: "customers", Application: application, Scope: "billing.read.bill", Day: day(n)}
}

func day(n int) time.Time { return time.Date(2026, 11, n, 0, 0, 0, 0, time.UTC) }

func (b *bench) use(uses ...store.ScopeUse) {
	b.Helper()
	b.write(func(tx store.Tx) error { return tx.PutScopeUses(b.ctx, uses) })
}

func (b *bench) uses(server string) ([]store.ScopeUse, time.Time) {
	b.Helper()
	uses, since, err := b.ScopeUses(b.ctx, b.env, server)
	b.ok(err)
	return uses, since
}

var useTests = []test{
	{"before the first use there is no record", func(b *bench) {
		uses, since := b.uses("customers")
		same(b, len(uses), 0)
		same(b, since.IsZero(), true)
	}},
	{"the later day stays, whichever comes first", func(b *bench) {
		b.use(scopeUse("sunshare", 5), scopeUse("mobile", 4))
		b.use(scopeUse("sunshare", 3), scopeUse("mobile", 9))
		uses, _ := b.uses("customers")
		same(b, uses, []store.ScopeUse{scopeUse("mobile", 9), scopeUse("sunshare", 5)})
	}},
	{"the record begins with the first use, and stays so", func(b *bench) {
		b.use(scopeUse("sunshare", 5))
		b.use(scopeUse("sunshare", 3), scopeUse("mobile", 9))
		_, since := b.uses("customers")
		same(b, since, day(5))
	}},
	{"servers are told apart, and the record is the environment's", func(b *bench) {
		b.use(scopeUse("sunshare", 5))
		uses, since := b.uses("enterprise")
		same(b, len(uses), 0)
		same(b, since, day(5))
	}},
	{"the same use twice in one call is one", func(b *bench) {
		b.use(scopeUse("sunshare", 5), scopeUse("sunshare", 6))
		uses, _ := b.uses("customers")
		same(b, uses, []store.ScopeUse{scopeUse("sunshare", 6)})
	}},
	{"what is rolled back was no use", func(b *bench) {
		err := b.Write(b.ctx, b.env, func(tx store.Tx) error {
			b.ok(tx.PutScopeUses(b.ctx, []store.ScopeUse{scopeUse("sunshare", 5)}))
			return store.ErrConflict
		})
		b.is(err, store.ErrConflict)
		uses, since := b.uses("customers")
		same(b, len(uses), 0)
		same(b, since.IsZero(), true)
	}},
}
