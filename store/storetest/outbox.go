package storetest

import (
	"errors"
	"time"

	"sallyport/pure/customer"
	"sallyport/store"
)

// message is one to be sent n minutes after the start.
func message(id string, n int) store.Message {
	return store.Message{
		ID: id, Once: []byte("once\x00" + id), Channel: "email", Template: "password-changed", Customer: customer.ID{7}, Sealed: []byte("sealed\x00"),
		State: store.MessageQueued, Due: at(n), Created: at(n), Updated: at(n),
	}
}

func putMessage(b *bench, m store.Message) func(store.Tx) error {
	return func(tx store.Tx) error { return tx.PutMessage(b.ctx, m) }
}

func (b *bench) message(id string) store.Message {
	b.Helper()
	return read[store.Message](b)(b.Message(b.ctx, b.env, id))
}

func messageIDs(all []store.Message) (ids []string) {
	for _, m := range all {
		ids = append(ids, m.ID)
	}
	return ids
}

// listed are the ids of a page.
func (b *bench) listed(page store.MessagePage) []string {
	b.Helper()
	return messageIDs(read[[]store.Message](b)(b.Messages(b.ctx, b.env, page)))
}

// due are the ids of what is due.
func (b *bench) due(channel string, n, limit int) []string {
	b.Helper()
	return messageIDs(read[[]store.Message](b)(b.DueMessages(b.ctx, b.env, channel, at(n), limit)))
}

