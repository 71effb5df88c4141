package relational

import (
	"context"
	"fmt"

	"sallyport/store"
)

// AuditEvents is the table of the ledger, for engines that write it their own way.
var AuditEvents = Table{"audit_events", []Column{
	{"env", Int},
	{"writer", Int},
	{"seq", Int},
	{"at", Int},
	{"type", Text},
	{"actor", Text},
	{"application", Text},
	{"customer", Text},
	{"result", Text},
	{"trace", Text},
	{"body", Blob},
	{"personal", Blob},
	{"salt", Blob},
	{"erased", Int},
	{"hash", Blob},
}}

const maxBody = 64 << 10

// Audit implements [store.AuditWriter].
func (t *Tx) Audit(_ context.Context, e store.Event) error {
	if err := CheckEvent(&e); err != nil {
		return err
	}
	if e.At.IsZero() {
		e.At = t.now()
	}
	t.events = append(t.events, store.ChainedEvent{Event: e})
	return nil
}

// CheckEvent holds an event to the limits of the contract.
func CheckEvent(e *store.Event) error {
	if err := atMost("body of an event", len(e.Body), maxBody); err != nil {
		return err
	}
	if err := atMost("personal part of an event", len(e.Personal), maxBody); err != nil {
		return err
	}
	return CheckText([]any{e.Type, e.Actor, e.Application, e.Customer, e.Result, e.Trace})
}

// Chain links events behind head, moves head to the last of them, and appends
// their rows for [AuditEvents] to values.
func Chain(head *store.Head, events []store.ChainedEvent, values []any) []any {
	for i := range events {
		e := &events[i]
		head.Seq++
		head.Hash = store.Link(head.Hash, head.Env, head.Writer, head.Seq, &e.Event)
		e.Env, e.Writer, e.Seq, e.Hash = head.Env, head.Writer, head.Seq, head.Hash
		values = append(values, int64(e.Env), int64(e.Writer), e.Seq, e.At.UnixMicro(), e.Type, e.Actor, e.Application,
			e.Customer, e.Result, e.Trace, blob(e.Body), blob(e.Personal), blob(e.Salt), flag(e.Erased), e.Hash[:])
	}
	return values
}

// Unchained makes events ready for Chain.
func Unchained(to []store.ChainedEvent, events []store.Event) []store.ChainedEvent {
	for i := range events {
		to = append(to, store.ChainedEvent{Event: events[i]})
	}
	return to
}

// ReadHead gives the newest link of one chain, one before the first if the
// chain is empty.
func ReadHead(ctx context.Context, c Conn, env store.EnvironmentID, writer int) (store.Head, error) {
	none := store.Head{Env: env, Writer: writer}
	head, err := queryOne(ctx, c, scanHead,
		"SELECT env, writer, seq, hash FROM audit_heads WHERE env = ? AND writer = ?", int64(env), int64(writer))
	if err != nil {
		return none, missingAs(err, nil)
	}
	return head, nil
}

func scanHead(rows Rows) (h store.Head, err error) {
	return h, rows.Scan((*int64)(&h.Env), &h.Writer, &h.Seq, asFixed(h.Hash[:]))
}

const eventColumns = `writer, seq, at, type, actor, application, customer, result, trace, body, personal, salt, erased, hash`

func scanEvent(env store.EnvironmentID) func(Rows) (store.ChainedEvent, error) {
	return func(rows Rows) (store.ChainedEvent, error) {
		e := store.ChainedEvent{Env: env}
		err := rows.Scan(&e.Writer, &e.Seq, asTime(&e.At), &e.Type, &e.Actor, &e.Application, &e.Customer, &e.Result,
			&e.Trace, asBytes(&e.Body), asBytes(&e.Personal), asBytes(&e.Salt), asFlag(&e.Erased), asFixed(e.Hash[:]))
		return e, err
	}
}

// AuditChain implements [store.Audit].
func (r *Reader) AuditChain(ctx context.Context, env store.EnvironmentID, writer int, seq int64, limit int) ([]store.ChainedEvent, error) {
	return queryAll(ctx, r.conn, scanEvent(env), "SELECT "+eventColumns+` FROM audit_events
		WHERE env = ? AND writer = ? AND seq >= ? ORDER BY seq LIMIT ?`, int64(env), int64(writer), seq, between(limit, 10_000))
}

// AuditHeads implements [store.Audit].
func (r *Reader) AuditHeads(ctx context.Context, env store.EnvironmentID) ([]store.Head, error) {
	return queryAll(ctx, r.conn, scanHead,
		"SELECT env, writer, seq, hash FROM audit_heads WHERE env = ? AND seq > 0 ORDER BY writer", int64(env))
}

// Checkpoints implements [store.Audit].
func (r *Reader) Checkpoints(ctx context.Context, env store.EnvironmentID, limit int) ([]store.Checkpoint, error) {
	return queryAll(ctx, r.conn, func(rows Rows) (c store.Checkpoint, err error) {
		return c, rows.Scan(asTime(&c.At), asBytes(&c.Heads), asBytes(&c.Signature), &c.KeyID)
	}, "SELECT at, heads, signature, key_id FROM audit_checkpoints WHERE env = ? ORDER BY at DESC, key_id LIMIT ?",
		int64(env), between(limit, 1000))
}

var checkpoints = Table{"audit_checkpoints", []Column{
	{"env", Int}, {"at", Int}, {"key_id", Text}, {"heads", Blob}, {"signature", Blob},
}}

// PutCheckpoint implements [store.AuditWriter].
func (t *Tx) PutCheckpoint(ctx context.Context, c store.Checkpoint) error {
	stored, err := t.conn.Insert(ctx, &checkpoints, []any{int64(t.env), micros(c.At), c.KeyID, blob(c.Heads), blob(c.Signature)})
	return one(stored, err, store.ErrExists)
}

// ErasePersonal implements [store.AuditWriter]. The salt goes too: with it the
// commitment in the body would tell a guess from a miss.
func (t *Tx) ErasePersonal(ctx context.Context, customer string) (int, error) {
	if customer == "" {
		return 0, fmt.Errorf("erase for no customer: %w", store.ErrInvalid)
	}
	kept := 0
	for i := range t.events {
		if e := &t.events[i]; e.Customer == customer && e.Personal != nil {
			e.Personal, e.Salt, e.Erased = nil, nil, true
			kept++
		}
	}
	changed, err := t.conn.Exec(ctx, `UPDATE audit_events SET personal = ?, salt = ?, erased = 1
		WHERE env = ? AND customer = ? AND customer <> '' AND erased = 0 AND length(personal) > 0`,
		[]byte{}, []byte{}, int64(t.env), customer)
	return int(changed) + kept, err
}
