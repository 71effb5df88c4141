package storetest

import (
	"bytes"
	"errors"
	"fmt"
	"slices"

	"sallyport/pure/customer"
	"sallyport/store"
)

// everybody reads all people of the test's environment.
func (b *bench) everybody() (all []store.Whole) {
	b.Helper()
	var told int64 = -1
	b.ok(b.EachPerson(b.ctx, b.env, takers(func(people int64) error {
		told = people
		return nil
	}, func(w store.Whole) error {
		all = append(all, w)
		return nil
	})))
	if told != int64(len(all)) {
		b.Errorf("%d people are announced, %d come", told, len(all))
	}
	return all
}

var peopleTests = []test{
	{"everybody comes by id, with all that is theirs and nothing of others", func(b *bench) {
		p, q := person("p"), person("q")
		p.Customer.ID, q.Customer.ID = slices.MinFunc([]customer.ID{p.Customer.ID, q.Customer.ID}, compareIDs), slices.MaxFunc([]customer.ID{p.Customer.ID, q.Customer.ID}, compareIDs)
		p.Credential.Customer, q.Credential = p.Customer.ID, nil
		b.create(q, p)
		k, f, g, c := passkey(p.Customer.ID), factor(p.Customer.ID, store.FactorTOTP), factor(p.Customer.ID, store.FactorEmail), consent(p.Customer.ID)
		moved := move("a", store.RecordImported)
		moved.Customer, moved.Way = p.Customer.ID.String(), store.WayJIT
		b.write(func(tx store.Tx) error {
			return errors.Join(tx.PutPasskeys(b.ctx, []store.Passkey{k}), tx.PutFactor(b.ctx, f), tx.PutFactor(b.ctx, g), tx.PutConsent(b.ctx, c),
				tx.PutLinks(b.ctx, []store.CustomerLink{link(p.Customer.ID, "1")}), tx.MoveRecords(b.ctx, []store.RecordMove{moved}),
				tx.PutAgreement(b.ctx, agreement(p.Customer.ID)), tx.PutTags(b.ctx, p.Customer.ID, []string{"vip", "solar"}))
		})
		b.synthetic("w1")
		all := b.everybody()
		if len(all) != 2 {
			b.Fatalf("%d people", len(all))
		}
		got := all[0]
		same(b, got.Customer, read[customer.Customer](b)(b.Store.Customer(b.ctx, b.env, p.Customer.ID)))
		same(b, got.Identifiers, read[[]customer.Identifier](b)(b.Identifiers(b.ctx, b.env, p.Customer.ID)))
		same(b, *got.Credential, read[store.Credential](b)(b.Credential(b.ctx, b.env, p.Customer.ID)))
		same(b, got.Factors, read[[]store.Factor](b)(b.Factors(b.ctx, b.env, p.Customer.ID)))
		same(b, got.Passkeys, read[[]store.Passkey](b)(b.Passkeys(b.ctx, b.env, p.Customer.ID)))
		same(b, got.Links, read[[]store.CustomerLink](b)(b.Links(b.ctx, b.env, p.Customer.ID)))
		same(b, got.Consents, read[[]store.Consent](b)(b.Consents(b.ctx, b.env, p.Customer.ID)))
		same(b, got.Tags, []string{"solar", "vip"})
		same(b, got.Agreements, []store.Agreement{agreement(p.Customer.ID)})
		same(b, got.Records, []store.RecordKey{{Migration: "meterman", Key: "a"}})
		if len(got.Factors) != 2 || len(got.Passkeys) != 1 || len(got.Links) != 1 || len(got.Consents) != 1 {
			b.Errorf("something is missing: %+v", got)
		}
		same(b, all[1].Customer.ID, q.Customer.ID)
		same(b, read[store.Whole](b)(b.WholePerson(b.ctx, b.env, p.Customer.ID)), all[0])
		same(b, read[store.Whole](b)(b.WholePerson(b.ctx, b.env, q.Customer.ID)), all[1])
		if w := all[1]; w.Credential != nil || len(w.Factors)+len(w.Passkeys)+len(w.Links)+len(w.Consents)+len(w.Tags)+len(w.Agreements)+len(w.Records) > 0 || len(w.Identifiers) != len(q.Identifiers) {
			b.Errorf("what is another's comes with them: %+v", w)
		}
	}},
	{"of more answers than come with somebody, those that stand come, and the newest", func(b *bench) {
		p, q := person("p"), person("q")
		b.create(p, q)
		var all []store.Agreement
		for i := range store.MaxWholeAgreements + 50 {
			a := agreement(p.Customer.ID)
			if a.Given = at(i + 1); i > 0 {
				a.Document, a.Withdrawn, a.Replaced = "tips", at(i+2), true
			}
			all = append(all, a)
		}
		b.write(func(tx store.Tx) error {
			return errors.Join(tx.KeepAgreements(b.ctx, all), tx.PutAgreement(b.ctx, agreement(q.Customer.ID)))
		})
		got := read[store.Whole](b)(b.WholePerson(b.ctx, b.env, p.Customer.ID)).Agreements
		same(b, len(got), store.MaxWholeAgreements)
		stands := slices.IndexFunc(got, func(a store.Agreement) bool { return a.Document == "terms" })
		same(b, got[stands], all[0])
		oldest := slices.IndexFunc(got, func(a store.Agreement) bool { return a.Document == "tips" })
		same(b, got[oldest], all[51])
		same(b, len(read[store.Whole](b)(b.WholePerson(b.ctx, b.env, q.Customer.ID)).Agreements), 1)
	}},
	{"several pages of people are as they were when the first of them was read", func(b *bench) {
		const many = 600
		people := make([]store.NewCustomer, many)
		for i := range people {
			people[i] = store.NewCustomer{Customer: customer.Customer{ID: customer.ID(unique()), State: customer.Active, Name: "before"}}
			people[i].Identifiers = []customer.Identifier{{Kind: customer.Username, Value: fmt.Sprintf("p%d", i)}}
		}
		b.create(people...)
		changed, seen := false, 0
		b.ok(b.EachPerson(b.ctx, b.env, takers(func(int64) error { return nil }, func(w store.Whole) error {
			if !changed {
				changed = true
				for _, p := range people[many-3:] {
					p.Customer.Version, p.Customer.Name = 1, "after"
					b.write(func(tx store.Tx) error { return tx.UpdateCustomer(b.ctx, p.Customer) })
				}
				b.create(person("late"))
			}
			seen++
			if w.Customer.Name != "before" || len(w.Identifiers) != 1 {
				b.Errorf("%+v", w)
			}
			return nil
		})))
		same(b, seen, many)
	}},
	{"nobody is given of another environment, and there must be one", func(b *bench) {
		b.create(person("here"))
		elsewhere := *b
		elsewhere.env = b.environment()
		same(b, elsewhere.everybody(), nil)
		here := b.everybody()[0].Customer.ID
		_, err := elsewhere.WholePerson(b.ctx, elsewhere.env, here)
		b.is(err, store.ErrNotFound)
		_, err = b.WholePerson(b.ctx, b.env, customer.ID(unique()))
		b.is(err, store.ErrNotFound)
		b.is(b.EachPerson(b.ctx, 1<<40, takers(func(int64) error { return nil }, func(store.Whole) error { return nil })), store.ErrNotFound)
	}},
	{"who takes them may stop", func(b *bench) {
		b.create(person("one"), person("two"))
		enough := errors.New("enough")
		b.is(b.EachPerson(b.ctx, b.env, takers(func(int64) error { return enough }, func(store.Whole) error { b.Error("given all the same"); return nil })), enough)
		given := 0
		b.is(b.EachPerson(b.ctx, b.env, takers(func(int64) error { return nil }, func(store.Whole) error { given++; return enough })), enough)
		same(b, given, 1)
	}},
}

func compareIDs(a, b customer.ID) int { return bytes.Compare(a[:], b[:]) }
