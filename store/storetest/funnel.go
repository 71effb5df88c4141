package storetest

import (
	"time"

	"sallyport/store"
)

// cell is a count of an hour.
func cell(step, outcome string, n int64) store.FunnelCell {
	return store.FunnelCell{Hour: start.Truncate(time.Hour), Journey: "sign-in", Step: step, Outcome: outcome, Brand: "acme", Application: "my-account", Count: n}
}

func addFunnel(b *bench, cells ...store.FunnelCell) func(store.Tx) error {
	return func(tx store.Tx) error { return tx.AddFunnel(b.ctx, cells, at(900)) }
}

func (b *bench) funnel(page store.FunnelPage) (counts []int64) {
	b.Helper()
	for _, c := range read[[]store.FunnelCell](b)(b.FunnelCounts(b.ctx, b.env, page)) {
		counts = append(counts, c.Count)
	}
	return counts
}

var funnelTests = []test{
	{"counts add up, over hours and segments", func(b *bench) {
		later, other := cell("code", "shown", 5), cell("code", "shown", 7)
		later.Hour, other.Brand = later.Hour.Add(time.Hour), "rival"
		b.write(addFunnel(b, cell("code", "shown", 2), cell("code", "shown", 1), cell("code", "done", 1), later, other))
		b.write(addFunnel(b, cell("code", "shown", 1)))
		want := []store.FunnelCell{{Journey: "sign-in", Step: "code", Outcome: "done", Count: 1}, {Journey: "sign-in", Step: "code", Outcome: "shown", Count: 16}}
		same(b, read[[]store.FunnelCell](b)(b.FunnelCounts(b.ctx, b.env, store.FunnelPage{})), want)
		same(b, b.funnel(store.FunnelPage{Before: later.Hour}), []int64{1, 11})
		same(b, b.funnel(store.FunnelPage{From: later.Hour}), []int64{5})
		same(b, b.funnel(store.FunnelPage{Brand: "rival"}), []int64{7})
		same(b, len(b.funnel(store.FunnelPage{Application: "elsewhere"})), 0)
		same(b, len(b.funnel(store.FunnelPage{Journey: "elsewhere"})), 0)
	}},
	{"devices and times are told apart", func(b *bench) {
		known, slow := cell("code", "done", 2), cell("code", "done", 3)
		known.Known, slow.Took = true, 4
		b.write(addFunnel(b, cell("code", "done", 1), known, slow))
		same(b, b.funnel(store.FunnelPage{}), []int64{1, 3, 2})
	}},
	{"nothing is counted less than once", func(b *bench) {
		b.is(b.Write(b.ctx, b.env, addFunnel(b, cell("code", "done", 0))), store.ErrInvalid)
		b.is(b.Write(b.ctx, b.env, addFunnel(b, cell("code", "done", -1))), store.ErrInvalid)
		same(b, len(b.funnel(store.FunnelPage{})), 0)
	}},
	{"another environment has counts of its own", func(b *bench) {
		b.write(addFunnel(b, cell("code", "done", 1)))
		same(b, len(read[[]store.FunnelCell](b)(b.FunnelCounts(b.ctx, b.environment(), store.FunnelPage{}))), 0)
	}},
}
