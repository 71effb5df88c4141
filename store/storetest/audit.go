package storetest

import (
	"bytes"
	"context"
	"fmt"
	"slices"

	"sallyport/store"
)

// event is one of a type, with every field set but Personal.
func event(kind string) store.Event {
	return store.Event{
		At: at(1), Type: kind, Actor: "application/payright", Application: "payright",
		Result: "ok", Trace: fmt.Sprintf("tr-%x", unique()), Body: []byte(`{"scope":"billing.read.bill"}`),
	}
}

func personal(kind, customer string) store.Event {
	e := event(kind)
	e.Customer, e.Salt, e.Personal = customer, bytes.Repeat([]byte{7}, 16), []byte(`{"address":"192.0.2.7"}`)
	e.Body = fmt.Appendf(nil, `{"personal":"%x"}`, store.CommitPersonal(e.Salt, e.Personal))
	return e
}

func (b *bench) record(events ...store.Event) {
	b.Helper()
	b.ok(b.Record(b.ctx, b.env, events...))
}

// verified reads every chain of env and checks it link by link.
func (b *bench) verified(env store.EnvironmentID) (all []store.ChainedEvent) {
	b.Helper()
	for _, head := range read[[]store.Head](b)(b.AuditHeads(b.ctx, env)) {
		last := store.Head{Env: env, Writer: head.Writer}
		for {
			events := read[[]store.ChainedEvent](b)(b.AuditChain(b.ctx, env, head.Writer, last.Seq+1, 100))
			if len(events) == 0 {
				break
			}
			for i := range events {
				e := &events[i]
				last.Seq++
				last.Hash = store.Link(last.Hash, env, head.Writer, last.Seq, &e.Event)
				if e.Env != env || e.Writer != head.Writer || e.Seq != last.Seq || e.Hash != last.Hash {
					b.Fatalf("chain %d breaks at %d: %+v", head.Writer, last.Seq, e)
				}
			}
			all = append(all, events...)
		}
		if last != head {
			b.Fatalf("head is %+v, the chain ends at %+v", head, last)
		}
	}
	return all
}

func plain(events []store.ChainedEvent) (out []store.Event) {
	for _, e := range events {
		out = append(out, e.Event)
	}
	return out
}

var auditTests = []test{
	{"events come back as they were given, chained in order", func(b *bench) {
		events := []store.Event{personal("customer.created", "cus_1"), event("token.issued"), {At: at(4), Type: "bare"}}
		b.record(events[0], events[1])
		b.write(func(tx store.Tx) error { return tx.Audit(b.ctx, events[2]) })
		// Two writers may share the work, so only the sum is in order.
		got := plain(b.verified(b.env))
		slices.SortStableFunc(got, func(x, y store.Event) int { return x.At.Compare(y.At) })
		same(b, got, events)
	}},
	{"an event without a time is dated when it is part of a write", func(b *bench) {
		b.write(func(tx store.Tx) error { return tx.Audit(b.ctx, store.Event{Type: "x"}) })
		if got := b.verified(b.env); len(got) != 1 || got[0].At.IsZero() {
			b.Fatalf("events are %+v", got)
		}
	}},
	{"recording nothing is no error", func(b *bench) {
		b.record()
		same(b, b.verified(b.env), nil)
	}},
	{"a body above the limit is refused", func(b *bench) {
		e := event("x")
		e.Body = make([]byte, 64<<10+1)
		b.is(b.Record(b.ctx, b.env, e), store.ErrInvalid)
		b.refused(store.ErrInvalid, func(tx store.Tx) error { return tx.Audit(b.ctx, e) })
		e.Body = e.Body[1:]
		b.record(e)
	}},
	{"chains hold without a gap while many record and write, in two environments", func(b *bench) {
		other := b.environment()
		const callers, rounds = 16, 12
		parallel(callers, func(i int) {
			for round := range rounds {
				env := []store.EnvironmentID{b.env, other}[(i+round)%2]
				err := b.Record(b.ctx, env, event("token.issued"), event("token.issued"))
				if err == nil {
					err = b.Write(b.ctx, env, func(tx store.Tx) error {
						if err := tx.Audit(b.ctx, event("grant.created")); err != nil {
							return err
						}
						if i%3 == 0 {
							return tx.Publish(b.ctx, store.FeedEntry{Kind: store.KeysChanged, At: at(0)})
						}
						return nil
					})
				}
				if err != nil {
					b.Error(err)
				}
			}
		})
		if n := len(b.verified(b.env)) + len(b.verified(other)); n != callers*rounds*3 {
			b.Fatalf("%d events, want %d", n, callers*rounds*3)
		}
	}},
	{"the personal part of a customer's events can be erased and the chain still holds", func(b *bench) {
		b.record(personal("a", "cus_1"), personal("b", "cus_2"), event("c"))
		erased := 0
		b.write(func(tx store.Tx) (err error) {
			b.ok(tx.Audit(b.ctx, personal("own", "cus_1")))
			erased, err = tx.ErasePersonal(b.ctx, "cus_1")
			return err
		})
		if erased != 2 {
			b.Fatalf("%d erased", erased)
		}
		for _, e := range b.verified(b.env) {
			if gone := e.Personal == nil && e.Salt == nil; gone != (e.Type != "b") {
				b.Errorf("event %+v", e)
			}
			if e.Erased != (e.Type == "a" || e.Type == "own") {
				b.Errorf("event %s is marked %v", e.Type, e.Erased)
			}
		}
		b.refused(store.ErrInvalid, func(tx store.Tx) error { _, err := tx.ErasePersonal(b.ctx, ""); return err })
	}},
	{"checkpoints are listed newest first", func(b *bench) {
		first := store.Checkpoint{At: at(1), Heads: []byte("[1]"), Signature: []byte("s1"), KeyID: "k"}
		second := store.Checkpoint{At: at(2), Heads: []byte("[2]"), Signature: []byte("s2"), KeyID: "k"}
		for _, c := range []store.Checkpoint{first, second} {
			b.write(func(tx store.Tx) error { return tx.PutCheckpoint(b.ctx, c) })
		}
		same(b, read[[]store.Checkpoint](b)(b.Checkpoints(b.ctx, b.env, 10)), []store.Checkpoint{second, first})
		same(b, read[[]store.Checkpoint](b)(b.Checkpoints(b.ctx, b.env, 1)), []store.Checkpoint{second})
	}},
	{"a tail starts at now and misses nothing after", followTail},
}

