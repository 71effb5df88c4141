package storetest

import (
	"sallyport/pure/customer"
	"sallyport/store"
)

// hookEvent is one that is due n minutes after the start.
func hookEvent(id string, of customer.ID, n int) store.HookEvent {
	return store.HookEvent{
		ID: id, Hook: "crm", Type: "signin.finish", Journey: "sign-in", Application: "my-account", Customer: of,
		State: store.HookEventQueued, At: at(n), Due: at(n), Updated: at(n), Keep: at(n + 900),
	}
}

func putHookEvent(b *bench, all ...store.HookEvent) func(store.Tx) error {
	return func(tx store.Tx) error {
		for _, e := range all {
			if err := tx.PutHookEvent(b.ctx, e); err != nil {
				return err
			}
		}
		return nil
	}
}

func hookEventIDs(all []store.HookEvent) (ids []string) {
	for _, e := range all {
		ids = append(ids, e.ID)
	}
	return ids
}

func (b *bench) hookEvents(page store.HookEventPage) []string {
	b.Helper()
	return hookEventIDs(read[[]store.HookEvent](b)(b.HookEvents(b.ctx, b.env, page)))
}

func (b *bench) dueEvents(hook string, n, limit int) []string {
	b.Helper()
	return hookEventIDs(read[[]store.HookEvent](b)(b.DueHookEvents(b.ctx, b.env, hook, at(n), limit)))
}

var hookEventTests = []test{
	{"an event is read as it was stored", func(b *bench) {
		e := hookEvent("a", customer.ID{1}, 1)
		e.Reason, e.Attempts = "timeout", 3
		b.write(putHookEvent(b, e))
		e.Version = 1
		same(b, read[store.HookEvent](b)(b.HookEvent(b.ctx, b.env, "a")), e)
		_, err := b.HookEvent(b.ctx, b.env, "none")
		b.is(err, store.ErrNotFound)
	}},
	{"an id is taken once, and an event has an id and a customer", func(b *bench) {
		b.write(putHookEvent(b, hookEvent("a", customer.ID{1}, 1)))
		b.is(b.Write(b.ctx, b.env, putHookEvent(b, hookEvent("a", customer.ID{2}, 1))), store.ErrExists)
		b.is(b.Write(b.ctx, b.env, putHookEvent(b, hookEvent("", customer.ID{1}, 1))), store.ErrInvalid)
		b.is(b.Write(b.ctx, b.env, putHookEvent(b, hookEvent("b", customer.ID{}, 1))), store.ErrInvalid)
	}},
	{"of a customer the first open event is due, and the others wait for it", func(b *bench) {
		first, second, other := hookEvent("a", customer.ID{1}, 5), hookEvent("b", customer.ID{1}, 1), hookEvent("c", customer.ID{2}, 3)
		elsewhere := hookEvent("d", customer.ID{1}, 2)
		elsewhere.Hook = "erp"
		b.write(putHookEvent(b, first, second, other, elsewhere))
		same(b, b.dueEvents("crm", 4, 9), []string{"c"})
		same(b, b.dueEvents("crm", 5, 9), []string{"c", "a"})
		same(b, b.dueEvents("crm", 5, 1), []string{"c"})
		same(b, b.dueEvents("erp", 5, 9), []string{"d"})
		first.State, first.Version = store.HookEventSent, 1
		b.write(putHookEvent(b, first))
		same(b, b.dueEvents("crm", 5, 9), []string{"b", "c"})
	}},
	{"one that a node has keeps the others waiting, and is due when the node is gone", func(b *bench) {
		b.write(putHookEvent(b, hookEvent("a", customer.ID{1}, 1), hookEvent("b", customer.ID{1}, 1)))
		taken := hookEvent("a", customer.ID{1}, 1)
		taken.State, taken.Due, taken.Version = store.HookEventSending, at(9), 1
		b.write(putHookEvent(b, taken))
		same(b, len(b.dueEvents("crm", 8, 9)), 0)
		same(b, b.dueEvents("crm", 9, 9), []string{"a"})
	}},
	{"of two who take an event one has it", func(b *bench) {
		b.write(putHookEvent(b, hookEvent("a", customer.ID{1}, 1)))
		e := read[store.HookEvent](b)(b.HookEvent(b.ctx, b.env, "a"))
		b.write(putHookEvent(b, e))
		b.is(b.Write(b.ctx, b.env, putHookEvent(b, e)), store.ErrConflict)
	}},
	{"events are listed by page, hook, state and time", func(b *bench) {
		dead, erp := hookEvent("b", customer.ID{1}, 2), hookEvent("c", customer.ID{1}, 3)
		dead.State, erp.Hook = store.HookEventDead, "erp"
		b.write(putHookEvent(b, hookEvent("a", customer.ID{1}, 1), dead, erp))
		same(b, b.hookEvents(store.HookEventPage{Limit: 2}), []string{"a", "b"})
		same(b, b.hookEvents(store.HookEventPage{After: "b", Limit: 2}), []string{"c"})
		same(b, b.hookEvents(store.HookEventPage{Hook: "crm", Limit: 9}), []string{"a", "b"})
		same(b, b.hookEvents(store.HookEventPage{State: store.HookEventDead, Limit: 9}), []string{"b"})
		same(b, b.hookEvents(store.HookEventPage{Since: at(2), Limit: 9}), []string{"b", "c"})
	}},
	{"an event of another environment is neither read, changed nor due", func(b *bench) {
		b.write(putHookEvent(b, hookEvent("a", customer.ID{1}, 1)))
		there := b.environment()
		_, err := b.HookEvent(b.ctx, there, "a")
		b.is(err, store.ErrNotFound)
		same(b, len(read[[]store.HookEvent](b)(b.DueHookEvents(b.ctx, there, "crm", at(9), 9))), 0)
		same(b, len(read[[]store.HookEvent](b)(b.HookEvents(b.ctx, there, store.HookEventPage{Limit: 9}))), 0)
		e := hookEvent("a", customer.ID{1}, 1)
		e.Version = 1
		b.is(b.Write(b.ctx, there, putHookEvent(b, e)), store.ErrConflict)
		e.Version = 0
		b.ok(b.Write(b.ctx, there, putHookEvent(b, e)))
	}},
}
