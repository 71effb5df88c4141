package storetest

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"sallyport/pure/customer"
	"sallyport/store"
)

// ofPeople are the tables that can hold something of a customer. A new table belongs
// here or among the others, and whoever adds it here sees to its erasure.
var ofPeople = []string{
	"account_claims", "account_invitations", "account_members", "account_premises", "accounts", "agreements", "audit_events", "consents", "credentials",
	"customer_tags", "customers", "factors", "grants", "hook_events", "identifiers", "journeys", "links", "migration_history", "migration_records",
	"outbox", "passkeys", "rival_claims", "sessions", "synthetics",
}

// ofNobody are the tables that hold nothing of a customer, or nothing by which one could
// be told: digests with a key, the business's own words, operators.
var ofNobody = []string{
	"approvals", "attempts", "audit_checkpoints", "audit_heads", "backups", "certificates", "changes", "environments", "feed", "feed_head", "funnel", "jobs", "keys", "leases",
	"migration_counts", "migration_run_keys", "migration_runs", "migration_targets", "migration_tombstones", "migration_ways", "operator_links",
	"operator_roles", "recalls", "revisions", "rival_decisions", "rival_keys", "rival_names", "scope_uses", "secrets", "subscription_keys",
	"subscriptions", "usage", "vault", "walks",
}

// resident is somebody who left something in every table.
type resident struct {
	store.NewCustomer
	mark   string // in whatever text is theirs
	home   household
	shared customer.AccountID // an account that another person is a member of
}

// nickname is a word that nobody else has.
func nickname(word string) string {
	id := unique()
	return fmt.Sprintf("%s%x", word, id[:8])
}

// lived makes somebody with a mark in every table.
func (b *bench) lived(mark string, other customer.ID) resident {
	b.Helper()
	p := person(mark)
	id, name := p.Customer.ID, p.Customer.ID.String()
	p.Customer.Attributes = map[string]string{"premises": mark}
	b.create(p)
	r := resident{NewCustomer: p, mark: mark}

	f, k, l, c, a := factor(id, store.FactorTOTP), passkey(id), link(id, mark), consent(id), agreement(id)
	f.Label, k.Label, a.Evidence = mark, mark, fmt.Appendf(nil, `{"from":%q}`, mark)
	s, ended, g, j := session(), session(), grant(), journey()
	s.Customer, ended.Customer, g.Customer, j.Customer = id, id, id, id
	s.Agent, ended.Agent, g.Detail, j.State = mark, mark, fmt.Appendf(nil, `{"n":%q}`, mark), []byte(mark)
	told := personal("signin.succeeded", name)
	told.Personal = fmt.Appendf(nil, `{"typed":%q}`, mark)
	held, moved := move(mark, store.RecordHeld), move(mark, store.RecordImported)
	held.Detail, moved.Customer = mark, name
	mine := rivalClaim("g"+mark, "")
	mine.Customer, mine.Sealed = name, nil
	m := message("m"+mark, 1)
	m.Once, m.Customer, m.Sealed = []byte(mark), id, []byte(mark)

	b.write(func(tx store.Tx) error {
		return errors.Join(tx.PutFactor(b.ctx, f), tx.PutPasskeys(b.ctx, []store.Passkey{k}), tx.PutLinks(b.ctx, []store.CustomerLink{l}), tx.PutConsent(b.ctx, c),
			tx.PutAgreement(b.ctx, a), tx.PutTags(b.ctx, id, []string{mark}), tx.CreateSession(b.ctx, s), tx.CreateSession(b.ctx, ended), tx.EndSession(b.ctx, ended.ID, at(3)),
			tx.CreateGrant(b.ctx, g), tx.PutJourney(b.ctx, j), tx.MarkSynthetic(b.ctx, id, "w1"), tx.Audit(b.ctx, told), tx.PutMessage(b.ctx, m), tx.PutHookEvent(b.ctx, hookEvent("h"+mark, id, 1)),
			tx.MoveRecords(b.ctx, []store.RecordMove{held}), tx.MoveRecords(b.ctx, []store.RecordMove{moved}), tx.PutRivalClaims(b.ctx, []store.RivalClaim{mine}))
	})
	r.home = b.settle(strings.ToUpper(mark), id)
	flat := r.home.premises
	flat.Address.Lines = []string{mark}
	b.write(func(tx store.Tx) error { return tx.PutPremises(b.ctx, flat) })

	shared := account("SHARED-" + strings.ToUpper(strings.Map(func(c rune) rune { return c + 1 }, mark)))
	r.shared = shared.ID
	sent := invitation(shared.ID, other)
	sent.Value = p.Identifiers[0].Value
	b.write(func(tx store.Tx) error {
		return errors.Join(tx.PutAccount(b.ctx, fresh(shared)), tx.PutMember(b.ctx, member(shared.ID, id, customer.Owner)),
			tx.PutMember(b.ctx, member(shared.ID, other, customer.Occupier)), tx.PutInvitation(b.ctx, sent))
	})
	return r
}