// followTail reads what is committed while many write.
func followTail(b *bench) {
	b.record(event("before"))
	_, cursor, err := b.AuditTail(b.ctx, b.env, "", 10)
	b.ok(err)
	const callers, rounds = 8, 10
	done := make(chan struct{})
	go func() {
		defer close(done)
		parallel(callers, func(i int) {
			for range rounds {
				e := event("after")
				write := func() error { return b.Record(b.ctx, b.env, e) }
				if i%2 == 0 {
					write = func() error {
						return b.Write(b.ctx, b.env, func(tx store.Tx) error { return tx.Audit(b.ctx, e) })
					}
				}
				if err := write(); err != nil {
					b.Error(err)
				}
			}
		})
	}()
	next := map[int]int64{}
	for seen, over := 0, false; ; {
		events, more, err := b.AuditTail(b.ctx, b.env, cursor, 7)
		b.ok(err)
		cursor = more
		for _, e := range events {
			if e.Type != "after" || next[e.Writer] != 0 && e.Seq != next[e.Writer] {
				b.Fatalf("event %+v, expected %d", e, next[e.Writer])
			}
			next[e.Writer] = e.Seq + 1
		}
		seen += len(events)
		if len(events) == 0 && over {
			if seen != callers*rounds {
				b.Fatalf("saw %d events of %d", seen, callers*rounds)
			}
			return
		}
		select {
		case <-done:
			over = true
		default:
		}
	}
}