var outboxTests = []test{
	{"a message is read as it was stored, and listed without what is sealed", func(b *bench) {
		m := message("a", 1)
		m.Reason, m.Sender, m.Attempts, m.Keep = "refused", "mail", 3, at(90)
		b.write(putMessage(b, m))
		m.Version = 1
		same(b, b.message("a"), m)
		m.Sealed = nil
		same(b, read[[]store.Message](b)(b.Messages(b.ctx, b.env, store.MessagePage{Limit: 9})), []store.Message{m})
		_, err := b.Message(b.ctx, b.env, "none")
		b.is(err, store.ErrNotFound)
	}},
	{"what is worth nothing any more is taken out of a message, whatever became of it, and its row stays", func(b *bench) {
		queued, failed, other, always := message("a", 1), message("b", 1), message("c", 1), message("d", 1)
		queued.Until, failed.Until, other.Until = at(10), at(10), at(11)
		failed.State, failed.Keep = store.MessageFailed, at(90)
		for _, m := range []store.Message{queued, failed, other, always} {
			b.write(putMessage(b, m))
		}
		same(b, b.message("a").Until.Equal(at(10)), true)
		taken := b.message("a")
		taken.State, taken.Sender = store.MessageSending, "mail"
		b.write(putMessage(b, taken))
		sent := message("e", 1) // what it said is taken out when it is sent, before its end
		sent.Until = at(10)
		b.write(putMessage(b, sent))
		sent = b.message("e")
		sent.State, sent.Sealed, sent.Keep = store.MessageSent, nil, at(90)
		b.write(putMessage(b, sent))
		if _, err := b.Sweep(b.ctx, at(10), 100); err != nil {
			b.Fatal(err)
		}
		for id, left := range map[string]int{"a": 0, "b": 0, "e": 0, "c": len(other.Sealed), "d": len(always.Sealed)} {
			if m := b.message(id); len(m.Sealed) != left || (left == 0) != m.Until.IsZero() && id != "d" {
				b.Errorf("%s has %d bytes until %v", id, len(m.Sealed), m.Until)
			}
		}
		taken = b.message("a") // whoever has it writes what became of it
		taken.State, taken.Reason = store.MessageSent, "accepted"
		b.write(putMessage(b, taken))
		same(b, b.message("a").State, store.MessageSent)
		if n, err := b.Sweep(b.ctx, at(10), 100); n != 0 || err != nil {
			b.Errorf("it is taken out again: %d, %v", n, err)
		}
	}},
	{"a message without a word, an addressee or what is sealed is stored", func(b *bench) {
		m, other := message("a", 1), message("b", 1)
		m.Once, m.Customer, m.Sealed = nil, customer.ID{}, nil
		other.Once = nil
		b.write(putMessage(b, m))
		b.write(putMessage(b, other))
		m.Version = 1
		same(b, b.message("a"), m)
	}},
	{"messages are listed newest first, by page, state and addressee", func(b *bench) {
		sent, another := message("b", 2), message("c", 3)
		sent.State, another.Customer = store.MessageSent, customer.ID{8}
		for _, m := range []store.Message{message("a", 1), sent, another} {
			b.write(putMessage(b, m))
		}
		same(b, b.listed(store.MessagePage{Limit: 9}), []string{"c", "b", "a"})
		same(b, b.listed(store.MessagePage{Limit: 1, Before: "c"}), []string{"b"})
		same(b, b.listed(store.MessagePage{State: store.MessageQueued, Limit: 9}), []string{"c", "a"})
		same(b, b.listed(store.MessagePage{Customer: customer.ID{7}, Limit: 9}), []string{"b", "a"})
		same(b, b.listed(store.MessagePage{Customer: customer.ID{7}, State: store.MessageSent, Limit: 9}), []string{"b"})
	}},
	{"what is due comes longest first, of one channel, whether a node had it or not", func(b *bench) {
		held, text, ended, later := message("b", 1), message("c", 1), message("d", 1), message("e", 9)
		held.State, text.Channel, ended.State = store.MessageSending, "sms", store.MessageFailed
		for _, m := range []store.Message{message("a", 2), held, text, ended, later} {
			b.write(putMessage(b, m))
		}
		same(b, b.due("email", 2, 9), []string{"b", "a"})
		same(b, b.due("email", 2, 1), []string{"b"})
		same(b, b.due("email", 1, 9), []string{"b"})
		same(b, b.due("sms", 2, 9), []string{"c"})
		same(b, b.due("voice", 2, 9), nil)
	}},
	{"a message is moved on by who read it last, and keeps to whom it is", func(b *bench) {
		b.write(putMessage(b, message("a", 1)))
		next := b.message("a")
		next.State, next.Reason, next.Sender, next.Attempts, next.Due, next.Updated, next.Keep, next.Sealed = store.MessageSent, "accepted", "mail", 2, at(5), at(4), at(99), nil
		other := next
		other.Channel, other.Template, other.Customer, other.Once, other.Created = "sms", "x", customer.ID{9}, []byte("x"), at(9)
		b.write(putMessage(b, other))
		b.refused(store.ErrConflict, putMessage(b, next))
		next.Version = 2
		same(b, b.message("a"), next)
	}},
	{"of one word there is one message, whatever its state", func(b *bench) {
		m := message("a", 1)
		m.State = store.MessageSent
		b.write(putMessage(b, m))
		again := message("b", 2)
		again.Once = m.Once
		b.refused(store.ErrExists, putMessage(b, again))
		b.refused(store.ErrExists, putMessage(b, message("a", 3)))
		b.write(func(tx store.Tx) error { // which the rest of a transaction survives
			b.is(tx.PutMessage(b.ctx, again), store.ErrExists)
			return tx.PutMessage(b.ctx, message("c", 1))
		})
		same(b, b.listed(store.MessagePage{Limit: 9}), []string{"c", "a"})
	}},
	{"of many who queue one word, one does", func(b *bench) {
		won := b.won(16, func(tx store.Tx, n int) error {
			m := message(string(rune('a'+n)), 1)
			m.Once = []byte("the same")
			return tx.PutMessage(b.ctx, m)
		})
		if won != 1 {
			b.Fatalf("%d queued it", won)
		}
	}},
	{"of many who take one message, one does", func(b *bench) {
		b.write(putMessage(b, message("a", 1)))
		m := b.message("a")
		m.State = store.MessageSending
		if won := b.won(16, func(tx store.Tx, _ int) error { return tx.PutMessage(b.ctx, m) }); won != 1 {
			b.Fatalf("%d took it", won)
		}
	}},
	{"messages are forgotten with their addressee, and of nobody never", func(b *bench) {
		other := message("c", 1)
		other.Customer = customer.ID{}
		for _, m := range []store.Message{message("a", 1), message("b", 1), other} {
			b.write(putMessage(b, m))
		}
		forget := func(want int) func(store.Tx) error {
			return func(tx store.Tx) error {
				n, err := tx.ForgetMessages(b.ctx, customer.ID{7}, 1)
				if n != want {
					b.Errorf("%d were forgotten, want %d", n, want)
				}
				return err
			}
		}
		b.write(forget(1))
		b.write(forget(1))
		b.write(forget(0))
		same(b, b.listed(store.MessagePage{Limit: 9}), []string{"c"})
		b.refused(store.ErrInvalid, func(tx store.Tx) error {
			_, err := tx.ForgetMessages(b.ctx, customer.ID{}, 9)
			return err
		})
	}},
	{"messages are kept until they may go", func(b *bench) {
		ends, stays := message("a", 1), message("b", 1)
		ends.Keep = at(5)
		b.write(func(tx store.Tx) error { return errors.Join(tx.PutMessage(b.ctx, ends), tx.PutMessage(b.ctx, stays)) })
		b.sweepAll(at(5).Add(-time.Microsecond))
		same(b, b.listed(store.MessagePage{Limit: 9}), []string{"b", "a"})
		b.sweepAll(at(5))
		same(b, b.listed(store.MessagePage{Limit: 9}), []string{"b"})
	}},
	{"what a message holds is bounded", func(b *bench) {
		content, word, id, none := message("a", 1), message("a", 1), message("a", 1), message("", 1)
		content.Sealed, word.Once, id.ID = make([]byte, 32<<10+1), make([]byte, 33), string(make([]byte, 65))
		for _, m := range []store.Message{content, word, id, none} {
			b.refused(store.ErrInvalid, putMessage(b, m))
		}
	}},
}