// found lists the tables of a copy in which text or an id of somebody stands.
func (r resident) found(all *recorded) (tables []string) {
	id := r.Customer.ID
	marks := [][]byte{[]byte(r.mark), []byte(strings.ToUpper(r.mark)), id[:], []byte(id.String())}
	for name, rows := range all.values {
		if slices.ContainsFunc(rows, func(row []any) bool { return slices.ContainsFunc(row, holds(marks)) }) {
			tables = append(tables, name)
		}
	}
	slices.Sort(tables)
	return tables
}

func holds(marks [][]byte) func(any) bool {
	return func(v any) bool {
		text := []byte(nil)
		switch v := v.(type) {
		case string:
			text = []byte(v)
		case []byte:
			text = v
		}
		return slices.ContainsFunc(marks, func(mark []byte) bool { return bytes.Contains(text, mark) })
	}
}

// erase runs the erasure in a transaction of its own.
func (b *bench) erase(id customer.ID, version int64) (left store.Remains, err error) {
	b.Helper()
	err = b.Write(b.ctx, b.env, func(tx store.Tx) error {
		var err error
		left, err = tx.EraseCustomer(b.ctx, id, version, at(50))
		return err
	})
	return left, err
}

var erasureTests = []test{
	{"every table is known to hold something of customers, or nothing", func(b *bench) {
		for name := range b.copied(b.Store).columns {
			if !slices.Contains(ofPeople, name) && !slices.Contains(ofNobody, name) {
				b.Errorf("table %s: say in the test of erasure whether it can hold something of a customer, and erase it", name)
			}
		}
	}},
	{"of whoever is erased nothing is found in any table, and of others everything", func(b *bench) {
		other := person("bystander")
		b.create(other)
		r, stays := b.lived(nickname("mark"), other.Customer.ID), b.lived(nickname("stay"), other.Customer.ID)
		same(b, r.found(b.copied(b.Store)), ofPeople)
		left, err := b.erase(r.Customer.ID, 1)
		b.ok(err)
		same(b, left, store.Remains{Events: 1, Records: 1, Accounts: []customer.AccountID{r.home.account.ID}, Ownerless: []customer.AccountID{r.shared}})
		after := b.copied(b.Store)
		// The chain stays, and names them by an id that nobody has.
		same(b, r.found(after), []string{"audit_events"})
		for _, row := range after.values["audit_events"] {
			if slices.ContainsFunc(row, holds([][]byte{[]byte(r.mark)})) {
				b.Errorf("an event tells of them: %v", row)
			}
		}
		same(b, stays.found(after), ofPeople)
		_, err = b.erase(r.Customer.ID, 1)
		b.is(err, store.ErrNotFound)
	}},
	{"the chains hold after an erasure", func(b *bench) {
		other := person("bystander")
		b.create(other)
		r := b.lived(nickname("mark"), other.Customer.ID)
		_, err := b.erase(r.Customer.ID, 1)
		b.ok(err)
		var previous [32]byte
		for _, head := range read[[]store.Head](b)(b.AuditHeads(b.ctx, b.env)) {
			for _, e := range read[[]store.ChainedEvent](b)(b.AuditChain(b.ctx, b.env, head.Writer, 0, 1000)) {
				if e.Hash != store.Link(previous, b.env, head.Writer, e.Seq, &e.Event) || !json.Valid(e.Body) {
					b.Fatalf("event %d does not hold", e.Seq)
				}
				previous = e.Hash
			}
			previous = [32]byte{}
		}
	}},
	{"whoever changed meanwhile is not erased", func(b *bench) {
		p := person("aroha")
		b.create(p)
		_, err := b.erase(p.Customer.ID, 2)
		b.is(err, store.ErrConflict)
		read[customer.Customer](b)(b.Customer(b.ctx, b.env, p.Customer.ID))
	}},
	{"whoever has very many events is erased piece by piece", func(b *bench) {
		p := person("aroha")
		b.create(p)
		name := p.Customer.ID.String()
		for done := 0; done <= store.EraseLimit; done += 1000 {
			events := make([]store.Event, 1000)
			for i := range events {
				events[i] = personal("signin.succeeded", name)
			}
			b.ok(b.Record(b.ctx, b.env, events...))
		}
		_, err := b.erase(p.Customer.ID, 1)
		b.is(err, store.ErrConflict)
		if n := read[int](b)(b.ErasableEvents(b.ctx, b.env, name, 100_000)); n != 6000 {
			b.Fatalf("%d events are to be erased", n)
		}
		b.write(func(tx store.Tx) error {
			n, err := tx.ErasePersonalSome(b.ctx, name, 2500)
			same(b, n, 2500)
			return err
		})
		left, err := b.erase(p.Customer.ID, 1)
		b.ok(err)
		same(b, left.Events, 3500)
	}},
}