var queryTests = []test{
	{"each field of a query selects, and fields add up", func(b *bench) {
		events := []store.Event{
			{At: at(1), Type: "token.issued", Actor: "a", Application: "app", Customer: "c", Result: "ok", Trace: "t1"},
			{At: at(2), Type: "token.refused", Actor: "a", Application: "app", Customer: "d", Result: "no-rule", Trace: "t2"},
			{At: at(3), Type: "token", Actor: "b", Result: "ok", Trace: "t3"},
			{At: at(4), Type: "tokens.swept", Actor: "b", Application: "other", Result: "expired"},
		}
		b.record(events...)
		for _, test := range []struct {
			name  string
			query store.AuditQuery
			want  string // types' positions, newest first
		}{
			{"everything", store.AuditQuery{}, "4321"},
			{"an exact type", store.AuditQuery{Type: "token"}, "3"},
			{"a prefix of types", store.AuditQuery{Type: "token."}, "21"},
			{"an actor", store.AuditQuery{Actor: "a"}, "21"},
			{"an application", store.AuditQuery{Application: "app"}, "21"},
			{"a customer", store.AuditQuery{Customer: "d"}, "2"},
			{"a result", store.AuditQuery{Result: "ok"}, "31"},
			{"every refusal", store.AuditQuery{Result: "!ok"}, "42"},
			{"a trace", store.AuditQuery{Trace: "t3"}, "3"},
			{"from a time on", store.AuditQuery{From: at(3)}, "43"},
			{"before a time", store.AuditQuery{To: at(3)}, "21"},
			{"a customer of another application", store.AuditQuery{Customer: "c", Application: "other"}, ""},
			{"a refusal of an application", store.AuditQuery{Application: "app", Result: "!ok"}, "2"},
		} {
			test.query.Limit = 10
			got, next, err := b.AuditEvents(b.ctx, b.env, test.query)
			b.ok(err)
			text := ""
			for _, e := range got {
				text += fmt.Sprint(int(e.At.Sub(start).Minutes()))
			}
			if text != test.want || next != "" {
				b.Errorf("%s: got %q and cursor %q, want %q", test.name, text, next, test.want)
			}
		}
	}},
	{"pages hold every event once, even those of one instant", func(b *bench) {
		for i := range 23 {
			e := event("token.issued")
			e.At = at(i / 9)
			b.record(e)
		}
		seen := map[string]bool{}
		var cursor string
		for pages := 1; ; pages++ {
			events, next, err := b.AuditEvents(b.ctx, b.env, store.AuditQuery{Before: cursor, Limit: 5})
			b.ok(err)
			for _, e := range events {
				if seen[e.Trace] {
					b.Fatalf("%s twice", e.Trace)
				}
				seen[e.Trace] = true
			}
			if cursor = next; next == "" {
				if pages != 5 || len(seen) != 23 {
					b.Fatalf("%d pages, %d events", pages, len(seen))
				}
				return
			}
		}
	}},
	{"a search that looks at few events a page finds them all, once, in order", searchAtSmallSteps},
	{"a cursor that nobody gave is refused", func(b *bench) {
		_, _, err := b.AuditEvents(b.ctx, b.env, store.AuditQuery{Before: "%", Limit: 1})
		b.is(err, store.ErrInvalid)
		_, _, err = b.AuditTail(b.ctx, b.env, "%", 1)
		b.is(err, store.ErrInvalid)
	}},
	{"a reader that has gone is told so", func(b *bench) {
		ctx, cancel := context.WithCancel(b.ctx)
		cancel()
		_, _, err := b.AuditEvents(ctx, b.env, store.AuditQuery{Limit: 1})
		b.is(err, context.Canceled)
	}},
}

// searchAtSmallSteps asks for what no index knows, and for what several do, from
// pages that may look at no more than a few events each.
func searchAtSmallSteps(b *bench) {
	kinds := []string{"token.issued", "token.issued", "token.refused", "token.issued", "role.granted", "role.revoked", "signin.succeeded"}
	actors := []string{"application/payright", "operator/rita", "customer/c", "operator/sam"}
	results := []string{"ok", "ok", "no-rule", "ok", "limited"}
	for i := range 120 {
		e := event(kinds[i%len(kinds)])
		e.At, e.Actor, e.Result = at(i/3), actors[i%len(actors)], results[i%len(results)]
		if i%2 == 0 {
			e.Application, e.Customer = "", fmt.Sprintf("cus_%d", i%6)
		}
		b.record(e)
	}
	for _, q := range []store.AuditQuery{
		{Type: "role.revoked", Result: "ok"},
		{Type: "token."},
		{Type: "role."},
		{Type: "token.", Result: "!ok", From: at(5), To: at(35)},
		{Type: "token.issued"},
		{Type: "token.issued", Actor: "operator/rita"},
		{Type: "nothing."},
		{Actor: "operator/sam", Type: "role."},
		{Actor: "operator/sam", Application: "payright", Result: "limited"},
		{Actor: "customer/c"},
		{Actor: "nobody"},
		{Result: "limited"},
		{Result: "ok"},
		{Customer: "cus_2", Type: "token.", Result: "ok"},
		{Application: "payright", Type: "token.refused"},
	} {
		q.Limit = 1000
		want, next, err := b.AuditEvents(b.ctx, b.env, q)
		b.ok(err)
		if next != "" {
			b.Fatalf("%+v: the whole has a next", q)
		}
		q.Limit, q.Look = 3, 7
		var got []store.ChainedEvent
		for pages := 0; ; pages++ {
			events, next, err := b.AuditEvents(b.ctx, b.env, q)
			b.ok(err)
			got = append(got, events...)
			if q.Before = next; next == "" {
				break
			}
			if len(events) > q.Limit || pages > 200 {
				b.Fatalf("%+v: page %d holds %d events", q, pages, len(events))
			}
		}
		same(b, got, want)
	}
}
